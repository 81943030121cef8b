"""Scopes, charges and the arithmetic of hold, settle and release.

A scope names who is charged and in which window (`u:<guild>:<user>:d:2026-11-22`), so a new day
is a new account and nothing is ever reset.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Final

from bot.domain.ids import GuildId, UserId
from bot.domain.money import MicroUsd

RATE_WINDOW: Final = timedelta(minutes=10)
_MAX_DATE_GAP: Final = timedelta(days=2)
"""As far apart as two zones' dates can be at one moment (UTC+14 and UTC-12)."""


class LimitKind(StrEnum):
    """The caps that a charge can meet."""

    USER_DAY = "user_day"
    """Results of a member in a day."""
    USER_MONTH = "user_month"
    """Money of a member in a month; the rest are money too."""
    GUILD_MONTH = "guild_month"
    PERSONAL_MONTH = "personal_month"
    """Money of a month of all who use the bot without a guild."""
    GLOBAL_DAY = "global_day"
    RATE = "rate"
    """All money within ten minutes."""


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
    """An amount to be held on one scope, refused where held + spent + amount would pass `cap`."""

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
    """As it was last applied; None is none."""

    @property
    def used(self) -> int:
        return self.held + self.spent


@dataclass(frozen=True, slots=True)
class Statement:
    """What was spent on one account of money, and what is still held there."""

    scope: str
    held: MicroUsd
    spent: MicroUsd


@dataclass(frozen=True, slots=True)
class HoldClosing:
    """How a hold ends: what it cost, and what goes back."""

    settled: int
    released: int


def close_hold(held: int, cost: int) -> HoldClosing:
    """Close a hold at its cost; a bill above the hold is recorded in full and nothing goes back."""
    return HoldClosing(cost, max(0, held - cost))


def format_user_day_scope(guild: GuildId, user: UserId, day: date) -> str:
    """Name the account of one member's results on one day."""
    return f"u:{guild}:{user}:d:{day.isoformat()}"


def format_user_month_scope(guild: GuildId, user: UserId, day: date) -> str:
    """Name the account of one member's money in the month of a day."""
    return f"u:{guild}:{user}:m:{day:%Y-%m}"


def format_guild_month_scope(guild: GuildId, day: date) -> str:
    """Name the account of a guild's money in the month of a day; `PERSONAL` is all such use."""
    return f"g:{guild}:m:{day:%Y-%m}"


def format_global_day_scope(day: date) -> str:
    """Name the account of all money spent on one day."""
    return f"global:d:{day.isoformat()}"


def format_rate_scope(moment: datetime) -> str:
    """Name the account of all money spent in the ten minutes, UTC, that a time is in."""
    return f"global:r:{_get_window_start(moment):%Y-%m-%dT%H:%M}"


def get_rate_end(moment: datetime) -> datetime:
    """Return when the ten minutes end that a time is in."""
    return _get_window_start(moment) + RATE_WINDOW


def _get_window_start(moment: datetime) -> datetime:
    start = moment.astimezone(UTC)
    minutes = RATE_WINDOW // timedelta(minutes=1)
    return start.replace(minute=start.minute // minutes * minutes, second=0, microsecond=0)


def get_charge_day(local: date, latest: date | None) -> date:
    """Return the day that a charge counts for: never one before the latest that was charged.

    A mark further ahead than `_FURTHEST` was set by a clock that was wrong, and is disregarded;
    even then no day is opened twice, since its account is the same one.
    """
    if latest is None or latest - local > _MAX_DATE_GAP:
        return local
    return max(local, latest)


def get_day_end(day: date, zone: tzinfo) -> datetime:
    """Return when a day ends in its zone, as UTC; such a day has 23 to 25 hours."""
    return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)


def get_month_end(day: date, zone: tzinfo) -> datetime:
    """Return when the month of a day ends in its zone, as UTC."""
    following = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return datetime.combine(following, time(), zone).astimezone(UTC)
