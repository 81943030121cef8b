"""The pipeline: the step for each state of a job, each safe to run twice."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta

import structlog

from bot.clock import Clock
from bot.domain.job import Job, JobState
from bot.errors import get_log_fields
from bot.services.jobs.delivery import JobClosing, JobDelivery
from bot.services.jobs.render_steps import ResultCollection, TaskReconciliation, TaskSubmission
from bot.services.jobs.result_storage import ResultStorage
from bot.services.orders.checks import OrderChecks
from bot.services.pictures.seed_images import SeedImages
from bot.services.ports.jobs import ReadingLimit
from bot.services.progress.card_updates import CardUpdater
from bot.storage.repositories.jobs import JobChange, JobStore

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class JobPreparation:
    jobs: JobStore
    seed_images: SeedImages
    heavy_seed_images: SeedImages
    """The same, read by workers that ordinary orders do not need."""
    checks: OrderChecks
    readings: ReadingLimit
    clock: Clock

    async def prepare_job(self, job: Job) -> Job:
        """Store the seed image and plan the canvas from its real size.

        Safe to run twice: the file is named by its content.
        """
        order, author = job.order, job.origin.user_id
        # a stored picture was read before
        reading = (
            nullcontext(enter_result=True)
            if order.is_stored
            else self.readings.count_reading(author)
        )
        with reading as is_trusted:
            is_heavy = not is_trusted or order.attachment.may_be_large
            seed_images = self.heavy_seed_images if is_heavy else self.seed_images
            seed = await seed_images.get_seed_image(order, author, is_retry=bool(job.attempts))
            planned = await self.checks.check_plan(job.origin, order, seed.size)
            output = order.format or seed.format
            change = JobChange(seed=seed.digest, seed_notes=seed.notes, plan=planned, output=output)
            return await self.jobs.advance_job(job, JobState.PREPARED, self.clock, change)


@dataclass(frozen=True, slots=True)
class JobPipeline:
    """Run one step of a job; a step commits before and after each external effect."""

    preparation: JobPreparation
    submission: TaskSubmission
    reconciliation: TaskReconciliation
    collection: ResultCollection
    storage: ResultStorage
    delivery: JobDelivery
    closing: JobClosing
    card_updater: CardUpdater

    @property
    def first_check_delay(self) -> timedelta:
        """The time from an unanswered submit to the first check."""
        return self.reconciliation.first_check_delay

    async def advance_job(self, job: Job) -> Job:
        """Run the step for the job's state and return the changed job.

        A future `run_at` in it means: wait until then. Raises what the step raises.
        """
        match job.state:
            case JobState.RESERVED:
                moved = await self.preparation.prepare_job(job)
            case JobState.PREPARED:
                moved = await self.submission.submit_task(job)
            case JobState.SUBMITTING:
                moved = await self.reconciliation.reconcile_task(job)
            case JobState.SUBMITTED:
                moved = await self.collection.collect_results(job)
            case JobState.RENDERED:
                moved = await self.storage.store_results(job)
            case JobState.STORED:
                # the card now becomes the result: a late progress edit would overwrite it
                await self.card_updater.stop_updates(job.id)
                return await self.delivery.deliver_job(job)
            case JobState.DELIVERED:
                return await self.closing.settle_job(job)
            case _:
                msg = f"job {job.id} has no step in state {job.state}"
                raise ValueError(msg)
        self.card_updater.queue_update(moved)
        return moved

    async def fail_job(self, job: Job, error: Exception) -> Job:
        """Tell the member, then end the job with what was billed."""
        await self.card_updater.stop_updates(job.id)
        return await self.closing.fail_job(job, error)

    async def give_up_job(self, job: Job, error: Exception) -> Job:
        """End a job that is out of attempts: stored pictures stay on disk, others fail."""
        if job.state is JobState.STORED:
            log.error("result kept, not delivered", job_id=job.id, **get_log_fields(error))
            return await self.delivery.keep_on_disk(job)
        return await self.fail_job(job, error)
