"""Perceptual hashes, with which a gallery finds look-alike pictures."""

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
"""Smallest side for a JPEG's fast reduced decoding; the hash needs only 32x32 pixels."""
MAX_ALIKE_BITS: Final = 8
"""Most differing bits of 64 between encodings, sizes and light edits of one picture, by tests."""
_SIDE: Final = 32
_COSINES: Final = tuple(
    tuple(math.cos(math.pi * wave * (2 * place + 1) / (2 * _SIDE)) for place in range(_SIDE))
    for wave in range(8)
)
"""Basis of the eight lowest frequencies of a type 2 DCT."""


def compute_perceptual_hash(path: Path) -> str:
    """Return the 64-bit DCT hash of a stored picture as 16 hexadecimal digits; raise `OSError`."""
    with Image.open(path, formats=_FORMATS) as image:
        image.draft("RGB", (_DRAFT_SIDE, _DRAFT_SIDE))
        image.load()
        grey = flatten_image(image).convert("L")
    pixels = grey.resize((_SIDE, _SIDE), Image.Resampling.LANCZOS).tobytes()
    rows = (pixels[start : start + _SIDE] for start in range(0, len(pixels), _SIDE))
    columns = tuple(zip(*map(_find_low_waves, rows), strict=True))
    # rounded, so that rounding errors of plain areas, whose coefficients are 0, set no bits
    waves = [round(x, 6) for row in zip(*map(_find_low_waves, columns), strict=True) for x in row]
    middle = median(waves)
    bits = "".join("1" if wave > middle else "0" for wave in waves)
    return f"{int(bits, 2):016x}"


def _find_low_waves(values: Sequence[float]) -> tuple[float, ...]:
    return tuple(sum(map(mul, values, cosines)) for cosines in _COSINES)
