"""The dispatcher: claims open jobs and carries each from step to step until it ends or waits."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from bot.clock import Clock
from bot.domain.ids import JobId, UserId
from bot.domain.job import OPEN, Job, JobState
from bot.domain.problems import Problem
from bot.errors import OutcomeUnknown, Permanent, Refusal, SubmissionsPaused, Transient
from bot.runware.retry import GiveUp, decide
from bot.services.carried import BEFORE, IDLE, RUNNING, TAKES_PLACE, Carried
from bot.services.patience import patience
from bot.services.ports import Turn
from bot.services.provider_slots import ProviderSlots
from bot.services.steps import Steps
from bot.services.turns import Pace, Turns, Waiting
from bot.storage.jobs import JobStore, Superseded
from bot.storage.leases import Lease, LeaseStore

log = structlog.get_logger(__name__)

_TICK_SECONDS: Final = 1.0
_SWEEP_LIMIT: Final = 2000
LEASE: Final = timedelta(seconds=30)
_BEAT_SECONDS: Final = 10.0
"""Three beats fit into a lease, so that one that fails or is late does not lose it."""
_CLAIMED_AT_ONCE: Final = 200
"""In one transaction, so that it holds up no command for longer than a tenth of a second."""
_AHEAD: Final = 2
"""Jobs beyond the provider's slots that are prepared, so that no slot stands empty."""
_DRAIN_SECONDS: Final = 6.0
"""How long a stop waits for steps that would leave a doubt; all of a stop has ten."""
_PAUSED: Final = timedelta(seconds=1)
"""How often a job that may not be submitted looks again."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Who carries, and how much at once: slots at the provider, running jobs of one member."""

    owner: str
    slots: ProviderSlots
    per_user: int


