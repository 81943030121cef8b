"""Quotas: a job's price and hold, the usage of each limit, and the refusal by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from bot.domain.errors import Refusal
from bot.domain.ids import ChannelId, GuildId, InteractionId, RoleId, UserId
from bot.domain.job import Job
from bot.domain.ledger import CapUse, LedgerUnit, LimitKind, Usage
from bot.domain.model import PriceRule
from bot.domain.money import MicroUsd
from bot.domain.order import Origin
from bot.errors import BudgetExhausted, QuotaExhausted
from bot.services.billing.limits import LimitPolicy, OrderAmount, OrderLimit
from bot.storage.repositories.billing.ledger import LedgerStore, LimitReached
from bot.storage.sqlite.database import Connection

_DAILY_LIMITS: Final = frozenset({LimitKind.USER_DAY, LimitKind.USER_CEILING})
"""The limits on a member's results in a day: the guild's quota and the operator's ceiling."""


@dataclass(frozen=True, slots=True)
class QuotaService:
    """Quote prices and hold them; `max_canvas_pixels` is the largest canvas that is rendered."""

    ledger: LedgerStore
    limit_policy: LimitPolicy
    price: PriceRule
    max_canvas_pixels: int

    def quote_price(self, results: int, canvas_pixels: int | None = None) -> MicroUsd:
        """Return the amount to hold for this many results, at the list price.

        While the rendered canvas is unknown, the price is that of the largest possible one.
        """
        pixels = self.max_canvas_pixels if canvas_pixels is None else canvas_pixels
        return MicroUsd(self.price.compute_price(pixels) * results)

    async def hold_charges(self, tx: Connection, job: Job, besides: int) -> None:
        """Hold a job's price under all limits; raise the `Refusal` of a limit that is reached.

        `besides` is how many results the same command has ordered already.
        """
        amount, now = OrderAmount(job.order.results, job.hold, besides), job.created_at
        limits = await self.limit_policy.list_limits_for_charge(tx, job.origin, amount, now)
        try:
            await self.ledger.hold_charges(tx, job.id, [each.charge for each in limits], now)
        except LimitReached as reached:
            raise _build_limit_refusal(limits, reached) from None

    async def list_limit_usage(
        self, origin: Origin, results: int, now: datetime
    ) -> Sequence[CapUse]:
        """Return how much of each limit is used, without holding or recording anything."""
        amount = OrderAmount(results, self.quote_price(results))
        limits = await self.limit_policy.list_limits(origin, amount, now)
        return [await self._read_limit_usage(limit) for limit in limits]

    async def list_member_usage(self, origin: Origin, now: datetime) -> Sequence[CapUse]:
        """Return how much of each limit is used, with one of the day's pictures.

        Where the operator's ceiling leaves less than the quota, because that was given back, it
        stands in the quota's place.
        """
        uses = await self.list_limit_usage(origin, 0, now)
        daily = min((use for use in uses if use.cap in _DAILY_LIMITS), key=lambda use: use.left)
        others = (use for use in uses if use.cap not in _DAILY_LIMITS)
        return [replace(daily, cap=LimitKind.USER_DAY), *others]

    async def get_daily_usage(
        self, guild: GuildId, user: UserId, moment: datetime, roles: Sequence[RoleId] = ()
    ) -> Usage:
        """Return a member's daily quota and how much of it is used."""
        origin = Origin(InteractionId(0), guild, ChannelId(0), user, "", tuple(roles))
        use, *_ = await self.list_member_usage(origin, moment)
        return Usage(use.used, use.limit, use.ends_at)

    async def get_job_usage(self, job: Job) -> Usage:
        """Return the daily quota that a job was charged to, with the limit at that time."""
        account = await self.ledger.find_charged_account(job.id, LedgerUnit.RESULT)
        now = await self.get_daily_usage(job.origin.guild_id, job.origin.user_id, job.created_at)
        if account is None:
            return now
        most = now.limit if account.limit is None else account.limit
        return Usage(account.used, most, now.renews_at)

    async def _read_limit_usage(self, limit: OrderLimit) -> CapUse:
        charge, most = limit.charge, limit.charge.limit or 0
        used = (await self.ledger.get_account(charge.scope, charge.unit)).used
        return CapUse(limit.kind, charge.unit, charge.amount, used, most, limit.ends_at)


def _build_limit_refusal(limits: Sequence[OrderLimit], reached: LimitReached) -> Refusal:
    """Return the refusal with the limit that was reached, its usage, and when it renews."""
    limit = next(limit for limit in limits if limit.charge == reached.charge)
    asked, used, most = limit.charge.amount, reached.used, limit.charge.limit or 0
    if limit.kind in _DAILY_LIMITS:
        return QuotaExhausted(asked, used, most, limit.ends_at)
    money = MicroUsd(asked), MicroUsd(used), MicroUsd(most)
    return BudgetExhausted(*money, limit.ends_at, limit.kind)
