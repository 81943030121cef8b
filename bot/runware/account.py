"""The provider's account and model catalogue: balance, spend by day, status of a model.

Everything is parsed leniently, and what has no known shape counts as unknown. Shapes: vendor's page
of account management and its public clients.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Final, Self

from pydantic import BeforeValidator, Field

from bot.domain.money import MAX_USD, MicroUsd, parse_usd
from bot.runware.responses import LenientText, ResponseModel

_GROUPS: Final = ("timeseries", "model")
"""Where a day's rows may be: by date as asked for, or by date and model."""
_DATE_LENGTH: Final = len("2026-11-30")


def _is_amount(value: Any) -> bool:
    if type(value) not in {int, Decimal}:
        return False
    return Decimal(value).is_finite() and -MAX_USD <= value <= MAX_USD


def _parse_balance(value: Any) -> MicroUsd | None:
    """Parse a number or `{amount, freeBalance, currency}`; an overdrawn balance is negative."""
    if isinstance(value, dict):
        amounts = [each for each in value.values() if _is_amount(each)]
        value = value.get("amount", amounts[0] if len(amounts) == 1 else None)
    if not _is_amount(value):
        return None
    amount = parse_usd(abs(value))
    return MicroUsd(-amount) if value < 0 else amount


def _parse_spend(value: Any) -> MicroUsd:
    if not _is_amount(value):
        raise ValueError("not an amount")
    return parse_usd(value)


def _cut_date(value: Any) -> Any:
    """Cut a time off, which some of the vendor's dates have."""
    return value[:_DATE_LENGTH] if isinstance(value, str) else None


def _parse_names(value: Any) -> tuple[str, ...]:
    listed = value if isinstance(value, list) else [value]
    return tuple(each for each in listed if isinstance(each, str) and each)


class ProviderAccount(ResponseModel):
    """The account; `balance` is None if its format is unknown."""

    balance: Annotated[MicroUsd | None, BeforeValidator(_parse_balance)] = None


class _UsageRow(ResponseModel):
    day: Annotated[date, BeforeValidator(_cut_date)] = Field(alias="date")
    spend: Annotated[MicroUsd, BeforeValidator(_parse_spend)]


class _UsageGroup(ResponseModel):
    data: tuple[_UsageRow, ...]


class ProviderUsage(ResponseModel):
    """What was spent on each day; a day without an entry is one without spend."""

    spend: Mapping[date, MicroUsd]

    @classmethod
    def from_item(cls, item: Mapping[str, Any]) -> Self:
        """Parse an answer to `getUsageActivity`; raise `ValueError` if its format is unknown.

        One unreadable row makes the whole unknown, since a sum without it would be wrong.
        """
        usage = item.get("usage")
        groups = usage if isinstance(usage, dict) else {}
        found = next((groups[name] for name in _GROUPS if groups.get(name) is not None), None)
        spend: dict[date, MicroUsd] = {}
        for row in _UsageGroup.model_validate(found).data:
            spend[row.day] = MicroUsd(spend.get(row.day, 0) + row.spend)
        return cls(spend=spend)


class CatalogModel(ResponseModel):
    """A model in the catalogue; `status` is the vendor's word, such as `live` or `deprecated`."""

    name: LenientText = None
    status: LenientText = None
    replaced_by: Annotated[tuple[str, ...], BeforeValidator(_parse_names)] = Field(
        (), alias="replacedBy"
    )
