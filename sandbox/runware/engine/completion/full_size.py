"""Paint the picture at its full size from the field that was found at a reduced one."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from sandbox.runware.engine.completion.arrays import Bytes, Floats, Places
from sandbox.runware.engine.completion.compiled import compile_device, compile_kernel, over_rows
from sandbox.runware.engine.completion.grid import Grid
from sandbox.runware.engine.completion.patchmatch import NO_FIELD, Field, Place


class Reduced(NamedTuple):
    """A field with the correction of its copy, where the source lies in them, and their scale.

    One pixel here is `factor` x `factor` pixels of the full size.
    """

    field: Field
    correction: Floats
    top: int
    left: int
    factor: int


_NO_REDUCED: Final = Reduced(NO_FIELD, np.zeros((1, 1, 3), np.float32), 0, 0, 1)
_NO_BOUNDS: Final = np.zeros(2, np.int32)


def paint_full_size(source: Bytes, grid: Grid, reduced: Reduced) -> Bytes:
    """Return the canvas at full size: the source, and around it what the field points to.

    Each row depends only on field and source, so the split into bands does not matter, and the
    result is the only array of full size.
    """
    canvas = np.empty((*grid.shape, 3), np.uint8)
    canvas[grid.inside] = source
    corner = np.array((grid.top, grid.left), np.int32)
    over_rows(_paint, grid.shape[0], reduced, source, corner, canvas)
    return canvas


@compile_device
def _between(position: np.float32, most: int) -> tuple[int, int, np.float32]:
    """Return the two samples that a position lies between, and the share of the second."""
    low = int(np.floor(position))
    share = np.float32(position - low)
    first: int = min(max(low, 0), most - 1)
    second: int = min(max(low + 1, 0), most - 1)
    return first, second, share


@compile_device
def _named(reduced: Reduced, source: Bytes, at: Place, cell: Place, c: int) -> np.float32:
    """Return the corrected colour that a reduced pixel's field entry gives to a pixel near it."""
    (y, x), (ly, lx), f = at, cell, reduced.factor
    sy = reduced.field.rows[ly, lx] * f + y - (ly - reduced.top) * f
    sx = reduced.field.columns[ly, lx] * f + x - (lx - reduced.left) * f
    sy = min(max(sy, 0), source.shape[0] - 1)
    sx = min(max(sx, 0), source.shape[1] - 1)
    return np.float32(np.float32(source[sy, sx, c]) + reduced.correction[ly, lx, c])


@compile_kernel(
    _NO_REDUCED, np.zeros((1, 1, 3), np.uint8), _NO_BOUNDS, np.zeros((1, 1, 3), np.uint8)
)
def _paint(
    first: int, end: int, reduced: Reduced, source: Bytes, corner: Places, canvas: Bytes
) -> None:
    """Mix the copies of the four nearest reduced pixels, which are mostly the same one."""
    height, width = source.shape[:2]
    rows, columns = reduced.field.rows.shape
    f = np.float32(reduced.factor)
    for row in range(first, end):
        y = row - corner[0]
        up, down, v = _between((y + np.float32(0.5)) / f - np.float32(0.5) + reduced.top, rows)
        for column in range(canvas.shape[1]):
            x = column - corner[1]
            if 0 <= y < height and 0 <= x < width:
                continue
            west, east, u = _between(
                (x + np.float32(0.5)) / f - np.float32(0.5) + reduced.left, columns
            )
            for c in range(3):
                above = _named(reduced, source, (y, x), (up, west), c) * (1 - u)
                above += _named(reduced, source, (y, x), (up, east), c) * u
                below = _named(reduced, source, (y, x), (down, west), c) * (1 - u)
                below += _named(reduced, source, (y, x), (down, east), c) * u
                colour = above * (1 - v) + below * v + np.float32(0.5)
                canvas[row, column, c] = np.uint8(min(max(colour, np.float32(0)), np.float32(255)))
