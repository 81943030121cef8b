"""What follows when the bot leaves a guild, or is thrown out: in a while it forgets the guild."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog

from bot.clock import Clock
from bot.domain.ids import GuildId
from bot.services.members.history import MemberHistory
from bot.services.orders.job_control import JobControl
from bot.storage.repositories.guild_membership import GuildMembershipStore

log = structlog.get_logger(__name__)

GRACE_PERIOD: Final = timedelta(days=7)
"""How long all is kept: who takes the bot out by mistake, or to try, has it back within days."""
_BATCH_SIZE: Final = 200


@dataclass(frozen=True, slots=True)
class GuildLifecycle:
    membership: GuildMembershipStore
    job_control: JobControl
    history: MemberHistory
    clock: Clock

    async def sync_guilds(self, guilds: Collection[GuildId]) -> None:
        """Note in which guilds the bot is, as a new session says."""
        for guild in await self.membership.sync_guilds(guilds, self.clock.now()):
            await self._cancel_waiting_jobs(guild)

    async def record_join(self, guild: GuildId) -> None:
        await self.membership.record_membership(guild, left_at=None)

    async def record_leave(self, guild: GuildId) -> None:
        """Note that nothing can be brought to a guild any more.

        What was not submitted costs nothing; what was ends by itself, with its books closed.
        """
        await self.membership.record_membership(guild, left_at=self.clock.now())
        await self._cancel_waiting_jobs(guild)

    async def _cancel_waiting_jobs(self, guild: GuildId) -> None:
        waiting = await self.membership.list_waiting_jobs(guild)
        log.info("guild left", guild_id=guild, waiting=len(waiting))
        for job_id in waiting:
            await self.job_control.cancel_for_departure(job_id)

    async def purge_left_guilds(self) -> int:
        """Forget the guilds that were left long enough ago; return how many.

        The books stay, under bare ids. Safe to run again: a job that is still open then, or parked,
        keeps its guild on the list.
        """
        forgotten = 0
        for guild in await self.membership.list_left_before(self.clock.now() - GRACE_PERIOD):
            while jobs := await self.membership.list_ended_jobs(guild, _BATCH_SIZE):
                for job in jobs:
                    await self.history.erase_job(job)
            forgotten += await self.membership.delete_guild(guild)
            log.info("guild forgotten", guild_id=guild)
        return forgotten
