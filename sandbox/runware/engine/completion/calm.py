"""Give plain areas, such as a sky, the plan's colours: there a wrong shade is all that is seen.

A copied place may keep its own shade where there is texture. In a plain area the plan, whose slopes
are smooth, gives the colour and the copy the grain; and where the copy is far off, plan alone is
painted, for the outline of a wrong place would be seen too.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from sandbox.runware.engine.completion.expectation import Solution
from sandbox.runware.engine.completion.layout import CONTRAST_GAIN, fine_detail, resized
from sandbox.runware.engine.completion.levels import Study

PLAIN: Final = 1.0
TEXTURED: Final = 2.5
"""Fine contrast in levels up to which an area is plain, and from which on it is not."""
SLIGHT: Final = 6.0
GROSS: Final = 14.0
"""Distance of the copy's colour from the plan's, in levels, from which on the copy begins to give
way, and at which it has."""
FADE: Final = 0.12
"""Share of the short side over which the change sets in: at the frame the copy is right."""


def calm(known: Study, solution: Solution) -> None:
    """Shift the colours of plain areas of the painted canvas in place."""
    plan = known.plan.canvas
    size = plan.shape[1], plan.shape[0]
    painted = solution.painted[..., :3]
    there = cv2.resize(painted, size, interpolation=cv2.INTER_AREA)
    squares = cv2.resize(fine_detail(painted) ** 2, size, interpolation=cv2.INTER_AREA)
    busy = np.maximum(plan[..., 3] / CONTRAST_GAIN, np.sqrt(squares))
    plain = np.clip((TEXTURED - busy) / (TEXTURED - PLAIN), 0, 1)
    plain = cv2.GaussianBlur(plain, (0, 0), 1.0)
    change = (plan[..., :3] - there) * plain[..., None]
    far = cv2.dilate(np.abs(change).max(axis=2), np.ones((5, 5), np.uint8))
    alone = cv2.GaussianBlur(np.clip((far - SLIGHT) / (GROSS - SLIGHT), 0, 1) * plain, (0, 0), 1.0)
    grid = solution.level.grid
    fade = np.clip(grid.distance() / np.float32(FADE * grid.short_side), 0, 1)
    rows, columns = painted.shape[:2]
    share = resized(alone.astype(np.float32), rows, columns) * fade
    painted += resized(change.astype(np.float32), rows, columns) * (fade * (1 - share))[..., None]
    painted += share[..., None] * (resized(plan, rows, columns)[..., :3] - painted)
