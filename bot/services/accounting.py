"""What a job charges, and what is left of a member's quota."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.config import LimitSettings
from bot.domain.ids import GuildId, UserId
from bot.domain.ledger import Charge, Unit, global_day_scope, user_day_scope, window_end
from bot.domain.money import MicroUsd
from bot.domain.order import Origin
from bot.errors import BudgetExhausted, QuotaExhausted, Refusal
from bot.storage.ledger import CapReached, LedgerStore


@dataclass(frozen=True, slots=True)
class Usage:
    """A member's results today: used (held ones count), the limit, and when it renews."""

    used: int
    limit: int
    renews_at: datetime

    @property
    def left(self) -> int:
        return max(0, self.limit - self.used)


class Accounting:
    def __init__(self, ledger: LedgerStore, limits: LimitSettings) -> None:
        self._ledger = ledger
        self._limits = limits

    def price(self, results: int) -> MicroUsd:
        """Return what a command is held for: the list price of each result."""
        return MicroUsd(self._limits.price * results)

    def charges(self, origin: Origin, results: int, at: datetime) -> Sequence[Charge]:
        """List what a job charges and against which caps; the day is that of acceptance."""
        day = at.date()
        return (
            Charge(
                user_day_scope(origin.guild_id, origin.user_id, day),
                Unit.RESULT,
                results,
                self._limits.results_per_user_day,
            ),
            Charge(global_day_scope(day), Unit.MICRO_USD, self.price(results), self._limits.budget),
        )

    def refusal(self, reached: CapReached) -> Refusal:
        """Say which cap refused, what was used, and when it renews."""
        charge = reached.charge
        renews_at = window_end(charge.scope)
        cap = charge.cap or 0
        if charge.unit is Unit.RESULT:
            return QuotaExhausted(charge.amount, reached.used, cap, renews_at)
        return BudgetExhausted(
            MicroUsd(charge.amount), MicroUsd(reached.used), MicroUsd(cap), renews_at
        )

    async def usage(self, guild: GuildId, user: UserId, at: datetime) -> Usage:
        """Return how much of the day's quota a member has used."""
        scope = user_day_scope(guild, user, at.date())
        account = await self._ledger.account(scope, Unit.RESULT)
        return Usage(account.used, self._limits.results_per_user_day, window_end(scope))
