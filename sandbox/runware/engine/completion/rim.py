"""Read the colours along the frame: their labels, and how each label looks there."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from sandbox.runware.engine.completion.arrays import Floats, Places
from sandbox.runware.engine.completion.grid import Grid

CHANNELS: Final = 4
"""Red, green, blue and gained contrast: what the plan and the source are compared by."""
LABELS: Final = 8
ENDS: Final = 0.04
"""Share of a side at each end whose mean goes on beyond it."""
BACKDROP: Final = 0.08
"""Half the stretch of the top and the bottom, as a share of it, whose commonest label a place gets:
what is narrower is a thing before a backdrop. Left and right keep theirs: there a thin layer, such
as a line of sea, goes on."""


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


NO_RIM: Final = Rim(
    np.zeros(1, np.int32),
    np.zeros(1, np.int32),
    np.zeros(1, np.int32),
    np.zeros((1, CHANNELS), np.float32),
    np.zeros(1, np.int32),
    np.zeros((1, 2), np.float32),
)


def read_rim(small: Floats, work: Grid) -> Rim:
    """Return the rim of a source's features (height, width, 4); `work` is their grid."""
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
    kept = [(labels[line[1:]], small[line[1:]]) for line in there]
    kept = [
        _backdrop(*each) if line[0] >= 2 else each for line, each in zip(there, kept, strict=True)
    ]
    rows = np.concatenate([line[1] for line in there])
    columns = np.concatenate([line[2] for line in there])
    sides = np.concatenate([np.full_like(line[1], line[0]) for line in there])
    return Rim(
        (rows + work.top).astype(np.int32),
        (columns + work.left).astype(np.int32),
        np.concatenate([each[0] for each in kept]),
        np.concatenate([each[1] for each in kept]),
        sides.astype(np.int32),
        np.concatenate([_ends(len(line[1])) for line in there]),
    )


def _backdrop(labels: Places, features: Floats) -> tuple[Places, Floats]:
    """Give every place of a side the commonest label around it, with what that looks like there."""
    reach = max(1, round(BACKDROP * len(labels)))
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
