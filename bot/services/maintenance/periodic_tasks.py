"""What is done now and then: the audit, a backup a day, and a look at jobs that are parked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from bot.clock import Clock
from bot.services.billing.auditor import Auditor
from bot.services.jobs.parked import ParkedJobChecker
from bot.storage.repositories.key_values import KeyValueStore
from bot.storage.sqlite import backups
from bot.storage.sqlite.database import Database

log = structlog.get_logger(__name__)

_MINUTE: Final = 60.0
_AUDIT_EVERY: Final = 60
_PARKED_EVERY: Final = 5
"""In minutes; a parked job is looked for at a low rate, a whole day long."""
_BACKUP_EVERY: Final = timedelta(days=1)
_LAST_BACKUP_KEY: Final = "backed_up_at"


@dataclass(frozen=True, slots=True)
class PeriodicTasks:
    """Run with `run`; a duty that fails has its next turn. `keep` is how many backups stay."""

    database: Database
    auditor: Auditor
    parked_checker: ParkedJobChecker
    key_values: KeyValueStore
    clock: Clock
    max_backups: int

    async def run(self) -> None:
        """Do each duty at the start and then in its time, until cancelled."""
        minute = 0
        while True:
            if minute % _AUDIT_EVERY == 0:
                await self._run_task("audit", self.auditor.audit_ledger)
                await self._run_task("backup", self._back_up)
            if minute % _PARKED_EVERY == 0:
                await self._run_task("look at parked jobs", self.parked_checker.check_parked_jobs)
            await self.clock.sleep(_MINUTE)
            minute += 1

    async def _run_task(self, name: str, task: Callable[[], Awaitable[object]]) -> None:
        try:
            await task()
        except Exception:
            log.exception("duty failed", duty=name)

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
