"""The limits that apply to an order and their periods: the operator's, lowered by the guild."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from bot.config.settings import LimitSettings, PersonalSettings
from bot.domain.errors import ResultsOutOfRange
from bot.domain.guild import GuildSettings
from bot.domain.ids import PERSONAL_GUILD, GuildId, RoleId
from bot.domain.ledger import (
    Charge,
    LedgerUnit,
    LimitKind,
    format_global_day_scope,
    format_guild_month_scope,
    format_rate_scope,
    format_user_ceiling_scope,
    format_user_day_scope,
    format_user_month_scope,
    get_charge_day,
    get_day_end,
    get_month_end,
    get_rate_end,
)
from bot.domain.money import MicroUsd, parse_usd
from bot.domain.order import Origin
from bot.storage.repositories.billing.admission import AdmissionStore
from bot.storage.repositories.guild_settings import GuildSettingsStore
from bot.storage.sqlite.database import Connection

ALL_GUILDS: Final = PERSONAL_GUILD
"""Key of the whole bot's latest day, shared with personal use, since both count UTC days."""


@dataclass(frozen=True, slots=True)
class OrderAmount:
    """How many results an order asks for, their price, and results ordered by the same command."""

    results: int
    price: MicroUsd
    besides: int = 0


@dataclass(frozen=True, slots=True)
class OrderLimit:
    """A limit for one order: the charge to its account, and when the period ends."""

    kind: LimitKind
    charge: Charge
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class LimitPolicy:
    """Compute limits within the caller's transaction; days are those of the guild's time zone."""

    guilds: GuildSettingsStore
    admission: AdmissionStore
    operator_limits: LimitSettings
    personal: PersonalSettings = field(default_factory=PersonalSettings)

    def get_operator_limits(self) -> Mapping[str, tuple[int, int]]:
        """Return (default, maximum) by setting, as the operator configured them."""
        limits = self.operator_limits
        user_usd = parse_usd(limits.usd_per_user_month)
        guild_usd = parse_usd(limits.usd_per_guild_month)
        most, at_once = limits.most_results_per_user_day, limits.results_per_command
        return {
            "results_per_user_day": (min(limits.results_per_user_day, most), most),
            "results_per_command": (at_once, at_once),
            "usd_per_user_month": (user_usd, user_usd),
            "usd_per_month": (guild_usd, guild_usd),
        }

    async def fetch_command_limit(self, guild: GuildId) -> int:
        """Return how many results one command may have in a guild."""
        return self._get_command_limit(await self.guilds.get(guild))

    def _get_command_limit(self, settings: GuildSettings) -> int:
        most = self.operator_limits.results_per_command
        return min(most, settings.results_per_command or most)

    async def list_limits_for_charge(
        self, tx: Connection, origin: Origin, amount: OrderAmount, now: datetime
    ) -> Sequence[OrderLimit]:
        """Return an order's limits, and record the days that it counts for.

        Recorded days never go back when a clock or time zone does, so no quota is given twice.
        Raises `ResultsOutOfRange` for more results than one command may have.
        """
        settings = await self.guilds.read_settings(tx, origin.guild_id)
        results, most = amount.besides + amount.results, self._get_command_limit(settings)
        if not 1 <= results <= most:
            raise ResultsOutOfRange(results, 1, most)
        days = await self._resolve_days(tx, origin.guild_id, settings, now)
        if days.is_new:
            await self.admission.record_day(tx, origin.guild_id, days.local)
            await self.admission.record_day(tx, ALL_GUILDS, days.utc)
        return await self._build_limits(tx, settings, days, origin, amount)

    async def list_limits(
        self, origin: Origin, amount: OrderAmount, now: datetime
    ) -> Sequence[OrderLimit]:
        """Return an order's limits without recording its days."""
        reader = self.admission.reader
        settings = await self.guilds.read_settings(reader, origin.guild_id)
        days = await self._resolve_days(reader, origin.guild_id, settings, now)
        return await self._build_limits(reader, settings, days, origin, amount)

    async def _resolve_days(
        self, tx: Connection, guild: GuildId, settings: GuildSettings, now: datetime
    ) -> _Days:
        marks = await self.admission.get_latest_days(tx, guild)
        local = get_charge_day(now.astimezone(settings.zone_info).date(), marks.get(guild))
        today = get_charge_day(now.astimezone(UTC).date(), marks.get(ALL_GUILDS))
        new = (local, today) != (marks.get(guild), marks.get(ALL_GUILDS))
        return _Days(now, local, today, is_new=new)

    async def _build_limits(
        self,
        tx: Connection,
        settings: GuildSettings,
        days: _Days,
        origin: Origin,
        amount: OrderAmount,
    ) -> Sequence[OrderLimit]:
        guild, user, zone = origin.guild_id, origin.user_id, settings.zone_info
        daily = await self._get_daily_quota(tx, settings, origin, days.now)
        own, operator = settings.usd_per_user_month, self.operator_limits
        monthly = _get_lower_budget(operator.usd_per_user_month, own)
        kind, pool = self._get_monthly_budget(settings, origin)
        month = get_month_end(days.local, zone)
        day_scope = format_user_day_scope(guild, user, days.local)
        pictures = Charge(day_scope, LedgerUnit.RESULT, amount.results, daily)
        user_month = format_user_month_scope(guild, user, days.local)
        guild_month = format_guild_month_scope(guild, days.local)
        today, window = format_global_day_scope(days.utc), format_rate_scope(days.now)
        per_day, per_window = operator.usd_per_day, operator.usd_per_ten_minutes
        budgets = (
            (LimitKind.USER_MONTH, user_month, monthly, month),
            (kind, guild_month, pool, month),
            (LimitKind.GLOBAL_DAY, today, parse_usd(per_day), get_day_end(days.utc, UTC)),
            (LimitKind.RATE, window, parse_usd(per_window), get_rate_end(days.now)),
        )
        return (
            OrderLimit(LimitKind.USER_DAY, pictures, get_day_end(days.local, zone)),
            *self._list_ceilings(origin, days.local, zone, amount),
            *(
                OrderLimit(
                    kind, Charge(scope, LedgerUnit.MICRO_USD, amount.price, maximum), ends_at
                )
                for kind, scope, maximum, ends_at in budgets
            ),
        )

    def _list_ceilings(
        self, origin: Origin, day: date, zone: ZoneInfo, amount: OrderAmount
    ) -> list[OrderLimit]:
        """Return the most that the operator allows a member per day, on an account of its own.

        Moderators give the quota back, and each picture that they give back costs the operator.
        Personal use has no moderators, so its quota is enough.
        """
        if origin.is_personal:
            return []
        most = self.operator_limits.most_results_per_user_day
        scope = format_user_ceiling_scope(origin.guild_id, origin.user_id, day)
        charge = Charge(scope, LedgerUnit.RESULT, amount.results, most)
        return [OrderLimit(LimitKind.USER_CEILING, charge, get_day_end(day, zone))]

    async def _get_daily_quota(
        self, tx: Connection, settings: GuildSettings, origin: Origin, now: datetime
    ) -> int:
        """Return how many results a member may have per day."""
        if origin.is_personal:
            return self.personal.results_per_day
        grant = await self.guilds.find_grant(tx, origin.guild_id, origin.user_id, now)
        daily = _get_tier_quota(settings, origin.roles, self.operator_limits.results_per_user_day)
        daily = daily if grant is None else grant.results_per_day
        return min(daily, self.operator_limits.most_results_per_user_day)

    def _get_monthly_budget(
        self, settings: GuildSettings, origin: Origin
    ) -> tuple[LimitKind, MicroUsd]:
        """Return which monthly budget is charged, and its amount."""
        if origin.is_personal:
            return LimitKind.PERSONAL_MONTH, parse_usd(self.personal.month_usd)
        most = self.operator_limits.usd_per_guild_month
        return LimitKind.GUILD_MONTH, _get_lower_budget(most, settings.usd_per_month)


@dataclass(frozen=True, slots=True)
class _Days:
    """A time, the days that it counts for, and whether they are later than the recorded ones."""

    now: datetime
    local: date
    utc: date
    is_new: bool


def _get_tier_quota(settings: GuildSettings, roles: Sequence[RoleId], default: int) -> int:
    """Return the highest daily quota of the guild's default and the member's roles."""
    base = settings.results_per_user_day
    held = [tier.results_per_day for tier in settings.role_tiers if tier.role in roles]
    return max([default if base is None else base, *held])


def _get_lower_budget(operators: Decimal, guilds: MicroUsd | None) -> MicroUsd:
    most = parse_usd(operators)
    return most if guilds is None else min(most, guilds)
