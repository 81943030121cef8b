"""The bot's joining and leaving of guilds, and the erasure of guilds it left long ago."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog

from bot.clock import Clock
from bot.domain.ids import GuildId
from bot.services.members.erasure import MemberErasure
from bot.services.orders.job_control import JobControl
from bot.storage.repositories.guild_membership import GuildMembershipStore

log = structlog.get_logger(__name__)

GRACE_PERIOD: Final = timedelta(days=7)
"""How long a left guild's data is stored, in case the bot was removed by mistake."""
_BATCH_SIZE: Final = 200


@dataclass(frozen=True, slots=True)
class GuildLifecycle:
    membership: GuildMembershipStore
    job_control: JobControl
    erasure: MemberErasure
    clock: Clock

    async def sync_guilds(self, guilds: Collection[GuildId]) -> None:
        """Record the guilds that the bot is in, as a new gateway session lists them."""
        for guild in await self.membership.sync_guilds(guilds, self.clock.now()):
            await self._cancel_waiting_jobs(guild)

    async def record_join(self, guild: GuildId) -> None:
        await self.membership.record_membership(guild, left_at=None)

    async def record_leave(self, guild: GuildId) -> None:
        """Record that the bot left a guild, and cancel its jobs that wait.

        Submitted jobs run to their end, so that their cost is settled.
        """
        await self.membership.record_membership(guild, left_at=self.clock.now())
        await self._cancel_waiting_jobs(guild)

    async def _cancel_waiting_jobs(self, guild: GuildId) -> None:
        waiting = await self.membership.list_waiting_jobs(guild)
        log.info("guild left", guild_id=guild, waiting=len(waiting))
        for job_id in waiting:
            await self.job_control.cancel_for_departure(job_id)

    async def purge_left_guilds(self) -> int:
        """Erase the guilds that were left before the grace period; return how many.

        The ledger stays, with IDs only. Safe to run again: a guild with an open or parked job
        stays listed until that job has ended.
        """
        forgotten = 0
        for guild in await self.membership.list_left_before(self.clock.now() - GRACE_PERIOD):
            while jobs := await self.membership.list_ended_jobs(guild, _BATCH_SIZE):
                for job in jobs:
                    await self.erasure.erase_job(job)
            forgotten += await self.membership.delete_guild(guild)
            log.info("guild forgotten", guild_id=guild)
        return forgotten
