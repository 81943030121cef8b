"""Delivered pictures against the truth, for results that come back in different manners."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from bot.domain.geometry import Size
from bot.domain.order import Note
from tests.support.images.manner_cases import (
    CLAMP_MEGAPIXELS,
    DIRECTIONS,
    MANNERS,
    NATIVE,
    SIZES,
    MannerCase,
    measure_case,
    render_case,
)

MEAN_LEVELS = 2.0
"""Largest mean error; the mirrored edges of a canvas that falls short are part of it."""
PIXELS = 0.2
QUICK = [
    MannerCase(size, [*DIRECTIONS][(row + column) % 4], manner)
    for row, size in enumerate(SIZES[:2])
    for column, manner in enumerate(MANNERS)
] + [MannerCase(NATIVE, "right", "clamp_megapixels"), MannerCase(SIZES[4], "up", "shift")]
"""A part of the 192 cases that `python -m bench images` measures."""


@pytest.mark.parametrize("case", QUICK, ids=str)
def test_a_result_in_any_manner_is_delivered_as_planned(tmp_path: Path, case: MannerCase) -> None:
    found = measure_case(case, tmp_path)
    assert found.is_untouched
    assert found.mean <= MEAN_LEVELS
    assert found.registration_error <= PIXELS
    assert Note.NOT_LOCATED not in found.notes


def test_the_clamped_canvas_is_smaller_and_said_to_be(tmp_path: Path) -> None:
    case = MannerCase(NATIVE, "down", "clamp_megapixels")
    assert case.plan.rendered_canvas == Size(1603, 1461)
    result = render_case(case).result
    zoom = math.sqrt(CLAMP_MEGAPIXELS * 1e6 / (1603 * 1461))
    assert result.size == (int(1603 * zoom / 16) * 16, int(1461 * zoom / 16) * 16)
    assert measure_case(case, tmp_path).notes == (Note.RESCALED,)


def test_what_a_canvas_falls_short_of_is_mirrored_and_said(tmp_path: Path) -> None:
    case = MannerCase(Size(333, 500), "down", "shift")
    assert measure_case(case, tmp_path).notes == (Note.EDGES_FILLED,)
    assert measure_case(MannerCase(case.size, "down", "exact"), tmp_path).notes == ()
