"""Card updates: show each job's latest state, at most once in 3 s."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

import structlog

from bot.clock import Clock
from bot.domain.ids import JobId
from bot.domain.job import WAITING_STATES, Job, JobState
from bot.services.ports.jobs import Publisher, QueueStatus

log = structlog.get_logger(__name__)

EDIT_INTERVAL: Final = 3.0
"""Shortest time between two edits of a card in seconds; a channel's edits share a rate limit."""
_TICK: Final = 0.5


class CardUpdater:
    """Collect job states and show the latest ones; those in between are dropped.

    A card is edited when its job's state or queue status differs from what it shows.
    """

    def __init__(self, publisher: Publisher, clock: Clock) -> None:
        self._publisher = publisher
        self._clock = clock
        self._latest_jobs: dict[JobId, Job] = {}
        self._shown_states: dict[JobId, tuple[JobState, QueueStatus]] = {}
        self._shown_at: dict[JobId, float] = {}
        self._editing: dict[JobId, asyncio.Task[None]] = {}

    def queue_update(self, job: Job) -> None:
        """Save the job's state for its card's next edit; never call it after `stop_updates`."""
        self._latest_jobs[job.id] = job
        # the card was just posted, so its first edit waits a full interval
        self._shown_at.setdefault(job.id, self._clock.monotonic())

    async def stop_updates(self, job_id: JobId) -> None:
        """Stop editing the job's card, and wait for an edit that has started."""
        self._forget_job(job_id)
        editing = self._editing.get(job_id)
        if editing is not None:
            # not cancelled: a request that has left could still overwrite the next card
            await asyncio.wait([editing])

    async def run(
        self, get_status: Callable[[Job], QueueStatus] = lambda _job: QueueStatus()
    ) -> None:
        """Edit cards until cancelled; `get_status` returns a job's queue status."""
        async with asyncio.TaskGroup() as group:
            while True:
                await self._clock.sleep(_TICK)
                now = self._clock.monotonic()
                for job in list(self._latest_jobs.values()):
                    due = now - self._shown_at[job.id] >= EDIT_INTERVAL
                    if due and job.id not in self._editing:
                        self._edit_if_changed(group, job, get_status(job), now)

    def _edit_if_changed(
        self, group: asyncio.TaskGroup, job: Job, status: QueueStatus, now: float
    ) -> None:
        if self._shown_states.get(job.id) == (job.state, status):
            return
        # noted before the edit: after a failed one the next change is shown, not this one again
        self._shown_states[job.id] = (job.state, status)
        self._shown_at[job.id] = now
        self._editing[job.id] = group.create_task(self._edit_card(job, status))
        if job.state in WAITING_STATES:
            self._forget_job(job.id)

    def _forget_job(self, job_id: JobId) -> None:
        self._latest_jobs.pop(job_id, None)
        self._shown_states.pop(job_id, None)
        self._shown_at.pop(job_id, None)

    async def _edit_card(self, job: Job, status: QueueStatus) -> None:
        try:
            await self._publisher.show_progress(job, status)
        except Exception:
            log.exception("progress not shown", job_id=job.id)
        finally:
            self._editing.pop(job.id, None)
