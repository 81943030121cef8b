"""Delete what has been kept long enough."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import structlog

from bot.clock import Clock
from bot.services.departures import Departures
from bot.services.history import History
from bot.services.previews import LIFE
from bot.storage.archive import ArchiveStore
from bot.storage.files import FileStore

log = structlog.get_logger(__name__)

_EVERY: Final = 3600.0
"""Seconds between two sweeps."""
_AT_ONCE: Final = 200


class Retention:
    """Run with `run()`; `keep` counts from the end of a job, for all its files alike."""

    def __init__(
        self,
        archive: ArchiveStore,
        history: History,
        files: FileStore,
        departures: Departures,
        clock: Clock,
        *,
        keep: timedelta,
    ) -> None:
        self._archive = archive
        self._history = history
        self._files = files
        self._departures = departures
        self._clock = clock
        self._keep = keep

    async def run(self) -> None:
        """Sweep every hour until cancelled."""
        while True:
            try:
                await self.sweep()
            except Exception:
                log.exception("retention failed")
            await self._clock.sleep(_EVERY)

    async def sweep(self) -> int:
        """Delete the files of old jobs and old drafts; return how many jobs lost theirs.

        Guilds that were left a while ago are forgotten.
        """
        now = self._clock.now()
        await self._departures.sweep()
        for digest in await self._archive.old_drafts(now - LIFE):
            await self._files.remove(digest)
        removed = 0
        while old := await self._archive.old(now - self._keep, _AT_ONCE):
            for job_id in old:
                await self._history.remove(job_id, "age")
            removed += len(old)
        if removed:
            log.info("old files deleted", jobs=removed)
        return removed
