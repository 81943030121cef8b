"""Jobs whose outcome is unknown: looked for at a low rate, decided by the operator."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog

from bot.clock import Clock
from bot.domain.ids import JobId
from bot.domain.job import Job, JobState
from bot.domain.ledger import Unit
from bot.domain.money import MicroUsd
from bot.errors import ExpanseError
from bot.services.poller import Poller
from bot.storage.database import Database
from bot.storage.jobs import Change, JobStore
from bot.storage.ledger import LedgerStore

log = structlog.get_logger(__name__)

_LOOKED_FOR: Final = timedelta(hours=24)
"""How long a parked job is still looked for; after that only the operator can decide."""
_LOOK_SECONDS: Final = 60.0
_PARKED: Final = frozenset({JobState.PARKED})
CLOSED: Final = "closed_by_operator"


@dataclass(frozen=True, slots=True)
class Decisions:
    """What the operator does to a parked job, in the books alone."""

    database: Database
    jobs: JobStore
    ledger: LedgerStore
    clock: Clock

    async def resume(self, job_id: JobId, by: str) -> Job | None:
        """Let a parked job ask the provider again; None if it is not parked."""
        return await self._move(job_id, JobState.SUBMITTED, Change(detail=f"resumed by {by}"))

    async def close(self, job_id: JobId, cost: MicroUsd, by: str) -> Job | None:
        """End a parked job at what it really cost, 0 to release the hold; None if not parked."""
        change = Change(failure=CLOSED, cost=cost, detail=f"closed by {by}")
        return await self._move(job_id, JobState.FAILED, change, cost)

    async def _move(
        self, job_id: JobId, target: JobState, change: Change, cost: MicroUsd | None = None
    ) -> Job | None:
        async with self.database.write() as tx:
            now = self.clock.now()
            seized = await self.jobs.seize(tx, job_id, _PARKED)
            if seized is None:
                return None
            if cost is not None:
                results = seized.order.results if cost else 0
                costs = {Unit.MICRO_USD: cost, Unit.RESULT: results}
                await self.ledger.settle(tx, job_id, costs, now)
            moved = await self.jobs.move(tx, seized, target, now, change)
        log.info("parked job decided", job_id=job_id, target=target, detail=change.detail)
        return moved


@dataclass(frozen=True, slots=True)
class ParkedWatch:
    """Ask the provider about parked jobs, and let those go on of which it knows the end."""

    decisions: Decisions
    poller: Poller

    async def look(self) -> None:
        """Look once for every job that was parked within a day."""
        since = self.decisions.clock.now() - _LOOKED_FOR
        for job in await self.decisions.jobs.parked(since):
            try:
                async with asyncio.timeout(_LOOK_SECONDS):
                    view = await self.poller.look(job.task_uuid)
            except (ExpanseError, TimeoutError) as error:
                log.info("parked job not found", job_id=job.id, error=repr(error))
                continue
            if (view.results or view.failures) and not (view.processing or view.unclear):
                await self.decisions.resume(job.id, "the provider's answer")
