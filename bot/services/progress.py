"""Progress of many jobs: the newest state of each is shown, never more often than every 3 s."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

import structlog

from bot.clock import Clock
from bot.domain.ids import JobId
from bot.domain.job import WAITING, Job, JobState
from bot.services.ports import Publisher, Standing

log = structlog.get_logger(__name__)

INTERVAL: Final = 3.0
"""Shortest time between two edits of one card, in seconds: its channel's cards share a limit."""
_TICK: Final = 0.5


class Progress:
    """Collect states as they come and show them by one loop; intermediate ones are dropped.

    A card is shown anew when its job moves, and when it stands otherwise than was shown last.
    """

    def __init__(self, publisher: Publisher, clock: Clock) -> None:
        self._publisher = publisher
        self._clock = clock
        self._newest: dict[JobId, Job] = {}
        self._shown: dict[JobId, tuple[JobState, Standing]] = {}
        self._shown_at: dict[JobId, float] = {}
        self._editing: dict[JobId, asyncio.Task[None]] = {}

    def note(self, job: Job) -> None:
        """Remember the job's state for the next edit of its card; never call it after `finish`."""
        self._newest[job.id] = job
        # the card itself was posted a moment ago
        self._shown_at.setdefault(job.id, self._clock.monotonic())

    async def finish(self, job_id: JobId) -> None:
        """Show nothing more of this job; wait for an edit that is on its way."""
        self._forget(job_id)
        editing = self._editing.get(job_id)
        if editing is not None:
            await asyncio.wait([editing])

    async def run(self, standing: Callable[[Job], Standing] = lambda _job: Standing()) -> None:
        """Edit cards until cancelled; `standing` is asked how a job stands beside its state."""
        async with asyncio.TaskGroup() as group:
            while True:
                await self._clock.sleep(_TICK)
                now = self._clock.monotonic()
                for job in list(self._newest.values()):
                    due = now - self._shown_at[job.id] >= INTERVAL
                    if due and job.id not in self._editing:
                        self._edit_changed(group, job, standing(job), now)

    def _edit_changed(
        self, group: asyncio.TaskGroup, job: Job, standing: Standing, now: float
    ) -> None:
        if self._shown.get(job.id) == (job.state, standing):
            return
        self._shown[job.id] = (job.state, standing)
        self._shown_at[job.id] = now
        self._editing[job.id] = group.create_task(self._edit(job, standing))
        if job.state in WAITING:
            self._forget(job.id)

    def _forget(self, job_id: JobId) -> None:
        self._newest.pop(job_id, None)
        self._shown.pop(job_id, None)
        self._shown_at.pop(job_id, None)

    async def _edit(self, job: Job, standing: Standing) -> None:
        try:
            await self._publisher.progress(job, standing)
        except Exception:
            log.exception("progress not shown", job_id=job.id)
        finally:
            self._editing.pop(job.id, None)
