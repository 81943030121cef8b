"""The provider's part of a job: submit once, ask while in doubt, collect what was rendered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog

from bot.clock import Clock
from bot.domain.job import Job, JobState, Result
from bot.domain.money import MicroUsd
from bot.domain.order import OutputFormat
from bot.domain.prompt import default_prompt
from bot.errors import (
    ContentRefused,
    ExpanseError,
    OutcomeUnknown,
    Permanent,
    ProviderBusy,
    ProviderUnavailable,
    TaskConflict,
)
from bot.images.compose import provider_image
from bot.images.workers import ImageWorkers
from bot.runware.answers import Accepted, Refused, TaskView, Unanswered
from bot.runware.models import (
    BflSettings,
    ImageInference,
    Inputs,
    Outpaint,
    ProviderSettings,
    Safety,
)
from bot.runware.replies import ResultItem
from bot.services.intake import Intake
from bot.services.poller import Poller
from bot.services.provider_slots import ProviderSlots
from bot.services.submitter import Submitter
from bot.storage.database import Database
from bot.storage.files import FileStore
from bot.storage.jobs import Change, JobStore

log = structlog.get_logger(__name__)

_MAX_INLINE: Final = 6 * 2**20
"""Largest seed image that travels as PNG; the provider's own inline limit is not documented."""
_MOST_SENDS: Final = 2
"""A request may leave twice, with the same UUID; then only the operator can tell."""
_STRANGE: Final = 10
"""A bill above this many times its hold pauses the intake; so does one below zero or not finite."""
_LOOK: Final = timedelta(seconds=1)
"""How long after an unanswered submit the task is first looked for; then twice as long."""


