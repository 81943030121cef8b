"""Usage of a member's quota, of each limit, and of a guild by day."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from bot.domain.ids import ChannelId, UserId
from bot.domain.ledger import LedgerUnit, LimitKind
from bot.domain.money import ZERO, MicroUsd


@dataclass(frozen=True, slots=True)
class Usage:
    """A member's results today, including held ones, the limit, and when it renews."""

    used: int
    limit: int
    renews_at: datetime

    @property
    def left(self) -> int:
        return max(0, self.limit - self.used)


@dataclass(frozen=True, slots=True)
class CapUse:
    """One limit's usage, and the amount that an order would add, in the limit's unit."""

    cap: LimitKind
    unit: LedgerUnit
    asked: int
    used: int
    limit: int
    ends_at: datetime

    @property
    def refuses(self) -> bool:
        return self.used + self.asked > self.limit


@dataclass(frozen=True, slots=True)
class UsageTotals:
    """Numbers of delivered pictures, failed and refused orders, and their cost."""

    results: int = 0
    failures: int = 0
    refusals: int = 0
    cost: MicroUsd = ZERO

    def __add__(self, other: UsageTotals) -> UsageTotals:
        return UsageTotals(
            self.results + other.results,
            self.failures + other.failures,
            self.refusals + other.refusals,
            MicroUsd(self.cost + other.cost),
        )


@dataclass(frozen=True, slots=True)
class UsageReport:
    """A guild's usage over several days in its time zone, with members' latest names."""

    days: dict[date, UsageTotals] = field(default_factory=dict)
    members: dict[UserId, UsageTotals] = field(default_factory=dict)
    channels: dict[ChannelId, UsageTotals] = field(default_factory=dict)
    names: dict[UserId, str] = field(default_factory=dict)

    @property
    def total_usage(self) -> UsageTotals:
        return sum(self.days.values(), UsageTotals())
