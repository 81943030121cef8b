"""A member's consent to the expansion of their pictures by others."""

from __future__ import annotations

from dataclasses import dataclass

from bot.clock import Clock
from bot.domain.ids import UserId
from bot.storage.repositories.member_preferences import MemberPreferenceStore


@dataclass(frozen=True, slots=True)
class PrivacyService:
    preferences: MemberPreferenceStore
    clock: Clock

    async def is_sharing_allowed(self, user: UserId) -> bool:
        """Return whether others may expand this member's pictures."""
        return not await self.preferences.has_opted_out(user)

    async def set_sharing(self, user: UserId, *, is_allowed: bool) -> None:
        if is_allowed:
            await self.preferences.opt_in(user)
        else:
            await self.preferences.opt_out(user, self.clock.now())
