"""The price of a result, and the account's wallet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.domain.money import MicroUsd

PRICE_PER_RESULT: Final = MicroUsd(50_000)
"""Micro-dollars per result; the vendor's four examples cost 0.05 USD each, at any size."""
START_BALANCE: Final = MicroUsd(1_000_000_000)
"""Initial balance in micro-dollars: 1000 USD, enough for any demonstration."""


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
