"""Find a seed image by its parts: each tile is searched by itself, and most of them agree.

A scale of a few percent moves the edges of a picture by more than the period of its lines of text
or bricks, so that no single shift of the whole correlates; within a tile it hardly matters.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.images.registration.correlation import correlate, cut_window
from bot.images.registration.placement import Box, Placement
from bot.images.registration.refinement import choose_tiles
from bot.images.registration.sampling import ImagePair

Numbers = NDArray[np.float64]

_REACH_PIXELS: Final = 16
_LARGEST_SCALE: Final = 0.05
"""Shift in pixels and relative scale up to which tiles are searched and believed."""
_LEAST_CONTRAST: Final = 3.0
"""Standard deviation in levels of a tile that can be found."""
_SAME_PIXELS: Final = 2.0
"""How far a tile may lie beside where the others say, in pixels."""
_LEAST_TILES: Final = 4
"""Tiles that have to agree."""


def match_tiles(pair: ImagePair, start: Placement) -> Placement | None:
    """Return the place on which most tiles agree; None if too few do."""
    found = [move for box in choose_tiles(pair, start) if (move := _find_tile(pair, start, box))]
    if len(found) < _LEAST_TILES:
        return None
    table = np.array(found)
    first, second = np.triu_indices(len(found), 1)
    across = _fit_pairs(table[:, 0], table[:, 2], first, second)
    down = _fit_pairs(table[:, 1], table[:, 3], first, second)
    near = _list_agreeing(table[:, 0], table[:, 2], across)
    near &= _list_agreeing(table[:, 1], table[:, 3], down)
    counts = near.sum(axis=1)
    agreeing = table[near[int(counts.argmax())]]
    if len(agreeing) < _LEAST_TILES:
        return None
    (scale_x, shift_x), (scale_y, shift_y) = (
        np.polyfit(agreeing[:, axis], agreeing[:, axis + 2], 1) for axis in (0, 1)
    )
    return Placement(
        start.across * float(1 + scale_x),
        start.down * float(1 + scale_y),
        start.left * float(1 + scale_x) + float(shift_x),
        start.top * float(1 + scale_y) + float(shift_y),
    )


def _find_tile(
    pair: ImagePair, start: Placement, box: Box
) -> tuple[float, float, float, float] | None:
    """Return a tile's middle and how far from there it was found; None if it shows nothing."""
    left, top, right, bottom = map(round, box)
    seed = pair.sample_seed(start, box, (right - left, bottom - top))
    if float(seed.std()) < _LEAST_CONTRAST:
        return None
    # scale is taken about the middle, so that an edge moves by half of it
    reach_x, reach_y = (
        round(_REACH_PIXELS + side * _LARGEST_SCALE / 2) for side in pair.result.size
    )
    around = (left - reach_x, top - reach_y, right + reach_x, bottom + reach_y)
    window = cut_window(pair.result, around, (around[2] - around[0], around[3] - around[1]))
    scores = correlate(window, seed)
    row, column = divmod(int(scores.argmax()), scores.shape[1])
    return (left + right) / 2, (top + bottom) / 2, column - reach_x, row - reach_y


def _fit_pairs(
    at: Numbers, moved: Numbers, first: NDArray[np.int64], second: NDArray[np.int64]
) -> tuple[Numbers, Numbers]:
    """Return scale and shift by each pair of tiles; no scale if they lie side by side."""
    distance = at[second] - at[first]
    is_apart = np.abs(distance) >= 1
    scale = np.where(is_apart, moved[second] - moved[first], 0) / np.where(is_apart, distance, 1)
    return scale, (moved[first] + moved[second] - scale * (at[first] + at[second])) / 2


def _list_agreeing(at: Numbers, moved: Numbers, fit: tuple[Numbers, Numbers]) -> NDArray[np.bool_]:
    """Return which tiles (columns) lie where each fit (rows) says; none for an extreme scale."""
    scale, shift = fit[0][:, None], fit[1][:, None]
    near: NDArray[np.bool_] = np.abs(moved - scale * at - shift) <= _SAME_PIXELS
    return near & (np.abs(scale) <= 1.2 * _LARGEST_SCALE)
