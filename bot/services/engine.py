"""The dispatcher: claims open jobs and carries each from step to step until it ends or waits."""

from __future__ import annotations

import asyncio
import random
import sys
from datetime import timedelta
from typing import ClassVar, Final

import structlog

from bot.clock import Clock
from bot.domain.ids import JobId
from bot.domain.job import OPEN, Job, JobState
from bot.domain.problems import Problem
from bot.errors import OutcomeUnknown, Permanent, Refusal, Transient
from bot.runware.retry import GiveUp, RetryPolicy, decide
from bot.services.steps import Steps
from bot.storage.jobs import JobStore, Superseded

log = structlog.get_logger(__name__)

_SWEEP_SECONDS: Final = 1.0
_SWEEP_LIMIT: Final = 200
_TRIES: Final = RetryPolicy(attempts=16, first=1.0, longest=60.0)
"""About six minutes on average, since each delay is drawn from the whole of its range."""
_ENDLESS: Final = RetryPolicy(attempts=sys.maxsize, first=1.0, longest=60.0)
_IN_DOUBT: Final = frozenset({JobState.SUBMITTING, JobState.SUBMITTED, JobState.DELIVERED})
"""States that only an answer may end: money may have been spent, or only the books are open."""


class Dispatcher:
    """Run with `run()` as long as the process lives; recovery is nothing but its first sweep."""

    CARD_TIME: ClassVar = timedelta(seconds=40)
    """How long a sweep leaves a new job to the command that is just posting its card: longer than
    all that the command may wait for."""

    def __init__(self, jobs: JobStore, steps: Steps, clock: Clock, chance: random.Random) -> None:
        self._jobs = jobs
        self._steps = steps
        self._clock = clock
        self._chance = chance
        self._woken: asyncio.Queue[JobId] = asyncio.Queue()
        self._running: set[JobId] = set()

    def wake(self, job_id: JobId) -> None:
        """Start a job now instead of at the next sweep; waking it twice does no harm."""
        self._woken.put_nowait(job_id)

    async def run(self) -> None:
        """Carry jobs until cancelled; what was under way then goes on at the next start."""
        await self._jobs.release_cards(self._clock.now())
        async with asyncio.TaskGroup() as group:
            group.create_task(self._sweep(), name="sweep")
            while True:
                job_id = await self._woken.get()
                if job_id not in self._running:
                    self._running.add(job_id)
                    group.create_task(self._carry(job_id), name=f"job {job_id}")

    async def _sweep(self) -> None:
        while True:
            try:
                for job_id in await self._jobs.due(self._clock.now(), _SWEEP_LIMIT):
                    self.wake(job_id)
            except Exception:
                log.exception("sweep failed")
            await self._clock.sleep(_SWEEP_SECONDS)

    async def _carry(self, job_id: JobId) -> None:
        try:
            job = await self._jobs.claim(job_id)
            while job is not None and job.state in OPEN:
                job = await self._advance(job)
        except Superseded:
            log.info("job taken over", job_id=job_id)
        except Exception:
            log.exception("job stopped", job_id=job_id)
        finally:
            self._running.discard(job_id)

    async def _advance(self, job: Job) -> Job | None:
        """Make one step; return the moved job, or None if it now waits for its time."""
        try:
            moved = await self._steps.advance(job)
        except Superseded:
            raise
        except Exception as error:  # noqa: BLE001 - the worker loop: whatever it is, the job must not hang
            return await self._stumble(await self._current(job), error)
        if moved.run_at > self._clock.now():
            return None
        log.info("job moved", job_id=job.id, source=job.state, target=moved.state)
        return moved

    async def _current(self, job: Job) -> Job:
        """Read the job as the failed step left it; raise `Superseded` if it is no longer ours."""
        current = await self._jobs.get(job.id)
        if current is None or current.epoch != job.epoch:
            raise Superseded(job.id)
        return current

    async def _stumble(self, job: Job, error: Exception) -> Job | None:
        """Decide what a failed step means: the job ends, waits out the doubt, or tries again.

        Only a job that has cost nothing yet is ever given up for trying too often.
        """
        match error:
            case Permanent() | Refusal() | Problem():
                log.warning("job failed", job_id=job.id, state=job.state, error=repr(error))
                return await self._steps.fail(job, error)
            case OutcomeUnknown():
                log.warning("outcome unknown", job_id=job.id, detail=error.detail)
                await self._wait(job, self._steps.look)
                return None
            case Transient():
                log.warning("step failed", job_id=job.id, state=job.state, detail=error.detail)
                passing = error
            case _:
                log.error("step failed", job_id=job.id, state=job.state, exc_info=error)
                passing = Transient(repr(error))
        policy = _ENDLESS if job.state in _IN_DOUBT else _TRIES
        again = decide(passing, job.attempts + 1, jitter=self._chance.random(), policy=policy)
        if isinstance(again, GiveUp):
            return await self._steps.give_up(job, error)
        await self._wait(job, timedelta(seconds=again.seconds))
        return None

    async def _wait(self, job: Job, delay: timedelta) -> None:
        await self._jobs.postpone(job, self._clock.now() + delay, attempts=job.attempts + 1)
