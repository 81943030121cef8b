"""Paint the picture of a field: every patch votes for the pixels that it covers."""

from __future__ import annotations

from typing import Final

import numpy as np

from sandbox.runware.engine.completion.arrays import Floats, Mask
from sandbox.runware.engine.completion.compiled import compile_device, compile_kernel, over_rows
from sandbox.runware.engine.completion.patchmatch import (
    NO_FIELD,
    NO_OFFER,
    NO_TARGET,
    Field,
    Offer,
    Place,
    Target,
)

_LEAST: Final = np.float32(1e-6)


@compile_device
def _add_vote(  # noqa: PLR0913, PLR0917 - device code has no keywords
    target: Target,
    offer: Offer,
    field: Field,
    limit: np.float32,
    at: Place,
    by: Place,
    total: Floats,
) -> None:
    """Add the colour that the patch at `by` has for the pixel at `at`, and its weight."""
    (y, x), (yy, xx) = at, by
    sy, sx = field.rows[yy, xx], field.columns[yy, xx]
    weight = field.cost[yy, xx]
    for c in range(3):
        gap = target.plan[yy, xx, c] - offer.features[sy, sx, c]
        shift = min(max(gap, -limit), limit)
        total[c] += weight * (offer.pixels[sy + y - yy, sx + x - xx, c] + shift)
    total[3] += weight


@compile_kernel(NO_TARGET, NO_OFFER, NO_FIELD, np.float32(0), 0, NO_TARGET.plan)
def _vote(  # noqa: PLR0913, PLR0917 - a kernel takes its bands first and has no keywords
    first: int,
    end: int,
    target: Target,
    offer: Offer,
    field: Field,
    limit: np.float32,
    radius: int,
    into: Floats,
) -> None:
    """Write the weighted mean colour; `field.cost` holds the weights of the votes here."""
    rows, columns = target.searched.shape
    total = np.zeros(4, np.float32)
    for y in range(first, end):
        for x in range(columns):
            if not target.searched[y, x]:
                continue
            total[:] = 0
            for yy in range(max(y - radius, 0), min(y + radius + 1, rows)):
                for xx in range(max(x - radius, 0), min(x + radius + 1, columns)):
                    if target.searched[yy, xx]:
                        _add_vote(target, offer, field, limit, (y, x), (yy, xx), total)
            for c in range(3):
                into[y, x, c] = total[c] / total[3]


def vote_colours(  # noqa: PLR0913 - the two radii of a vote and its inputs belong together
    target: Target,
    offer: Offer,
    field: Field,
    *,
    confidence: Floats,
    limit: np.float32,
    radius: int,
    into: Floats,
) -> None:
    """Paint `into` (rows, columns, 4; three are used) wherever a place is wanted.

    A patch counts the more the nearer to the frame it lies and the better it fits, relative to the
    75th percentile of all (Y. Wexler et al., "Space-Time Completion of Video", PAMI 2007).
    """
    usual = float(np.percentile(_sampled(field.cost, target.searched), 75))
    weights = confidence * np.exp(-field.cost / np.float32(max(usual, 20.0))) + _LEAST
    counted = Field(field.rows, field.columns, weights.astype(np.float32))
    over_rows(_vote, target.searched.shape[0], target, offer, counted, limit, radius, into)


def _sampled(cost: Floats, searched: Mask, most: int = 20_000) -> Floats:
    costs = cost[searched]
    return costs[:: max(1, costs.size // most)]
