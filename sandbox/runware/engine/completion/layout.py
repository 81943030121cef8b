"""Guess what colour lies where outside the frame: the calm plan that the patches then follow.

Every pixel of the source's rim carries a label (its colour's cluster). A label's share at a place
outside is its harmonic measure as seen from there: the half-plane's Poisson kernel n / (n^2 + t^2)
for each side, n along the side's normal and t along the side, which goes on beyond its ends with
what lies there. So a wide region such as sky or floor
goes on for ever, the border between two of them (a horizon) leaves the frame straight, and a thing
that the frame cuts is closed by a round dome instead of being smeared or mirrored. Harmonic shares
of labels are those of the random walker (L. Grady, "Random Walks for Image Segmentation", PAMI
2006).
"""

from __future__ import annotations

from typing import Final, NamedTuple

import cv2
import numpy as np

from sandbox.runware.engine.completion.arrays import Bytes, Floats, Places
from sandbox.runware.engine.completion.compiled import device, kernel, over_rows
from sandbox.runware.engine.completion.grid import Grid

WORK: Final = 96
"""Longer side of the source while the plan is made, in pixels: finer changes nothing (measured:
64 costs 3 % of colour error, and the error of 96 is a tenth below Telea's)."""
LABELS: Final = 8
SHARPEN: Final = 3.2
"""Power of the shares: 1 is fog, infinity is flat paint; colour error after a blur is least near 1,
and at 2 a horizon is a line."""
ENDS: Final = 0.04
"""Share of a side at each end whose mean goes on beyond it."""
BACKDROP: Final = (0.03, 0.15)
"""Half the stretch of a side, as a share of it, whose commonest label a place gets: at left and
right, where layers such as a line of sea go on, and at top and bottom, where what is narrower is a
thing before a backdrop."""
REACH: Final = (0.25, 4.0)
"""Where the kernel stops widening, as a share of the side: at left and right layers stay apart."""
RIM_BLUR: Final = 1.0
CONTRAST_GAIN: Final = 9.0
"""Levels of colour that one level of local contrast counts for."""
FINE: Final = 1.2
CHANNELS: Final = 4
"""Red, green, blue and gained contrast: what the plan and the source are compared by."""


class Rim(NamedTuple):
    """Samples along the frame: canvas places, labels, features, sides, ends.

    The sides are 0..3 for left, right, top, bottom. `ends` (samples, 2) is each sample's share in
    what lies before the first and behind the last one of its side.
    """

    rows: Places
    columns: Places
    labels: Places
    features: Floats
    sides: Places
    ends: Floats


class Plan(NamedTuple):
    """Features at low resolution, (rows, columns, 4): of the whole canvas and of the source."""

    canvas: Floats
    source: Floats


def lay_out(source: Bytes, grid: Grid) -> Plan:
    """Return the plan for a source of the grid's size."""
    small = _features(source)
    height, width = small.shape[:2]
    work = grid.scaled(height, width)
    rim = _rim(small, work)
    sides = ((work.top, work.bottom), (work.left, work.right), (0, 0))
    canvas = np.ascontiguousarray(np.pad(small, sides, "edge"))
    bounds = np.array((work.left, work.right, work.top, work.bottom), np.int32)
    over_rows(_extend, work.shape[0], rim, bounds, np.float32(SHARPEN), canvas)
    return Plan(canvas, small)


def resized(features: Floats, height: int, width: int) -> Floats:
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


