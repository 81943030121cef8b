"""Refine a placement to a fraction of a pixel, from a coarse copy to patches at full size.

At each step the seed image is resampled to the pixels of the result, and the displacement that
remains is computed from gradients, with two scales and two shifts as unknowns (B. D. Lucas and
T. Kanade, "An Iterative Image Registration Technique", 1981). The expected place is a weak prior,
so that what a picture without detail leaves open stays as expected.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bot.domain.geometry import Size
from bot.images.registration.placement import Box, Placement
from bot.images.registration.sampling import ImagePair, Pixels, Sample, fit_size

Matrix = NDArray[np.float64]

_STEPS: Final = 5
"""Largest number of steps at one size; each halves what remains, or better."""
_DONE_PIXELS: Final = 0.01
"""A size is done when a step moves less than this."""
_LONGEST_STEP: Final = 1.5
"""Pixels of a copy that one step may move: gradients say nothing about what lies farther away."""
_TILE: Final = 64
"""Least side in pixels of the tiles compared at full size."""
_FIELDS: Final = (5, 4)
"""Columns and rows of a grid. One tile in each cell is compared, which limits the time."""
_DETAIL_SIDE: Final = 128
"""Longer side of the copy on which the tiles with most detail are found."""
_LEAST_SIDE: Final = 4
"""Pixels that a sample needs each way to have gradients."""
_LEAST_NOISE: Final = 2.0
"""Standard deviation in levels assumed at least: JPEG and resampling are never better."""
_NEIGHBOURS: Final = 4
"""Neighbouring pixels whose noise is alike, and which so count as one."""
_EXPECTED_SHIFT: Final = 8.0
"""Standard deviation of a shift from the expected place, in pixels of the result."""
_EXPECTED_SCALE: Final = 0.015
"""Standard deviation of a scale from the expected one."""
_INNER: Final = np.s_[1:-1, 1:-1]
"""Pixels of a sample whose gradients are two-sided."""
_BORDER: Final = 3
"""Pixels at the seed image's edge left out, so that patches stay inside while it is moved."""
_LEAST_WEIGHT: Final = 0.05
"""Weight of a sample that does not agree at all."""
_REGULAR: Final = 1e-6
"""What keeps a matrix regular where a picture has no contrast."""


@dataclass(frozen=True, slots=True)
class Refined:
    """A placement, and the standard deviations of the seed image's middle in pixels."""

    placement: Placement
    error_x: float
    error_y: float


def refine_placement(
    pair: ImagePair, start: Placement, expected: Placement, longest: int, steps: int = _STEPS
) -> Refined:
    """Refine on copies whose longer side is at most `longest` pixels."""

    def sample(place: Placement) -> list[Sample]:
        box = pair.find_visible(place)
        return [pair.sample(place, box, fit_size(box, longest))] if box else []

    return _iterate(sample, start, expected, pair.seed_size, steps)


def refine_on_tiles(
    pair: ImagePair, start: Placement, expected: Placement, steps: int = _STEPS
) -> Refined:
    """Refine at full size, on the tiles with most detail."""
    boxes = choose_tiles(pair, start)

    def sample(place: Placement) -> list[Sample]:
        seen = pair.find_visible(place)
        inside = [box for box in boxes if seen and _is_within(box, seen)]
        return [
            pair.sample(place, box, (round(box[2] - box[0]), round(box[3] - box[1])))
            for box in inside
        ]

    return _iterate(sample, start, expected, pair.seed_size, steps)


def _iterate(
    sample: Callable[[Placement], Sequence[Sample]],
    start: Placement,
    expected: Placement,
    seed: Size,
    steps: int = _STEPS,
) -> Refined:
    place, errors = start, (np.inf, np.inf)
    for _ in range(steps):
        samples = [each for each in sample(place) if min(each.ours.shape) >= _LEAST_SIDE]
        if not samples:
            break
        moved, errors = _step(samples, place, expected, seed)
        distance = moved.measure_distance(place, seed)
        place = moved
        if distance < _DONE_PIXELS * _measure_pixel(samples[0]):
            break
    return Refined(place, *errors)


def _step(
    samples: Sequence[Sample], place: Placement, expected: Placement, seed: Size
) -> tuple[Placement, tuple[float, float]]:
    """Solve for the displacement that remains, and return how uncertain the middle is."""
    frame, wanted = _Frame.of(place, seed), _Frame.of(expected, seed)
    equations = np.concatenate([_build_equations(each, frame) for each in samples], axis=1)
    weighted, noise = _weigh_equations(equations)
    normal = weighted @ equations.T / (_NEIGHBOURS * noise**2)
    # contrast, the last unknown, has no prior but what keeps the matrix regular
    prior = np.array([*wanted.certainty, _REGULAR])
    information = normal[:5, :5] + np.diag(prior)
    known = normal[:5, 5] + prior * np.array([*(wanted.values - frame.values), 0])
    found = np.linalg.solve(information, known)[:4]
    limit = _LONGEST_STEP * _measure_pixel(samples[0])
    found *= limit / max(float(np.abs(found).max()), limit)
    spread = np.sqrt(np.diag(np.linalg.inv(information)))
    return _Frame(frame.values + found).place(seed), (float(spread[0]), float(spread[2]))


