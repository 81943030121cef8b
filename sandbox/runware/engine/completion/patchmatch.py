"""Find, for each pixel outside, the place of the source whose surroundings fit best.

PatchMatch (C. Barnes et al., SIGGRAPH 2009): good places spread to neighbours, which take the place
beside them, and random tries with halving reach improve on them. A pass reads one field and writes
another (Jacobi), and its randomness is a hash of position and pass: so any number of threads gives
the same bytes. A place costs the distance of its patch, after its colour was shifted to the plan's
(the bias of S. Darabi et al., "Image Melding", SIGGRAPH 2012, here bounded and taken from the
plan), and how far it is from where the plan, the layout and the bias would have it.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from sandbox.runware.engine.completion.arrays import Bytes, Floats, Mask, Places
from sandbox.runware.engine.completion.compiled import compile_device, compile_kernel, over_rows
from sandbox.runware.engine.completion.rim import CHANNELS

RADIUS: Final = 3
"""Patches are 7 x 7, as in the literature: smaller ones lose structure, larger ones fit nowhere."""
_NOTHING: Final = np.float32(1e9)
_FREE: Final = np.float32(0.35)
"""Weight of the layout across the frame: only along it must a place keep its row or column."""


Place = tuple[int, int]
"""A row and a column."""


class Target(NamedTuple):
    """What is to be filled, at one level.

    `canvas` (rows, columns, 3) with the source in it; `plan` (rows, columns, 4); `searched`, where
    a place is wanted; `trust` 0..1, how much plan, layout and bias count; `top` and `left`, where
    the source lies.
    """

    canvas: Bytes
    plan: Floats
    searched: Mask
    trust: Floats
    top: int
    left: int


class Offer(NamedTuple):
    """The source at one level: pixels, features as in the plan, and a bias against each place."""

    pixels: Bytes
    features: Floats
    bias: Floats


class Field(NamedTuple):
    """For each canvas pixel a place of the source, and what it costs in squared levels."""

    rows: Places
    columns: Places
    cost: Floats


class Weights(NamedTuple):
    """What counts beside the pixels.

    The layout (per squared share of a side), the plan, and the largest shift of colour in levels.
    """

    layout: np.float32
    plan: np.float32
    shift: np.float32


class Pass(NamedTuple):
    """One pass: hash salts, the patch's sampling step, jumps to neighbours, random tries."""

    seed: int
    number: int
    step: int
    jumps: Places
    tries: int
    reach: int


@compile_device
def _hashed(place: int, seed: int, number: int, turn: int) -> np.uint32:
    """Return 32 bits from a position, the noise seed, the pass and the turn in it."""
    h = np.uint32(place) * np.uint32(0x9E3779B1) ^ np.uint32(seed) * np.uint32(0x85EBCA77)
    h ^= np.uint32(number) * np.uint32(0xC2B2AE3D) ^ np.uint32(turn) * np.uint32(0x27D4EB2F)
    h ^= h >> np.uint32(15)
    h *= np.uint32(0x2C1B3C6D)
    h ^= h >> np.uint32(12)
    h *= np.uint32(0x297A2D39)
    return h ^ (h >> np.uint32(15))


@compile_device
def _shift(wanted: np.float32, there: np.float32, limit: np.float32) -> np.int32:
    return np.int32(np.rint(min(max(wanted - there, -limit), limit)))


@compile_device
def _displacement(
    target: Target, offer: Offer, weights: Weights, at: Place, place: Place
) -> np.float32:
    """Return what a place costs apart from its pixels."""
    y, x = at
    sy, sx = place
    height, width = offer.pixels.shape[:2]
    ry, rx = y - target.top, x - target.left
    down = np.float32(abs(sy - min(max(ry, 0), height - 1))) / np.float32(height)
    across = np.float32(abs(sx - min(max(rx, 0), width - 1))) / np.float32(width)
    tall = _FREE if ry < 0 or ry >= height else np.float32(1)
    wide = _FREE if rx < 0 or rx >= width else np.float32(1)
    cost = weights.layout * (tall * down * down + wide * across * across) + offer.bias[sy, sx]
    unlike = np.float32(0)
    for c in range(CHANNELS):
        gap = target.plan[y, x, c] - offer.features[sy, sx, c]
        unlike += gap * gap
    return np.float32(target.trust[y, x] * (cost + weights.plan * unlike))


@compile_device
def _difference(  # noqa: PLR0913, PLR0917 - device code has no keywords
    target: Target,
    offer: Offer,
    weights: Weights,
    at: Place,
    place: Place,
    step: int,
    enough: np.float32,
) -> np.float32:
    """Return the mean squared distance of two patches, or nothing once it passes `enough`."""
    y, x = at
    sy, sx = place
    rows, columns = target.searched.shape
    plan, features, limit = target.plan[y, x], offer.features[sy, sx], weights.shift
    red = _shift(plan[0], features[0], limit)
    green = _shift(plan[1], features[1], limit)
    blue = _shift(plan[2], features[2], limit)
    total, count = np.int32(0), np.int32(0)
    for dy in range(-RADIUS, RADIUS + 1, step):
        if y + dy < 0 or y + dy >= rows:
            continue
        for dx in range(-RADIUS, RADIUS + 1, step):
            if x + dx < 0 or x + dx >= columns:
                continue
            ours, theirs = target.canvas[y + dy, x + dx], offer.pixels[sy + dy, sx + dx]
            r = np.int32(ours[0]) - np.int32(theirs[0]) - red
            g = np.int32(ours[1]) - np.int32(theirs[1]) - green
            b = np.int32(ours[2]) - np.int32(theirs[2]) - blue
            total += r * r + g * g + b * b
            count += np.int32(1)
        if total > enough * count:
            return _NOTHING
    return np.float32(total) / np.float32(count)


