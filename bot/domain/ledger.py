"""Scopes, charges and the arithmetic of hold, settle and release.

A scope names who is charged and in which window (`u:<guild>:<user>:d:2026-11-22`), so a new day
is a new account and nothing is ever reset.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from bot.domain.ids import GuildId, UserId


class Unit(StrEnum):
    MICRO_USD = "micro_usd"
    RESULT = "result"


class EntryKind(StrEnum):
    HOLD = "hold"
    SETTLE = "settle"
    RELEASE = "release"
    ADJUST = "adjust"


@dataclass(frozen=True, slots=True, order=True)
class Charge:
    """An amount to be held on one scope, refused where held + spent + amount would pass `cap`."""

    scope: str
    unit: Unit
    amount: int
    cap: int | None


@dataclass(frozen=True, slots=True)
class Account:
    scope: str
    unit: Unit
    held: int
    spent: int

    @property
    def used(self) -> int:
        return self.held + self.spent


@dataclass(frozen=True, slots=True)
class Closing:
    """How a hold ends: what it cost, and what goes back."""

    settled: int
    released: int


def close(held: int, cost: int) -> Closing:
    """Close a hold at its cost; a bill above the hold is recorded in full and nothing goes back."""
    return Closing(cost, max(0, held - cost))


def user_day_scope(guild: GuildId, user: UserId, day: date) -> str:
    """Name the account of one member's results on one day."""
    return f"u:{guild}:{user}:d:{day.isoformat()}"


def global_day_scope(day: date) -> str:
    """Name the account of all money spent on one day."""
    return f"global:d:{day.isoformat()}"


def window_end(scope: str) -> datetime:
    """Return when a day scope renews: the next midnight, UTC."""
    day = datetime.fromisoformat(scope.rpartition(":")[2]).date()
    return datetime.combine(day + timedelta(days=1), time(), UTC)
