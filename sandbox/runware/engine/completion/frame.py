"""Hide the frame: near it, the picture blends into the mirror image of the inside.

Two bands, after P. Burt and E. Adelson, "A Multiresolution Spline", ACM TOG 1983: detail follows
the mirror for `DETAIL` pixels, so that no line is visible, and colour for four times as many. With
more, the mirror itself would be visible (at 12 pixels: correlation with it .05 to .10, gradient
across the frame 1.7 to 1.0 times its surroundings; measured for the prototype).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import cv2
import numpy as np

from sandbox.runware.engine.completion.arrays import Bytes, Floats
from sandbox.runware.engine.completion.grid import Grid

DETAIL: Final = 12
COLOUR: Final = 4 * DETAIL
DOUBT: Final = 15.0
"""Colour difference, in levels, from which on an object's ghost would be visible."""


def hide_frame(canvas: Bytes, grid: Grid) -> None:
    """Blend the strips along the source's frame in place; the source stays as it is."""
    source = canvas[grid.inside]
    mirrored_rows = _mirrored(grid.height, grid.top, grid.bottom)
    mirrored_columns = _mirrored(grid.width, grid.left, grid.right)
    for rows, columns in _strips(grid):
        ours = canvas[rows, columns].astype(np.float32)
        theirs = source[np.ix_(mirrored_rows[rows], mirrored_columns[columns])]
        gap = theirs.astype(np.float32) - ours
        smooth = cv2.GaussianBlur(gap, (0, 0), 0.8 * DETAIL)
        distance = _distance(grid, rows, columns)
        near, far = _falling(distance, DETAIL), _falling(distance, COLOUR)
        drift = smooth / (1 + (smooth / np.float32(DOUBT)) ** 2) ** 2
        ours += near * gap + (far - np.minimum(near, far)) * drift
        canvas[rows, columns] = np.clip(ours + np.float32(0.5), 0, 255).astype(np.uint8)


def _strips(grid: Grid) -> Iterator[tuple[slice, slice]]:
    rows, columns = grid.shape
    bottom, right = grid.top + grid.height, grid.left + grid.width
    first, last = max(0, grid.top - COLOUR), min(rows, bottom + COLOUR)
    across = slice(max(0, grid.left - COLOUR), min(columns, right + COLOUR))
    down = slice(grid.top, bottom)
    for strip in (
        (slice(first, grid.top), across),
        (slice(bottom, last), across),
        (down, slice(across.start, grid.left)),
        (down, slice(right, across.stop)),
    ):
        if all(part.stop > part.start for part in strip):
            yield strip


def _mirrored(length: int, before: int, after: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    period = 2 * (length - 1)
    folded = np.abs(np.arange(-before, length + after)) % period
    return np.where(folded >= length, period - folded, folded)


def _distance(grid: Grid, rows: slice, columns: slice) -> Floats:
    down, across = np.arange(rows.start, rows.stop), np.arange(columns.start, columns.stop)
    beyond_rows = np.maximum(grid.top - down, down - (grid.top + grid.height - 1))
    beyond_columns = np.maximum(grid.left - across, across - (grid.left + grid.width - 1))
    down, across = np.maximum(beyond_rows, 0), np.maximum(beyond_columns, 0)
    return np.asarray(np.hypot(down[:, None], across[None]), np.float32)


def _falling(distance: Floats, length: int) -> Floats:
    share = np.clip(1 - (distance - 1) / length, 0, 1)[..., None]
    return np.asarray(share * share * (3 - 2 * share), np.float32)
