"""Measure a photograph's fine grain, and add the same grain to the painted area."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sandbox.runware.engine.canvas import Canvas

TILE: Final = 16
"""Edge of the tiles measured, in pixels."""
QUIET: Final = 30
"""Percentile of the tiles taken for grain: the quiet ones, where there is no texture."""
CAP: Final = 6.0
"""Strongest grain added, in levels of 255."""
LEAST: Final = 0.2
"""Grain that is not worth adding, in levels."""
BLOCK: Final = 256
SAMPLES: Final = 64
"""Edge in pixels of the blocks that get grain at a time, and how many of them are measured."""
_GAIN: Final = 1.25
"""A white grain keeps this share less of its deviation after a 2x2 difference (1 / 0.8)."""


def grain_strength(rgb: NDArray[np.uint8]) -> float:
    """Return the standard deviation, 0..6 levels, of the grain in the quiet parts of an image."""
    deviations = _deviations(rgb)
    return min(CAP, _quiet(deviations)) if deviations.size else 0.0


def match_grain(
    painted: NDArray[np.uint8], canvas: Canvas, *, strength: float, rng: np.random.Generator
) -> None:
    """Add grain in place outside the seed image, until its quiet parts have this `strength`."""
    blocks = list(canvas.outside(BLOCK))
    sampled = blocks[:: max(1, len(blocks) // SAMPLES)]
    there = np.concatenate([_deviations(painted[block.slices]) for block in sampled])
    missing = strength**2 - (_quiet(there) ** 2 if there.size else 0.0)
    if missing <= LEAST**2:
        return
    for block in blocks:
        grain = rng.standard_normal(block.shape, np.float32) * np.float32(missing**0.5)
        grown = painted[block.slices] + grain[..., None]
        painted[block.slices] = np.clip(np.rint(grown), 0, 255).astype(np.uint8)


def _quiet(deviations: NDArray[np.float32]) -> float:
    return _GAIN * float(np.percentile(deviations, QUIET))


def _deviations(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the deviation of fine detail in each tile, flat; nothing for less than a tile."""
    luma = rgb @ np.array([0.299, 0.587, 0.114], np.float32)
    # Diagonal differences see no straight edge or slope; four unit weights double the deviation.
    fine = (luma[:-1, :-1] - luma[1:, :-1] - luma[:-1, 1:] + luma[1:, 1:]) / 2
    height, width = (side - side % TILE for side in fine.shape)
    tiles = fine[:height, :width].reshape(height // TILE, TILE, width // TILE, TILE)
    return np.asarray(tiles.std(axis=(1, 3)).ravel(), np.float32)
