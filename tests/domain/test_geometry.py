from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.domain.errors import (
    CanvasTooLarge,
    MarginTooLarge,
    NotARatio,
    NothingToAdd,
    PixelsOutOfRange,
    RequestRefusal,
    ZoomOutOfRange,
)
from bot.domain.geometry import Margins, Side, Size
from bot.domain.model import DEFAULT_MODEL
from bot.domain.plan import Plan, plan_expansion
from bot.domain.request import (
    MAX_RATIO,
    MAX_ZOOM,
    MIN_ZOOM,
    Anchor,
    Direction,
    DirectionalMargins,
    ExpansionRequest,
    ExplicitMargins,
    ToRatio,
    ZoomOut,
    check_pixels,
    parse_ratio,
)

CAP = 40_000_000
MARGIN_STEP, MAX_MARGIN = 64, 2048
"""The model's own, from the vendor's parameter list."""

sizes = st.builds(Size, st.integers(1, 5000), st.integers(1, 5000))
margins = st.builds(Margins, *[st.integers(0, MAX_MARGIN + 100)] * 4)
ratios = st.fractions(1 / MAX_RATIO, MAX_RATIO, max_denominator=3000)
requests = st.one_of(
    st.builds(DirectionalMargins, st.sampled_from(Direction), st.integers(1, MAX_MARGIN)),
    st.builds(ExplicitMargins, margins),
    st.builds(ToRatio, ratios, st.sampled_from(Anchor)),
    st.builds(ZoomOut, st.fractions(MIN_ZOOM, MAX_ZOOM, max_denominator=100)),
)


def build_plan(seed: Size, request: ExpansionRequest) -> Plan | None:
    try:
        return plan_expansion(seed, request.compute_margins(seed), max_canvas_pixels=CAP)
    except RequestRefusal:
        return None


@given(sizes, requests)
def test_every_plan_is_valid_for_the_provider(seed: Size, request: ExpansionRequest) -> None:
    made = build_plan(seed, request)
    if made is None:
        return
    sides = made.rendered.get_by_side().values()
    assert all(0 <= side <= MAX_MARGIN and side % MARGIN_STEP == 0 for side in sides)
    assert sum(sides) > 0
    assert made.rendered_canvas.pixel_count <= CAP


@given(sizes, requests)
def test_what_is_delivered_is_what_was_asked(seed: Size, request: ExpansionRequest) -> None:
    made = build_plan(seed, request)
    if made is not None:
        assert made.delivered == made.asked == request.compute_margins(seed)


@given(sizes, requests)
def test_the_seed_image_lies_inside_and_the_crop_is_less_than_a_step(
    seed: Size, request: ExpansionRequest
) -> None:
    made = build_plan(seed, request)
    if made is None:
        return
    assert made.canvas.width >= seed.width
    assert made.canvas.height >= seed.height
    rendered = made.rendered.get_by_side()
    for side, delivered in made.delivered.get_by_side().items():
        assert 0 <= rendered[side] - delivered < MARGIN_STEP


@given(sizes, ratios, st.sampled_from(Anchor))
def test_a_ratio_is_reached_within_one_pixel(seed: Size, ratio: Fraction, anchor: Anchor) -> None:
    canvas = seed.grow_by(ToRatio(ratio, anchor).compute_margins(seed))
    off_by_width = abs(canvas.width - canvas.height * ratio)
    off_by_height = abs(canvas.height - canvas.width / ratio)
    assert min(off_by_width, off_by_height) <= 1


@given(sizes, ratios, st.sampled_from(Anchor))
def test_an_anchored_seed_image_touches_its_edge(
    seed: Size, ratio: Fraction, anchor: Anchor
) -> None:
    grown = ToRatio(ratio, anchor).compute_margins(seed)
    if anchor is Anchor.CENTER:
        assert abs(grown.left - grown.right) <= 1
        assert abs(grown.top - grown.bottom) <= 1
    else:
        assert grown.get_by_side()[Side(anchor.value)] == 0 or not _list_moves(anchor, grown)


def _list_moves(anchor: Anchor, grown: Margins) -> bool:
    across = anchor in {Anchor.LEFT, Anchor.RIGHT}
    return bool(grown.left + grown.right) if across else bool(grown.top + grown.bottom)


@given(sizes, st.fractions(MIN_ZOOM, MAX_ZOOM, max_denominator=100))
def test_a_zoom_grows_both_axes_by_its_factor_around_the_middle(
    seed: Size, factor: Fraction
) -> None:
    grown = ZoomOut(factor).compute_margins(seed)
    canvas = seed.grow_by(grown)
    assert canvas == Size(round(seed.width * factor), round(seed.height * factor))
    assert abs(grown.left - grown.right) <= 1
    assert abs(grown.top - grown.bottom) <= 1


