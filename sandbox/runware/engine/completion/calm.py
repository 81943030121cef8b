"""Give plain areas, such as a sky, the plan's colours, since a wrong shade is visible there.

In a textured area a copied place may keep its own shade. In a plain area the colour comes from the
plan, whose slopes are smooth, and the copy adds only as much detail as a plain area has: without
this, copies that are slightly too light and too dark alternate and form a visible weave. Where the
plan itself changes colour steeply, as along a ridge, the copy's edge stays.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import cv2
import numpy as np

from sandbox.runware.engine.completion.arrays import Floats
from sandbox.runware.engine.completion.expectation import Solution
from sandbox.runware.engine.completion.layout import CONTRAST_GAIN, fine_detail, resize_features
from sandbox.runware.engine.completion.levels import Study

PLAIN: Final = 1.0
TEXTURED: Final = 2.2
"""Fine contrast in levels, beyond that of the photograph's grain, up to which an area is plain, and
from which on it is not."""
QUIET: Final = 30
MOST_GRAIN: Final = 3.0
"""Percentile of the source's fine contrast that is taken for its grain, and the most it may be."""
STEEP: Final = 0.05
"""Fine contrast that each level of the plan's own step, over five of its pixels, may account for: a
ridge before a sky steps by 50 levels and more, a sky by less than 20."""
SOFT: Final = 3.0
FINE: Final = 5.0
"""Most detail of a plain area, in units of its fine contrast: of what is wider than `WIDE` pixels,
and of what is finer."""
WIDE: Final = 2.0
SLIGHT: Final = 6.0
GROSS: Final = 14.0
"""Distance of the copy's colour from the plan's, in levels, from which on the copy's wider detail
begins to give way, and at which it has: it belongs to another thing."""
FADE: Final = 0.12
"""Share of the short side over which the change sets in: at the frame the copy is right."""
_LEAST: Final = 1e-3


class _Calm(NamedTuple):
    """What is known of the canvas at the plan's resolution.

    How plain it is and how much of the copy's wider detail it keeps (both 0..1), what the copy
    looks like, and the fine contrast wanted, in levels.
    """

    plain: Floats
    kept: Floats
    copied: Floats
    contrast: Floats


def smooth_plain_areas(known: Study, solution: Solution) -> None:
    """Give the plain areas of the painted canvas the plan's colours, in place."""
    painted, grid = solution.painted[..., :3], solution.level.grid
    rows, columns = painted.shape[:2]
    found = _compare_with_plan(known, painted)
    most = resize_features(found.contrast, rows, columns)[..., None]
    smooth = cv2.GaussianBlur(painted, (0, 0), WIDE)
    detail = _bounded(smooth - resize_features(found.copied, rows, columns), SOFT * most)
    detail *= resize_features(found.kept, rows, columns)[..., None]
    detail += _bounded(painted - smooth, FINE * most)
    detail += resize_features(known.plan.canvas, rows, columns)[..., :3]
    fade = np.clip(grid.distance() / np.float32(FADE * grid.short_side), 0, 1)
    fade *= resize_features(found.plain, rows, columns)
    detail -= painted
    detail *= fade[..., None]
    painted += detail


def _compare_with_plan(known: Study, painted: Floats) -> _Calm:
    """Compare the painted canvas with the plan."""
    plan = known.plan.canvas
    size = plan.shape[1], plan.shape[0]
    copied = cv2.resize(painted, size, interpolation=cv2.INTER_AREA)
    squares = cv2.resize(fine_detail(painted) ** 2, size, interpolation=cv2.INTER_AREA)
    contrast = plan[..., 3] / CONTRAST_GAIN
    busy = np.maximum(contrast, np.minimum(np.sqrt(squares), STEEP * _steps(plan[..., :3])))
    quiet = float(np.percentile(known.plan.source[..., 3], QUIET)) / CONTRAST_GAIN
    busy = np.sqrt(np.maximum(busy**2 - min(quiet, MOST_GRAIN) ** 2, 0))
    plain = _blurred(np.clip((TEXTURED - busy) / (TEXTURED - PLAIN), 0, 1))
    gap = np.abs(plan[..., :3] - copied).max(axis=2) * plain
    far = cv2.dilate(gap, np.ones((5, 5), np.uint8))
    strange = _blurred(np.clip((far - SLIGHT) / (GROSS - SLIGHT), 0, 1) * plain)
    return _Calm(plain, 1 - strange, np.asarray(copied, np.float32), contrast + np.float32(_LEAST))


def _steps(colours: Floats) -> Floats:
    """Return by how many levels the colours around each pixel differ."""
    around = np.ones((5, 5), np.uint8)
    colours = np.ascontiguousarray(colours)
    return np.asarray((cv2.dilate(colours, around) - cv2.erode(colours, around)).max(axis=2))


def _blurred(share: Floats) -> Floats:
    return np.asarray(cv2.GaussianBlur(share, (0, 0), 1.0), np.float32)


def _bounded(detail: Floats, most: Floats) -> Floats:
    """Return detail that stays below `most`, and nearly as it is where it is far below."""
    return np.asarray(detail / np.sqrt(1 + (detail / most) ** 2), np.float32)
