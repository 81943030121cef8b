"""Perceptual hashes, by which a gallery finds pictures that look the same."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PIL import Image

from bot.images.seed_format import flatten_image

_FORMATS: Final = ("JPEG", "PNG", "WEBP", "TIFF")
_DRAFT_SIDE: Final = 256
"""A JPEG is decoded at this size at least: the hash looks at 32 pixels each way."""
MAX_ALIKE_BITS: Final = 8
"""Bits of 64 in which encodings, sizes and light touches of one picture differ at most (tests)."""


def compute_perceptual_hash(path: Path) -> str:
    """Return the 64-bit DCT hash of one of our own pictures, as 16 hexadecimal digits.

    Raises `FileNotFoundError` if retention has removed it, `OSError` if it is no picture.
    """
    import imagehash  # noqa: PLC0415 - it brings NumPy and SciPy: only a worker that hashes pays

    with Image.open(path, formats=_FORMATS) as image:
        image.draft("RGB", (_DRAFT_SIDE, _DRAFT_SIDE))
        image.load()
        return str(imagehash.phash(flatten_image(image)))


def count_differing_bits(one: str, other: str) -> int:
    """Return in how many of 64 bits two hashes differ; up to `ALIKE` the pictures look alike."""
    return (int(one, 16) ^ int(other, 16)).bit_count()
