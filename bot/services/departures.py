"""What follows when the bot leaves a guild, or is thrown out: in a while it forgets the guild."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog

from bot.clock import Clock
from bot.domain.ids import GuildId
from bot.services.expansion import Expansions
from bot.services.history import History
from bot.storage.stays import StayStore

log = structlog.get_logger(__name__)

GRACE: Final = timedelta(days=7)
"""How long all is kept: who takes the bot out by mistake, or to try, has it back within days."""
_AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True)
class Departures:
    stays: StayStore
    expansions: Expansions
    history: History
    clock: Clock

    async def note_all(self, guilds: Collection[GuildId]) -> None:
        """Note in which guilds the bot is, as a new session says."""
        for guild in await self.stays.note_all(guilds, self.clock.now()):
            await self._drop(guild)

    async def joined(self, guild: GuildId) -> None:
        await self.stays.note(guild, left_at=None)

    async def left(self, guild: GuildId) -> None:
        """Note that nothing can be brought to a guild any more.

        What was not submitted costs nothing; what was ends by itself, with its books closed.
        """
        await self.stays.note(guild, left_at=self.clock.now())
        await self._drop(guild)

    async def _drop(self, guild: GuildId) -> None:
        waiting = await self.stays.waiting_in(guild)
        log.info("guild left", guild_id=guild, waiting=len(waiting))
        for job_id in waiting:
            await self.expansions.drop(job_id)

    async def sweep(self) -> int:
        """Forget the guilds that were left long enough ago; return how many.

        The books stay, under bare ids. Safe to run again: a job that is still open then, or parked,
        keeps its guild on the list.
        """
        forgotten = 0
        for guild in await self.stays.left_before(self.clock.now() - GRACE):
            while jobs := await self.stays.ended_in(guild, _AT_ONCE):
                for job in jobs:
                    await self.history.erase(job)
            forgotten += await self.stays.forget(guild)
            log.info("guild forgotten", guild_id=guild)
        return forgotten
