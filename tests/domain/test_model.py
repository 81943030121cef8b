"""The model's own numbers, by the vendor's parameter list, and what a rule of prices says."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bot.domain.model import DEFAULT_MODEL, MODELS, Bounds, PriceRule, get_model
from bot.domain.money import MicroUsd


def test_the_default_model_has_the_numbers_of_the_vendors_list() -> None:
    model = DEFAULT_MODEL
    assert (model.identifier, model.name) == ("bfl:1@3", "FLUX.1 Expand [pro]")
    assert (model.margin.minimum, model.margin.maximum, model.margin.step) == (0, 2048, 64)
    assert (model.min_prompt_length, model.max_prompt_length) == (2, 3000)
    assert (model.tolerance.minimum, model.tolerance.maximum, model.tolerance.default) == (0, 6, 2)
    assert (model.results.minimum, model.results.maximum, model.results.default) == (1, 20, 1)
    assert (model.steps.minimum, model.steps.maximum, model.steps.default) == (15, 50, 50)
    scale = model.cfg_scale
    assert (scale.minimum, scale.maximum) == (Decimal("1.5"), Decimal(100))
    assert (scale.default, scale.step) == (Decimal(60), Decimal("0.01"))
    assert (model.canvas_grid, model.best_pixels) == (16, 1_500_000)
    assert [model.price.compute_price(pixels) for pixels in (4_096, 37_748_736)] == [50_000] * 2


def test_a_known_model_is_found_and_an_unknown_one_names_the_known() -> None:
    assert get_model("bfl:1@3") is MODELS["bfl:1@3"] is DEFAULT_MODEL
    with pytest.raises(ValueError, match=r"known model: bfl:1@3$"):
        get_model("bfl:1@4")


@pytest.mark.parametrize(
    ("pixels", "price"), [(1_000_000, 21_000), (1, 1_001), (50, 1_001), (51, 1_002), (0, 1_000)]
)
def test_a_price_by_megapixels_is_rounded_up_to_a_whole_micro_dollar(
    pixels: int, price: int
) -> None:
    rule = PriceRule(MicroUsd(1_000), per_megapixel=MicroUsd(20_000))
    assert rule.compute_price(pixels) == price


@pytest.mark.parametrize(("value", "allowed"), [(64, True), (0, True), (-64, False), (65, False)])
def test_bounds_allow_what_lies_within_them_and_on_their_grid(value: int, *, allowed: bool) -> None:
    assert Bounds(0, 128, default=0, step=64).allows(value) is allowed


def test_bounds_that_contradict_themselves_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        Bounds(0, 100, default=0, step=64)
