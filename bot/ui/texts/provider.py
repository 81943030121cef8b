"""Texts about the provider for operators, in English only: for Discord and for the program."""

from __future__ import annotations

from typing import assert_never

from bot.domain.money import MicroUsd, format_usd
from bot.services.ports.provider import (
    BalanceReading,
    KeyReading,
    ModelReading,
    PriceReading,
    ProviderReading,
    SpendDay,
    SpendReading,
)

_LOOK_UP = "Look the price up in Runware's dashboard."
_MODEL_ADVICE = "Before it stops working, update Expanse or choose another runware.model."
_MAX_TEXT = 2000
"""Longest text of a message (Discord's API reference)."""


def build_notice(reading: ProviderReading) -> str:
    """Return the direct message about something that needs attention."""
    text = f"**Expanse: Runware needs your attention**\n{describe_reading(reading)}"
    return text if len(text) <= _MAX_TEXT else f"{text[: _MAX_TEXT - 1]}…"


def describe_reading(reading: ProviderReading) -> str:
    """Say what a check found, and what to do if it needs attention."""
    match reading:
        case KeyReading(code=code):
            return f"Runware refuses the API key ({code}). Check runware.api_key."
        case BalanceReading():
            return _describe_balance(reading)
        case PriceReading():
            return _describe_price(reading)
        case ModelReading():
            return _describe_model(reading)
        case SpendReading():
            return "\n".join(list_spend_lines(reading))
        case _:
            assert_never(reading)


def list_spend_lines(reading: SpendReading) -> list[str]:
    """Return the days that differ, or one line that none does."""
    differing = [_describe_day(day) for day in reading.days if not day.is_explained]
    if not differing:
        return ["The ledger agrees with Runware's bill."]
    return [
        "The ledger and Runware's bill differ (days in UTC):",
        *differing,
        "Pictures that other programs make with the same account and model count too.",
        "If there are none, look at these days in Runware's dashboard and with: expanse jobs list",
    ]


def _describe_balance(reading: BalanceReading) -> str:
    if reading.balance is None:
        return "Runware's answer has an unknown format. Look the balance up in its dashboard."
    left = _format_signed(reading.balance)
    if not reading.needs_attention:
        return f"{left} left"
    low = format_usd(reading.low)
    return f"{left} left, less than {low} (runware.low_balance_usd). Top up the account."


def _describe_price(reading: PriceReading) -> str:
    ours = format_usd(reading.configured)
    if reading.absurd:
        return (
            f"Runware gives a price that can't be right: {reading.absurd}. Expanse keeps using"
            f" {ours} a picture. {_LOOK_UP}"
        )
    if reading.price is None:
        return f"The dry run gave no price. Expanse keeps using {ours} a picture."
    named = format_usd(reading.price)
    if not reading.needs_attention:
        return f"{named} a picture, as expected"
    is_settable = reading.is_flat and reading.price
    advice = f"Set limits.usd_per_result = {named.removeprefix('$')}." if is_settable else _LOOK_UP
    return f"Runware's price is {named} a picture; Expanse holds {ours}. {advice}"


def _describe_model(reading: ModelReading) -> str:
    if not reading.is_listed:
        return f"Runware's catalogue doesn't list {reading.model}. Check runware.model."
    status = f"{reading.model} is {reading.status}"
    if not reading.needs_attention:
        return status
    heir = f"; its successor is {', '.join(reading.replaced_by)}" if reading.replaced_by else ""
    return f"{status} at Runware{heir}. {_MODEL_ADVICE}"


def _describe_day(day: SpendDay) -> str:
    held = f", {format_usd(day.held)} held" if day.held else ""
    difference = _format_signed(day.difference, plus="+")
    ledger, bill = format_usd(day.ledger), format_usd(day.provider)
    return f"{day.day.isoformat()}: ledger {ledger}{held}, Runware {bill} ({difference})"


def _format_signed(amount: MicroUsd, plus: str = "") -> str:
    sign = "-" if amount < 0 else plus
    return f"{sign}{format_usd(MicroUsd(abs(amount)))}"
