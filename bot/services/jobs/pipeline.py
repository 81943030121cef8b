"""The steps of a job, each safe to run twice, and its failure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

import structlog

from bot.clock import Clock
from bot.domain.job import Job, JobState, Result
from bot.domain.ledger import LedgerUnit
from bot.domain.money import ZERO
from bot.domain.plan import plan_expansion
from bot.errors import (
    ContentRefused,
    MediaUnavailable,
    Permanent,
    ProviderAuth,
    ProviderCredit,
    ResultUnusable,
    Transient,
    get_error_code,
)
from bot.images.compose import ComposedImage, compose_result
from bot.images.worker_pool import ImageWorkerPool
from bot.runware.media_download import Downloader
from bot.services.billing.quotas import QuotaService
from bot.services.billing.usage_stats import UsageStats
from bot.services.gallery.gallery import GalleryService
from bot.services.jobs.provider_slots import ProviderSlots
from bot.services.jobs.render_steps import RenderSteps
from bot.services.moderation.approvals import ApprovalService
from bot.services.orders.admission import AdmissionControl
from bot.services.orders.policy import GuildPolicy
from bot.services.pictures.seed_images import SeedImages
from bot.services.ports.jobs import DeliveryReceipt, DeliveryRoute, Publisher, StoredPicture
from bot.services.progress.card_updates import CardUpdater
from bot.storage.disk.file_store import FileStore
from bot.storage.repositories.billing.ledger import LedgerStore
from bot.storage.repositories.guild_membership import GuildMembershipStore
from bot.storage.repositories.jobs import JobChange, JobStore
from bot.storage.sqlite.database import Database

log = structlog.get_logger(__name__)

_FAILURE_RETRY_SECONDS: Final = (1.0, 4.0, 0.0)
"""Seconds to wait after each try to show a failure."""
_MAX_MEDIA_TRIES: Final = 8
"""How often a picture is fetched before it counts as unusable: over a minute, with the back-off."""


@dataclass(frozen=True, slots=True)
class JobPipeline:
    """Carry one job forward by one step; every external effect stands between two commits.

    `gallery` is None where nothing is shown, `approvals` where nobody looks first.
    """

    database: Database
    jobs: JobStore
    ledger: LedgerStore
    files: FileStore
    quotas: QuotaService
    admission: AdmissionControl
    policy: GuildPolicy
    usage_stats: UsageStats
    membership: GuildMembershipStore
    render_steps: RenderSteps
    slots: ProviderSlots
    seed_images: SeedImages
    media: Downloader
    workers: ImageWorkerPool
    publisher: Publisher
    gallery: GalleryService | None
    approvals: ApprovalService | None
    card_updater: CardUpdater
    clock: Clock
    max_canvas_pixels: int

    @property
    def first_check_delay(self) -> timedelta:
        """How long to wait before an unanswered submit is first looked for."""
        return self.render_steps.first_check_delay

    async def advance_job(self, job: Job) -> Job:
        """Make the step that the job's state calls for and return the job as it is then.

        A job whose `run_at` is ahead has to wait. Raises what the step raises.
        """
        match job.state:
            case JobState.RESERVED:
                moved = await self.prepare_job(job)
            case JobState.PREPARED:
                moved = await self.render_steps.submit_task(job)
            case JobState.SUBMITTING:
                moved = await self.render_steps.reconcile_task(job)
            case JobState.SUBMITTED:
                moved = await self.render_steps.collect_results(job)
            case JobState.RENDERED:
                moved = await self.store_results(job)
            case JobState.STORED:
                # from here on the card is the result: no progress may be noted after it
                return await self.deliver_job(job)
            case JobState.DELIVERED:
                return await self.settle_job(job)
            case _:
                msg = f"job {job.id} has no step in state {job.state}"
                raise ValueError(msg)
        self.card_updater.queue_update(moved)
        return moved

    async def prepare_job(self, job: Job) -> Job:
        """Fetch the attachment once, clean it, store it, and plan from its true size.

        Safe to run twice: the file is named by its content.
        """
        seed = await self.seed_images.get_seed_image(job.order, is_retry=bool(job.attempts))
        planned = plan_expansion(
            seed.size,
            job.order.request.compute_margins(seed.size),
            max_canvas_pixels=self.max_canvas_pixels,
        )
        await self.policy.check_plan(job.origin.guild_id, planned.canvas)
        change = JobChange(
            seed=seed.digest,
            seed_notes=seed.notes,
            plan=planned,
            output=job.order.format or seed.format,
        )
        return await self._move_job(job, JobState.PREPARED, change)

    async def store_results(self, job: Job) -> Job:
        """Fetch every result, paste the original back, and put the pictures on disk.

        Safe to run twice: files are named by content, and what is stored is not fetched again. What
        is paid for and cannot be used is fetched some times more, by fresh links; then one such
        result of several is noted and left out, and if none is usable the job fails.
        """
        links = await self._fetch_links(job) if job.attempts else {}
        results = [
            await self._store_result(
                job, replace(result, url=links.get(result.image_uuid, result.url))
            )
            if result.delivered is None
            else result
            for result in await self.jobs.list_results(job.id)
        ]
        if not results:
            raise ValueError(f"job {job.id} has no results in state {job.state}")
        spoilt = [result.fetch_errors for result in results if result.delivered is None]
        last = all(len(tries) >= _MAX_MEDIA_TRIES for tries in spoilt)
        codes = "; ".join(map(" ".join, spoilt))
        if last and len(spoilt) == len(results):
            raise ResultUnusable("no_usable_result", codes)
        async with self.database.write() as tx:
            await self.jobs.save_results(tx, job, results)
            if last:
                return await self.jobs.move_job(tx, job, JobState.STORED, self.clock.now())
        raise MediaUnavailable(f"to be fetched again: {codes}")

    async def _fetch_links(self, job: Job) -> dict[str, str]:
        """Ask for fresh links; where that fails now, the old ones have to do."""
        try:
            return await self.render_steps.fetch_links(job)
        except Transient as error:
            log.info("no fresh links", job_id=job.id, detail=error.detail)
            return {}

    async def _store_result(self, job: Job, result: Result) -> Result:
        try:
            raw = await self.files.save_bytes((await self.media.fetch_file(result.url)).data)
            delivery = await self._compose_result(job, replace(result, raw=raw))
        except Permanent as error:
            return replace(result, fetch_errors=(*result.fetch_errors, error.code))
        return replace(
            result,
            raw=raw,
            delivered=await self.files.save_bytes(delivery.data),
            format=delivery.format,
            bytes=len(delivery.data),
            notes=delivery.notes,
            fetch_errors=(),
        )

    async def _compose_result(self, job: Job, result: Result) -> ComposedImage:
        if result.raw is None:
            raise ResultUnusable("no_file", f"result {result.ordinal} was not fetched")
        return await self.workers.run(
            compose_result,
            self.files.get_path(job.stored_seed),
            self.files.get_path(result.raw),
            job.prepared_plan,
            job.output_format,
            max_bytes=job.order.upload_limit,
        )

    async def deliver_job(self, job: Job) -> Job:
        """Bring the pictures to the member, or note that no way is open.

        Safe to run twice: the same card is edited, and a new message carries a nonce. What waits
        for a moderator ends here: the approval lives on by itself.
        """
        await self.card_updater.stop_updates(job.id)
        detail = await self._find_obstacle(job) or str(await self._deliver_pictures(job))
        return await self._move_job(job, JobState.DELIVERED, JobChange(detail=detail))

    async def _find_obstacle(self, job: Job) -> DeliveryRoute | None:
        """Say why the pictures are not shown now; return None where they may be."""
        if await self.membership.has_left(job.origin.guild_id):
            return DeliveryRoute.GUILD_LEFT
        return None if self.approvals is None else await self.approvals.withhold_if_needed(job)

    async def _deliver_pictures(self, job: Job) -> DeliveryReceipt:
        """Bring the pictures to the member and say by which way."""
        pictures = await self._list_pictures(job)
        usage = await self.quotas.get_job_usage(job)
        delivered = await self.publisher.deliver_result(job, pictures, usage)
        if delivered.message_id is not None:
            await self.jobs.save_message(job.id, delivered.message_id)
        await self._add_to_gallery(job, delivered)
        return delivered

    async def _add_to_gallery(self, job: Job, delivered: DeliveryReceipt) -> None:
        """Let the gallery know; whatever goes wrong there, the job goes on."""
        in_channel = delivered.route in {DeliveryRoute.REPLY, DeliveryRoute.CHANNEL}
        if self.gallery is None or delivered.message_id is None or not in_channel:
            return
        try:
            await self.gallery.add_result(job, job.origin.channel_id, delivered.message_id)
        except Exception:
            log.exception("gallery not told", job_id=job.id)

    async def _list_pictures(self, job: Job) -> Sequence[StoredPicture]:
        return [
            StoredPicture(result, self.files.get_path(result.delivered))
            for result in await self.jobs.list_results(job.id)
            if result.delivered is not None
        ]

    async def settle_job(self, job: Job) -> Job:
        """Turn the hold into the reported cost, in the same transaction as the move."""
        return await self._close_job(job, JobState.SETTLED, JobChange())

    async def fail_job(self, job: Job, error: Exception) -> Job:
        """End the job: tell the member, then release the hold or settle what was billed.

        Told first, so that after a crash between the two the member is told again, not never.
        """
        await self.card_updater.stop_updates(job.id)
        self.slots.release_slot(job.task_uuid)
        billed = job.cost or (error.billed if isinstance(error, Permanent) else ZERO)
        told = replace(job, cost=billed)
        await self._show_failure(told, error)
        if isinstance(error, ProviderAuth | ProviderCredit):
            await self.admission.pause_for_provider(error.code)
        change = JobChange(failure=get_error_code(error), cost=billed)
        strike = isinstance(error, ContentRefused)
        return await self._close_job(told, JobState.FAILED, change, strike=strike)

    async def _show_failure(self, job: Job, error: Exception) -> None:
        """Show the failure; the job must end though nobody can be told."""
        if await self.membership.has_left(job.origin.guild_id):
            return
        for pause in _FAILURE_RETRY_SECONDS:
            try:
                await self.publisher.show_failure(job, error)
            except Transient as trouble:
                log.warning("failure not shown", job_id=job.id, detail=trouble.detail)
                await self.clock.sleep(pause)
            except Exception:
                log.exception("failure not shown", job_id=job.id)
                break
            else:
                break

    async def give_up_job(self, job: Job, error: Exception) -> Job:
        """End what was tried too often: pictures on disk are kept, everything else fails."""
        if job.state is JobState.STORED:
            log.error("result kept, not delivered", job_id=job.id, error=repr(error))
            return await self._move_job(
                job, JobState.DELIVERED, JobChange(detail=DeliveryRoute.ON_DISK)
            )
        return await self.fail_job(job, error)

    async def _close_job(
        self, job: Job, target: JobState, change: JobChange, *, strike: bool = False
    ) -> Job:
        cost = job.cost or ZERO
        billed = len(await self.jobs.list_results(job.id)) if cost else 0
        async with self.database.write() as tx:
            now = self.clock.now()
            await self.ledger.settle_job(
                tx, job.id, {LedgerUnit.MICRO_USD: cost, LedgerUnit.RESULT: billed}, now
            )
            if strike:
                await self.admission.record_strike(tx, job.id, job.origin.user_id)
            await self.usage_stats.record_ended_job(tx, job, target, billed)
            return await self.jobs.move_job(tx, job, target, now, change)

    async def _move_job(self, job: Job, target: JobState, change: JobChange) -> Job:
        async with self.database.write() as tx:
            return await self.jobs.move_job(tx, job, target, self.clock.now(), change)
