"""The steps at the provider: submit a task once, reconcile if unanswered, collect the results."""

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
from bot.domain.model import ImageModel, PriceRule
from bot.domain.money import MicroUsd
from bot.domain.order import OutputFormat
from bot.domain.text.default_prompt import build_default_prompt
from bot.errors import (
    ContentRefused,
    OutcomeUnknown,
    Permanent,
    ProviderBusy,
    ProviderUnavailable,
    TaskConflict,
)
from bot.images.compose import encode_provider_image
from bot.images.worker_priority import ImageWorkers
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
"""Largest seed image in bytes sent as PNG; Runware documents no limit for inline images."""
_MAX_SENDS: Final = 2
"""Sends of one task, all with the same UUID; after that the operator decides."""
_FIRST_CHECK_DELAY: Final = timedelta(seconds=1)
"""Time from an unanswered submit to the first check; doubled for each later one."""
_ABSURD_COST_FACTOR: Final = 10
"""A cost above this multiple of its hold pauses new orders, as a negative or infinite one does."""


@dataclass(frozen=True, slots=True)
class TaskSubmission:
    """Submit a job's task, with the intent committed first."""

    jobs: JobStore
    files: FileStore
    workers: ImageWorkers
    submitter: Submitter
    slots: ProviderSlots
    admission: AdmissionControl
    clock: Clock
    model: ImageModel

    async def submit_task(self, job: Job) -> Job:
        """Commit the intent, then send the task.

        Safe to run twice: the UUID stays the same, and from SUBMITTING a job is reconciled first.
        """
        await self.slots.acquire_slot(job.task_uuid)
        try:
            await self.admission.check_submissions()
            task = await self._build_task(job)
            intent = JobChange(sends=1, attempts=job.attempts)
            sending = await self.jobs.advance_job(job, JobState.SUBMITTING, self.clock, intent)
            try:
                return await self._send_task(sending, task)
            except (ProviderUnavailable, ProviderBusy):
                # surely not accepted: the intent is taken back, and the retry is a first send
                undone = JobChange(attempts=job.attempts)
                await self.jobs.advance_job(sending, JobState.PREPARED, self.clock, undone)
                raise
        except OutcomeUnknown:
            # the task may be running: its slot is released only after reconciliation
            raise
        except BaseException:
            # also on cancellation, or the slot would never be free again
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
        return await self.jobs.advance_job(job, JobState.SUBMITTED, self.clock)

    async def _build_task(self, job: Job) -> ImageInference:
        """Build the provider's request for a job."""
        plan = job.prepared_plan
        path = self.files.get_path(job.stored_seed)
        image = await self.workers.run(encode_provider_image, path, _MAX_INLINE, plan.sent_seed)
        tolerance = BflSettings(safety_tolerance=job.order.tolerance_level)
        lossless = job.output_format is OutputFormat.PNG
        return ImageInference(
            task_uuid=job.task_uuid,
            model=self.model.identifier,
            positive_prompt=job.order.prompt
            or build_default_prompt(plan.rendered.extended_sides, job.order.attachment.description),
            inputs=Inputs(seed_image=image),
            outpaint=Outpaint.from_margins(plan.rendered),
            steps=self.model.steps.default,
            cfg_scale=self.model.cfg_scale.default,
            number_results=job.order.results,
            output_format="PNG" if lossless else "JPG",
            delivery_method="async",
            include_cost=True,
            safety=Safety(check_content=True, mode="fast") if job.order.check_content else None,
            provider_settings=ProviderSettings(bfl=tolerance),
        )

    async def resend_task(self, job: Job) -> Job:
        """Send the same UUID once more; a send that was surely not accepted does not count."""
        task = await self._build_task(job)
        sending = replace(job, sends=job.sends + 1)
        # counted before it is sent: a crash in between must not allow a third send
        await self.jobs.record_send(job, self.clock.now(), sends=sending.sends)
        try:
            return await self._send_task(sending, task)
        except (ProviderUnavailable, ProviderBusy):
            await self.jobs.record_send(job, self.clock.now(), sends=job.sends)
            raise