@pytest.mark.parametrize(
    ("direction", "expected"),
    [
        (Direction.LEFT, Margins(left=100)),
        (Direction.RIGHT, Margins(right=100)),
        (Direction.UP, Margins(top=100)),
        (Direction.DOWN, Margins(bottom=100)),
        (Direction.HORIZONTAL, Margins(left=100, right=100)),
        (Direction.VERTICAL, Margins(top=100, bottom=100)),
        (Direction.ALL, Margins.from_pixels(100)),
    ],
)
def test_a_direction_names_its_sides(direction: Direction, expected: Margins) -> None:
    assert DirectionalMargins(direction, 100).compute_margins(Size(640, 480)) == expected


def test_a_hundred_pixels_are_rendered_as_128_and_cropped_back() -> None:
    made = plan_expansion(Size(640, 480), Margins(right=100), max_canvas_pixels=CAP)
    assert made.rendered == Margins(right=128)
    assert made.delivered == Margins(right=100)
    assert made.canvas == Size(740, 480)
    assert made.rendered_canvas == Size(768, 480)


@given(sizes, margins.filter(lambda m: max(m.get_by_side().values()) > MAX_MARGIN))
def test_a_margin_over_the_limit_is_refused_with_its_side_and_numbers(
    seed: Size, asked: Margins
) -> None:
    with pytest.raises(MarginTooLarge) as caught:
        plan_expansion(seed, asked, max_canvas_pixels=CAP)
    assert asked.get_by_side()[caught.value.side] == caught.value.asked > caught.value.limit


@given(
    st.builds(Size, st.integers(1, 3000), st.integers(1, 3000)),
    st.builds(Margins, *[st.integers(0, MAX_MARGIN)] * 4),
    st.integers(1, 12_000_000),
)
def test_a_canvas_over_the_cap_is_refused_with_the_largest_that_fits(
    seed: Size, asked: Margins, cap: int
) -> None:
    assume(asked.total_pixels and seed.grow_by(asked.round_up(MARGIN_STEP)).pixel_count > cap)
    with pytest.raises(CanvasTooLarge) as caught:
        plan_expansion(seed, asked, max_canvas_pixels=cap)
    assert caught.value.canvas.pixel_count > cap
    fits = caught.value.fits
    if fits is not None:
        most = asked.get_by_side()
        assert all(pixels <= most[side] for side, pixels in fits.get_by_side().items())
        assert plan_expansion(seed, fits, max_canvas_pixels=cap).rendered_canvas.pixel_count <= cap


def test_nothing_to_add_is_refused() -> None:
    with pytest.raises(NothingToAdd):
        plan_expansion(
            Size(1600, 900),
            ToRatio(Fraction(16, 9)).compute_margins(Size(1600, 900)),
            max_canvas_pixels=CAP,
        )


@pytest.mark.parametrize("pixels", [-(2**63), -1, 0, 2049, 2**31])
def test_pixels_outside_the_range_are_refused_with_it(pixels: int) -> None:
    with pytest.raises(PixelsOutOfRange) as caught:
        check_pixels(DirectionalMargins(Direction.UP, pixels), DEFAULT_MODEL)
    assert (caught.value.asked, caught.value.minimum, caught.value.maximum) == (pixels, 1, 2048)


@pytest.mark.parametrize("factor", [Fraction(0), Fraction(1), Fraction(-2), Fraction(9)])
def test_a_zoom_outside_the_range_is_refused(factor: Fraction) -> None:
    with pytest.raises(ZoomOutOfRange):
        ZoomOut(factor)


@pytest.mark.parametrize(
    ("text", "ratio"),
    [
        ("16:9", Fraction(16, 9)),
        (" 1500x500 ", Fraction(3)),
        ("4/5", Fraction(4, 5)),
        ("1.5", Fraction(3, 2)),
        ("2.39:1", Fraction(239, 100)),
        ("1×1", Fraction(1)),
    ],
)
def test_a_ratio_is_read_in_every_usual_spelling(text: str, ratio: Fraction) -> None:
    assert parse_ratio(text) == ratio


@pytest.mark.parametrize(
    "text", ["", "abc", "16:", ":9", "0:1", "1:0", "-1:2", "1:2:3", "nan", "1e3", "٣:٤", "9" * 50]
)
def test_what_is_no_ratio_is_refused(text: str) -> None:
    with pytest.raises(NotARatio):
        parse_ratio(text)


def test_an_extreme_ratio_is_refused() -> None:
    with pytest.raises(NotARatio):
        ToRatio(Fraction(17))


def test_margins_are_never_negative() -> None:
    with pytest.raises(ValueError, match="negative"):
        Margins(left=-1)


def test_a_plan_of_nothing_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="zero"):
        Plan(Size(10, 10), Margins(), Margins(), Margins())


def test_a_plan_that_delivers_more_than_is_rendered_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="within"):
        Plan(Size(10, 10), Margins(left=65), Margins(left=64), Margins(left=65))
