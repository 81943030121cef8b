"""How an order of a member would stand to every limit, for the operator; nothing is spent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.clock import Clock
from bot.domain.errors import Refusal
from bot.domain.ledger import CapUse, CountLimit, CountUse
from bot.domain.order import Origin
from bot.services.billing.limits import LimitPolicy
from bot.services.billing.quotas import QuotaService
from bot.services.exposure.places import check_place
from bot.services.orders.admission import AdmissionControl
from bot.services.orders.policy import GuildPolicy


@dataclass(frozen=True, slots=True)
class OrderOutlook:
    """All limits with their usage, and what else refuses an order of this member."""

    uses: Sequence[CapUse | CountUse]
    refusals: Sequence[Refusal]

    @property
    def is_accepted(self) -> bool:
        return not self.refusals and not any(use.refuses for use in self.uses)


@dataclass(frozen=True, slots=True)
class OrderInspection:
    policy: GuildPolicy
    limits: LimitPolicy
    quotas: QuotaService
    admission: AdmissionControl
    clock: Clock

    async def inspect_order(self, origin: Origin, results: int) -> OrderOutlook:
        """Return how an order of `results` pictures would stand, without holding anything.

        An origin without a channel leaves out the guild's rules about channels.
        """
        now = self.clock.now()
        most = await self.limits.fetch_command_limit(origin.guild_id)
        queue = await self.admission.list_queue_usage(origin.user_id)
        refusals = await self.admission.list_refusals(origin.user_id, now)
        caps = await self.quotas.list_limit_usage(origin, results, now)
        return OrderOutlook(
            [CountUse(CountLimit.COMMAND, results, 0, most), *queue, *caps],
            [*refusals, *await self._list_policy_refusals(origin)],
        )

    async def _list_policy_refusals(self, origin: Origin) -> list[Refusal]:
        try:
            settings = await self.policy.check_block(origin)
            if not origin.channels:
                settings = replace(settings, allowed_channels=())
            check_place(settings, origin)
        except Refusal as refusal:
            return [refusal]
        return []
