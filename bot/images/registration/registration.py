"""Find where the seed image lies in a result: coarse to fine, then a vote of its parts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from PIL import Image

from bot.domain.geometry import Size
from bot.domain.plan import Plan
from bot.images.registration.agreement import Agreement, measure_agreement, measure_difference
from bot.images.registration.correlation import list_candidates
from bot.images.registration.placement import (
    SAME_PIXELS,
    Placement,
    list_expected,
    round_placement,
)
from bot.images.registration.refinement import Refined, refine_on_tiles, refine_placement
from bot.images.registration.sampling import ImagePair, build_pair
from bot.images.registration.tiles import match_tiles

_COARSE, _MIDDLE = 128, 256
"""Longer sides in pixels of the copies on which the search starts and goes on."""
_SURE: Final = 0.7
"""Correlation that ends the search: other pictures stay below 0.5, repainted ones above it."""
_PLAIN: Final = 0.9
"""Correlation at an expected place that makes a search unnecessary."""
_LEAST_GAIN: Final = 0.02
"""Correlation by which a place found by tiles has to be better: less is a matter of chance."""
_LEAST_NEAR, _LEAST_FAR = 0.3, 0.5
"""Correlation needed at an expected place, and `_FAR_PIXELS` from any; farther away it rises on, up
to twice as far. A mirrored photograph reaches 0.4, but not where it is expected."""
_FAR_PIXELS: Final = 16.0
_FARNESS: Final = 0.02 / 32**2
"""Correlation lost per squared pixel of distance: in a pattern, the nearest place is meant."""
_LEAST_DETAIL: Final = 2.0
"""Blocks with full contrast that are needed to find anything."""
_SHORTEST_SIDE: Final = 32.0
"""Pixels below which a side in the result shows too little to tell whether it is the seed image."""
_LARGEST_DIFFERENCE: Final = 48.0
"""Mean difference in levels of a picture without detail that may still be the same."""
_LARGEST_ERROR: Final = 1.5
"""Standard deviation in pixels up to which an axis counts as located."""
_CLEARLY_BETTER: Final = 0.05
"""Gain in correlation for which a place that gradients leave open is not the expected one."""
_COARSE_ERROR: Final = 0.1
"""How exactly the middle copy tells a place, in its pixels."""
_REFINED_CANDIDATES: Final = 2
"""How many of the candidates near an expected place are refined on the middle copy."""
_SAME_PLACE: Final = 24.0
"""Distance in pixels within which one search covers two expected places."""
_HOPELESS: Final = 0.15
"""Correlation below which a place is not refined any further."""


@dataclass(frozen=True, slots=True)
class Registration:
    """Where the seed image lies in a result.

    `is_located` is False if the seed image has too little detail or is too small to say, in at
    least one direction; it then lies where it is expected.
    """

    placement: Placement
    is_located: bool


@dataclass(frozen=True, slots=True)
class _Attempt:
    refined: Refined
    agreement: Agreement
    distance: float
    """Distance in pixels from the nearest expected place."""

    @property
    def is_found(self) -> bool:
        share = min(2.0, self.distance / _FAR_PIXELS)
        return self.agreement.correlation >= _LEAST_NEAR + share * (_LEAST_FAR - _LEAST_NEAR)

    def measure_sides(self, seed: Size) -> tuple[float, float]:
        """Return width and height of the seed image in the result, in pixels."""
        left, top, right, bottom = self.refined.placement.locate_seed(seed)
        return right - left, bottom - top


def register_seed(seed: Image.Image, result: Image.Image, plan: Plan) -> Registration | None:
    """Find the seed image (RGB, as sent) in a result (RGB); None if it isn't there."""
    expected = list_expected(plan, Size(*result.size))
    pair = build_pair(seed, result)
    attempt = _confirm_place(pair, expected) or _search(pair, expected)
    is_too_small = min(attempt.measure_sides(pair.seed_size)) < _SHORTEST_SIDE
    if attempt.agreement.detail < _LEAST_DETAIL or (is_too_small and not attempt.is_found):
        if measure_difference(seed, result, expected[0]) > _LARGEST_DIFFERENCE:
            return None
        return Registration(expected[0], is_located=False)
    if not attempt.is_found:
        return None
    refined = attempt.refined
    is_located = max(refined.error_x, refined.error_y) <= _LARGEST_ERROR
    place = _keep_expected(pair, attempt, expected[0])
    rounded = round_placement(place, expected, pair.seed_size)
    return Registration(rounded, is_located)


