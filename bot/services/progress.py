"""Progress of many jobs: the newest state of each is shown, never more often than every 3 s."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from bot.clock import Clock
from bot.domain.ids import JobId
from bot.domain.job import WAITING, Job
from bot.services.ports import Publisher

log = structlog.get_logger(__name__)

INTERVAL: Final = 3.0
"""Shortest time between two edits of one card, in seconds (design §10)."""
_TICK: Final = 0.5


class Progress:
    """Collect states as they come and show them by one loop; intermediate ones are dropped."""

    def __init__(self, publisher: Publisher, clock: Clock) -> None:
        self._publisher = publisher
        self._clock = clock
        self._newest: dict[JobId, Job] = {}
        self._shown_at: dict[JobId, float] = {}
        self._editing: dict[JobId, asyncio.Task[None]] = {}

    def note(self, job: Job) -> None:
        """Remember the job's state for the next edit of its card; never call it after `finish`."""
        self._newest[job.id] = job
        # the card itself was posted a moment ago
        self._shown_at.setdefault(job.id, self._clock.monotonic())

    async def finish(self, job_id: JobId) -> None:
        """Show nothing more of this job; wait for an edit that is on its way."""
        self._newest.pop(job_id, None)
        self._shown_at.pop(job_id, None)
        editing = self._editing.get(job_id)
        if editing is not None:
            await asyncio.wait([editing])

    async def run(self) -> None:
        """Edit cards until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                await self._clock.sleep(_TICK)
                now = self._clock.monotonic()
                for job_id in list(self._newest):
                    due = now - self._shown_at[job_id] >= INTERVAL
                    if due and job_id not in self._editing:
                        job = self._newest.pop(job_id)
                        self._shown_at[job_id] = now
                        if job.state in WAITING:
                            del self._shown_at[job_id]
                        self._editing[job_id] = group.create_task(self._edit(job))

    async def _edit(self, job: Job) -> None:
        try:
            await self._publisher.progress(job)
        except Exception:
            log.exception("progress not shown", job_id=job.id)
        finally:
            self._editing.pop(job.id, None)
