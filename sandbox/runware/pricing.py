"""The price of a result, and the account's wallet."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Final

from bot.domain.money import MicroUsd

if TYPE_CHECKING:
    from uuid import UUID

PRICE_PER_RESULT: Final = MicroUsd(50_000)
"""Micro-dollars per result; the vendor's four examples cost 0.05 USD each, at any size."""
START_BALANCE: Final = MicroUsd(1_000_000_000)
"""Initial balance in micro-dollars: 1000 USD, enough for any demonstration."""
_VARIATION: Final = (0.5, 2.0)
"""Least and most of the price that a result may cost if it varies; a client of another model saw
0.0013 to 0.0051 dollars for one request."""


def draw_price(image_uuid: UUID) -> MicroUsd:
    """Draw what one result costs, in micro-dollars, from its UUID alone."""
    factor = Random(image_uuid.int).uniform(*_VARIATION)  # noqa: S311 - repeatable on purpose
    return MicroUsd(round(PRICE_PER_RESULT * factor))


@dataclass(slots=True)
class Wallet:
    """The account's money in micro-dollars; `held` is the most that unfinished tasks will cost."""

    balance: int = START_BALANCE
    held: int = 0
    spent: int = 0
    requests: int = 0

    def can_cover(self, results: int) -> bool:
        return self.balance - self.held >= results * PRICE_PER_RESULT

    def hold(self, results: int) -> None:
        self.held += results * PRICE_PER_RESULT
        self.requests += 1

    def release(self, results: int) -> None:
        self.held -= results * PRICE_PER_RESULT

    def pay(self, cost: MicroUsd) -> None:
        self.balance -= cost
        self.spent += cost