def _confirm_place(pair: ImagePair, expected: tuple[Placement, ...]) -> _Attempt | None:
    """Return an expected place without a search, if the seed image is plainly there."""
    agreements = [measure_agreement(pair, place) for place in expected]
    best = max(range(len(expected)), key=lambda index: agreements[index].correlation)
    place, agreement = expected[best], agreements[best]
    if max(each.detail for each in agreements) < _LEAST_DETAIL:
        return _Attempt(Refined(expected[0], 0, 0), agreements[0], 0.0)
    if agreement.correlation < _PLAIN:
        return None
    # grain at full size agrees nowhere, so that tiles alone would call any place the right one
    coarse = refine_placement(pair, place, place, _MIDDLE, steps=1).placement
    refined = refine_on_tiles(pair, place, place, steps=1)
    moved = refined.placement.measure_distance(place, pair.seed_size)
    coarsely_moved = coarse.measure_distance(place, pair.seed_size)
    pixel = max(pair.seed.size) / _MIDDLE
    is_there = moved <= SAME_PIXELS and coarsely_moved <= max(SAME_PIXELS, _COARSE_ERROR * pixel)
    return _Attempt(refined, agreement, moved) if is_there else None


def _search(pair: ImagePair, expected: tuple[Placement, ...]) -> _Attempt:
    """Search the seed image as a whole, then by its tiles where it is not plainly found."""
    whole = _search_whole(pair, expected)
    if whole.agreement.correlation >= _PLAIN:
        return whole
    place = match_tiles(pair, expected[0])
    if place is None:
        return whole
    by_tiles = _finish(pair, place, expected[0], expected)
    gain = by_tiles.agreement.correlation - whole.agreement.correlation
    return by_tiles if gain >= _LEAST_GAIN else whole


def _search_whole(pair: ImagePair, expected: tuple[Placement, ...]) -> _Attempt:
    attempts: list[_Attempt] = []
    for is_free in (False, True):
        for start in _list_starts(expected, pair.seed_size):
            if is_free and not _is_small(start, pair.seed_size):
                continue
            place = _approach(pair, start, is_free=is_free)
            attempts.append(_finish(pair, place, place if is_free else start, expected))
            if attempts[-1].agreement.correlation >= _SURE:
                return attempts[-1]
    return max(attempts, key=lambda attempt: attempt.agreement.correlation)


def _is_small(place: Placement, seed: Size) -> bool:
    """Return whether the seed image is so small in the result that it may be quite elsewhere."""
    left, top, right, bottom = place.locate_seed(seed)
    return max(right - left, bottom - top) <= _COARSE


def _list_starts(expected: tuple[Placement, ...], seed: Size) -> Iterator[Placement]:
    """Yield the expected places that are not covered by the search at an earlier one."""
    tried: list[Placement] = []
    for place in expected:
        if all(place.measure_distance(other, seed) > _SAME_PLACE for other in tried):
            tried.append(place)
            yield place


def _approach(pair: ImagePair, start: Placement, *, is_free: bool) -> Placement:
    """Return the best place near `start`, to a pixel or so.

    What gradients leave open stays as in `start`; if `is_free`, as in the correlating place.
    """
    coarse = [
        (candidate, refine_placement(pair, candidate, candidate if is_free else start, _COARSE))
        for candidate in list_candidates(pair, start, _COARSE)
    ]
    # which of them is refined further is told from the coarse copy, as each costs time
    coarse.sort(key=lambda each: -_rate_place(pair, each[1].placement, start))
    places = [
        refine_placement(pair, found.placement, candidate if is_free else start, _MIDDLE).placement
        for candidate, found in coarse[:_REFINED_CANDIDATES]
    ]
    return max(places, key=lambda place: _rate_place(pair, place, start))


def _rate_place(pair: ImagePair, place: Placement, start: Placement) -> float:
    """Return the correlation at a place, less what its distance from `start` takes from it."""
    distance = place.measure_distance(start, pair.seed_size)
    return measure_agreement(pair, place).correlation - _FARNESS * distance**2


def _finish(
    pair: ImagePair, place: Placement, prior: Placement, expected: tuple[Placement, ...]
) -> _Attempt:
    refined = Refined(place, 0.0, 0.0)
    if measure_agreement(pair, place).correlation >= _HOPELESS:
        refined = refine_on_tiles(pair, place, prior)
    distances = [refined.placement.measure_distance(each, pair.seed_size) for each in expected]
    return _Attempt(refined, measure_agreement(pair, refined.placement), min(distances))


def _keep_expected(pair: ImagePair, attempt: _Attempt, expected: Placement) -> Placement:
    """Return the place found, or as expected on an axis on which nothing could be measured.

    What surrounds the seed image may still tell where it ends: then the place found is kept.
    """
    refined = attempt.refined
    found = place = refined.placement
    if refined.error_x > _LARGEST_ERROR:
        place = replace(place, across=expected.across, left=expected.left)
    if refined.error_y > _LARGEST_ERROR:
        place = replace(place, down=expected.down, top=expected.top)
    if place == found:
        return found
    correlation = measure_agreement(pair, place).correlation
    return place if correlation >= attempt.agreement.correlation - _CLEARLY_BETTER else found
