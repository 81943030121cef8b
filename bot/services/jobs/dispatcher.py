"""The dispatcher: claims open jobs and runs each, step by step, until it ends or has to wait."""

from __future__ import annotations

import asyncio
import random
import sys
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import structlog

from bot.clock import Clock
from bot.domain.errors import Refusal
from bot.domain.ids import JobId, UserId
from bot.domain.job import OPEN_STATES, Job, JobState
from bot.errors import OutcomeUnknown, Permanent, SubmissionsPaused, Transient, get_log_fields
from bot.runware.retry import GiveUp, RetryPolicy, decide_retry
from bot.services.jobs.fair_queue import FairQueue, QueueEntry, WaitEstimator
from bot.services.jobs.pipeline import JobPipeline
from bot.services.jobs.provider_slots import ProviderSlots
from bot.services.orders.admission import AdmissionControl
from bot.services.ports.jobs import QueuePosition
from bot.storage.repositories.jobs import JobStore, JobSuperseded
from bot.storage.repositories.leases import Lease, LeaseStore

log = structlog.get_logger(__name__)

_TICK_SECONDS: Final = 1.0
_SWEEP_LIMIT: Final = 2000
LEASE_DURATION: Final = timedelta(seconds=30)
_HEARTBEAT_SECONDS: Final = 10.0
"""A third of a lease, so that one late or failed renewal does not lose it."""
_CLAIM_BATCH_SIZE: Final = 200
"""Jobs claimed in one transaction; this many block other writers for under 0.1 s."""
_EXTRA_JOBS: Final = 2
"""Jobs prepared beyond the provider's slots, so that a free slot is filled without delay."""
_DRAIN_SECONDS: Final = 6.0
"""Time that running steps get to finish at shutdown; the whole shutdown has ten seconds."""
_PAUSE_DELAY: Final = timedelta(seconds=1)
"""How long a job waits between attempts while submissions are paused."""
_DEFAULT_POLICY: Final = RetryPolicy(attempts=16, first_delay=1.0, max_delay=60.0)
"""About six minutes on average: with full jitter a delay is anywhere from 0 to its maximum."""
_PAID_POLICY: Final = RetryPolicy(attempts=2880, first_delay=1.0, max_delay=60.0)
"""About a day: paid results must survive a media host or disk that fails for hours."""
_ENDLESS_POLICY: Final = RetryPolicy(attempts=sys.maxsize, first_delay=1.0, max_delay=60.0)
_RETRY_POLICIES: Final = {
    JobState.RENDERED: _PAID_POLICY,
    # never given up: money may have been spent, or only the ledger entry is missing
    JobState.SUBMITTING: _ENDLESS_POLICY,
    JobState.SUBMITTED: _ENDLESS_POLICY,
    JobState.DELIVERED: _ENDLESS_POLICY,
}
"""How long to retry a step, by the job's state."""
_QUEUED: Final = frozenset({JobState.RESERVED, JobState.PREPARED})
"""States that wait in the fair queue."""
_OCCUPIES_SLOT: Final = _QUEUED | {JobState.SUBMITTING, JobState.SUBMITTED}
_RUNNING: Final = _OCCUPIES_SLOT | {JobState.RENDERED}
"""A job counts towards its member's limit until its pictures are on disk."""
_INTERRUPTIBLE: Final = frozenset({JobState.SUBMITTING, JobState.SUBMITTED})
"""States whose step only polls, so that cancelling it loses nothing."""


@dataclass(slots=True)
class RunningJob:
    """A job that this process runs; `task` is None while it waits for its `run_at`."""

    user: UserId
    state: JobState
    job: Job | None = None
    task: asyncio.Task[None] | None = None


@dataclass(frozen=True, slots=True)
class DispatcherConfig:
    """`owner` names this process in leases; `jobs_per_user` limits a member's running jobs."""

    owner: str
    jobs_per_user: int


