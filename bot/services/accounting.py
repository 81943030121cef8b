"""What a job is held for, what is left of each cap, and which cap refused."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.domain.ids import ChannelId, GuildId, InteractionId, RoleId, UserId
from bot.domain.job import Job
from bot.domain.ledger import Cap, Unit
from bot.domain.money import MicroUsd
from bot.domain.order import Origin
from bot.domain.usage import CapUse, Usage
from bot.errors import BudgetExhausted, QuotaExhausted, Refusal
from bot.services.caps import Caps, Limit
from bot.storage.ledger import CapReached, LedgerStore


class Accounting:
    def __init__(self, ledger: LedgerStore, caps: Caps) -> None:
        self._ledger = ledger
        self.caps = caps

    def price(self, results: int) -> MicroUsd:
        """Return what a command is held for: the list price of each result."""
        return MicroUsd(self.caps.limits.price * results)

    async def uses(self, origin: Origin, results: int, at: datetime) -> Sequence[CapUse]:
        """Say how an order stands to every cap; nothing is held, nothing is put on record."""
        return [await self._use(limit) for limit in await self.caps.shown(origin, results, at)]

    async def usage(
        self, guild: GuildId, user: UserId, at: datetime, roles: Sequence[RoleId] = ()
    ) -> Usage:
        """Return how much of the day's quota a member has used."""
        origin = Origin(InteractionId(0), guild, ChannelId(0), user, "", tuple(roles))
        today = next(
            limit for limit in await self.caps.shown(origin, 0, at) if limit.cap is Cap.USER_DAY
        )
        use = await self._use(today)
        return Usage(use.used, use.limit, use.ends_at)

    async def usage_of(self, job: Job) -> Usage:
        """Return the quota of the day that a job was charged to, under the cap it met."""
        account = await self._ledger.charged(job.id, Unit.RESULT)
        now = await self.usage(job.origin.guild_id, job.origin.user_id, job.created_at)
        if account is None:
            return now
        return Usage(account.used, now.limit if account.cap is None else account.cap, now.renews_at)

    async def _use(self, limit: Limit) -> CapUse:
        charge = limit.charge
        account = await self._ledger.account(charge.scope, charge.unit)
        return CapUse(
            limit.cap, charge.unit, charge.amount, account.used, charge.cap or 0, limit.ends_at
        )


def refusal(limits: Sequence[Limit], reached: CapReached) -> Refusal:
    """Say which cap refused, what was used, and when it renews."""
    limit = next(limit for limit in limits if limit.charge == reached.charge)
    charge, most = limit.charge, limit.charge.cap or 0
    if limit.cap is Cap.USER_DAY:
        return QuotaExhausted(charge.amount, reached.used, most, limit.ends_at)
    return BudgetExhausted(
        MicroUsd(charge.amount), MicroUsd(reached.used), MicroUsd(most), limit.ends_at, limit.cap
    )
