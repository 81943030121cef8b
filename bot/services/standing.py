"""How a job stands: its place, the measured wait, and whether the provider answers at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bot.clock import Clock
from bot.domain.job import Job, JobState
from bot.runware.client import RunwareClient
from bot.services.ports import JobEngine, Standing

_NEEDS_PROVIDER: Final = frozenset(
    {JobState.RESERVED, JobState.PREPARED, JobState.SUBMITTING, JobState.SUBMITTED}
)
_AT_PROVIDER: Final = frozenset({JobState.SUBMITTING, JobState.SUBMITTED})
_LONG: Final = timedelta(minutes=1)
"""After this long without a result its member is told so."""
_GRAIN: Final = 5
"""Seconds to which a wait is rounded up: a finer one would only make cards flicker."""


@dataclass(frozen=True, slots=True)
class Standings:
    """Ask the queue and the circuit breaker; nothing is waited for."""

    engine: JobEngine
    client: RunwareClient
    clock: Clock

    def of(self, job: Job) -> Standing:
        """Say how a job stands now."""
        if job.state not in _NEEDS_PROVIDER:
            return Standing()
        silence, turn = self.client.probe_in, self.engine.turn(job.id)
        retry_at = None
        if silence is not None:
            retry_at = (self.clock.now() + timedelta(seconds=silence)).replace(microsecond=0)
        if turn is None:
            waited = self.clock.now() - job.updated_at
            is_late = job.state in _AT_PROVIDER and waited >= _LONG
            return Standing(retry_at=retry_at, is_late=is_late)
        wait = None
        if turn.seconds is not None:
            wait = timedelta(seconds=-(-turn.seconds // _GRAIN) * _GRAIN)
        return Standing(turn.place, wait, retry_at)