@dataclass(slots=True, eq=False)
class Dispatcher:
    """Implement `bot.services.ports.jobs.JobDispatcher` in one process.

    There is no separate recovery: the first sweep of `run` finds the jobs of the last process.
    """

    jobs: JobStore
    leases: LeaseStore
    pipeline: JobPipeline
    slots: ProviderSlots
    admission: AdmissionControl
    clock: Clock
    rng: random.Random
    config: DispatcherConfig
    _queue: FairQueue[JobId] = field(default_factory=FairQueue, init=False)
    _running: dict[JobId, RunningJob] = field(default_factory=dict, init=False)
    _wake_event: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _group: asyncio.TaskGroup = field(default_factory=asyncio.TaskGroup, init=False)
    _stopping: bool = field(default=False, init=False)
    _is_paused: bool = field(default=False, init=False)
    _wait_estimator: WaitEstimator = field(init=False)

    def __post_init__(self) -> None:
        self._wait_estimator = WaitEstimator(self.slots.limit)

    def wake(self, _job_id: JobId, /) -> None:
        """Sweep for due jobs now instead of at the next tick."""
        self._wake_event.set()

    def get_queue_position(self, job_id: JobId, /) -> QueuePosition | None:
        """Return a job's place in the queue, None if it is not queued."""
        place = self._queue.find_position(job_id)
        if place is None:
            return None
        return QueuePosition(place, self._wait_estimator.estimate_wait(place))

    async def run(self) -> None:
        """Run jobs until cancelled; the next start resumes those that are still open."""
        await self.leases.take_over_jobs(self.clock.now())
        for seconds in await self.leases.list_task_durations():
            self._wait_estimator.add_measurement(seconds)
        async with self._group as group:
            group.create_task(self._run_ticks(), name="tick")
            group.create_task(self._run_heartbeat(), name="heartbeat")
            try:
                while True:
                    await self._wake_event.wait()
                    self._wake_event.clear()
                    await self._sweep_due_jobs()
            finally:
                # a task group that is closing refuses new tasks
                self._stopping = True

    async def stop(self) -> None:
        """Start no more steps, cancel those that only poll, give the rest a few seconds."""
        self._stopping = True
        tasks = []
        for running in self._running.values():
            if running.task is not None:
                tasks.append(running.task)
                # a submit that is cut off leaves a doubt about money, so it may finish
                if self._is_interruptible(running):
                    running.task.cancel()
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=_DRAIN_SECONDS)
            log.info("jobs left for the next start", steps=len(tasks), broken_off=len(late))

    def _is_interruptible(self, running_job: RunningJob) -> bool:
        """Return whether a step may be cancelled: it only polls, or still waits for a slot."""
        job = running_job.job
        if running_job.state in _INTERRUPTIBLE or job is None:
            return True
        return job.state is JobState.PREPARED and not self.slots.has_slot(job.task_uuid)

    async def _run_ticks(self) -> None:
        while True:
            self._wake_event.set()
            await self.clock.sleep(_TICK_SECONDS)

    async def _run_heartbeat(self) -> None:
        """Renew the leases, and cancel steps that only poll for jobs taken by another process."""
        while True:
            await self.clock.sleep(_HEARTBEAT_SECONDS)
            # jobs whose claim is still running have no lease yet
            claimed = {job_id for job_id, each in self._running.items() if each.job is not None}
            try:
                ours = await self.leases.renew_leases(self._new_lease())
            except Exception:
                log.exception("heartbeat failed")
                continue
            for job_id in claimed - ours:
                running = self._running.get(job_id)
                # other steps run on: their next write fails, because the epoch has changed
                if running and running.task and running.job and self._is_interruptible(running):
                    log.warning("lease lost", job_id=job_id)
                    running.task.cancel()

    def _new_lease(self) -> Lease:
        now = self.clock.now()
        return Lease(self.config.owner, now, now + LEASE_DURATION)

    async def _sweep_due_jobs(self) -> None:
        """Queue or resume every due job; after a database error the next tick tries again."""
        try:
            self._is_paused = await self.admission.is_kill_switch_on()
            owner, now = self.config.owner, self.clock.now()
            found = await self.leases.list_due_jobs(owner, now, _SWEEP_LIMIT)
        except Exception:
            log.exception("sweep failed")
            return
        if self._stopping:
            return
        for due in found:
            if due.state in _QUEUED and self._is_free(due.id):
                self._queue.add_entry(QueueEntry(due.id, due.guild, due.user))
        going_on = [due.id for due in found if due.state not in _QUEUED and self._is_free(due.id)]
        for first in range(0, len(going_on), _CLAIM_BATCH_SIZE):
            await self._resume_jobs(going_on[first : first + _CLAIM_BATCH_SIZE])
        # a full page may leave queued jobs out, so only a complete list may remove any
        if len(found) < _SWEEP_LIMIT:
            self._queue.retain_entries(due.id for due in found)
        self._start_queued_jobs()

    def _is_free(self, job_id: JobId) -> bool:
        """Return whether no step of the job is running in this process."""
        running = self._running.get(job_id)
        return running is None or running.task is None

    async def _resume_jobs(self, job_ids: list[JobId]) -> None:
        """Claim jobs that need no turn any more, in one transaction, and start them."""
        try:
            claimed = await self.leases.claim_jobs(job_ids, self._new_lease())
        except Exception:
            log.exception("jobs not claimed", jobs=len(job_ids))
            return
        if self._stopping:
            return
        for job in claimed:
            self._start_job(job.id, job.origin.user_id, job.state, job)

    def _start_queued_jobs(self) -> None:
        """Start queued jobs, in order of turn, while slots are free."""
        if self._stopping or self._is_paused or not self._queue:
            return
        running = Counter(each.user for each in self._running.values() if each.state in _RUNNING)
        taken = sum(each.state in _OCCUPIES_SLOT for each in self._running.values())
        while taken < self.slots.limit + _EXTRA_JOBS:
            waiting = self._queue.take_next(lambda user: running[user] < self.config.jobs_per_user)
            if waiting is None:
                break
            self._start_job(waiting.key, waiting.user, JobState.RESERVED)
            running[waiting.user] += 1
            taken += 1

    def _start_job(
        self, job_id: JobId, user: UserId, state: JobState, claimed: Job | None = None
    ) -> None:
        running = self._running[job_id] = RunningJob(user, state, claimed)
        running.task = self._group.create_task(self._run_job(job_id, running), name=f"job {job_id}")

    async def _run_job(self, job_id: JobId, running_job: RunningJob) -> None:
        """Run a job's steps until it ends or waits; one that waits for an answer keeps its slot."""
        waits = False
        try:
            job = running_job.job or await self.leases.claim_job(job_id, self._new_lease())
            while job is not None and job.state in OPEN_STATES and not self._stopping:
                running_job.job, running_job.state = job, job.state
                # the last step may have freed a slot
                self._start_queued_jobs()
                job = await self._run_step(job)
            known = running_job.job is not None
            waits = known and job is None and running_job.state in _RUNNING - _QUEUED
        except JobSuperseded:
            log.info("job taken over", job_id=job_id)
        except Exception:
            log.exception("job stopped", job_id=job_id)
        finally:
            if waits:
                running_job.task = None
            else:
                del self._running[job_id]
        self._start_queued_jobs()

    async def _run_step(self, job: Job) -> Job | None:
        """Run one step; return the moved job, or None if it now waits for its `run_at`."""
        try:
            moved = await self.pipeline.advance_job(job)
        except JobSuperseded:
            raise
        except Exception as error:  # noqa: BLE001 - the worker loop: after any error the job must go on
            return await self._handle_failure(await self._reload_job(job), error)
        if moved.run_at > self.clock.now():
            return None
        log.info("job moved", job_id=job.id, source=job.state, target=moved.state)
        if (job.state, moved.state) == (JobState.SUBMITTED, JobState.RENDERED):
            took = moved.updated_at - job.updated_at
            self._wait_estimator.add_measurement(took.total_seconds())
        return moved

    async def _reload_job(self, job: Job) -> Job:
        """Read the job as the failed step left it; raise `JobSuperseded` if it is not ours."""
        current = await self.jobs.get(job.id)
        if current is None or current.epoch != job.epoch:
            raise JobSuperseded(job.id)
        return current

    async def _handle_failure(self, job: Job, error: Exception) -> Job | None:
        """Fail the job, or postpone it, by the kind of error and the state's retry policy."""
        match error:
            case Permanent() | Refusal():
                fields = get_log_fields(error)
                log.warning("job failed", job_id=job.id, state=job.state, **fields)
                return await self.pipeline.fail_job(job, error)
            case OutcomeUnknown():
                log.warning("outcome unknown", job_id=job.id, detail=error.detail)
                # the grace period starts now, not when the request was sent: it may have hung long
                now, delay = self.clock.now(), self.pipeline.first_check_delay
                await self.jobs.postpone_job(job, now + delay, attempts=job.attempts + 1, since=now)
                return None
            case SubmissionsPaused():
                again = self.clock.now() + _PAUSE_DELAY
                await self.jobs.postpone_job(job, again, attempts=job.attempts)
                return None
            case Transient():
                log.warning("step failed", job_id=job.id, state=job.state, detail=error.detail)
                passing = error
            case _:
                log.error("step failed", job_id=job.id, state=job.state, exc_info=error)
                passing = Transient(repr(error))
        attempts, policy = job.attempts + 1, _RETRY_POLICIES.get(job.state, _DEFAULT_POLICY)
        retry = decide_retry(passing, attempts, jitter=self.rng.random(), policy=policy)
        if isinstance(retry, GiveUp):
            return await self.pipeline.give_up_job(job, error)
        again = self.clock.now() + timedelta(seconds=retry.seconds)
        await self.jobs.postpone_job(job, again, attempts=attempts)
        return None