@dataclass(frozen=True, slots=True)
class Rendering:
    """Speak to the provider on behalf of a job."""

    database: Database
    jobs: JobStore
    files: FileStore
    workers: ImageWorkers
    submitter: Submitter
    poller: Poller
    slots: ProviderSlots
    intake: Intake
    clock: Clock
    model: str
    price: MicroUsd
    grace: timedelta
    longest: timedelta
    doubts: dict[UUID, float] = field(default_factory=dict)
    """When this process first looked for a task that it is in doubt about, in monotonic seconds."""

    @property
    def look(self) -> timedelta:
        """How long to wait before an unanswered submit is first looked for."""
        return min(max(self.grace, _LOOK / 20), _LOOK)

    async def submit(self, job: Job) -> Job:
        """Commit the intent, then send the task.

        Safe to run twice: the UUID is the same, and SUBMITTING is left only by asking.
        """
        await self.slots.acquire_slot(job.task_uuid)
        try:
            await self.intake.check_submissions()
            task = await self._task(job)
            sending = await self._move(
                job, JobState.SUBMITTING, Change(sends=1, attempts=job.attempts)
            )
            try:
                return await self._send(sending, task)
            except (ProviderUnavailable, ProviderBusy):
                await self._move(sending, JobState.PREPARED, Change(attempts=job.attempts))
                raise
        except OutcomeUnknown:
            # it may be at work there: the slot is given back when the doubt is over
            raise
        except BaseException:
            self.slots.release_slot(job.task_uuid)
            raise

    async def reconcile(self, job: Job) -> Job:
        """Find out what became of a request that left without an answer.

        Known there: go on. Reliably unknown when the grace period is over: send the same UUID once
        more. Still unknown after that: park the job, with the money held.
        """
        self.slots.occupy_slot(job.task_uuid)
        view = await self._look(job)
        if view.known and not view.unclear:
            self.doubts.pop(job.task_uuid, None)
            return await self._move(job, JobState.SUBMITTED, Change(detail="found"))
        now = self.clock.now()
        left = max(job.updated_at + self.grace - now, self.grace - self._doubted(job))
        if left > timedelta() or view.unclear:
            wait = self.look * 2 ** min(job.attempts, 6)
            again = now + (wait if view.unclear else min(wait, left))
            await self.jobs.postpone(job, again, attempts=job.attempts + 1)
            return replace(job, run_at=again)
        del self.doubts[job.task_uuid]
        if job.sends >= _MOST_SENDS:
            return await self._park(job, "outcome_unknown")
        return await self._send_again(job)

    def _doubted(self, job: Job) -> timedelta:
        """Return how long this process has known of a doubt: no jump of the wall clock ends it."""
        now = self.clock.monotonic()
        return timedelta(seconds=now - self.doubts.setdefault(job.task_uuid, now))

    async def collect(self, job: Job) -> Job:
        """Wait for the task's results and put them on record with their cost.

        Safe to run twice: it only reads. Partial results are taken; a task that stays silent past
        the deadline is parked, since it may have been billed.
        """
        deadline = job.updated_at + self.longest
        self.slots.occupy_slot(job.task_uuid)
        try:
            view = await self.poller.finished(job.task_uuid, job.order.results, deadline)
        finally:
            self.slots.release_slot(job.task_uuid)
        if view is None:
            view = await self._look(job)
            if view.processing or view.unclear or not (view.results or view.failures):
                return await self._park(job, "no_answer")
        strange = any(item.has_absurd_cost for item in view.results)
        view = self._screened(view)
        if not view.results:
            raise _ended(view)
        results = [_recorded(job, ordinal, item) for ordinal, item in enumerate(view.results)]
        cost = self._cost(job, results, view)
        if strange or cost > _STRANGE * job.hold:
            log.error("strange bill", job_id=job.id, cost=cost, hold=job.hold)
            await self.intake.pause("a strange bill is being looked at")
        failed = ", ".join(str(failure) for failure in view.failures)
        async with self.database.write() as tx:
            await self.jobs.put_results(tx, job, results)
            if any(isinstance(failure, ContentRefused) for failure in view.failures):
                await self.intake.strike(tx, job.id, job.origin.user_id)
            return await self.jobs.move(
                tx, job, JobState.RENDERED, self.clock.now(), Change(cost=cost, detail=failed)
            )

    async def links(self, job: Job) -> dict[str, str]:
        """Ask where the job's pictures are now, by image UUID: links expire."""
        view = await self.poller.look(job.task_uuid)
        return {item.image_uuid: item.media for item in view.results if item.image_uuid}

    async def _look(self, job: Job) -> TaskView:
        """Ask once; a question that is refused says nothing about the task: it is asked again."""
        try:
            return await self.poller.look(job.task_uuid)
        except Permanent as error:
            raise ProviderUnavailable(f"{error.code}: {error.detail}") from error

    async def _park(self, job: Job, reason: str) -> Job:
        """Leave the job to the operator, with the money held."""
        log.error("job parked", job_id=job.id, task_uuid=str(job.task_uuid), reason=reason)
        self.slots.release_slot(job.task_uuid)
        return await self._move(job, JobState.PARKED, Change(failure=reason))

    def _screened(self, view: TaskView) -> TaskView:
        """Take what the second content check flagged for refused: it is billed, and not shown."""
        flagged = [item for item in view.results if item.nsfw_content]
        refused = tuple(
            ContentRefused(
                "nsfwContentDetected",
                "the second check flagged the result",
                billed=self.price if item.cost is None else item.cost,
            )
            for item in flagged
        )
        kept = tuple(item for item in view.results if item not in flagged)
        return replace(view, results=kept, failures=(*view.failures, *refused))

    def _cost(self, job: Job, results: Sequence[Result], view: TaskView) -> MicroUsd:
        """Add up what was billed: the list price stands in where no cost was reported."""
        costs = [self.price if result.cost is None else result.cost for result in results]
        costs += [each.billed for each in view.failures if isinstance(each, Permanent)]
        cost = MicroUsd(sum(costs))
        if cost > job.hold:
            log.error("bill above its hold", job_id=job.id, cost=cost, hold=job.hold)
        return cost

    async def _send(self, job: Job, task: ImageInference) -> Job:
        match await self.submitter.submit(task, alone=job.sends > 1):
            case Refused(error=TaskConflict()):
                log.info("task was accepted before", job_id=job.id)
            case Refused(error=error):
                raise error
            case Unanswered(detail=detail):
                raise OutcomeUnknown(detail)
            case Accepted():
                pass
        return await self._move(job, JobState.SUBMITTED, Change())

    async def _send_again(self, job: Job) -> Job:
        """Send the same UUID once more; a refusal before anything was done does not count."""
        task = await self._task(job)
        sending = replace(job, sends=job.sends + 1)
        await self.jobs.note_send(job, self.clock.now(), sends=sending.sends)
        try:
            return await self._send(sending, task)
        except (ProviderUnavailable, ProviderBusy):
            await self.jobs.note_send(job, self.clock.now(), sends=job.sends)
            raise

    async def _task(self, job: Job) -> ImageInference:
        plan = job.prepared_plan
        path = self.files.path(job.stored_seed)
        image = await self.workers.run(provider_image, path, _MAX_INLINE)
        lossless = job.output_format is OutputFormat.PNG
        return ImageInference(
            task_uuid=job.task_uuid,
            model=self.model,
            positive_prompt=job.order.prompt or default_prompt(plan.rendered),
            inputs=Inputs(seed_image=image),
            outpaint=Outpaint.of(plan.rendered),
            number_results=job.order.results,
            output_format="PNG" if lossless else "JPG",
            delivery_method="async",
            include_cost=True,
            safety=Safety(check_content=True, mode="fast") if job.order.check_content else None,
            provider_settings=ProviderSettings(bfl=BflSettings(safety_tolerance=job.order.level)),
        )

    async def _move(self, job: Job, target: JobState, change: Change) -> Job:
        async with self.database.write() as tx:
            return await self.jobs.move(tx, job, target, self.clock.now(), change)


def _ended(view: TaskView) -> ExpanseError:
    """Return the first failure, with all that was billed for any of them."""
    error = view.failures[0]
    if isinstance(error, Permanent):
        error.billed = MicroUsd(
            sum(each.billed for each in view.failures if isinstance(each, Permanent))
        )
    return error


def _recorded(job: Job, ordinal: int, item: ResultItem) -> Result:
    return Result(
        ordinal=ordinal,
        image_uuid=item.image_uuid or f"{job.task_uuid}/{ordinal}",
        url=item.media,
        noise_seed=item.noise_seed,
        cost=item.cost,
    )
