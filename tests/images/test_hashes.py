from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageEnhance

from bot.images.hashes import ALIKE, distance, perceptual_hash
from bot.images.stored import dump
from bot.images.workers import ImageWorkers

SAMPLES = Path(__file__).parents[2] / "sandbox" / "web" / "samples"


def test_the_same_picture_in_another_form_has_nearly_the_same_hash(tmp_path: Path) -> None:
    for name in ("mountain-lake.jpg", "dunes-at-night.jpg"):
        picture = Image.open(SAMPLES / name).convert("RGB")
        original = perceptual_hash(SAMPLES / name)
        picture.save(tmp_path / "a", "WEBP", quality=60)
        picture.resize((300, 200)).save(tmp_path / "b", "PNG")
        ImageEnhance.Brightness(picture).enhance(1.1).save(tmp_path / "c", "JPEG", quality=40)
        (tmp_path / "d").write_bytes(dump(picture))
        for other in "abcd":
            assert distance(original, perceptual_hash(tmp_path / other)) <= ALIKE


def test_another_picture_has_another_hash(tmp_path: Path) -> None:
    one, other = (perceptual_hash(path) for path in sorted(SAMPLES.glob("*.jpg"))[:2])
    assert distance(one, other) > 2 * ALIKE


async def test_a_hash_is_made_in_a_worker(image_workers: ImageWorkers) -> None:
    digits = await image_workers.run(perceptual_hash, SAMPLES / "mountain-lake.jpg")
    assert (len(digits), int(digits, 16) > 0) == (16, True)
