"""Money in whole micro-dollars, never in floats."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Final, NewType

MicroUsd = NewType("MicroUsd", int)
"""One millionth of a US dollar."""

ZERO: Final = MicroUsd(0)
_PER_USD: Final = 1_000_000
MAX_USD: Final = Decimal(10**12)
"""More dollars than this are no amount; in millionths they still fit the database's integers."""


def parse_usd(amount: Decimal | str | int) -> MicroUsd:
    """Convert dollars, rounded half to even; raise `ValueError` unless within 0..`MAX_USD`."""
    try:
        dollars = Decimal(amount)
    except InvalidOperation:
        raise ValueError(f"not an amount of dollars: {amount!r}") from None
    if not dollars.is_finite() or not 0 <= dollars <= MAX_USD:
        raise ValueError(f"dollars must be finite, not negative and at most 10^12, not {amount!r}")
    return MicroUsd(int((dollars * _PER_USD).to_integral_value()))


def to_usd(amount: MicroUsd) -> Decimal:
    """Convert to dollars exactly."""
    return Decimal(amount).scaleb(-6)


def format_usd(amount: MicroUsd) -> str:
    """Format an amount with two decimals, or more if needed: `$0.05`, `$0.0475`."""
    text = f"{to_usd(amount):f}".rstrip("0")
    whole, _, cents = text.partition(".")
    return f"${whole}.{cents:0<2}"
