"""Restore the fine detail that the plan wants and voting reduces."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from sandbox.runware.engine.completion.arrays import Bytes, Floats
from sandbox.runware.engine.completion.expectation import Solution
from sandbox.runware.engine.completion.grid import Grid
from sandbox.runware.engine.completion.layout import CONTRAST_GAIN, FINE, fine_detail
from sandbox.runware.engine.completion.levels import Study

AIM: Final = 3.0
"""Gain over the rim's detail: the outside is on average as detailed as the whole source."""
CAP: Final = 1.75
"""Maximum detail relative to the source's average, however detailed its rim is."""
MOST: Final = 3.0
"""Maximum gain; above it, borders of copied patches become visible."""
ROWS: Final = 256
CONTEXT: Final = 6
"""Rows of a strip, and rows around it that its blur looks at (five of its sigmas)."""
_LEAST: Final = 0.3
"""Detail in levels that is not worth a gain."""


def wanted_gain(known: Study, solution: Solution) -> Floats:
    """Return, at low resolution for the whole canvas, by how much fine detail should grow, >= 1."""
    most = CAP * float(known.plan.source[..., 3].mean()) / CONTRAST_GAIN
    wanted = np.minimum(AIM * known.plan.canvas[..., 3] / CONTRAST_GAIN, most)
    squares = fine_detail(solution.painted[..., :3]) ** 2
    size = wanted.shape[1], wanted.shape[0]
    there = np.sqrt(
        cv2.GaussianBlur(cv2.resize(squares, size, interpolation=cv2.INTER_AREA), (0, 0), 2)
    )
    gain = np.clip(wanted / np.maximum(there, _LEAST), 1, MOST)
    return np.asarray(cv2.GaussianBlur(gain, (0, 0), 2), np.float32)


def sharpen_detail(canvas: Bytes, grid: Grid, gain: Floats) -> None:
    """Amplify fine detail outside the source in place, a strip of rows at a time."""
    rows, columns = grid.shape
    size = columns, gain.shape[0]
    wide = np.asarray(cv2.resize(gain, size, interpolation=cv2.INTER_LINEAR), np.float32)
    above = canvas[:0]
    for first in range(0, rows, ROWS):
        end = min(first + ROWS, rows)
        strip = np.concatenate([above, canvas[first : min(end + CONTEXT, rows)]])
        here = slice(len(above), len(above) + end - first)
        above = canvas[max(first, end - CONTEXT) : end].copy()
        more = _rows_of(wide, first, end, total=rows) - 1
        more[_part_inside(grid, first, end)] = 0
        if more.max() > 0:
            smooth = cv2.GaussianBlur(strip, (0, 0), FINE)[here].astype(np.float32)
            ours = strip[here].astype(np.float32)
            ours += more[..., None] * (ours - smooth)
            canvas[first:end] = np.clip(np.rint(ours), 0, 255).astype(np.uint8)


def _rows_of(wide: Floats, first: int, end: int, *, total: int) -> Floats:
    """Return some rows of a map that was resized to `total` rows."""
    at = (np.arange(first, end) + 0.5) * (len(wide) / total) - 0.5
    at = np.clip(at, 0, len(wide) - 1)
    low = at.astype(int)
    share = (at - low)[:, None]
    mixed = wide[low] * (1 - share) + wide[np.minimum(low + 1, len(wide) - 1)] * share
    return np.asarray(mixed, np.float32)


def _part_inside(grid: Grid, first: int, end: int) -> tuple[slice, slice]:
    top, bottom = grid.top - first, grid.top + grid.height - first
    rows = slice(min(max(top, 0), end - first), min(max(bottom, 0), end - first))
    return rows, grid.inside[1]
