from __future__ import annotations

import random
from pathlib import Path

import pytest
from PIL import Image, ImageEnhance

from bot.images.perceptual_hash import MAX_ALIKE_BITS, compute_perceptual_hash
from bot.images.seed_format import encode_seed
from bot.images.worker_pool import ImageWorkerPool

SAMPLES = Path(__file__).parents[2] / "sandbox" / "web" / "samples"

# What databases hold: written by ImageHash 4.3.2 (phash), before this module had its own transform.
STORED_OF_SAMPLES = {
    "dunes-at-night.jpg": "c347789e7c0ea1c3",
    "mountain-lake.jpg": "d0bb16056fd07d16",
}
STORED_OF_DRAWN = (
    "978163617999879b",
    "ae6cfe8cc4521a72",
    "99d6c4cf9c382339",
    "a7dee47a96846984",
    "f17683d1940e6f0e",
    "cb9c396bdb342494",
    "d364c9cbf6360934",
    "b1ee64efd2103d11",
    "c1516cd48d6b732b",
    "c15276cebf394131",
    "8930a529ded721d7",
    "eb862c0783e97ce8",
    "ab766c2bbc9442d4",
    "ca0b747331accf8c",
    "dca4e38d0d62f272",
    "8db968c93616c937",
    "b643f8fe78348701",
    "e9b9f116eae014e8",
    "a1ba89776ba99489",
    "bb50092988e677d7",
    "86b01268daf764f6",
    "9c0b2563dade249d",
    "cb444d83933d6c7c",
    "dca1f9984d66b066",
)
PLAIN_HASH = "8000000000000000"


def count_differing_bits(one: str, other: str) -> int:
    return (int(one, 16) ^ int(other, 16)).bit_count()


def draw_picture(seed: int) -> Image.Image:
    numbers = random.Random(seed)  # noqa: S311 - the same pictures each time
    cells = Image.frombytes("RGB", (7, 5), numbers.randbytes(7 * 5 * 3))
    size = (numbers.randrange(40, 400), numbers.randrange(40, 400))
    return cells.resize(size, Image.Resampling.BICUBIC)


@pytest.mark.parametrize(("name", "stored"), STORED_OF_SAMPLES.items())
def test_a_hash_in_a_database_is_still_the_samples_hash(name: str, stored: str) -> None:
    assert compute_perceptual_hash(SAMPLES / name) == stored


def test_a_hash_in_a_database_is_still_the_pictures_hash(tmp_path: Path) -> None:
    for seed, stored in enumerate(STORED_OF_DRAWN):
        draw_picture(seed).save(tmp_path / "drawn", "PNG")
        assert compute_perceptual_hash(tmp_path / "drawn") == stored


@pytest.mark.parametrize("colour", ["black", "white", "teal", "#010203"])
def test_every_plain_picture_has_the_hash_it_always_had(tmp_path: Path, colour: str) -> None:
    Image.new("RGB", (90, 60), colour).save(tmp_path / "plain", "PNG")
    black = {"black": "0000000000000000"}
    assert compute_perceptual_hash(tmp_path / "plain") == black.get(colour, PLAIN_HASH)


def test_a_clear_ground_counts_as_white(tmp_path: Path) -> None:
    picture = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    picture.paste((200, 30, 10, 255), (5, 9, 40, 50))
    picture.save(tmp_path / "clear", "PNG")
    assert compute_perceptual_hash(tmp_path / "clear") == "b737c8c9c8c837c8"


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
