"""Find the seed image in a result to the nearest pixel of a coarse copy, by correlation.

Normalised cross-correlation with all shifts of a window at once: the numerator by Fourier
transform, the local contrast by sums over boxes (J. P. Lewis, "Fast Normalized
Cross-Correlation", 1995).
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.images.registration.placement import Box, Placement
from bot.images.registration.sampling import ImagePair, Pixels, Pyramid

_REACH_PIXELS: Final = 32
"""Pixels of the result in which the seed image is searched around a place, at least."""
_REACH_SHARE: Final = 0.05
"""Share of the result's size by which the window is widened: content may be scaled as much."""
_LEAST_CONTRAST: Final = 1.5
"""Standard deviation in levels below which a coarse copy shows nothing to be found."""
_CANDIDATES: Final = 5
"""Most places that are looked at more closely."""
_LEAST_VISIBLE: Final = 0.5
"""Share of the seed image that the result has to show: less is never cut off."""
_AMBIGUITY: Final = 0.15
"""How much lower a peak of the right place may be: it may lie half a pixel beside the grid."""


def list_candidates(pair: ImagePair, start: Placement, longest: int) -> list[Placement]:
    """List the places near `start` that correlate best, at the scale of `start`, the nearest first.

    The copy shows the seed image at most `longest` pixels long. Where it shows nothing that could
    be found, only `start` is returned. A pattern has several places that look alike.
    """
    left, top, right, bottom = start.locate_seed(pair.seed_size)
    pixel = max(1.0, max(right - left, bottom - top) / longest)
    shape = (max(2, round((right - left) / pixel)), max(2, round((bottom - top) / pixel)))
    seed = pair.seed.resample((0, 0, *pair.seed.size), shape)
    if float(seed.std()) < _LEAST_CONTRAST:
        return [start]
    step_x, step_y = (right - left) / shape[0], (bottom - top) / shape[1]
    reach_x = _count_steps(pair.result.size[0], step_x)
    reach_y = _count_steps(pair.result.size[1], step_y)
    around = (
        left - reach_x * step_x,
        top - reach_y * step_y,
        right + reach_x * step_x,
        bottom + reach_y * step_y,
    )
    window = cut_window(pair.result, around, (shape[0] + 2 * reach_x, shape[1] + 2 * reach_y))
    if float(window.std()) < _LEAST_CONTRAST:
        return [start]
    places = (
        replace(start, left=around[0] + column * step_x, top=around[1] + row * step_y)
        for row, column in _find_peaks(correlate(window, seed))
    )
    return [place for place in places if _is_mostly_visible(pair, place)] or [start]


def _is_mostly_visible(pair: ImagePair, place: Placement) -> bool:
    left, top, right, bottom = place.locate_seed(pair.seed_size)
    seen = pair.find_visible(place)
    if seen is None:
        return False
    area = (seen[2] - seen[0]) * (seen[3] - seen[1])
    return area >= _LEAST_VISIBLE * (right - left) * (bottom - top)


def _find_peaks(scores: Pixels) -> list[tuple[int, int]]:
    """Return rows and columns of the peaks that are nearly as high as the highest.

    The nearest to the middle, where the seed image is expected, come first.
    """
    rows, columns = scores.shape
    padded = np.pad(scores, 1, constant_values=-1)
    around = [
        padded[row : row + rows, column : column + columns]
        for row in range(3)
        for column in range(3)
    ]
    lowest = max(float(scores.max()) - _AMBIGUITY, 0.0)
    peaks = np.argwhere((scores >= lowest) & (scores >= np.max(around, axis=0)))
    best = sorted(peaks.tolist(), key=lambda at: -scores[at[0], at[1]])[:_CANDIDATES]
    middle = (rows // 2, columns // 2)
    found = {(row, column) for row, column in best}
    if scores[middle] >= lowest:
        found.add(middle)
    return sorted(found, key=lambda at: math.dist(at, middle))


def _count_steps(side: int, step: float) -> int:
    return int(max(_REACH_PIXELS, side * _REACH_SHARE) / step) + 1


def cut_window(image: Pyramid, box: Box, size: tuple[int, int]) -> Pixels:
    """Resample a box that may reach beyond the picture, whose outermost pixels are repeated."""
    width, height = image.size
    step_x, step_y = (box[2] - box[0]) / size[0], (box[3] - box[1]) / size[1]
    before_x, before_y = _count_missing(-box[0], step_x), _count_missing(-box[1], step_y)
    after_x = _count_missing(box[2] - width, step_x)
    after_y = _count_missing(box[3] - height, step_y)
    inside = (
        max(0.0, box[0] + before_x * step_x),
        max(0.0, box[1] + before_y * step_y),
        min(width, box[2] - after_x * step_x),
        min(height, box[3] - after_y * step_y),
    )
    shape = (max(1, size[0] - before_x - after_x), max(1, size[1] - before_y - after_y))
    padding = ((before_y, after_y), (before_x, after_x))
    return np.pad(image.resample(inside, shape), padding, mode="edge")


def _count_missing(beyond: float, step: float) -> int:
    return max(0, int(np.ceil(beyond / step - 1e-6)))


def correlate(window: Pixels, seed: Pixels) -> Pixels:
    """Return the normalised correlation at each place of the seed image in the window."""
    centred = seed - seed.mean()
    shape = (window.shape[0], window.shape[1])
    spectrum = np.fft.rfft2(window - window.mean())
    product = np.fft.irfft2(spectrum * np.conj(np.fft.rfft2(centred, shape)), shape)
    rows, columns = shape[0] - seed.shape[0] + 1, shape[1] - seed.shape[1] + 1
    total, squares = _sum_boxes(window, seed.shape), _sum_boxes(window**2, seed.shape)
    variance = np.maximum(squares - total**2 / seed.size, 0) + seed.size * 0.25
    power = float((centred**2).sum())
    scores = product[:rows, :columns] / np.sqrt(variance * power)
    return scores.astype(np.float32)


def _sum_boxes(values: Pixels, shape: tuple[int, ...]) -> NDArray[np.float64]:
    height, width = shape
    padded = np.pad(values.astype(np.float64), ((1, 0), (1, 0)))
    sums: NDArray[np.float64] = padded.cumsum(0).cumsum(1)
    return (
        sums[height:, width:]
        - sums[:-height, width:]
        - sums[height:, :-width]
        + sums[:-height, :-width]
    )
