"""Values at the very edge of a rule, where one step more or less would go unseen."""

from __future__ import annotations

from datetime import UTC, date, datetime
from fractions import Fraction
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from bot.domain.errors import CanvasTooLarge, NotARatio, NothingToAdd, ZoomOutOfRange
from bot.domain.geometry import Margins, Size
from bot.domain.ids import build_short_id
from bot.domain.ledger import get_day_end, get_month_end, get_rate_end
from bot.domain.model import DEFAULT_MODEL
from bot.domain.money import MicroUsd, format_usd
from bot.domain.plan import plan_expansion
from bot.domain.request import (
    MAX_ZOOM,
    MIN_ZOOM,
    Direction,
    DirectionalMargins,
    ToRatio,
    ZoomOut,
    check_pixels,
    parse_ratio,
)
from bot.domain.text.default_prompt import build_default_prompt

MADRID = ZoneInfo("Europe/Madrid")


@pytest.mark.parametrize(("cap", "fits"), [(22_800, 128), (22_799, 64), (16_400, 64), (16_399, 0)])
def test_the_largest_that_fits_may_fill_the_cap_to_the_last_pixel(cap: int, fits: int) -> None:
    with pytest.raises(CanvasTooLarge) as caught:
        plan_expansion(Size(100, 100), Margins(right=200), max_canvas_pixels=cap)
    assert caught.value.fits == (Margins(right=fits) if fits else None)


def test_a_side_may_be_as_long_as_the_provider_takes() -> None:
    check_pixels(DirectionalMargins(Direction.RIGHT, 2048), DEFAULT_MODEL)


@pytest.mark.parametrize(
    ("text", "ratio"), [("1.500000:1", Fraction(3, 2)), ("1:1.500000", Fraction(2, 3))]
)
def test_a_number_of_eight_characters_is_read(text: str, ratio: Fraction) -> None:
    assert parse_ratio(text) == ratio


@pytest.mark.parametrize("text", ["1.5000000:1", "1.0.0:1", "1..0:1", "0.0:1"])
def test_a_longer_or_broken_number_is_refused_in_its_own_words(text: str) -> None:
    with pytest.raises(NotARatio) as caught:
        parse_ratio(text)
    assert caught.value.text == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [(1_230_000, "$1.23"), (1_000_001, "$1.000001"), (10**8, "$100.00"), (100_000, "$0.10")],
)
def test_cents_are_written_in_full_and_no_more(amount: int, text: str) -> None:
    assert format_usd(MicroUsd(amount)) == text


def test_the_default_prompt_is_this_very_sentence() -> None:
    rest = "colours, textures and level of detail, in the same style"
    assert build_default_prompt(Margins.from_pixels(64).extended_sides).endswith(rest)
    assert " in every direction" in build_default_prompt(Margins.from_pixels(64).extended_sides)
    both = build_default_prompt(Margins(left=64, right=64).extended_sides)
    assert " to the right and to the left" in both


def test_windows_end_in_their_zone_and_are_given_in_utc() -> None:
    assert get_month_end(date(2026, 6, 30), MADRID) == datetime(2026, 6, 30, 22, tzinfo=UTC)
    assert get_day_end(date(2026, 1, 31), MADRID) == datetime(2026, 1, 31, 23, tzinfo=UTC)
    noon = datetime(2026, 6, 30, 12, 5, tzinfo=ZoneInfo("Asia/Kathmandu"))
    for end in (
        get_month_end(noon.date(), MADRID),
        get_day_end(noon.date(), MADRID),
        get_rate_end(noon),
    ):
        assert end.tzinfo is UTC


def test_a_short_id_reads_five_bits_for_each_character() -> None:
    assert build_short_id(UUID(int=0)) == "a" * 12
    assert build_short_id(UUID(int=2**60 - 1)) == "9" * 12
    assert build_short_id(UUID(int=1)) == "b" + "a" * 11
    assert build_short_id(UUID(int=2 << 55)) == "a" * 11 + "c"
    assert build_short_id(UUID(int=2**60)) == "a" * 12


@pytest.mark.parametrize(("width", "height"), [(0, 5), (5, 0), (-1, -1)])
def test_a_size_has_a_pixel_each_way(width: int, height: int) -> None:
    with pytest.raises(ValueError, match=f"at least one pixel each way, not {width}x{height}"):
        Size(width, height)


def test_a_canvas_may_have_as_many_pixels_as_its_cap() -> None:
    assert (
        plan_expansion(Size(100, 100), Margins(right=64), max_canvas_pixels=16_400).rendered.right
        == 64
    )
    with pytest.raises(CanvasTooLarge) as caught:
        plan_expansion(Size(100, 100), Margins(right=64), max_canvas_pixels=16_399)
    assert (caught.value.canvas, caught.value.limit_pixels) == (Size(164, 100), 16_399)


def test_nothing_to_add_names_the_picture_as_it_is() -> None:
    with pytest.raises(NothingToAdd) as caught:
        plan_expansion(Size(7, 5), Margins(), max_canvas_pixels=100)
    assert caught.value.seed == Size(7, 5)


def test_a_zoom_may_be_as_far_as_it_goes_and_no_farther() -> None:
    assert ZoomOut(MAX_ZOOM).factor == MAX_ZOOM
    assert ZoomOut(MIN_ZOOM).factor == MIN_ZOOM
    with pytest.raises(ZoomOutOfRange) as caught:
        ZoomOut(MAX_ZOOM + 1)
    error = caught.value
    assert (error.asked, error.minimum, error.maximum) == (MAX_ZOOM + 1, MIN_ZOOM, MAX_ZOOM)


def test_a_refused_ratio_is_named() -> None:
    with pytest.raises(NotARatio) as caught:
        ToRatio(Fraction(17))
    assert caught.value.text == "17"


def test_margins_in_proportion_are_whole_pixels() -> None:
    scaled = Margins(left=5, top=3).scale_by(1, 2)
    assert (scaled.left, scaled.top) == (2, 1)
    assert all(type(value) is int for value in scaled.get_by_side().values())