def _rim(small: Floats, work: Grid) -> Rim:
    height, width = small.shape[:2]
    labels = _clusters(small[..., :3].reshape(-1, 3)).reshape(height, width)
    down, across = np.arange(height), np.arange(width)
    lines = (
        (work.left, down, np.zeros_like(down)),
        (work.right, down, np.full_like(down, width - 1)),
        (work.top, np.zeros_like(across), across),
        (work.bottom, np.full_like(across, height - 1), across),
    )
    there = [(side, line[1], line[2]) for side, line in enumerate(lines) if line[0]]
    backdrops = [_backdrop(labels[l[1], l[2]], small[l[1], l[2]], l[0] // 2) for l in there]
    rows = np.concatenate([line[1] for line in there])
    columns = np.concatenate([line[2] for line in there])
    sides = np.concatenate([np.full_like(line[1], line[0]) for line in there])
    return Rim(
        (rows + work.top).astype(np.int32),
        (columns + work.left).astype(np.int32),
        np.concatenate([each[0] for each in backdrops]),
        np.concatenate([each[1] for each in backdrops]),
        sides.astype(np.int32),
        np.concatenate([_ends(len(line[1])) for line in there]),
    )


def _backdrop(labels: Places, features: Floats, kind: int) -> tuple[Places, Floats]:
    """Give every place of a side the commonest label around it, with what that looks like there."""
    reach = max(1, round(BACKDROP[kind] * len(labels)))
    known = np.eye(LABELS, dtype=np.float32)[labels]
    counts = _around(known, reach)
    common = counts.argmax(1)
    at = np.arange(len(labels))
    sums = _around((known[:, :, None] * features[:, None]).reshape(len(labels), -1), reach)
    means = sums.reshape(len(labels), LABELS, CHANNELS)[at, common] / counts[at, common, None]
    kept = (common == labels)[:, None]
    return common.astype(np.int32), np.where(kept, features, means).astype(np.float32)


def _around(values: Floats, reach: int) -> Floats:
    """Return sums over `reach` places to each side."""
    summed = np.concatenate([np.zeros_like(values[:1]), np.cumsum(values, 0, dtype=np.float64)])
    at = np.arange(len(values))
    first, end = np.maximum(at - reach, 0), np.minimum(at + reach + 1, len(values))
    return np.asarray(summed[end] - summed[first], np.float32)


def _ends(length: int) -> Floats:
    count = max(1, round(ENDS * length))
    shares = np.zeros((length, 2), np.float32)
    shares[:count, 0] = shares[-count:, 1] = 1 / count
    return shares


def _clusters(colours: Floats, rounds: int = 12) -> Places:
    """Label colours by k-means that starts from the farthest ones: no randomness."""
    centres = [colours.mean(0)]
    nearest = ((colours - centres[0]) ** 2).sum(1)
    for _ in range(LABELS - 1):
        centres.append(colours[int(nearest.argmax())])
        nearest = np.minimum(nearest, ((colours - centres[-1]) ** 2).sum(1))
    for _ in range(rounds):
        squares = [((colours - centre) ** 2).sum(1) for centre in centres]
        labels = np.argmin(np.stack(squares), axis=0)
        members = [colours[labels == label] for label in range(LABELS)]
        centres = [
            group.mean(0) if len(group) else centre
            for group, centre in zip(members, centres, strict=True)
        ]
    return np.asarray(labels, np.int32)


@device
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


_NO_RIM: Final = Rim(
    np.zeros(1, np.int32),
    np.zeros(1, np.int32),
    np.zeros(1, np.int32),
    np.zeros((1, CHANNELS), np.float32),
    np.zeros(1, np.int32),
    np.zeros((1, 2), np.float32),
)


@device
def _beyond_ends(position: int, first: int, last: int, n: np.float32, into: Floats) -> None:
    """Write what the line before `first` and behind `last` weighs: the integral of the kernel."""
    into[0] = np.pi / 2 + np.arctan((first - position) / n)
    into[1] = np.pi / 2 - np.arctan((last - position) / n)


@kernel(_NO_RIM, np.zeros(4, np.int32), np.float32(1), np.zeros((1, 1, CHANNELS), np.float32))
def _extend(first: int, end: int, rim: Rim, bounds: Places, sharpen: float, canvas: Floats) -> None:
    """Fill the rows of `canvas` outside the source, whose margins are `bounds`."""
    rows, columns = canvas.shape[:2]
    left, right = bounds[0], columns - bounds[1] - 1
    top, bottom = bounds[2], rows - bounds[3] - 1
    reach = (REACH[0] * (bottom - top + 1), REACH[1] * (right - left + 1))
    beyond = np.zeros(4, np.float32)
    tails = np.zeros((4, 2), np.float32)
    share = np.zeros(LABELS, np.float32)
    total = np.zeros((LABELS, CHANNELS), np.float32)
    for y in range(first, end):
        for x in range(columns):
            beyond[0], beyond[1] = max(left - x, 0), max(x - right, 0)
            beyond[2], beyond[3] = max(top - y, 0), max(y - bottom, 0)
            if beyond.max() <= 0:
                continue
            outside = beyond.sum()
            for side in range(4):
                if beyond[side] > 0:
                    n = beyond[side] / (1 + beyond[side] / reach[side // 2])
                    if side < 2:
                        _beyond_ends(y, top, bottom, n, tails[side])
                    else:
                        _beyond_ends(x, left, right, n, tails[side])
                    # Diagonally outside, two sides share what lies beyond their common corner.
                    tails[side] *= beyond[side] / outside
                    beyond[side] = n
            share[:] = 0
            total[:] = 0
            for k in range(rim.rows.size):
                side = rim.sides[k]
                n = beyond[side]
                if n <= 0:
                    continue
                t = (y - rim.rows[k]) if side < 2 else (x - rim.columns[k])
                weight = n / (n * n + np.float32(t * t))
                weight += rim.ends[k, 0] * tails[side, 0] + rim.ends[k, 1] * tails[side, 1]
                label = rim.labels[k]
                share[label] += weight
                for c in range(CHANNELS):
                    total[label, c] += weight * rim.features[k, c]
            _mix(share, total, sharpen, canvas[y, x])