@compile_device
def _better(  # noqa: PLR0913, PLR0917 - device code has no keywords
    target: Target,
    offer: Offer,
    weights: Weights,
    at: Place,
    place: Place,
    step: int,
    best: np.float32,
) -> np.float32:
    """Return the cost of a place if it is below `best`, else nothing."""
    apart = _displacement(target, offer, weights, at, place)
    if apart >= best:
        return _NOTHING
    return apart + _difference(target, offer, weights, at, place, step, best - apart)


@compile_device
def _from_neighbours(  # noqa: PLR0913, PLR0917 - device code has no keywords
    target: Target,
    offer: Offer,
    weights: Weights,
    turn: Pass,
    at: Place,
    found: Place,
    best: np.float32,
    field: Field,
) -> tuple[Place, np.float32]:
    y, x = at
    rows, columns = target.searched.shape
    height, width = offer.pixels.shape[:2]
    for jump in turn.jumps:
        for side in range(4):
            dy = (jump if side == 3 else -jump) if side >= 2 else 0
            dx = (jump if side == 1 else -jump) if side < 2 else 0
            yy, xx = y + dy, x + dx
            if yy < 0 or yy >= rows or xx < 0 or xx >= columns or not target.searched[yy, xx]:
                continue
            sy, sx = int(field.rows[yy, xx] - dy), int(field.columns[yy, xx] - dx)
            inside = RADIUS <= sy < height - RADIUS and RADIUS <= sx < width - RADIUS
            if not inside or (sy == found[0] and sx == found[1]):
                continue
            cost = _better(target, offer, weights, at, (sy, sx), turn.step, best)
            if cost < best:
                best, found = cost, (sy, sx)
    return found, best


@compile_device
def _from_chance(  # noqa: PLR0913, PLR0917 - device code has no keywords
    target: Target,
    offer: Offer,
    weights: Weights,
    turn: Pass,
    at: Place,
    found: Place,
    best: np.float32,
) -> tuple[Place, np.float32]:
    height, width = offer.pixels.shape[:2]
    reach = turn.reach
    for number in range(turn.tries):
        bits = _hashed(at[0] * 65536 + at[1], turn.seed, turn.number, number)
        down = int(bits & np.uint32(0xFFFF)) * (2 * reach + 1) // 65536 - reach
        across = int(bits >> np.uint32(16)) * (2 * reach + 1) // 65536 - reach
        sy = min(max(found[0] + down, RADIUS), height - RADIUS - 1)
        sx = min(max(found[1] + across, RADIUS), width - RADIUS - 1)
        cost = _better(target, offer, weights, at, (sy, sx), turn.step, best)
        if cost < best:
            best, found = cost, (sy, sx)
        reach = max(reach // 2, 1)
    return found, best


_AREA: Final = (1, 1)
NO_TARGET: Final = Target(
    np.zeros((*_AREA, 3), np.uint8),
    np.zeros((*_AREA, CHANNELS), np.float32),
    np.zeros(_AREA, np.bool_),
    np.zeros(_AREA, np.float32),
    0,
    0,
)
NO_OFFER: Final = Offer(
    np.zeros((*_AREA, 3), np.uint8),
    np.zeros((*_AREA, CHANNELS), np.float32),
    np.zeros(_AREA, np.float32),
)
NO_FIELD: Final = Field(
    np.zeros(_AREA, np.int32), np.zeros(_AREA, np.int32), np.zeros(_AREA, np.float32)
)
_NO_WEIGHTS: Final = Weights(np.float32(0), np.float32(0), np.float32(0))
_NO_PASS: Final = Pass(0, 0, 1, np.zeros(1, np.int32), 0, 1)


@compile_kernel(NO_TARGET, NO_OFFER, _NO_WEIGHTS, _NO_PASS, NO_FIELD, NO_FIELD)
def _search(  # noqa: PLR0913, PLR0917 - a kernel takes its bands first and has no keywords
    first: int,
    end: int,
    target: Target,
    offer: Offer,
    weights: Weights,
    turn: Pass,
    before: Field,
    after: Field,
) -> None:
    for y in range(first, end):
        for x in range(target.searched.shape[1]):
            if not target.searched[y, x]:
                continue
            at = (y, x)
            found = (int(before.rows[y, x]), int(before.columns[y, x]))
            best = _better(target, offer, weights, at, found, turn.step, _NOTHING)
            found, best = _from_neighbours(target, offer, weights, turn, at, found, best, before)
            found, best = _from_chance(target, offer, weights, turn, at, found, best)
            after.rows[y, x] = found[0]
            after.columns[y, x] = found[1]
            after.cost[y, x] = best


def improve_fields(
    target: Target, offer: Offer, *, weights: Weights, turn: Pass, fields: tuple[Field, Field]
) -> tuple[Field, Field]:
    """Improve the first of two fields into the second, and return them swapped."""
    before, after = fields
    rows = target.searched.shape[0]
    over_rows(_search, rows, target, offer, weights, turn, before, after)
    return after, before
