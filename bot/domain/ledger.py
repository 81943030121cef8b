"""Ledger accounts: their scopes, charges, how holds are closed, and the usage of limits.

A scope names who is charged and for which period (`u:<guild>:<user>:d:2026-11-22`), so each day
is a new account and no balance is ever reset.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Final

from bot.domain.ids import ChannelId, GuildId, UserId
from bot.domain.money import ZERO, MicroUsd

DAILY_QUOTA_PATTERN: Final = "u:%:d:%"
"""SQL pattern of the scopes made by `format_user_day_scope`, and of no others."""
RATE_WINDOW: Final = timedelta(minutes=10)
_MAX_DATE_GAP: Final = timedelta(days=2)
"""Largest difference of two time zones' dates at one moment (UTC+14 and UTC-12)."""


class LimitKind(StrEnum):
    """The limits that apply to a charge."""

    USER_DAY = "user_day"
    """A member's results in a day, by the guild's quota, which moderators may give back."""
    USER_CEILING = "user_ceiling"
    """A member's results in a day, by the most that the operator allows; never given back."""
    USER_MONTH = "user_month"
    """A member's money in a month; all further limits are of money."""
    GUILD_MONTH = "guild_month"
    PERSONAL_MONTH = "personal_month"
    """Money in a month of all use outside guilds."""
    GLOBAL_DAY = "global_day"
    RATE = "rate"
    """All money in ten minutes."""


class CountLimit(StrEnum):
    """The limits that no account counts and no period ends."""

    COMMAND = "command"
    """Pictures of one command."""
    USER_ORDERS = "user_orders"
    """A member's open orders."""
    ALL_ORDERS = "all_orders"
    """Everybody's open orders."""


class LedgerUnit(StrEnum):
    MICRO_USD = "micro_usd"
    RESULT = "result"


class EntryKind(StrEnum):
    HOLD = "hold"
    SETTLE = "settle"
    RELEASE = "release"
    ADJUST = "adjust"


@dataclass(frozen=True, slots=True, order=True)
class Charge:
    """An amount to hold on a scope, refused if held + spent + amount would exceed `limit`."""

    scope: str
    unit: LedgerUnit
    amount: int
    limit: int | None


@dataclass(frozen=True, slots=True)
class Account:
    scope: str
    unit: LedgerUnit
    held: int
    spent: int
    limit: int | None = None
    """The limit last applied; None is unlimited."""

    @property
    def used(self) -> int:
        return self.held + self.spent


@dataclass(frozen=True, slots=True)
class Statement:
    """The money spent and held on one account."""

    scope: str
    held: MicroUsd
    spent: MicroUsd


@dataclass(frozen=True, slots=True)
class HoldClosing:
    """The parts of a hold that are settled and released."""

    settled: int
    released: int


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
    def left(self) -> int:
        return self.limit - self.used

    @property
    def refuses(self) -> bool:
        return self.used + self.asked > self.limit


@dataclass(frozen=True, slots=True)
class CountUse:
    """The same of a limit on pictures or orders."""

    cap: CountLimit
    asked: int
    used: int
    limit: int

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


def close_hold(held: int, cost: int) -> HoldClosing:
    """Close a hold at its cost; a cost above the hold is settled in full."""
    return HoldClosing(cost, max(0, held - cost))


def parse_scope(scope: str) -> tuple[GuildId | None, UserId | None, str]:
    """Return the guild and the member of a scope, None for everybody's, and its period."""
    kind, *parts = scope.split(":", 3)
    if kind == "global":
        return None, None, scope.split(":", 2)[2]
    guild, user = GuildId(int(parts[0])), UserId(int(parts[1])) if kind == "u" else None
    return guild, user, scope.split(":", 4 if kind == "u" else 3)[-1]


def get_scope_unit(scope: str) -> LedgerUnit:
    """Return what a scope counts: the days of members count results, all others money."""
    counted = scope.startswith("u:") and scope.split(":")[3] in {"d", "o"}
    return LedgerUnit.RESULT if counted else LedgerUnit.MICRO_USD


def format_user_day_scope(guild: GuildId, user: UserId, day: date) -> str:
    """Return the scope of a member's results on a day."""
    return f"u:{guild}:{user}:d:{day.isoformat()}"


def format_user_ceiling_scope(guild: GuildId, user: UserId, day: date) -> str:
    """Return the scope of a member's results on a day that no refund touches."""
    return f"u:{guild}:{user}:o:{day.isoformat()}"


def format_user_month_scope(guild: GuildId, user: UserId, day: date) -> str:
    """Return the scope of a member's money in a day's month."""
    return f"u:{guild}:{user}:m:{day:%Y-%m}"


def format_guild_month_scope(guild: GuildId, day: date) -> str:
    """Return the scope of a guild's money in a day's month; `PERSONAL_GUILD` is all such use."""
    return f"g:{guild}:m:{day:%Y-%m}"


def format_global_day_scope(day: date) -> str:
    """Return the scope of all money on a day."""
    return f"global:d:{day.isoformat()}"


def format_rate_scope(moment: datetime) -> str:
    """Return the scope of all money in the ten minutes (UTC) that contain a time."""
    return f"global:r:{_get_window_start(moment):%Y-%m-%dT%H:%M}"


def get_rate_end(moment: datetime) -> datetime:
    """Return the end of the ten minutes that contain a time."""
    return _get_window_start(moment) + RATE_WINDOW


def _get_window_start(moment: datetime) -> datetime:
    start = moment.astimezone(UTC)
    minutes = RATE_WINDOW // timedelta(minutes=1)
    return start.replace(minute=start.minute // minutes * minutes, second=0, microsecond=0)


def get_charge_day(local: date, latest: date | None) -> date:
    """Return the day to charge, never before the latest charged one.

    So a change of time zone can't give a member the same day's quota twice. A latest day more than
    `_MAX_DATE_GAP` ahead came from a wrong clock and is ignored.
    """
    if latest is None or latest - local > _MAX_DATE_GAP:
        return local
    return max(local, latest)


def get_day_end(day: date, zone: tzinfo) -> datetime:
    """Return a day's end in its zone, as UTC; because of clock changes a day has 23 to 25 hours."""
    return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)


def get_month_end(day: date, zone: tzinfo) -> datetime:
    """Return the end of a day's month in its zone, as UTC."""
    # 32 days after the first is always in the next month
    following = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return datetime.combine(following, time(), zone).astimezone(UTC)
