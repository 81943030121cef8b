"""The account's wallet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.domain.money import MicroUsd

START_BALANCE: Final = MicroUsd(1_000_000_000)
"""Initial balance in micro-dollars: 1000 USD, enough for any demonstration."""


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
