"""Pictures whose origin can be read from their pixels: each area has the colour of who made it.

A member's picture is one flat colour, and the local Runware paints every new margin in a colour of
its own. So the pixels of a picture, also scaled, encoded or put beside another, tell from which
uploads and results it is made.
"""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sandbox.runware.engine.pixels import decode_seed, encode_pixels
from sandbox.runware.engine.render import Rendered, RenderOrder

_FIRST, _STEP, _LEVELS = 16, 44, 6
_NEAR: Final = 9
"""Levels by which a lossy encoding may change a flat colour; codes lie 44 apart."""
_BLOCK: Final = 6
"""Side of the smallest area that counts: on a seam, colours in between form smaller ones."""
CODES: Final = tuple(
    code
    for code in range(_LEVELS**3)
    if len({code // _LEVELS**2, code // _LEVELS % _LEVELS, code % _LEVELS}) > 1
)
"""All codes; greys are left out, as the bot draws in them."""


def encode_picture(code: int, size: tuple[int, int]) -> bytes:
    """Return a PNG in the colour of a code."""
    out = io.BytesIO()
    Image.new("RGB", size, _get_colour(code)).save(out, "PNG")
    return out.getvalue()


def read_codes(data: bytes) -> frozenset[int]:
    """Return the codes of all areas of a picture, of the first, middle and last frame of a film."""
    found: set[int] = set()
    with Image.open(io.BytesIO(data)) as image:
        frames = getattr(image, "n_frames", 1)
        for at in sorted({0, frames // 2, frames - 1}):
            image.seek(at)
            found |= _read_areas(np.asarray(image.convert("RGB")))
    return frozenset(found)


@dataclass
class CodeBook:
    """Hand out codes, so that walks at the same time share none."""

    # neighbours are far apart in colour
    _free: deque[int] = field(
        default_factory=lambda: deque(CODES[at * 97 % len(CODES)] for at in range(len(CODES)))
    )

    def take_code(self) -> int:
        return self._free.popleft()

    def return_codes(self, codes: Iterable[int]) -> None:
        self._free.extend(codes)


@dataclass
class CodedRenderer:
    """Paint the margin of every result in a new code; `made` has each with its seed image's codes.

    It stands in for the engine of the local Runware.
    """

    codes: CodeBook
    made: list[tuple[int, frozenset[int]]] = field(default_factory=list)
    engine = "coded"
    warming = False
    progress: tuple[float, ...] = ()

    async def render(self, order: RenderOrder) -> Rendered:
        seed, margins = decode_seed(order.seed)[..., :3], order.margins
        code = self.codes.take_code()
        height, width = seed.shape[:2]
        canvas = np.empty(
            (height + margins.top + margins.bottom, width + margins.left + margins.right, 3),
            np.uint8,
        )
        canvas[:] = _get_colour(code)
        canvas[margins.top : margins.top + height, margins.left : margins.left + width] = seed
        self.made.append((code, _read_areas(seed)))
        pixels = order.finish(canvas)
        data = encode_pixels(pixels, file_format=order.file_format, quality=order.quality)
        return Rendered(data, self.engine)


def _get_colour(code: int) -> tuple[int, int, int]:
    digits = (code // _LEVELS**2, code // _LEVELS % _LEVELS, code % _LEVELS)
    red, green, blue = (_FIRST + _STEP * digit for digit in digits)
    return red, green, blue


def _read_areas(pixels: NDArray[np.uint8]) -> frozenset[int]:
    digits = (pixels.astype(np.int16) - _FIRST + _STEP // 2) // _STEP
    near = np.abs(pixels - (_FIRST + _STEP * digits)) <= _NEAR
    known = near.all(axis=2) & (digits >= 0).all(axis=2) & (digits < _LEVELS).all(axis=2)
    codes = np.where(known, digits @ np.array([_LEVELS**2, _LEVELS, 1]), -1)
    return frozenset(_list_flat_blocks(codes)) & frozenset(CODES)


def _list_flat_blocks(codes: NDArray[np.int64]) -> Iterator[int]:
    """Yield the codes of the blocks that have one code throughout."""
    rows, columns = codes.shape[0] // _BLOCK, codes.shape[1] // _BLOCK
    cut = codes[: rows * _BLOCK, : columns * _BLOCK].reshape(rows, _BLOCK, columns, _BLOCK)
    lowest, highest = cut.min(axis=(1, 3)), cut.max(axis=(1, 3))
    yield from map(int, np.unique(lowest[lowest == highest]))
