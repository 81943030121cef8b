"""Deletion of stored files that no row names, as a crash between file and row leaves them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog

from bot.clock import Clock
from bot.storage.disk.file_store import FileStore
from bot.storage.repositories.pictures.pending_files import PendingFileStore

log = structlog.get_logger(__name__)

GRACE: Final = timedelta(days=1)
"""Age from which a file without a row is deleted; rows are written within minutes."""
_BATCH_SIZE: Final = 50
"""Files checked under one write lock, during which orders wait."""


@dataclass(frozen=True, slots=True)
class FileSweep:
    files: FileStore
    pending: PendingFileStore
    clock: Clock

    async def delete_unnamed(self) -> int:
        """Delete files older than a day that no row names; return how many. Safe to run twice."""
        since, removed = self.clock.now() - GRACE, 0
        stored = await asyncio.to_thread(self.files.list_files, since)
        for at in range(0, len(stored), _BATCH_SIZE):
            batch = stored[at : at + _BATCH_SIZE]
            removed += len(await self.pending.delete_unnamed(batch, since, self.files.delete_files))
        await asyncio.to_thread(self.files.delete_leftovers, since)
        await self.pending.forget_before(since)
        if removed:
            log.info("files without a row deleted", files=removed)
        return removed
