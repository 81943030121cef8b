"""Measure how much a place would be recognised if it came again: faces, eyes, lettering."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from sandbox.runware.engine.completion.arrays import Bytes, Floats

WORK: Final = 48
"""Longer side of the copy that is measured, in pixels; every pixel is compared with every other."""
APART: Final = 5
"""Look-alikes nearer than this, in pixels of the copy, do not count."""
_LOOK_ALIKES: Final = 4
_EDGE: Final = 5


def distinctiveness(source: Bytes) -> Floats:
    """Return, at low resolution, each 5x5 patch's mean squared distance to its 4 best look-alikes.

    In squared levels per pixel, summed over the three colours: a few dozen on grass, thousands on
    an eye. Sums are of whole numbers below 2**24, hence exact in whatever order they are made.
    """
    height, width = source.shape[:2]
    share = min(1.0, WORK / max(height, width))
    size = max(8, round(width * share)), max(8, round(height * share))
    small = cv2.resize(source, size, interpolation=cv2.INTER_AREA)
    padded = cv2.copyMakeBorder(small, 2, 2, 2, 2, cv2.BORDER_REFLECT_101)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (_EDGE, _EDGE), (0, 1))
    patches = windows.reshape(size[0] * size[1], -1).astype(np.float32)
    squares = (patches * patches).sum(1)
    distances = squares[:, None] + squares[None] - 2 * (patches @ patches.T)
    rows, columns = np.divmod(np.arange(len(patches)), size[0])
    near = (np.abs(rows[:, None] - rows[None]) < APART) & (
        np.abs(columns[:, None] - columns[None]) < APART
    )
    distances[near] = np.inf
    count = min(_LOOK_ALIKES, int((~near).sum(1).min()))
    if not count:
        return np.zeros((size[1], size[0]), np.float32)
    best = np.partition(distances, count - 1, axis=1)[:, :count].mean(1) / (_EDGE * _EDGE)
    found = best.reshape(size[1], size[0]).astype(np.float32)
    return np.ascontiguousarray(cv2.GaussianBlur(found, (0, 0), 1.5), np.float32)
