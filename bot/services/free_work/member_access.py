"""Who may ask for free work: members who may order in the same place."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.order import Origin
from bot.services.orders.admission import AdmissionControl
from bot.services.orders.policy import GuildPolicy


@dataclass(frozen=True, slots=True)
class MemberAccess:
    policy: GuildPolicy
    admission: AdmissionControl

    async def check_access(self, origin: Origin) -> None:
        """Raise the `Refusal` that an order would get for a block, a pause or its place."""
        await self.policy.check_viewer(origin)
        await self.admission.check_member(origin.user_id)
