"""What was used: of a member's quota, of each limit, and in a guild over days."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from bot.domain.ids import ChannelId, UserId
from bot.domain.ledger import LedgerUnit, LimitKind
from bot.domain.money import ZERO, MicroUsd


@dataclass(frozen=True, slots=True)
class Usage:
    """A member's results today: used (held ones count), the limit, and when it renews."""

    used: int
    limit: int
    renews_at: datetime

    @property
    def left(self) -> int:
        return max(0, self.limit - self.used)


@dataclass(frozen=True, slots=True)
class CapUse:
    """What an order of `asked` would meet at one cap, in the cap's unit."""

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
    """Pictures that were delivered, orders that failed or were refused, and what it cost."""

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
    """A guild's numbers over some days, its own; `names` are what members were last called."""

    days: dict[date, UsageTotals] = field(default_factory=dict)
    members: dict[UserId, UsageTotals] = field(default_factory=dict)
    channels: dict[ChannelId, UsageTotals] = field(default_factory=dict)
    names: dict[UserId, str] = field(default_factory=dict)

    @property
    def total_usage(self) -> UsageTotals:
        return sum(self.days.values(), UsageTotals())
