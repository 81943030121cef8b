"""Extend a picture by completion: study it once, then paint it for any number of noise seeds."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt
from typing import Final

import cv2
import numpy as np

from sandbox.runware.engine.completion import expectation, poisson
from sandbox.runware.engine.completion.arrays import Bytes, Floats
from sandbox.runware.engine.completion.calm import smooth_plain_areas
from sandbox.runware.engine.completion.detail import sharpen_detail, wanted_gain
from sandbox.runware.engine.completion.expectation import Progress, Solution
from sandbox.runware.engine.completion.frame import hide_frame
from sandbox.runware.engine.completion.full_size import Reduced, paint_full_size
from sandbox.runware.engine.completion.grid import Grid
from sandbox.runware.engine.completion.levels import Study, study_source
from sandbox.runware.engine.completion.patchmatch import RADIUS

MAX_HOLE: Final = 600_000
MAX_CANVAS: Final = 2_000_000
"""Pixels searched; a larger picture is searched at a reduced size. Time and memory follow these."""
MIN_SIDE: Final = 2 * RADIUS + 2
"""Shortest side that holds patches, in pixels of the search."""
BOUND: Final = 3.0
"""Largest correction of a seam, in levels; at 8 copies drifted from their source (coherence)."""


class TooThinError(Exception):
    """The picture to be searched is thinner than a patch."""


@dataclass(frozen=True, slots=True)
class SourcePicture:
    """A source with its study: what several results of one task share."""

    source: Bytes
    grid: Grid
    factor: int
    study: Study


def prepare_picture(source: Bytes, grid: Grid) -> SourcePicture:
    """Study a source (height, width, 3) of the grid's size, or raise `TooThinError`."""
    source = np.require(source, np.uint8, ["C", "W"])
    factor = get_reduction(grid)
    height, width = grid.height // factor, grid.width // factor
    if min(height, width) < MIN_SIDE:
        raise TooThinError(f"{width} x {height} pixels are left for the search")
    # Rounded up, so that every pixel of the full size lies in a reduced one.
    margins = (-(-side // factor) for side in (grid.left, grid.right, grid.top, grid.bottom))
    small = Grid(height, width, *margins)
    reduced = source
    if factor > 1:
        whole = source[: height * factor, : width * factor]
        reduced = np.ascontiguousarray(
            cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA), np.uint8
        )
    return SourcePicture(source, grid, factor, study_source(reduced, small))


def get_reduction(grid: Grid) -> int:
    """Return the factor by which a grid is reduced for the search, to keep to the limits."""
    rows, columns = grid.shape
    return max(1, ceil(sqrt(max(grid.hole_area / MAX_HOLE, rows * columns / MAX_CANVAS))))


def complete_picture(picture: SourcePicture, *, noise_seed: int, progress: Progress) -> Bytes:
    """Return the canvas, (rows, columns, 3), without grain; the source in it is untouched."""
    solution = expectation.solve_completion(
        picture.study, noise_seed=noise_seed, progress=lambda done: progress(0.8 * done)
    )
    progress(0.8)
    grid = picture.study.grid
    reduced = Reduced(
        solution.field, _correction(picture, solution), grid.top, grid.left, picture.factor
    )
    canvas = paint_full_size(picture.source, picture.grid, reduced)
    progress(0.9)
    sharpen_detail(canvas, picture.grid, wanted_gain(picture.study, solution))
    hide_frame(canvas, picture.grid)
    return canvas


def _correction(picture: SourcePicture, solution: Solution) -> Floats:
    source, grid = picture.study.pyramid[0], picture.study.grid
    solution.painted[grid.inside][..., :3] = source
    smooth_plain_areas(picture.study, solution)
    hole = grid.hole()
    found = poisson.solve_correction(poisson.Copy(solution.painted, source, hole), solution.field)
    np.clip(found, -BOUND, BOUND, out=found)
    found += solution.painted[..., :3]
    found -= source[solution.field.rows, solution.field.columns]
    found[~hole] = 0
    return found
