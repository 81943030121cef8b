"""Join what was copied from different places: a screened Poisson correction of the copy.

P. Perez et al., "Poisson Image Editing", SIGGRAPH 2003; screened as in P. Bhat et al., "Fourier
Analysis of the 2D Screened Poisson Equation", ECCV 2008. The gradients wanted at a pixel are those
beside the place that it was copied from. Solved by red-black over-relaxation from a coarse grid to
the fine one.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import cv2
import numpy as np

from sandbox.runware.engine.completion.arrays import Bytes, Floats, Mask
from sandbox.runware.engine.completion.compiled import compile_device, compile_kernel, over_rows
from sandbox.runware.engine.completion.patchmatch import NO_FIELD, Field, Place

SCREEN: Final = 8e-4
"""Pull towards the copy; weaker, and colours drift (seen on the prototype)."""
SWEEPS: Final = 6
COARSE_SWEEPS: Final = 80
_COARSEST: Final = 24
AT_FRAME: Final = np.float32(24)
"""Largest gradient error corrected at the frame, in levels; unbounded it gave coloured flares."""
EDGE: Final = np.float32(20)
"""Gradient error inside that is taken for a real edge more than for a seam, in levels."""
_RELAX: Final = 1.5


class Copy(NamedTuple):
    """The copied picture (rows, columns, 4; three used), known outside `hole`, and its source."""

    painted: Floats
    source: Bytes
    hole: Mask


_NO_COPY: Final = Copy(
    np.zeros((1, 1, 4), np.float32), np.zeros((1, 1, 3), np.uint8), np.zeros((1, 1), np.bool_)
)
_NO_FLOW: Final = np.zeros((1, 1, 3), np.float32)


def solve_correction(copy: Copy, field: Field) -> Floats:
    """Return what to add to the copy, (rows, columns, 3) in levels, 0 where the canvas is known."""
    flow = np.zeros((*copy.hole.shape, 3), np.float32)
    over_rows(_errors, copy.hole.shape[0], copy, field, flow)
    flows, holes = [flow], [copy.hole]
    while min(holes[-1].shape) > _COARSEST:
        flow, hole = _halved(flows[-1], holes[-1])
        flows.append(flow)
        holes.append(hole)
    found = np.zeros_like(flows[-1])
    for scale in range(len(flows) - 1, -1, -1):
        hole = holes[scale]
        if found.shape[:2] != hole.shape:
            found = _doubled(found, hole)
        sweeps = COARSE_SWEEPS if scale == len(flows) - 1 else SWEEPS
        # On one thread: a sweep is so short that waiting for others would take longer.
        for sweep in range(sweeps):
            relax = np.float32(_RELAX if sweep < sweeps - 2 else 1.0)
            screen = np.float32(SCREEN * 4**scale)
            for colour in (0, 1):
                _relax(0, hole.shape[0], found, flows[scale], hole, screen, relax, colour)
    return found


def _halved(flow: Floats, hole: Mask) -> tuple[Floats, Mask]:
    odd = tuple((0, side & 1) for side in hole.shape)
    wide, mask = np.pad(flow, (*odd, (0, 0))), np.pad(hole, odd, "edge")
    summed = wide[::2, ::2] + wide[1::2, ::2] + wide[::2, 1::2] + wide[1::2, 1::2]
    inside = mask[::2, ::2] & mask[1::2, ::2] & mask[::2, 1::2] & mask[1::2, 1::2]
    return np.ascontiguousarray(summed), np.ascontiguousarray(inside)


def _doubled(found: Floats, hole: Mask) -> Floats:
    size = found.shape[1] * 2, found.shape[0] * 2
    wide = cv2.resize(found, size, interpolation=cv2.INTER_LINEAR)
    fitted = np.ascontiguousarray(wide[: hole.shape[0], : hole.shape[1]], np.float32)
    fitted[~hole] = 0
    return fitted


@compile_device
def _wanted(copy: Copy, field: Field, at: Place, other: Place, c: int) -> np.float32:
    """Return the gradient from one pixel to its neighbour as their sources have it."""
    (y, x), (yy, xx) = at, other
    sy, sx = field.rows[y, x], field.columns[y, x]
    step = np.float32(copy.source[sy + yy - y, sx + xx - x, c]) - np.float32(copy.source[sy, sx, c])
    if not copy.hole[yy, xx]:
        return step
    ny, nx = field.rows[yy, xx], field.columns[yy, xx]
    back = np.float32(copy.source[ny, nx, c]) - np.float32(copy.source[ny + y - yy, nx + x - xx, c])
    return np.float32(0.5) * (step + back)


@compile_device
def _bounded(error: np.float32) -> np.float32:
    return min(max(error, -AT_FRAME), AT_FRAME)


@compile_device
def _doubted(error: np.float32) -> np.float32:
    doubt = np.float32(1) + error * error / (EDGE * EDGE)
    return np.float32(0.7) * error / (doubt * doubt)


@compile_kernel(_NO_COPY, NO_FIELD, _NO_FLOW)
def _errors(first: int, end: int, copy: Copy, field: Field, flow: Floats) -> None:
    rows, columns = copy.hole.shape
    for y in range(first, end):
        for x in range(columns):
            if not copy.hole[y, x]:
                continue
            for yy, xx in ((y, x - 1), (y, x + 1), (y - 1, x), (y + 1, x)):
                if yy < 0 or yy >= rows or xx < 0 or xx >= columns:
                    continue
                for c in range(3):
                    error = copy.painted[yy, xx, c] - copy.painted[y, x, c]
                    error -= _wanted(copy, field, (y, x), (yy, xx), c)
                    flow[y, x, c] += _doubted(error) if copy.hole[yy, xx] else _bounded(error)


@compile_kernel(_NO_FLOW, _NO_FLOW, _NO_COPY.hole, np.float32(0), np.float32(0), 0)
def _relax(  # noqa: PLR0913, PLR0917 - a kernel takes its bands first and has no keywords
    first: int,
    end: int,
    found: Floats,
    flow: Floats,
    hole: Mask,
    screen: np.float32,
    relax: np.float32,
    colour: int,
) -> None:
    """Sweep the pixels of one colour of the chessboard; they read only those of the other."""
    rows, columns = hole.shape
    for y in range(first, end):
        for x in range((y + colour) & 1, columns, 2):
            if not hole[y, x]:
                continue
            for c in range(3):
                weight, total = screen, flow[y, x, c]
                for yy, xx in ((y, x - 1), (y, x + 1), (y - 1, x), (y + 1, x)):
                    if 0 <= yy < rows and 0 <= xx < columns:
                        weight += np.float32(1)
                        total += found[yy, xx, c]
                found[y, x, c] += relax * (total / weight - found[y, x, c])
