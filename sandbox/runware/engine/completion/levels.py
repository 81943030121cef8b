"""The pyramid of the source, and what the search needs at each level: plan, bias, confidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from sandbox.runware.engine.completion.arrays import Bytes, Floats
from sandbox.runware.engine.completion.grid import Grid
from sandbox.runware.engine.completion.layout import LayoutPlan, lay_out, resize_features
from sandbox.runware.engine.completion.patchmatch import RADIUS, Offer, Target

COARSEST: Final = 28
"""Short side of the source at the coarsest level, in pixels: four patches."""
DISTINCT: Final = np.float32(0.8)
"""Bias per squared level of distinctiveness."""
NOISE: Final = np.float32(200)
"""Bias in squared levels that the noise seed adds over the source, so that seeds differ."""
FOLLOW: Final = np.float32(0.7)
"""Share of the coarser level's colours in the next plan; the rest is the first plan."""
FADE: Final = 0.15
"""Share of the short side over which plan, layout and bias grow from `NEAR` to their full weight:
structures go on at the frame, the plan takes over further out. Without it there is a hard edge."""
NEAR: Final = 0.04
_LEAST_SIDE: Final = 2 * RADIUS + 2
WORK: Final = 48
"""Longer side of the copy that is measured, in pixels; every pixel is compared with every other."""
APART: Final = 5
"""Look-alikes nearer than this, in pixels of the copy, do not count."""
_LOOK_ALIKES: Final = 4
_EDGE: Final = 5


@dataclass(frozen=True, slots=True)
class Study:
    """What is known of a source and its margins before a noise seed is drawn."""

    grid: Grid
    pyramid: tuple[Bytes, ...]
    plan: LayoutPlan
    distinct: Floats


@dataclass(frozen=True, slots=True)
class Level:
    grid: Grid
    offer: Offer
    target: Target
    confidence: Floats


def study_source(source: Bytes, grid: Grid) -> Study:
    """Study a source of the grid's size; the result serves all noise seeds."""
    halvings = int(np.log2(max(grid.short_side / COARSEST, 1)))
    pyramid = [source]
    for _ in range(halvings):
        height, width = (max(side // 2, _LEAST_SIDE) for side in pyramid[-1].shape[:2])
        small = cv2.resize(pyramid[-1], (width, height), interpolation=cv2.INTER_AREA)
        pyramid.append(np.ascontiguousarray(small, np.uint8))
    return Study(grid, tuple(pyramid), lay_out(source, grid), measure_distinctiveness(source))


def measure_distinctiveness(source: Bytes) -> Floats:
    """Return, at low resolution, each 5x5 patch's mean squared distance to its 4 best look-alikes.

    In squared levels per pixel, summed over the three colours: a few dozen on grass, thousands on
    an eye. Sums are of whole numbers below 2**24, hence exact in any order.
    """
    height, width = source.shape[:2]
    share = min(1.0, WORK / max(height, width))
    size = max(8, round(width * share)), max(8, round(height * share))
    small = cv2.resize(source, size, interpolation=cv2.INTER_AREA)
    padded = cv2.copyMakeBorder(small, 2, 2, 2, 2, cv2.BORDER_REFLECT_101)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (_EDGE, _EDGE), (0, 1))
    patches = windows.reshape(size[0] * size[1], -1).astype(np.float32)
    squares = (patches * patches).sum(1)
    distances = squares[:, None] + squares[None] - 2 * (patches @ patches.T)
    rows, columns = np.divmod(np.arange(len(patches)), size[0])
    near = (np.abs(rows[:, None] - rows[None]) < APART) & (
        np.abs(columns[:, None] - columns[None]) < APART
    )
    distances[near] = np.inf
    count = min(_LOOK_ALIKES, int((~near).sum(1).min()))
    if not count:
        return np.zeros((size[1], size[0]), np.float32)
    best = np.partition(distances, count - 1, axis=1)[:, :count].mean(1) / (_EDGE * _EDGE)
    found = best.reshape(size[1], size[0]).astype(np.float32)
    return np.ascontiguousarray(cv2.GaussianBlur(found, (0, 0), 1.5), np.float32)


def build_level(known: Study, number: int, *, noise: Floats, found: Floats | None = None) -> Level:
    """Return level `number` of a study (0 is the finest); its canvas holds source and plan.

    `found` are the colours of the coarser level's canvas, of any size.
    """
    pixels = known.pyramid[number]
    height, width = pixels.shape[:2]
    grid = known.grid.scaled(height, width)
    bias = DISTINCT * resize_features(known.distinct, height, width)
    bias += NOISE * cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)
    plan = resize_features(known.plan.canvas, *grid.shape)
    if found is not None:
        plan[..., :3] += FOLLOW * (resize_features(found, *grid.shape) - plan[..., :3])
    canvas = np.clip(np.rint(plan[..., :3]), 0, 255).astype(np.uint8)
    canvas[grid.inside] = pixels
    distance = grid.distance()
    target = Target(
        np.ascontiguousarray(canvas),
        plan,
        grid.hole(within=RADIUS),
        np.clip(distance / np.float32(FADE * grid.short_side), NEAR, 1).astype(np.float32),
        grid.top,
        grid.left,
    )
    offer = Offer(
        pixels, resize_features(known.plan.source, height, width), bias.astype(np.float32)
    )
    return Level(grid, offer, target, _confidence(grid, distance))


def _confidence(grid: Grid, distance: Floats) -> Floats:
    """Weigh votes by 1.15^-distance, stretched so that far pixels still count."""
    longest = max(grid.left, grid.right, grid.top, grid.bottom)
    scale = 64 / max(64.0, 0.5 * longest)
    falling = np.power(np.float32(1.15), -distance * np.float32(scale))
    return np.asarray(falling + np.float32(0.02), np.float32)
