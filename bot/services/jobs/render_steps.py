"""The provider's part of a job: submit once, ask while in doubt, collect what was rendered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog

from bot.clock import Clock
from bot.domain.errors import ExpanseError
from bot.domain.job import Job, JobState, Result
from bot.domain.money import MicroUsd
from bot.domain.order import OutputFormat
from bot.domain.prompt import build_default_prompt
from bot.errors import (
    ContentRefused,
    OutcomeUnknown,
    Permanent,
    ProviderBusy,
    ProviderUnavailable,
    TaskConflict,
)
from bot.images.compose import encode_provider_image
from bot.images.worker_pool import ImageWorkerPool
from bot.runware.outcomes import SubmitAccepted, SubmitRefused, SubmitUnanswered, TaskView
from bot.runware.requests import (
    BflSettings,
    ImageInference,
    Inputs,
    Outpaint,
    ProviderSettings,
    Safety,
)
from bot.runware.responses import ResultItem
from bot.services.jobs.parked import park_job
from bot.services.jobs.poller import Poller
from bot.services.jobs.provider_slots import ProviderSlots
from bot.services.jobs.submitter import Submitter
from bot.services.orders.admission import AdmissionControl
from bot.storage.disk.file_store import FileStore
from bot.storage.repositories.jobs import JobChange, JobStore

log = structlog.get_logger(__name__)

_MAX_INLINE: Final = 6 * 2**20
"""Largest seed image that travels as PNG; the provider's own inline limit is not documented."""
_MAX_SENDS: Final = 2
"""A request may leave twice, with the same UUID; then only the operator can tell."""
_FIRST_CHECK_DELAY: Final = timedelta(seconds=1)
"""How long after an unanswered submit the task is first looked for; then twice as long."""
_ABSURD_COST_FACTOR: Final = 10
"""A bill above this many times its hold pauses the intake; so does one below zero or not finite."""


@dataclass(frozen=True, slots=True)
class TaskSubmission:
    """Send a job's task; the intent is on record before it leaves."""

    jobs: JobStore
    files: FileStore
    workers: ImageWorkerPool
    submitter: Submitter
    slots: ProviderSlots
    admission: AdmissionControl
    clock: Clock
    model: str

    async def submit_task(self, job: Job) -> Job:
        """Commit the intent, then send the task.

        Safe to run twice: the UUID is the same, and SUBMITTING is left only by asking.
        """
        await self.slots.acquire_slot(job.task_uuid)
        try:
            await self.admission.check_submissions()
            task = await self._build_task(job)
            intent = JobChange(sends=1, attempts=job.attempts)
            now = self.clock.now()
            sending = await self.jobs.advance_job(job, JobState.SUBMITTING, now, intent)
            try:
                return await self._send_task(sending, task)
            except (ProviderUnavailable, ProviderBusy):
                now, undone = self.clock.now(), JobChange(attempts=job.attempts)
                await self.jobs.advance_job(sending, JobState.PREPARED, now, undone)
                raise
        except OutcomeUnknown:
            # it may be at work there: the slot is given back when the doubt is over
            raise
        except BaseException:
            self.slots.release_slot(job.task_uuid)
            raise

    async def _send_task(self, job: Job, task: ImageInference) -> Job:
        match await self.submitter.submit(task, alone=job.sends > 1):
            case SubmitRefused(error=TaskConflict()):
                log.info("task was accepted before", job_id=job.id)
            case SubmitRefused(error=error):
                raise error
            case SubmitUnanswered(detail=detail):
                raise OutcomeUnknown(detail)
            case SubmitAccepted():
                pass
        return await self.jobs.advance_job(job, JobState.SUBMITTED, self.clock.now())

    async def _build_task(self, job: Job) -> ImageInference:
        """Say to the provider what a job asks for."""
        plan = job.prepared_plan
        path = self.files.get_path(job.stored_seed)
        image = await self.workers.run(encode_provider_image, path, _MAX_INLINE)
        tolerance = BflSettings(safety_tolerance=job.order.tolerance_level)
        lossless = job.output_format is OutputFormat.PNG
        return ImageInference(
            task_uuid=job.task_uuid,
            model=self.model,
            positive_prompt=job.order.prompt or build_default_prompt(plan.rendered),
            inputs=Inputs(seed_image=image),
            outpaint=Outpaint.from_margins(plan.rendered),
            number_results=job.order.results,
            output_format="PNG" if lossless else "JPG",
            delivery_method="async",
            include_cost=True,
            safety=Safety(check_content=True, mode="fast") if job.order.check_content else None,
            provider_settings=ProviderSettings(bfl=tolerance),
        )

    async def resend_task(self, job: Job) -> Job:
        """Send the same UUID once more; a refusal before anything was done does not count."""
        task = await self._build_task(job)
        sending = replace(job, sends=job.sends + 1)
        await self.jobs.record_send(job, self.clock.now(), sends=sending.sends)
        try:
            return await self._send_task(sending, task)
        except (ProviderUnavailable, ProviderBusy):
            await self.jobs.record_send(job, self.clock.now(), sends=job.sends)
            raise


