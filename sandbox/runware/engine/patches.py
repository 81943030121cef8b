"""The main engine: patch-based completion with grain, for seed images with or without alpha."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bot.domain.geometry import Size
from sandbox.runware.engine.canvas import Canvas
from sandbox.runware.engine.completion.complete import (
    SourcePicture,
    TooThinError,
    complete_picture,
    prepare_picture,
)
from sandbox.runware.engine.completion.grid import Grid
from sandbox.runware.engine.grain import grain_strength, match_grain
from sandbox.runware.engine.pixels import flatten_alpha

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from bot.domain.geometry import Margins


@dataclass(frozen=True, slots=True)
class Work:
    """A seed image, (height, width, 3 or 4), studied once for all results of a task."""

    seed: NDArray[np.uint8]
    canvas: Canvas
    picture: SourcePicture
    grain: float


def study_seed(seed: NDArray[np.uint8], margins: Margins) -> Work | None:
    """Study a seed image; return None for one too thin for patches."""
    height, width = seed.shape[:2]
    rgb = flatten_alpha(seed)
    grid = Grid(height, width, margins.left, margins.right, margins.top, margins.bottom)
    try:
        picture = prepare_picture(rgb, grid)
    except TooThinError:
        return None
    return Work(seed, Canvas(Size(width, height), margins), picture, grain_strength(rgb))


def finish_picture(
    work: Work, *, noise_seed: int, progress: Callable[[float], None]
) -> NDArray[np.uint8]:
    """Return the extended picture; the interior is the seed image, bit for bit.

    The same `noise_seed` (0 .. 2**64-1) gives the same bytes on one machine and version, with any
    number of threads. New area is opaque where there is alpha. `progress` gets a share, 0..1.
    """
    painted = complete_picture(work.picture, noise_seed=noise_seed, progress=progress)
    match_grain(
        painted, work.canvas, strength=work.grain, rng=np.random.default_rng((noise_seed, 1))
    )
    if work.seed.shape[2] == 4:
        opaque_alpha = np.full((*painted.shape[:2], 1), 255, np.uint8)
        painted = np.concatenate([painted, opaque_alpha], axis=2)
    painted[work.canvas.interior.slices] = work.seed
    return painted
