"""Delete what has been kept long enough."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog

from bot.clock import Clock
from bot.services.guilds.lifecycle import GuildLifecycle
from bot.services.members.history import MemberHistory
from bot.services.orders.drafts import DRAFT_LIFETIME
from bot.storage.disk.file_store import FileStore
from bot.storage.repositories.archive import ArchiveStore

log = structlog.get_logger(__name__)

_SWEEP_SECONDS: Final = 3600.0
"""Seconds between two sweeps."""
_BATCH_SIZE: Final = 200


@dataclass(frozen=True, slots=True)
class Retention:
    """Run with `run()`; `max_age` counts from the end of a job, for all its files alike."""

    archive: ArchiveStore
    history: MemberHistory
    files: FileStore
    guild_lifecycle: GuildLifecycle
    clock: Clock
    max_age: timedelta

    async def run(self) -> None:
        """Sweep every hour until cancelled."""
        while True:
            try:
                await self.delete_expired()
            except Exception:
                log.exception("retention failed")
            await self.clock.sleep(_SWEEP_SECONDS)

    async def delete_expired(self) -> int:
        """Delete the files of old jobs and old drafts; return how many jobs lost theirs.

        Guilds that were left a while ago are forgotten.
        """
        now = self.clock.now()
        await self.guild_lifecycle.purge_left_guilds()
        for digest in await self.archive.delete_old_drafts(now - DRAFT_LIFETIME):
            await self.files.delete_file(digest)
        removed = 0
        while old := await self.archive.list_expired_jobs(now - self.max_age, _BATCH_SIZE):
            for job_id in old:
                await self.history.remove_files(job_id, "age")
            removed += len(old)
        if removed:
            log.info("old files deleted", jobs=removed)
        return removed
