"""The message that lists the jobs of one interaction."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

import structlog

from bot.domain.ids import InteractionId
from bot.domain.job import Job
from bot.services.ports.jobs import Publisher
from bot.storage.repositories.jobs import JobStore

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class OrderSummary:
    """Show how far the pictures of one interaction are; a single picture has no summary."""

    jobs: JobStore
    publisher: Publisher
    _locks: WeakValueDictionary[InteractionId, asyncio.Lock] = field(
        init=False, default_factory=WeakValueDictionary
    )

    async def update(self, job: Job) -> None:
        """Show the saved states of a job and those ordered with it; log failures.

        Call it with the job's reply token, after its change is committed.
        """
        if not job.part:
            return
        lock = self._locks.setdefault(job.origin.interaction_id, asyncio.Lock())
        # read and edit as one: otherwise an older state could be shown last
        async with lock:
            try:
                jobs = await self.jobs.list_by_interaction(job.origin.interaction_id)
                await self.publisher.show_summary(job, jobs)
            except Exception:
                log.exception("summary not shown", job_id=job.id)