def _build_equations(sample: Sample, frame: _Frame) -> Pixels:
    """Return rows over all pixels: derivatives by the five unknowns, and the difference."""
    ours, theirs = sample.ours, sample.theirs
    left, top, right, bottom = sample.box
    height, width = ours.shape
    pixel_x, pixel_y = np.float32((right - left) / width), np.float32((bottom - top) / height)
    # gradients of the seed image only: noise of the result's would count as detail
    down, across = _compute_gradients(ours)
    middle_x, half_x, middle_y, half_y = frame.values
    x = (left + (np.arange(width, dtype=np.float32) + 0.5) * pixel_x - middle_x) / half_x
    y = (top + (np.arange(height, dtype=np.float32) + 0.5) * pixel_y - middle_y) / half_y
    across, down = across / -pixel_x, down / -pixel_y
    x, y = x.astype(np.float32), y.astype(np.float32)[:, None]
    parts = (across, across * x, down, down * y, ours, theirs - ours)
    rows = np.stack([part[_INNER].ravel() for part in parts])
    rows -= rows.mean(axis=1, keepdims=True)  # brightness may differ from sample to sample
    return rows * _weigh_sample(rows[4], rows[4] + rows[5])


def _compute_gradients(pixels: Pixels) -> tuple[Pixels, Pixels]:
    """Return the slopes down and across, in levels per pixel."""
    down, across = np.gradient(pixels)
    return np.asarray(down, np.float32), np.asarray(across, np.float32)


def _weigh_sample(ours: Pixels, theirs: Pixels) -> np.float32:
    """Return how well a sample agrees, as a weight: what was repainted counts for little."""
    power = float((ours @ ours) * (theirs @ theirs))
    correlation = float(ours @ theirs) / math.sqrt(power) if power > 0 else 1.0
    return np.float32(max(correlation, _LEAST_WEIGHT))


def _weigh_equations(equations: Pixels) -> tuple[Pixels, float]:
    """Return the rows with each pixel weighted by how well it agrees, and the noise in levels."""
    contrast, residual = equations[4], equations[5]
    power = float(contrast @ contrast)
    residual = residual - contrast * np.float32(float(contrast @ residual) / power if power else 0)
    typical = max(1.48 * float(np.median(np.abs(residual))), _LEAST_NOISE)
    weights = 1 / (1 + (residual / np.float32(2 * typical)) ** 2)
    return equations * weights, typical


def _measure_pixel(sample: Sample) -> float:
    """Return how many pixels of the result a pixel of the sample covers."""
    left, top, right, bottom = sample.box
    height, width = sample.theirs.shape
    return float(max((right - left) / width, (bottom - top) / height))


def choose_tiles(pair: ImagePair, place: Placement) -> list[Box]:
    """Choose the tile with most detail in each field of a grid over the visible seed image."""
    seen = pair.find_visible(place)
    if seen is None:
        return []
    left, top = math.ceil(seen[0]) + _BORDER, math.ceil(seen[1]) + _BORDER
    width, height = math.floor(seen[2]) - _BORDER - left, math.floor(seen[3]) - _BORDER - top
    if min(width, height) < 1:
        return []
    columns, rows = max(1, width // _TILE), max(1, height // _TILE)
    detail = _measure_detail(
        pair.sample_seed(place, seen, fit_size(seen, _DETAIL_SIDE)), columns, rows
    )
    found: list[Box] = []
    for across in np.array_split(np.arange(columns), min(columns, _FIELDS[0])):
        for down in np.array_split(np.arange(rows), min(rows, _FIELDS[1])):
            field = detail[down[0] : down[-1] + 1, across[0] : across[-1] + 1]
            row, column = divmod(int(field.argmax()), len(across))
            x, y = int(across[column]), int(down[row])
            found.append(
                (
                    left + width * x // columns,
                    top + height * y // rows,
                    left + width * (x + 1) // columns,
                    top + height * (y + 1) // rows,
                )
            )
    return found


def _measure_detail(seed: Pixels, columns: int, rows: int) -> Pixels:
    """Return the mean energy of the seed image's gradients in each tile."""
    if min(seed.shape) < _LEAST_SIDE:
        return np.zeros((rows, columns), np.float32)
    down, across = _compute_gradients(seed)
    energy = Image.fromarray(across**2 + down**2)
    return np.asarray(energy.resize((columns, rows), Image.Resampling.BOX))


def _is_within(inner: Box, outer: Box) -> bool:
    return (
        inner[0] >= outer[0]
        and inner[1] >= outer[1]
        and inner[2] <= outer[2]
        and inner[3] <= outer[3]
    )


@dataclass(frozen=True, slots=True)
class _Frame:
    """A placement as what is solved for: middle and half size, across and down, in pixels."""

    values: Matrix

    @classmethod
    def of(cls, place: Placement, seed: Size) -> _Frame:
        left, top, right, bottom = place.locate_seed(seed)
        middles = (left + right) / 2, (top + bottom) / 2
        return cls(np.array([middles[0], (right - left) / 2, middles[1], (bottom - top) / 2]))

    @property
    def certainty(self) -> Matrix:
        """The inverse variance of each value around an expected one."""
        scales = np.maximum(self.values * _EXPECTED_SCALE, 1.0)
        return np.array([_EXPECTED_SHIFT, scales[1], _EXPECTED_SHIFT, scales[3]]) ** -2.0

    def place(self, seed: Size) -> Placement:
        x, half_x, y, half_y = map(float, self.values)
        return Placement(2 * half_x / seed.width, 2 * half_y / seed.height, x - half_x, y - half_y)
