"""Agreement of painted patches with the source's, and repetition of distinctive ones."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]

WORK: Final = 320
"""Longer side of the source while patches are compared, in pixels."""
EDGE: Final = 7
PAINTED: Final = 1500
"""Painted patches that are compared, chosen by a fixed seed."""
JUDGED: Final = 1200
"""Patches of the source whose distinctiveness is measured."""
DISTINCTIVE: Final = 85
"""Percentile above which a patch of the source is distinctive."""


def measure_coherence(made: Pixels, source: Pixels, hole: NDArray[np.bool_]) -> tuple[float, float]:
    """Return the mean distance to the nearest patch of the source, and the distinctive share."""
    scale = min(1.0, WORK / max(source.shape[:2]))
    canvas, small = _resize_picture(made, scale), _resize_picture(source, scale)
    size = canvas.shape[1], canvas.shape[0]
    mask = cv2.resize(hole.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)
    every = _cut_patches(small)[::2, ::2]
    grid = np.mgrid[0 : 2 * every.shape[0] : 2, 0 : 2 * every.shape[1] : 2].reshape(2, -1).T
    offered = every.reshape(len(grid), -1).astype(np.float32)
    half = EDGE // 2
    whole = cv2.erode(mask, np.ones((EDGE, EDGE), np.uint8), borderValue=1)
    rows, columns = np.nonzero(whole[half:-half, half:-half])
    chosen = np.random.default_rng(0).permutation(len(rows))[:PAINTED]
    painted = _cut_patches(canvas)[rows[chosen], columns[chosen]].astype(np.float32)
    squares = _square_distance(painted, offered)
    nearest = squares.argmin(1)
    distance = np.sqrt(np.maximum(squares[np.arange(len(painted)), nearest], 0) / painted.shape[1])
    judged = np.random.default_rng(1).permutation(len(offered))[:JUDGED]
    stands_out = _find_distinctive(offered, grid, judged)
    apart = _square_distance(grid[nearest].astype(np.float32), grid[judged].astype(np.float32))
    return float(distance.mean()), float(stands_out[apart.argmin(1)].mean())


def _find_distinctive(
    offered: Floats, grid: NDArray[np.int_], judged: NDArray[np.int_]
) -> NDArray[np.bool_]:
    """Return which of the judged patches have no look-alike elsewhere."""
    squares = _square_distance(offered[judged], offered)
    gaps = np.abs(grid[judged][:, None] - grid[None])
    squares[(gaps < 12).all(axis=2)] = np.inf
    unlike = np.sqrt(np.maximum(squares.min(1), 0))
    return np.asarray(unlike > np.percentile(unlike, DISTINCTIVE))


def _square_distance(one: Floats, other: Floats) -> Floats:
    squares = (one * one).sum(1)[:, None] + (other * other).sum(1)[None] - 2 * one @ other.T
    return np.asarray(squares, np.float32)


def _resize_picture(picture: Pixels, scale: float) -> Pixels:
    size = max(8, round(picture.shape[1] * scale)), max(8, round(picture.shape[0] * scale))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _cut_patches(picture: Pixels) -> Pixels:
    windows = np.lib.stride_tricks.sliding_window_view(picture, (EDGE, EDGE), (0, 1))
    return windows.reshape(*windows.shape[:2], -1)