class Dispatcher:
    """Implement `bot.services.ports.JobEngine` in one process.

    Run with `run()` as long as the process lives; recovery is nothing but its first sweep.
    """

    def __init__(
        self,
        jobs: JobStore,
        leases: LeaseStore,
        steps: Steps,
        clock: Clock,
        chance: random.Random,
        shape: Shape,
    ) -> None:
        self._jobs = jobs
        self._leases = leases
        self._steps = steps
        self._clock = clock
        self._chance = chance
        self._shape = shape
        self._turns = Turns()
        self._pace = Pace(shape.slots.limit)
        self._carried: dict[JobId, Carried] = {}
        self._look = asyncio.Event()
        self._group = asyncio.TaskGroup()
        self._stopping = False
        self._held = False

    def wake(self, _job_id: JobId, /) -> None:
        """Look for due jobs now instead of at the next tick."""
        self._look.set()

    def turn(self, job_id: JobId, /) -> Turn | None:
        """Say when a job's turn will come; None if it is not waiting for one."""
        place = self._turns.place(job_id)
        return None if place is None else Turn(place, self._pace.wait(place))

    async def run(self) -> None:
        """Carry jobs until cancelled; what was under way then goes on at the next start."""
        await self._leases.take_over(self._clock.now())
        for seconds in await self._leases.measured():
            self._pace.note(seconds)
        async with self._group as group:
            group.create_task(self._tick(), name="tick")
            group.create_task(self._beat(), name="heartbeat")
            try:
                while True:
                    await self._look.wait()
                    self._look.clear()
                    await self._sweep()
            finally:
                # a group that ends takes no new tasks
                self._stopping = True

    async def stop(self) -> None:
        """Start nothing more; break off what only waits, give the rest a few seconds."""
        self._stopping = True
        tasks = []
        for carried in self._carried.values():
            if carried.task is not None:
                tasks.append(carried.task)
                if self._only_waits(carried):
                    carried.task.cancel()
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=_DRAIN_SECONDS)
            log.info("jobs left for the next start", steps=len(tasks), broken_off=len(late))

    def _only_waits(self, carried: Carried) -> bool:
        """Say whether a step may be cut off: it asks, or a prepared job waits for a slot."""
        job = carried.job
        if carried.state in IDLE or job is None:
            return True
        return job.state is JobState.PREPARED and not self._shape.slots.has_slot(job.task_uuid)

    async def _tick(self) -> None:
        while True:
            self._look.set()
            await self._clock.sleep(_TICK_SECONDS)

    async def _beat(self) -> None:
        """Renew the leases; what only waits and is no longer ours is let go of at once."""
        while True:
            await self._clock.sleep(_BEAT_SECONDS)
            # what still waits for its claim has no lease to lose
            claimed = {job_id for job_id, each in self._carried.items() if each.job is not None}
            try:
                ours = await self._leases.beat(self._lease())
            except Exception:
                log.exception("heartbeat failed")
                continue
            for job_id in claimed - ours:
                carried = self._carried.get(job_id)
                if carried is None or carried.task is None or carried.job is None:
                    continue
                if self._only_waits(carried):
                    log.warning("lease lost", job_id=job_id)
                    carried.task.cancel()

    def _lease(self) -> Lease:
        now = self._clock.now()
        return Lease(self._shape.owner, now, now + LEASE)

    async def _sweep(self) -> None:
        """Find what is due; if the database has trouble, the next tick tries again."""
        try:
            self._held = await self._steps.intake.stopped()
            found = await self._leases.due(self._shape.owner, self._clock.now(), _SWEEP_LIMIT)
        except Exception:
            log.exception("sweep failed")
            return
        if self._stopping:
            return
        for due in found:
            if due.state in BEFORE and self._is_free(due.id):
                self._turns.add(Waiting(due.id, due.guild, due.user))
        going_on = [due.id for due in found if due.state not in BEFORE and self._is_free(due.id)]
        for first in range(0, len(going_on), _CLAIMED_AT_ONCE):
            await self._go_on(going_on[first : first + _CLAIMED_AT_ONCE])
        if len(found) < _SWEEP_LIMIT:
            self._turns.keep(due.id for due in found)
        self._start_next()

    def _is_free(self, job_id: JobId) -> bool:
        """Say whether no step of a job is under way here; it may be waiting for its time."""
        carried = self._carried.get(job_id)
        return carried is None or carried.task is None

    async def _go_on(self, job_ids: list[JobId]) -> None:
        """Take jobs that are past their turn, all by one transaction."""
        try:
            claimed = await self._leases.claim_all(job_ids, self._lease())
        except Exception:
            log.exception("jobs not claimed", jobs=len(job_ids))
            return
        if self._stopping:
            return
        for job in claimed:
            self._launch(job.id, job.origin.user_id, job.state, job)

    def _start_next(self) -> None:
        """Give free places to those whose turn it is."""
        if self._stopping or self._held or not self._turns:
            return
        running = Counter(each.user for each in self._carried.values() if each.state in RUNNING)
        taken = sum(each.state in TAKES_PLACE for each in self._carried.values())
        while taken < self._shape.slots.limit + _AHEAD:
            waiting = self._turns.take(lambda user: running[user] < self._shape.per_user)
            if waiting is None:
                break
            self._launch(waiting.job_id, waiting.user, JobState.RESERVED)
            running[waiting.user] += 1
            taken += 1

    def _launch(
        self, job_id: JobId, user: UserId, state: JobState, claimed: Job | None = None
    ) -> None:
        carried = self._carried[job_id] = Carried(user, state, claimed)
        carried.task = self._group.create_task(self._carry(job_id, carried), name=f"job {job_id}")

    async def _carry(self, job_id: JobId, carried: Carried) -> None:
        """Carry a job as far as it goes; one that waits for an answer still counts as running."""
        waits = False
        try:
            job = carried.job or await self._leases.claim(job_id, self._lease())
            while job is not None and job.state in OPEN and not self._stopping:
                carried.job, carried.state = job, job.state
                self._start_next()
                job = await self._advance(job)
            known = carried.job is not None
            waits = known and job is None and carried.state in RUNNING - BEFORE
        except Superseded:
            log.info("job taken over", job_id=job_id)
        except Exception:
            log.exception("job stopped", job_id=job_id)
        finally:
            if waits:
                carried.task = None
            else:
                del self._carried[job_id]
        self._start_next()

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
        if (job.state, moved.state) == (JobState.SUBMITTED, JobState.RENDERED):
            self._pace.note((moved.updated_at - job.updated_at).total_seconds())
        return moved

    async def _current(self, job: Job) -> Job:
        """Read the job as the failed step left it; raise `Superseded` if it is no longer ours."""
        current = await self._jobs.get(job.id)
        if current is None or current.epoch != job.epoch:
            raise Superseded(job.id)
        return current

    async def _stumble(self, job: Job, error: Exception) -> Job | None:
        """Decide what a failed step means: the job ends, waits out the doubt, or tries again.

        A job that has cost nothing is given up for trying too often, a paid one only after a day.
        """
        match error:
            case Permanent() | Refusal() | Problem():
                log.warning("job failed", job_id=job.id, state=job.state, error=repr(error))
                return await self._steps.fail(job, error)
            case OutcomeUnknown():
                log.warning("outcome unknown", job_id=job.id, detail=error.detail)
                # a request may have been under way for long: the grace counts from the doubt
                await self._wait(job, self._steps.look, since=self._clock.now())
                return None
            case SubmissionsPaused():
                await self._wait(job, _PAUSED, attempts=job.attempts)
                return None
            case Transient():
                log.warning("step failed", job_id=job.id, state=job.state, detail=error.detail)
                passing = error
            case _:
                log.error("step failed", job_id=job.id, state=job.state, exc_info=error)
                passing = Transient(repr(error))
        again = decide(
            passing, job.attempts + 1, jitter=self._chance.random(), policy=patience(job.state)
        )
        if isinstance(again, GiveUp):
            return await self._steps.give_up(job, error)
        await self._wait(job, timedelta(seconds=again.seconds))
        return None

    async def _wait(
        self,
        job: Job,
        delay: timedelta,
        *,
        attempts: int | None = None,
        since: datetime | None = None,
    ) -> None:
        tries = job.attempts + 1 if attempts is None else attempts
        await self._jobs.postpone(job, self._clock.now() + delay, attempts=tries, since=since)
