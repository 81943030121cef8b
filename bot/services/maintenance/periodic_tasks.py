"""Periodic tasks: audit, backups, retention, and checks of parked jobs and of the provider."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from bot.clock import Clock
from bot.services.billing.auditor import Auditor
from bot.services.billing.provider_watch import ProviderWatch
from bot.services.guilds.lifecycle import GuildLifecycle
from bot.services.jobs.parked import ParkedJobChecker
from bot.services.maintenance.file_sweep import FileSweep
from bot.services.members.history import MemberHistory
from bot.services.orders.drafts import DRAFT_LIFETIME
from bot.services.pictures.reading_strikes import ReadingStrikes
from bot.storage.disk.file_store import FileStore
from bot.storage.repositories.archive import EXPIRED, ArchiveStore
from bot.storage.repositories.key_values import KeyValueStore
from bot.storage.sqlite import backups
from bot.storage.sqlite.database import Database

log = structlog.get_logger(__name__)

_HOUR: Final = 3600.0
_PARKED_EVERY: Final = 300.0
"""In seconds; rarely, because a parked job is checked for a whole day."""
_FIRST_WATCH: Final = 60.0
"""Seconds until the provider is first checked: after a start, waiting jobs come first."""
_BACKUP_EVERY: Final = timedelta(days=1)
_LAST_BACKUP_KEY: Final = "backed_up_at"
_RETENTION_BATCH: Final = 200


@dataclass(frozen=True, slots=True)
class Retention:
    """Delete old files; `max_age` is how long a job's files are stored after its end."""

    archive: ArchiveStore
    history: MemberHistory
    files: FileStore
    guild_lifecycle: GuildLifecycle
    file_sweep: FileSweep
    reading_strikes: ReadingStrikes
    clock: Clock
    max_age: timedelta

    async def delete_expired(self) -> int:
        """Delete what is old, and left guilds; return how many jobs lost their files."""
        now = self.clock.now()
        await self.guild_lifecycle.purge_left_guilds()
        await self.reading_strikes.delete_expired()
        for digest in await self.archive.delete_old_drafts(now - DRAFT_LIFETIME):
            await self.files.delete_file(digest)
        removed = 0
        while old := await self.archive.list_expired_jobs(now - self.max_age, _RETENTION_BATCH):
            for job_id in old:
                await self.history.remove_files(job_id, EXPIRED)
            removed += len(old)
        for job_id, reason in await self.archive.list_decided_removals(now - self.max_age):
            await self.history.remove_files(job_id, reason)
        await self.file_sweep.delete_unnamed()
        if removed:
            log.info("old files deleted", jobs=removed)
        return removed


@dataclass(frozen=True, slots=True)
class PeriodicTasks:
    """Run tasks on their schedule; `max_backups` is how many backups to retain, 0 for none."""

    database: Database
    auditor: Auditor
    parked_checker: ParkedJobChecker
    provider_watch: ProviderWatch
    retention: Retention
    key_values: KeyValueStore
    clock: Clock
    max_backups: int

    async def run(self) -> None:
        """Run each task at start (the provider's later) and on schedule; log failures."""
        retention = ("retention", self.retention.delete_expired)
        audit, backup = ("audit", self.auditor.audit_ledger), ("backup", self._back_up)
        parked = ("look at parked jobs", self.parked_checker.check_parked_jobs)
        provider = ("provider", self.provider_watch.check_provider)
        async with asyncio.TaskGroup() as group:
            # apart, since deletions after a long pause and a silent provider take their time
            group.create_task(self._repeat(_HOUR, retention))
            group.create_task(self._repeat(_HOUR, audit, backup))
            group.create_task(self._repeat(_PARKED_EVERY, parked))
            group.create_task(self._repeat(_HOUR, provider, first=_FIRST_WATCH))

    async def _repeat(
        self, seconds: float, *tasks: tuple[str, Callable[[], Awaitable[object]]], first: float = 0
    ) -> None:
        if first:
            await self.clock.sleep(first)
        while True:
            for name, task in tasks:
                try:
                    await task()
                except Exception:
                    log.exception("duty failed", duty=name)
            await self.clock.sleep(seconds)

    async def _back_up(self) -> None:
        now = self.clock.now()
        last = await self.key_values.get(_LAST_BACKUP_KEY)
        if not self.max_backups or (last and now - datetime.fromisoformat(last) < _BACKUP_EVERY):
            return
        folder = self.database.path.parent / backups.BACKUP_FOLDER
        target = folder / backups.format_backup_name(now)
        await asyncio.to_thread(backups.back_up_database, self.database.path, target)
        await self.key_values.set(_LAST_BACKUP_KEY, now.isoformat())
        await asyncio.to_thread(backups.delete_old_backups, folder, self.max_backups)
        log.info("database backed up", file=target.name)
