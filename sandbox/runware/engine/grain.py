"""Measure the fine grain of a photograph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

TILE: Final = 16
"""Edge of the tiles measured, in pixels."""
QUIET: Final = 30
"""Percentile of the tiles taken for grain: the quiet ones, where there is no texture."""
CAP: Final = 6.0
"""Strongest grain added, in levels of 255."""
_GAIN: Final = 1.25
"""A white grain keeps this share less of its deviation after a 2x2 difference (1 / 0.8)."""


def grain_strength(rgb: NDArray[np.uint8]) -> float:
    """Return the standard deviation, 0..6 levels, of the grain in the quiet parts of an image."""
    luma = rgb @ np.array([0.299, 0.587, 0.114], np.float32)
    # Diagonal differences see no straight edge or slope; four unit weights double the deviation.
    fine = (luma[:-1, :-1] - luma[1:, :-1] - luma[:-1, 1:] + luma[1:, 1:]) / 2
    height, width = (side - side % TILE for side in fine.shape)
    if not height or not width:
        return 0.0
    tiles = fine[:height, :width].reshape(height // TILE, TILE, width // TILE, TILE)
    return min(CAP, _GAIN * float(np.percentile(tiles.std(axis=(1, 3)), QUIET)))