@dataclass(frozen=True, slots=True)
class TaskReconciliation:
    """Find out what became of a task; it may take `grace_period` to appear at the provider."""

    jobs: JobStore
    submission: TaskSubmission
    poller: Poller
    slots: ProviderSlots
    clock: Clock
    grace_period: timedelta
    _doubt_started: dict[UUID, float] = field(default_factory=dict, init=False)
    """When this process first checked an unanswered task, in monotonic seconds."""

    @property
    def first_check_delay(self) -> timedelta:
        """The time from an unanswered submit to the first check; short grace periods shorten it."""
        return min(max(self.grace_period, _FIRST_CHECK_DELAY / 20), _FIRST_CHECK_DELAY)

    async def reconcile_task(self, job: Job) -> Job:
        """Find out what became of a request that got no answer.

        If the provider knows the task, go on. If it surely does not after the grace period, send
        the same UUID once more. If that is also unknown, park the job with its hold open.
        """
        self.slots.occupy_slot(job.task_uuid)
        view = await self.poller.ask_about_task(job.task_uuid)
        if view.is_known and not view.is_unclear:
            self._doubt_started.pop(job.task_uuid, None)
            change = JobChange(detail="found")
            return await self.jobs.advance_job(job, JobState.SUBMITTED, self.clock, change)
        now, grace = self.clock.now(), self.grace_period
        # both clocks must agree: the wall clock survives restarts, the monotonic one its jumps
        left = max(job.updated_at + grace - now, grace - self._get_doubt_age(job))
        if left > timedelta() or view.is_unclear:
            wait = self.first_check_delay * 2 ** min(job.attempts, 6)
            again = now + (wait if view.is_unclear else min(wait, left))
            await self.jobs.postpone_job(job, again, attempts=job.attempts + 1)
            return replace(job, run_at=again)
        del self._doubt_started[job.task_uuid]
        if job.sends >= _MAX_SENDS:
            self.slots.release_slot(job.task_uuid)
            return await park_job(self.jobs, job, "outcome_unknown", self.clock)
        return await self.submission.resend_task(job)

    def _get_doubt_age(self, job: Job) -> timedelta:
        """Return how long this process has known the task as unanswered, by the monotonic clock."""
        now = self.clock.monotonic()
        return timedelta(seconds=now - self._doubt_started.setdefault(job.task_uuid, now))


@dataclass(frozen=True, slots=True)
class ResultCollection:
    """`price` is the list price of results, `max_task_time` how long a task may take."""

    jobs: JobStore
    poller: Poller
    slots: ProviderSlots
    admission: AdmissionControl
    clock: Clock
    price: PriceRule
    max_task_time: timedelta

    async def collect_results(self, job: Job) -> Job:
        """Wait for the task's results and record them with their cost.

        Safe to run twice: at the provider it only reads. Partial results are accepted; a task
        without an answer by the deadline is parked, since it may have been billed.
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
                return await park_job(self.jobs, job, "no_answer", self.clock)
        strange = any(item.absurd_cost for item in view.results)
        view = self._apply_content_check(job, view)
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

    def _apply_content_check(self, job: Job, view: TaskView) -> TaskView:
        """Treat results flagged by the second content check as refused: billed, but not shown."""
        code, detail = "nsfwContentDetected", "the second check flagged the result"
        costs = [
            self._get_list_price(job) if item.cost is None else item.cost
            for item in view.results
            if item.nsfw_content
        ]
        refused = (ContentRefused(code, detail, billed=cost) for cost in costs)
        passed = tuple(item for item in view.results if not item.nsfw_content)
        return replace(view, results=passed, failures=(*view.failures, *refused))

    def _get_list_price(self, job: Job) -> MicroUsd:
        return self.price.compute_price(job.prepared_plan.rendered_canvas.pixel_count)

    def _sum_cost(self, job: Job, results: Sequence[Result], view: TaskView) -> MicroUsd:
        """Add up what was billed, with the list price where no cost was reported."""
        price = self._get_list_price(job)
        costs = [price if result.cost is None else result.cost for result in results]
        costs += [each.billed for each in view.failures if isinstance(each, Permanent)]
        cost = MicroUsd(sum(costs))
        if cost > job.hold:
            log.warning("bill above its hold", job_id=job.id, cost=cost, hold=job.hold)
        return cost


def _combine_failures(view: TaskView) -> ExpanseError:
    """Return the first failure, with the amounts billed for all of them."""
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
