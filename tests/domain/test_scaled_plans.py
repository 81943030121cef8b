"""Above what a model renders well less is rendered; what is delivered is exactly what was asked."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.domain.geometry import Margins, Size
from bot.domain.model import DEFAULT_MODEL
from bot.domain.plan import Plan, plan_expansion
from tests.support.other_model import OTHER_MODEL

BEST, CAP = 1_500_000, 10**9
sides = st.integers(0, 2048)
plans = st.builds(
    lambda width, height, margins: (Size(width, height), margins),
    st.integers(1, 8192),
    st.integers(1, 8192),
    st.builds(Margins, sides, sides, sides, sides).filter(lambda each: each.total_pixels > 0),
)


def build_plan(seed: Size, asked: Margins, best: int | None = BEST) -> Plan:
    return plan_expansion(seed, asked, max_canvas_pixels=CAP, best_pixels=best)


@given(plans)
def test_below_the_limit_nothing_changes_and_native_never_does(case: tuple[Size, Margins]) -> None:
    seed, asked = case
    native = build_plan(seed, asked, best=None)
    assert native.reduced_seed is None
    if native.rendered_canvas.pixel_count <= BEST:
        assert build_plan(seed, asked) == native


@given(plans)
def test_a_scaled_plan_delivers_what_was_asked_and_covers_it(case: tuple[Size, Margins]) -> None:
    seed, asked = case
    made = build_plan(seed, asked)
    assert (made.asked, made.delivered) == (asked, asked)
    assert made.canvas == seed.grow_by(asked)
    scales = {
        "top": Fraction(made.sent_seed.height, seed.height),
        "left": Fraction(made.sent_seed.width, seed.width),
    }
    scales |= {"bottom": scales["top"], "right": scales["left"]}
    for side, pixels in made.rendered.get_by_side().items():
        wanted = asked.get_by_side()[side] * scales[side]
        assert wanted <= pixels < wanted + 64
        assert pixels % 64 == 0
        assert pixels <= 2048


@given(plans)
def test_a_scaled_canvas_is_within_the_limit_on_whole_sixteens_and_of_the_same_shape(
    case: tuple[Size, Margins],
) -> None:
    seed, asked = case
    made = build_plan(seed, asked)
    assume(made.is_reduced)
    sent, canvas = made.sent_seed, made.rendered_canvas
    assert (sent.width % 16, sent.height % 16) == (0, 0)
    assert (canvas.width % 16, canvas.height % 16) == (0, 0)
    assert sent.width <= seed.width
    assert sent.height <= seed.height
    # a long side on the grid, the short one the nearest on it, or below if that would enlarge
    long, short = max(sent.width, sent.height), min(sent.width, sent.height)
    exact = Fraction(long * min(seed.width, seed.height), max(seed.width, seed.height))
    assert abs(short - exact) <= 8 or (short <= exact < short + 16)
    if canvas.pixel_count > BEST:
        assert short == 16, "only the smallest size that can be sent makes a larger canvas"


@given(plans)
def test_no_larger_seed_image_of_its_shape_would_have_fitted_by_far(
    case: tuple[Size, Margins],
) -> None:
    seed, asked = case
    made = build_plan(seed, asked)
    assume(made.is_reduced)
    # a tenth and two steps more on both sides is past the limit
    larger = Size(made.sent_seed.width * 11 // 10 + 32, made.sent_seed.height * 11 // 10 + 32)
    across, down = Fraction(larger.width, seed.width), Fraction(larger.height, seed.height)
    margins = Margins(
        top=math.ceil(asked.top * down / 64) * 64,
        right=math.ceil(asked.right * across / 64) * 64,
        bottom=math.ceil(asked.bottom * down / 64) * 64,
        left=math.ceil(asked.left * across / 64) * 64,
    )
    assert larger.grow_by(margins).pixel_count > BEST or made.sent_seed == Size(
        seed.width // 16 * 16, seed.height // 16 * 16
    )


ALL = Margins.from_pixels
EXAMPLES = [
    # by hand: 944 columns would fit too, but 624 rows are 5 off; 912 x 608 has the exact shape
    (Size(3000, 2000), Margins(500, 750, 500, 750), Size(912, 608), Margins(192, 256, 192, 256)),
    # 992 x 1504 = 1.492 megapixels; 1008 x 1520 = 1.532
    (Size(1024, 1024), Margins(right=512), Size(992, 992), Margins(right=512)),
    (Size(4096, 4096), ALL(2048), Size(576, 576), ALL(320)),
    # 32 x 1472 keeps a strip's shape best; what is 16 pixels wide has no size between 16 and 32
    (Size(100, 4000), Margins(right=2048), Size(32, 1472), Margins(right=704)),
    (Size(64, 8192), Margins(right=2048), Size(16, 2608), Margins(right=512)),
    (Size(64, 64), ALL(2048), Size(16, 16), ALL(512)),
    (Size(12, 12), ALL(2048), Size(12, 12), ALL(2048)),
]


@pytest.mark.parametrize(("seed", "asked", "sent", "rendered"), EXAMPLES)
def test_these_pictures_are_sent_so(
    seed: Size, asked: Margins, sent: Size, rendered: Margins
) -> None:
    made = build_plan(seed, asked)
    assert (made.sent_seed, made.rendered) == (sent, rendered)
    assert made.rendered_canvas == sent.grow_by(rendered)
    assert made.is_reduced == (sent != seed)


def test_the_grid_and_the_bounds_are_those_of_the_model() -> None:
    seed, asked = Size(640, 480), Margins(right=70, bottom=1)
    by_default = plan_expansion(seed, asked, max_canvas_pixels=CAP)
    by_other = plan_expansion(seed, asked, max_canvas_pixels=CAP, model=OTHER_MODEL)
    assert by_default.rendered == Margins(right=128, bottom=64)
    assert by_other.rendered == Margins(right=96, bottom=32)
    large = plan_expansion(
        Size(2000, 1500),
        Margins(left=900),
        max_canvas_pixels=CAP,
        model=OTHER_MODEL,
        best_pixels=500_000,
    )
    assert (large.sent_seed.width % 32, large.sent_seed.height % 32) == (0, 0)
    assert large.rendered_canvas.pixel_count <= 500_000
    assert DEFAULT_MODEL.margin.maximum > OTHER_MODEL.margin.maximum
    with pytest.raises(ValueError, match="1024"):
        plan_expansion(seed, Margins(left=1025), max_canvas_pixels=CAP, model=OTHER_MODEL)
