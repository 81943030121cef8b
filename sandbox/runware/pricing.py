"""The account's wallet."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Final

from bot.domain.money import MicroUsd

if TYPE_CHECKING:
    from uuid import UUID

START_BALANCE: Final = MicroUsd(1_000_000_000)
"""Initial balance in micro-dollars: 1000 USD, enough for any demonstration."""
_VARIATION: Final = (0.5, 2.0)
"""Least and most of the price that a result may cost if it varies; a client of another model saw
0.0013 to 0.0051 dollars for one request."""


def vary_price(price: MicroUsd, image_uuid: UUID) -> MicroUsd:
    """Draw what one result costs around its price, from its UUID alone."""
    factor = Random(image_uuid.int).uniform(*_VARIATION)  # noqa: S311 - repeatable on purpose
    return MicroUsd(round(price * factor))


@dataclass(slots=True)
class Wallet:
    """The account's money in micro-dollars; `held` is the most that unfinished tasks will cost."""

    balance: int = START_BALANCE
    held: int = 0
    spent: int = 0
    requests: int = 0

    def can_cover(self, amount: MicroUsd) -> bool:
        return self.balance - self.held >= amount

    def hold(self, amount: MicroUsd) -> None:
        self.held += amount
        self.requests += 1

    def release(self, amount: MicroUsd) -> None:
        self.held -= amount

    def pay(self, cost: MicroUsd) -> None:
        self.balance -= cost
        self.spent += cost
