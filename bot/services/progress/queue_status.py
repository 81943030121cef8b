"""Queue status of a job: its place, the estimated wait, and whether the provider answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bot.clock import Clock
from bot.domain.job import Job, JobState
from bot.runware.client import RunwareClient
from bot.services.ports.jobs import JobDispatcher, QueueStatus

_AT_PROVIDER: Final = frozenset({JobState.SUBMITTING, JobState.SUBMITTED})
_NEEDS_PROVIDER: Final = _AT_PROVIDER | {JobState.RESERVED, JobState.PREPARED}
_LATE_AFTER: Final = timedelta(minutes=1)
"""Time at the provider after which the card says that the task takes long."""
_ROUNDING_SECONDS: Final = 5
"""Waits are rounded up to this, so that cards are not edited for every second."""


@dataclass(frozen=True, slots=True)
class QueueStatusReader:
    """Read queue and circuit breaker from memory."""

    dispatcher: JobDispatcher
    client: RunwareClient
    clock: Clock

    def get_status(self, job: Job) -> QueueStatus:
        if job.state not in _NEEDS_PROVIDER:
            return QueueStatus()
        silence, turn = self.client.seconds_to_probe, self.dispatcher.get_queue_position(job.id)
        retry_at = None
        if silence is not None:
            retry_at = (self.clock.now() + timedelta(seconds=silence)).replace(microsecond=0)
        if turn is None:
            waited = self.clock.now() - job.updated_at
            is_late = job.state in _AT_PROVIDER and waited >= _LATE_AFTER
            return QueueStatus(retry_at=retry_at, is_late=is_late)
        wait = None
        if turn.seconds is not None:
            wait = timedelta(seconds=-(-turn.seconds // _ROUNDING_SECONDS) * _ROUNDING_SECONDS)
        return QueueStatus(turn.position, wait, retry_at)
