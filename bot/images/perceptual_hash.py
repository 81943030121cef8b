"""Perceptual hashes, by which a gallery finds pictures that look the same."""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import mul
from pathlib import Path
from statistics import median
from typing import Final

from PIL import Image

from bot.images.seed_format import flatten_image

_FORMATS: Final = ("JPEG", "PNG", "WEBP", "TIFF")
_DRAFT_SIDE: Final = 256
"""A JPEG is decoded at this size at least: the hash looks at 32 pixels each way."""
MAX_ALIKE_BITS: Final = 8
"""Bits of 64 in which encodings, sizes and light touches of one picture differ at most (tests)."""
_SIDE: Final = 32
_COSINES: Final = tuple(
    tuple(math.cos(math.pi * wave * (2 * place + 1) / (2 * _SIDE)) for place in range(_SIDE))
    for wave in range(8)
)
"""The eight lowest waves of a DCT of type 2."""


def compute_perceptual_hash(path: Path) -> str:
    """Return the 64-bit DCT hash of one of our own pictures, as 16 hexadecimal digits.

    Raises `FileNotFoundError` if retention has removed it, `OSError` if it is no picture.
    """
    with Image.open(path, formats=_FORMATS) as image:
        image.draft("RGB", (_DRAFT_SIDE, _DRAFT_SIDE))
        image.load()
        grey = flatten_image(image).convert("L")
    pixels = grey.resize((_SIDE, _SIDE), Image.Resampling.LANCZOS).tobytes()
    rows = (pixels[start : start + _SIDE] for start in range(0, len(pixels), _SIDE))
    columns = tuple(zip(*map(_find_low_waves, rows), strict=True))
    # Rounded, because a plain area's waves are 0 and not what adding floats leaves over.
    waves = [round(x, 6) for row in zip(*map(_find_low_waves, columns), strict=True) for x in row]
    middle = median(waves)
    bits = "".join("1" if wave > middle else "0" for wave in waves)
    return f"{int(bits, 2):016x}"


def _find_low_waves(values: Sequence[float]) -> tuple[float, ...]:
    return tuple(sum(map(mul, values, cosines)) for cosines in _COSINES)
