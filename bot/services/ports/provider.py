"""What is known of the provider, and the protocol that tells operators about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Final, Protocol

from bot.domain.money import ZERO, MicroUsd

_CALLABLE_STATUSES: Final = frozenset({"live", "api-only", "unlisted"})
"""The vendor's words for a model that is and stays usable (its skills repository)."""
_ROUNDING: Final = 1_000
"""Micro-dollars by which a day's sums may differ: the provider sends them as binary fractions."""


@dataclass(frozen=True, slots=True)
class KeyReading:
    """The provider refuses the API key; `code` is its error code."""

    name: ClassVar[str] = "key"
    code: str

    @property
    def needs_attention(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class BalanceReading:
    """The account's balance, None if its format is unknown, and the limit below which it is low."""

    name: ClassVar[str] = "balance"
    balance: MicroUsd | None
    low: MicroUsd

    @property
    def needs_attention(self) -> bool:
        return self.balance is not None and self.balance < self.low


@dataclass(frozen=True, slots=True)
class PriceReading:
    """The price of a picture as the provider and as the settings have it.

    `price` is None if none was named, or if it was absurd, which `absurd` quotes. `is_flat` tells
    whether pictures of all sizes cost the same.
    """

    name: ClassVar[str] = "price"
    price: MicroUsd | None
    configured: MicroUsd
    absurd: str = ""
    is_flat: bool = True

    @property
    def needs_attention(self) -> bool:
        return bool(self.absurd) or self.price not in {None, self.configured}


@dataclass(frozen=True, slots=True)
class ModelReading:
    """The model's status in the catalogue; `is_listed` is False if it has no entry there."""

    name: ClassVar[str] = "model"
    model: str
    status: str = ""
    replaced_by: tuple[str, ...] = ()
    is_listed: bool = True

    @property
    def needs_attention(self) -> bool:
        word = self.status.lower().replace(" ", "-").replace("_", "-")
        return not self.is_listed or bool(word and word not in _CALLABLE_STATUSES)


@dataclass(frozen=True, slots=True)
class SpendDay:
    """A day's spend (UTC) in the ledger and at the provider; `held` is for jobs still open."""

    day: date
    ledger: MicroUsd
    held: MicroUsd
    provider: MicroUsd

    @property
    def difference(self) -> MicroUsd:
        """Return what the provider has more than the ledger."""
        return MicroUsd(self.provider - self.ledger)

    @property
    def is_explained(self) -> bool:
        """Return whether both agree, or open jobs may account for the difference."""
        return -_ROUNDING < self.difference < self.held + _ROUNDING


@dataclass(frozen=True, slots=True)
class SpendReading:
    """The ledger beside the provider's bill, oldest day first."""

    name: ClassVar[str] = "spend"
    days: tuple[SpendDay, ...]

    @property
    def needs_attention(self) -> bool:
        return not all(day.is_explained for day in self.days)

    @property
    def total_difference(self) -> MicroUsd:
        return MicroUsd(sum((day.difference for day in self.days), ZERO))


ProviderReading = KeyReading | BalanceReading | PriceReading | ModelReading | SpendReading


class OperatorsChannel(Protocol):
    """Reach the operators privately; the call has its own timeout."""

    async def send_notice(self, reading: ProviderReading) -> None:
        """Tell each operator what needs attention; log who can't be reached, raise `Transient`."""
