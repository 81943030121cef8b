from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageEnhance

from bot.images.perceptual_hash import MAX_ALIKE_BITS, compute_perceptual_hash, count_differing_bits
from bot.images.seed_format import encode_seed
from bot.images.worker_pool import ImageWorkerPool

SAMPLES = Path(__file__).parents[2] / "sandbox" / "web" / "samples"


def test_the_same_picture_in_another_form_has_nearly_the_same_hash(tmp_path: Path) -> None:
    for name in ("mountain-lake.jpg", "dunes-at-night.jpg"):
        picture = Image.open(SAMPLES / name).convert("RGB")
        original = compute_perceptual_hash(SAMPLES / name)
        picture.save(tmp_path / "a", "WEBP", quality=60)
        picture.resize((300, 200)).save(tmp_path / "b", "PNG")
        ImageEnhance.Brightness(picture).enhance(1.1).save(tmp_path / "c", "JPEG", quality=40)
        (tmp_path / "d").write_bytes(encode_seed(picture))
        for other in "abcd":
            assert (
                count_differing_bits(original, compute_perceptual_hash(tmp_path / other))
                <= MAX_ALIKE_BITS
            )


def test_another_picture_has_another_hash(tmp_path: Path) -> None:
    one, other = (compute_perceptual_hash(path) for path in sorted(SAMPLES.glob("*.jpg"))[:2])
    assert count_differing_bits(one, other) > 2 * MAX_ALIKE_BITS


async def test_a_hash_is_made_in_a_worker(image_workers: ImageWorkerPool) -> None:
    digits = await image_workers.run(compute_perceptual_hash, SAMPLES / "mountain-lake.jpg")
    assert (len(digits), int(digits, 16) > 0) == (16, True)
