"""Which caps apply to an order, and in which windows: the operator's, narrowed by the guild's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final

from bot.config import LimitSettings, PersonalSettings
from bot.domain.guild import GuildSettings
from bot.domain.ids import PERSONAL, GuildId, RoleId
from bot.domain.ledger import (
    Cap,
    Charge,
    Unit,
    charged_day,
    day_end,
    global_day_scope,
    guild_month_scope,
    month_end,
    rate_end,
    rate_scope,
    user_day_scope,
    user_month_scope,
)
from bot.domain.money import MicroUsd, parse_usd
from bot.domain.order import Origin
from bot.domain.problems import ResultsOutOfRange
from bot.storage.database import Connection
from bot.storage.guilds import GuildStore
from bot.storage.intake import IntakeStore

EVERYBODY: Final = PERSONAL
"""The mark of the whole bot's days; personal use has the same ones, both are UTC's."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A cap as it applies to one order: what would be charged where, and when it renews."""

    cap: Cap
    charge: Charge
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Caps:
    """Read the rules as a transaction sees them; the day is that of the guild's zone."""

    guilds: GuildStore
    intake: IntakeStore
    limits: LimitSettings
    personal: PersonalSettings = field(default_factory=PersonalSettings)

    def operators(self) -> Mapping[str, tuple[int, int]]:
        """Return what the operator sets where a guild does not, and allows at most, by setting."""
        month, per_guild = self.limits.usd_per_user_month, self.limits.usd_per_guild_month
        user_usd, guild_usd = parse_usd(month), parse_usd(per_guild)
        most, at_once = self.limits.most_results_per_user_day, self.limits.results_per_command
        return {
            "results_per_user_day": (min(self.limits.results_per_user_day, most), most),
            "results_per_command": (at_once, at_once),
            "usd_per_user_month": (user_usd, user_usd),
            "usd_per_month": (guild_usd, guild_usd),
        }

    async def charged(
        self, tx: Connection, origin: Origin, results: int, at: datetime
    ) -> Sequence[Limit]:
        """List every cap of an order, and put the days on record that it counts for.

        So no clock and no change of zone leads back to an earlier day. Raises `ResultsOutOfRange`
        if the guild allows fewer at once.
        """
        settings = await self.guilds.read(tx, origin.guild_id)
        most = min(self.limits.results_per_command, settings.results_per_command or results)
        if not 1 <= results <= most:
            raise ResultsOutOfRange(results, 1, most)
        days = await self._days(tx, origin.guild_id, settings, at)
        if days.new:
            await self.intake.note_day(tx, origin.guild_id, days.local)
            await self.intake.note_day(tx, EVERYBODY, days.utc)
        return await self._limits(tx, settings, days, origin, results)

    async def shown(self, origin: Origin, results: int, at: datetime) -> Sequence[Limit]:
        """List the same caps without putting anything on record."""
        reader = self.intake.reader
        settings = await self.guilds.read(reader, origin.guild_id)
        days = await self._days(reader, origin.guild_id, settings, at)
        return await self._limits(reader, settings, days, origin, results)

    async def _days(
        self, tx: Connection, guild: GuildId, settings: GuildSettings, at: datetime
    ) -> _Days:
        marks = await self.intake.latest_days(tx, guild)
        local = charged_day(at.astimezone(settings.zone).date(), marks.get(guild))
        today = charged_day(at.astimezone(UTC).date(), marks.get(EVERYBODY))
        new = (local, today) != (marks.get(guild), marks.get(EVERYBODY))
        return _Days(at, local, today, new=new)

    async def _limits(
        self,
        tx: Connection,
        settings: GuildSettings,
        days: _Days,
        origin: Origin,
        results: int,
    ) -> Sequence[Limit]:
        guild, user, zone = origin.guild_id, origin.user_id, settings.zone
        daily = await self._daily(tx, settings, origin, days.at)
        monthly = _narrow(self.limits.usd_per_user_month, settings.usd_per_user_month)
        cap, pool = self._pool(settings, origin)
        price, month = self.limits.price * results, month_end(days.local, zone)
        scope = user_day_scope(guild, user, days.local)
        return (
            Limit(
                Cap.USER_DAY, Charge(scope, Unit.RESULT, results, daily), day_end(days.local, zone)
            ),
            _money(
                Cap.USER_MONTH, user_month_scope(guild, user, days.local), price, monthly, month
            ),
            _money(cap, guild_month_scope(guild, days.local), price, pool, month),
            _money(
                Cap.GLOBAL_DAY,
                global_day_scope(days.utc),
                price,
                parse_usd(self.limits.usd_per_day),
                day_end(days.utc, UTC),
            ),
            _money(
                Cap.RATE,
                rate_scope(days.at),
                price,
                parse_usd(self.limits.usd_per_ten_minutes),
                rate_end(days.at),
            ),
        )

    async def _daily(
        self, tx: Connection, settings: GuildSettings, origin: Origin, at: datetime
    ) -> int:
        """Return how many results a member may have on a day."""
        if origin.is_personal:
            return self.personal.results_per_day
        grant = await self.guilds.granted(tx, origin.guild_id, origin.user_id, at)
        daily = _tier(settings, origin.roles, self.limits.results_per_user_day)
        daily = daily if grant is None else grant.results_per_day
        return min(daily, self.limits.most_results_per_user_day)

    def _pool(self, settings: GuildSettings, origin: Origin) -> tuple[Cap, MicroUsd]:
        """Return whose budget of a month is charged, and how much it is."""
        if origin.is_personal:
            return Cap.PERSONAL_MONTH, parse_usd(self.personal.month_usd)
        return Cap.GUILD_MONTH, _narrow(self.limits.usd_per_guild_month, settings.usd_per_month)


@dataclass(frozen=True, slots=True)
class _Days:
    """A moment, the days that it counts for, and whether they are later than the record's."""

    at: datetime
    local: date
    utc: date
    new: bool


def _money(cap: Cap, scope: str, price: int, most: int, ends_at: datetime) -> Limit:
    return Limit(cap, Charge(scope, Unit.MICRO_USD, price, most), ends_at)


def _tier(settings: GuildSettings, roles: Sequence[RoleId], default: int) -> int:
    """Return the best of what the guild gives everybody and what it gives the member's roles."""
    base = settings.results_per_user_day
    held = [tier.results_per_day for tier in settings.role_tiers if tier.role in roles]
    return max([default if base is None else base, *held])


def _narrow(operators: Decimal, guilds: MicroUsd | None) -> MicroUsd:
    most = parse_usd(operators)
    return most if guilds is None else min(most, guilds)
