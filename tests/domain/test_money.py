from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.money import MicroUsd, format_usd, parse_usd, to_usd


@given(st.integers(0, 10**15))
def test_dollars_and_back_lose_nothing(amount: int) -> None:
    assert parse_usd(to_usd(MicroUsd(amount))) == amount


@pytest.mark.parametrize(
    ("text", "amount"), [("0.05", 50_000), ("0", 0), ("1.000001", 1_000_001), ("0.0000004", 0)]
)
def test_an_amount_is_read_exactly(text: str, amount: int) -> None:
    assert parse_usd(text) == amount


@pytest.mark.parametrize(
    "text", ["NaN", "Infinity", "-0.01", "", "five", "1,5", "1e13", "1e999999999"]
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"dollars"):
        parse_usd(text)


@pytest.mark.parametrize(
    ("amount", "text"),
    [(50_000, "$0.05"), (1_000_000, "$1.00"), (47_500, "$0.0475"), (0, "$0.00"), (10**7, "$10.00")],
)
def test_an_amount_is_written_for_people(amount: int, text: str) -> None:
    assert format_usd(MicroUsd(amount)) == text


def test_an_amount_in_decimal_is_taken_as_it_is() -> None:
    assert parse_usd(Decimal("0.05")) == 50_000