@dataclass(frozen=True, slots=True)
class TaskReconciliation:
    """Find out what became of a task; `grace_period` is how long it may take to show."""

    jobs: JobStore
    submission: TaskSubmission
    poller: Poller
    slots: ProviderSlots
    clock: Clock
    grace_period: timedelta
    _doubt_started: dict[UUID, float] = field(default_factory=dict, init=False)
    """When this process first looked for a task that it is in doubt about, in monotonic seconds."""

    @property
    def first_check_delay(self) -> timedelta:
        """How long to wait before an unanswered submit is first looked for."""
        return min(max(self.grace_period, _FIRST_CHECK_DELAY / 20), _FIRST_CHECK_DELAY)

    async def reconcile_task(self, job: Job) -> Job:
        """Find out what became of a request that left without an answer.

        Known there: go on. Reliably unknown when the grace period is over: send the same UUID once
        more. Still unknown after that: park the job, with the money held.
        """
        self.slots.occupy_slot(job.task_uuid)
        view = await self.poller.ask_about_task(job.task_uuid)
        if view.is_known and not view.is_unclear:
            self._doubt_started.pop(job.task_uuid, None)
            change = JobChange(detail="found")
            return await self.jobs.advance_job(job, JobState.SUBMITTED, self.clock.now(), change)
        now, grace = self.clock.now(), self.grace_period
        left = max(job.updated_at + grace - now, grace - self._get_doubt_age(job))
        if left > timedelta() or view.is_unclear:
            wait = self.first_check_delay * 2 ** min(job.attempts, 6)
            again = now + (wait if view.is_unclear else min(wait, left))
            await self.jobs.postpone_job(job, again, attempts=job.attempts + 1)
            return replace(job, run_at=again)
        del self._doubt_started[job.task_uuid]
        if job.sends >= _MAX_SENDS:
            self.slots.release_slot(job.task_uuid)
            return await park_job(self.jobs, job, "outcome_unknown", now)
        return await self.submission.resend_task(job)

    def _get_doubt_age(self, job: Job) -> timedelta:
        """Return how long this process has known of a doubt: no jump of the wall clock ends it."""
        now = self.clock.monotonic()
        return timedelta(seconds=now - self._doubt_started.setdefault(job.task_uuid, now))


@dataclass(frozen=True, slots=True)
class ResultCollection:
    """`price` is what a result costs by the list, `max_task_time` how long a task may render."""

    jobs: JobStore
    poller: Poller
    slots: ProviderSlots
    admission: AdmissionControl
    clock: Clock
    price: MicroUsd
    max_task_time: timedelta

    async def collect_results(self, job: Job) -> Job:
        """Wait for the task's results and put them on record with their cost.

        Safe to run twice: it only reads. Partial results are taken; a task that stays silent past
        the deadline is parked, since it may have been billed.
        """
        deadline = job.updated_at + self.max_task_time
        self.slots.occupy_slot(job.task_uuid)
        try:
            view = await self.poller.wait_until_finished(job.task_uuid, job.order.results, deadline)
        finally:
            self.slots.release_slot(job.task_uuid)
        if view is None:
            view = await self.poller.ask_about_task(job.task_uuid)
            if view.is_processing or view.is_unclear or not (view.results or view.failures):
                return await park_job(self.jobs, job, "no_answer", self.clock.now())
        strange = any(item.has_absurd_cost for item in view.results)
        view = self._apply_content_check(view)
        if not view.results:
            raise _combine_failures(view)
        results = [_build_result(job, ordinal, item) for ordinal, item in enumerate(view.results)]
        cost = self._sum_cost(job, results, view)
        if strange or cost > _ABSURD_COST_FACTOR * job.hold:
            log.error("strange bill", job_id=job.id, cost=cost, hold=job.hold)
            await self.admission.pause_orders("a strange bill is being looked at")
        failed = ", ".join(str(failure) for failure in view.failures)
        async with self.jobs.write() as tx:
            await self.jobs.save_results(tx, job, results)
            if any(isinstance(failure, ContentRefused) for failure in view.failures):
                await self.admission.record_strike(tx, job.id, job.origin.user_id)
            change = JobChange(cost=cost, detail=failed)
            return await self.jobs.move_job(tx, job, JobState.RENDERED, self.clock.now(), change)

    def _apply_content_check(self, view: TaskView) -> TaskView:
        """Take what the second content check flagged for refused: it is billed, and not shown."""
        code, detail = "nsfwContentDetected", "the second check flagged the result"
        costs = [
            self.price if item.cost is None else item.cost
            for item in view.results
            if item.nsfw_content
        ]
        refused = (ContentRefused(code, detail, billed=cost) for cost in costs)
        kept = tuple(item for item in view.results if not item.nsfw_content)
        return replace(view, results=kept, failures=(*view.failures, *refused))

    def _sum_cost(self, job: Job, results: Sequence[Result], view: TaskView) -> MicroUsd:
        """Add up what was billed: the list price stands in where no cost was reported."""
        costs = [self.price if result.cost is None else result.cost for result in results]
        costs += [each.billed for each in view.failures if isinstance(each, Permanent)]
        cost = MicroUsd(sum(costs))
        if cost > job.hold:
            log.error("bill above its hold", job_id=job.id, cost=cost, hold=job.hold)
        return cost


def _combine_failures(view: TaskView) -> ExpanseError:
    """Return the first failure, with all that was billed for any of them."""
    error = view.failures[0]
    if isinstance(error, Permanent):
        billed = [each.billed for each in view.failures if isinstance(each, Permanent)]
        error.billed = MicroUsd(sum(billed))
    return error


def _build_result(job: Job, ordinal: int, item: ResultItem) -> Result:
    return Result(
        ordinal=ordinal,
        image_uuid=item.image_uuid or f"{job.task_uuid}/{ordinal}",
        url=item.media_source,
        noise_seed=item.noise_seed,
        cost=item.cost,
    )
