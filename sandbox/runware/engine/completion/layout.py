"""Guess the colours outside the frame: the smooth plan that the patches follow.

Every pixel of the source's rim carries a label (its colour's cluster). A label's share at a place
outside is its harmonic measure there: for each side the half-plane's Poisson kernel n / (n^2 +
t^2), with n along the side's normal and t along the side. A side continues beyond its ends with the
colours at its ends. So a wide region such as sky or floor continues, the border between two of them
(a horizon) leaves the frame straight, and an object cut by the frame ends in a round dome instead
of being smeared or mirrored. Harmonic shares of labels are those of the random walker (L. Grady,
"Random Walks for Image Segmentation", PAMI 2006).
"""

from __future__ import annotations

from typing import Final, NamedTuple

import cv2
import numpy as np

from sandbox.runware.engine.completion.arrays import Bytes, Floats, Places
from sandbox.runware.engine.completion.compiled import compile_device, compile_kernel, over_rows
from sandbox.runware.engine.completion.grid import Grid
from sandbox.runware.engine.completion.rim import CHANNELS, LABELS, NO_RIM, Rim, read_rim

WORK: Final = 96
"""Longer side of the source while the plan is made, in pixels: finer changes nothing (measured:
64 costs 3 % of colour error, and the error of 96 is a tenth below Telea's)."""
SHARPEN: Final = 3.2
"""Power of the shares: 1 is fog, infinity is flat paint; colour error after a blur is least near 1,
and at 2 a horizon is a line."""
REACH: Final = 0.12
"""Share of the side at which the kernel of left and right stops widening, so that layers (sky, a
line of sea, a beach) stay apart; at top and bottom it widens on, and closes what the frame cuts."""
RIM_BLUR: Final = 1.0
CONTRAST_GAIN: Final = 9.0
"""Levels of colour that one level of local contrast counts for."""
FINE: Final = 1.2

Place = tuple[int, int]
"""A row and a column."""


class LayoutPlan(NamedTuple):
    """Features at low resolution, (rows, columns, 4): of the whole canvas and of the source."""

    canvas: Floats
    source: Floats


def lay_out(source: Bytes, grid: Grid) -> LayoutPlan:
    """Return the plan for a source of the grid's size."""
    small = _features(source)
    height, width = small.shape[:2]
    work = grid.scaled(height, width)
    rim = read_rim(small, work)
    sides = ((work.top, work.bottom), (work.left, work.right), (0, 0))
    canvas = np.ascontiguousarray(np.pad(small, sides, "edge"))
    bounds = np.array((work.left, work.right, work.top, work.bottom), np.int32)
    over_rows(_extend, work.shape[0], rim, bounds, np.float32(SHARPEN), canvas)
    return LayoutPlan(canvas, small)


def resize_features(features: Floats, height: int, width: int) -> Floats:
    return np.ascontiguousarray(
        cv2.resize(features, (width, height), interpolation=cv2.INTER_LINEAR), np.float32
    )


def _features(source: Bytes) -> Floats:
    height, width = source.shape[:2]
    share = min(1.0, WORK / max(height, width))
    size = max(4, round(width * share)), max(4, round(height * share))
    colour = cv2.GaussianBlur(
        cv2.resize(source, size, interpolation=cv2.INTER_AREA).astype(np.float32),
        (0, 0),
        RIM_BLUR,
    )
    squares = cv2.resize(fine_detail(source) ** 2, size, interpolation=cv2.INTER_AREA)
    # Opened: a small thing must not make the plain sky around it busy.
    calm = cv2.morphologyEx(np.sqrt(squares), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    return np.ascontiguousarray(np.dstack([colour, calm * CONTRAST_GAIN]), np.float32)


def fine_detail(picture: Bytes | Floats) -> Floats:
    """Return what is finer than about three pixels in a picture's brightness, in levels."""
    luma = cv2.cvtColor(np.asarray(picture, np.float32), cv2.COLOR_RGB2GRAY)
    return np.asarray(luma - cv2.GaussianBlur(luma, (0, 0), FINE), np.float32)


@compile_device
def _mix(share: Floats, total: Floats, sharpen: float, into: Floats) -> None:
    """Write the mean of the labels' features, each label weighted by its sharpened share."""
    into[:] = 0
    weights = np.float32(0)
    for label in range(LABELS):
        if share[label] > 0:
            weight = (share[label] / share.sum()) ** sharpen
            weights += weight
            for c in range(CHANNELS):
                into[c] += weight * total[label, c] / share[label]
    into /= weights


@compile_device
def _weigh_sides(at: Place, bounds: Places, shape: Place, beyond: Floats, tails: Floats) -> bool:
    """Write the kernel's n and the weight of what lies beyond the ends, for each side.

    Return whether the place lies outside at all.
    """
    (y, x), (rows, columns) = at, shape
    left, right = bounds[0], columns - bounds[1] - 1
    top, bottom = bounds[2], rows - bounds[3] - 1
    beyond[0], beyond[1] = max(left - x, 0), max(x - right, 0)
    beyond[2], beyond[3] = max(top - y, 0), max(y - bottom, 0)
    total = beyond.sum()
    for side in range(4):
        distance = beyond[side]
        if distance > 0:
            sideways = side < 2
            position, first, last = (y, top, bottom) if sideways else (x, left, right)
            n = distance
            if sideways:
                n = distance / (1 + distance / (np.float32(REACH) * (last - first + 1)))
            # Diagonally outside, two sides share what lies beyond their common corner.
            share = distance / total
            tails[side, 0] = share * (np.pi / 2 + np.arctan((first - position) / n))
            tails[side, 1] = share * (np.pi / 2 - np.arctan((last - position) / n))
            beyond[side] = n
    return bool(total > 0)


@compile_device
def _weight(rim: Rim, k: int, at: Place, beyond: Floats, tails: Floats) -> np.float32:
    side = rim.sides[k]
    n = beyond[side]
    if n <= 0:
        return np.float32(0)
    t = (at[0] - rim.rows[k]) if side < 2 else (at[1] - rim.columns[k])
    ends = rim.ends[k, 0] * tails[side, 0] + rim.ends[k, 1] * tails[side, 1]
    return np.float32(n / (n * n + np.float32(t * t)) + ends)


@compile_kernel(
    NO_RIM, np.zeros(4, np.int32), np.float32(1), np.zeros((1, 1, CHANNELS), np.float32)
)
def _extend(first: int, end: int, rim: Rim, bounds: Places, sharpen: float, canvas: Floats) -> None:
    """Fill the rows of `canvas` outside the source, whose margins are `bounds`."""
    beyond = np.zeros(4, np.float32)
    tails = np.zeros((4, 2), np.float32)
    share = np.zeros(LABELS, np.float32)
    total = np.zeros((LABELS, CHANNELS), np.float32)
    for y in range(first, end):
        for x in range(canvas.shape[1]):
            if not _weigh_sides((y, x), bounds, canvas.shape[:2], beyond, tails):
                continue
            share[:] = 0
            total[:] = 0
            for k in range(rim.rows.size):
                weight = _weight(rim, k, (y, x), beyond, tails)
                label = rim.labels[k]
                share[label] += weight
                for c in range(CHANNELS):
                    total[label, c] += weight * rim.features[k, c]
            _mix(share, total, sharpen, canvas[y, x])
