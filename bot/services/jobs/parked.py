"""Parked jobs, whose outcome is unknown: checked now and then, decided by the operator."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog

from bot.clock import Clock
from bot.domain.errors import ExpanseError
from bot.domain.ids import JobId
from bot.domain.job import Job, JobState
from bot.domain.ledger import LedgerUnit
from bot.domain.money import MicroUsd
from bot.errors import get_log_fields
from bot.services.jobs.poller import Poller
from bot.storage.repositories.billing.ledger import LedgerStore
from bot.storage.repositories.jobs import JobChange, JobStore

log = structlog.get_logger(__name__)

_CHECK_PERIOD: Final = timedelta(hours=24)
"""How long the provider is asked about a parked job; then only the operator can decide."""
_CHECK_TIMEOUT_SECONDS: Final = 60.0
_PARKED: Final = frozenset({JobState.PARKED})
CLOSED: Final = "closed_by_operator"


async def park_job(jobs: JobStore, job: Job, reason: str, clock: Clock) -> Job:
    """Park a job for the operator to decide; its hold stays open."""
    log.error("job parked", job_id=job.id, task_uuid=str(job.task_uuid), reason=reason)
    return await jobs.advance_job(job, JobState.PARKED, clock, JobChange(failure=reason))


@dataclass(frozen=True, slots=True)
class ParkedJobDecisions:
    """The operator's decisions about parked jobs; they only change the database."""

    jobs: JobStore
    ledger: LedgerStore
    clock: Clock

    async def resume_job(self, job_id: JobId, actor: str) -> Job | None:
        """Make a parked job poll the provider again; return None if it is not parked."""
        change = JobChange(detail=f"resumed by {actor}")
        return await self._move_job(job_id, JobState.SUBMITTED, change)

    async def close_job(self, job_id: JobId, cost: MicroUsd, actor: str) -> Job | None:
        """End a parked job at its real cost (0 releases the hold); return None if not parked."""
        change = JobChange(failure=CLOSED, cost=cost, detail=f"closed by {actor}")
        return await self._move_job(job_id, JobState.FAILED, change, cost)

    async def _move_job(
        self, job_id: JobId, target: JobState, change: JobChange, cost: MicroUsd | None = None
    ) -> Job | None:
        async with self.jobs.write() as tx:
            now = self.clock.now()
            # raises the epoch, so that no step that still runs can write to this job
            seized = await self.jobs.seize_job(tx, job_id, _PARKED)
            if seized is None:
                return None
            if cost is not None:
                results = seized.order.results if cost else 0
                costs = {LedgerUnit.MICRO_USD: cost, LedgerUnit.RESULT: results}
                await self.ledger.settle_job(tx, job_id, costs, now)
            moved = await self.jobs.move_job(tx, seized, target, now, change)
        log.info("parked job decided", job_id=job_id, target=target, detail=change.detail)
        return moved


@dataclass(frozen=True, slots=True)
class ParkedJobChecker:
    """Resume parked jobs that the provider reports as finished."""

    decisions: ParkedJobDecisions
    jobs: JobStore
    poller: Poller
    clock: Clock

    async def check_parked_jobs(self) -> None:
        """Ask once about each job that was parked in the last 24 hours."""
        since = self.clock.now() - _CHECK_PERIOD
        for job in await self.jobs.list_parked(since):
            try:
                async with asyncio.timeout(_CHECK_TIMEOUT_SECONDS):
                    view = await self.poller.fetch_task(job.task_uuid)
            except (ExpanseError, TimeoutError) as error:
                log.info("parked job not found", job_id=job.id, **get_log_fields(error))
                continue
            if (view.results or view.failures) and not (view.is_processing or view.is_unclear):
                await self.decisions.resume_job(job.id, "the provider's answer")
