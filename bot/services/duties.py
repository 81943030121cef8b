"""What is done now and then: the audit, a backup a day, and a look at jobs that are parked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from bot.clock import Clock
from bot.services.auditor import Auditor
from bot.services.parked import ParkedWatch
from bot.storage import backups
from bot.storage.database import Database
from bot.storage.facts import FactStore

log = structlog.get_logger(__name__)

_MINUTE: Final = 60.0
_AUDIT_EVERY: Final = 60
_PARKED_EVERY: Final = 5
"""In minutes; a parked job is looked for at a low rate, a whole day long."""
_BACKUP_EVERY: Final = timedelta(days=1)
_BACKED_UP: Final = "backed_up_at"


@dataclass(frozen=True, slots=True)
class Duties:
    """Run with `run`; a duty that fails has its next turn. `keep` is how many backups stay."""

    database: Database
    auditor: Auditor
    parked: ParkedWatch
    facts: FactStore
    clock: Clock
    keep: int

    async def run(self) -> None:
        """Do each duty at the start and then in its time, until cancelled."""
        minute = 0
        while True:
            if minute % _AUDIT_EVERY == 0:
                await self._attempt("audit", self.auditor.audit)
                await self._attempt("backup", self._back_up)
            if minute % _PARKED_EVERY == 0:
                await self._attempt("look at parked jobs", self.parked.look)
            await self.clock.sleep(_MINUTE)
            minute += 1

    async def _attempt(self, name: str, duty: Callable[[], Awaitable[object]]) -> None:
        try:
            await duty()
        except Exception:
            log.exception("duty failed", duty=name)

    async def _back_up(self) -> None:
        now = self.clock.now()
        last = await self.facts.get(_BACKED_UP)
        if not self.keep or (last and now - datetime.fromisoformat(last) < _BACKUP_EVERY):
            return
        folder = self.database.path.parent / backups.FOLDER
        target = folder / backups.name_of(now)
        await asyncio.to_thread(backups.back_up, self.database.path, target)
        await self.facts.put(_BACKED_UP, now.isoformat())
        await asyncio.to_thread(backups.prune, folder, self.keep)
        log.info("database backed up", file=target.name)
