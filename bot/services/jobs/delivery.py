"""The end of a job: show the member the pictures or the failure, and close the hold."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import structlog

from bot.clock import Clock
from bot.domain.job import Job, JobState
from bot.domain.ledger import LedgerUnit
from bot.domain.money import ZERO
from bot.errors import (
    ContentRefused,
    Permanent,
    ProviderAuth,
    ProviderCredit,
    Transient,
    get_error_code,
)
from bot.services.billing.usage_stats import UsageStats
from bot.services.gallery.gallery import GalleryService
from bot.services.jobs.provider_slots import ProviderSlots
from bot.services.moderation.approvals import ApprovalService
from bot.services.orders.admission import AdmissionControl
from bot.services.pictures.library import list_stored_pictures
from bot.services.ports.jobs import DeliveryReceipt, DeliveryRoute, Publisher
from bot.services.progress.order_summary import OrderSummary
from bot.services.progress.result_sender import ResultSender
from bot.storage.disk.file_store import FileStore
from bot.storage.repositories.billing.ledger import LedgerStore
from bot.storage.repositories.guild_membership import GuildMembershipStore
from bot.storage.repositories.jobs import JobChange, JobStore

log = structlog.get_logger(__name__)

_FAILURE_RETRY_SECONDS: Final = (1.0, 4.0, 0.0)
"""Seconds to wait after each attempt to show a failure."""


@dataclass(frozen=True, slots=True)
class JobDelivery:
    jobs: JobStore
    files: FileStore
    membership: GuildMembershipStore
    approvals: ApprovalService
    sender: ResultSender
    gallery: GalleryService
    publisher: Publisher
    clock: Clock

    async def deliver_job(self, job: Job) -> Job:
        """Send the pictures to the member, or record why they were not sent.

        Safe to run twice: the same card is edited, and a new message carries a nonce. A result
        that awaits approval ends the job too: `ApprovalService` sends it later.
        """
        detail = await self._find_obstacle(job) or str(await self._deliver_pictures(job))
        change = JobChange(detail=detail)
        return await self.jobs.advance_job(job, JobState.DELIVERED, self.clock, change)

    async def keep_on_disk(self, job: Job) -> Job:
        """End the job undelivered; its pictures stay on disk."""
        change = JobChange(detail=DeliveryRoute.ON_DISK)
        return await self.jobs.advance_job(job, JobState.DELIVERED, self.clock, change)

    async def _find_obstacle(self, job: Job) -> DeliveryRoute | None:
        """Return why the pictures may not be shown now, None if they may."""
        if await self.membership.has_left(job.origin.guild_id):
            return DeliveryRoute.GUILD_LEFT
        return await self.approvals.withhold_if_needed(job)

    async def check_result(self, job: Job) -> None:
        """Delete or cover a result that was removed or covered while it was sent; log failures."""
        try:
            if not await self.membership.has_left(job.origin.guild_id):
                await self.approvals.check_result(job)
        except Exception:
            log.exception("result not checked", job_id=job.id)

    async def show_failure(self, job: Job, error: Exception) -> None:
        """Show the failure to the member; log if that fails, since the job must end anyway."""
        if await self.membership.has_left(job.origin.guild_id):
            return
        for pause in _FAILURE_RETRY_SECONDS:
            try:
                await self.publisher.show_failure(job, error)
            except Transient as trouble:
                log.warning("failure not shown", job_id=job.id, detail=trouble.detail)
                await self.clock.sleep(pause)
                continue
            except Exception:
                log.exception("failure not shown", job_id=job.id)
            return

    async def _deliver_pictures(self, job: Job) -> DeliveryReceipt:
        """Send the pictures to the member and return the route they took."""
        pictures = await list_stored_pictures(self.jobs, self.files, job.id)
        delivered = await self.sender.send_result(job, pictures)
        await self._add_to_gallery(job, delivered)
        return delivered

    async def _add_to_gallery(self, job: Job, delivered: DeliveryReceipt) -> None:
        """Offer the result to the gallery; a failure there is logged and does not fail the job."""
        message, in_channel = delivered.message_id, {DeliveryRoute.REPLY, DeliveryRoute.CHANNEL}
        if message is None or delivered.route not in in_channel:
            return
        try:
            await self.gallery.add_result(job, job.origin.channel_id, message)
        except Exception:
            log.exception("gallery not told", job_id=job.id)


@dataclass(frozen=True, slots=True)
class JobClosing:
    jobs: JobStore
    ledger: LedgerStore
    usage_stats: UsageStats
    admission: AdmissionControl
    slots: ProviderSlots
    delivery: JobDelivery
    summary: OrderSummary
    clock: Clock

    async def settle_job(self, job: Job) -> Job:
        """Settle the hold at the reported cost, in the same transaction as the state change."""
        settled = await self._close_job(job, JobState.SETTLED, JobChange())
        await self.delivery.check_result(settled)
        return settled

    async def fail_job(self, job: Job, error: Exception) -> Job:
        """Tell the member, then end the job: release the hold, or settle what was billed.

        In this order a crash between the two repeats the message instead of losing it.
        """
        self.slots.release_slot(job.task_uuid)
        billed = job.cost or (error.billed if isinstance(error, Permanent) else ZERO)
        failed = replace(job, cost=billed)
        await self.delivery.show_failure(failed, error)
        if isinstance(error, ProviderAuth | ProviderCredit):
            await self.admission.pause_for_provider(error.code)
        change = JobChange(failure=get_error_code(error), cost=billed)
        strike = isinstance(error, ContentRefused)
        return await self._close_job(failed, JobState.FAILED, change, strike=strike)

    async def _close_job(
        self, job: Job, target: JobState, change: JobChange, *, strike: bool = False
    ) -> Job:
        cost = job.cost or ZERO
        billed = len(await self.jobs.list_results(job.id)) if cost else 0
        async with self.jobs.write() as tx:
            # one transaction: after a crash the hold is open exactly as long as the job is
            now = self.clock.now()
            costs = {LedgerUnit.MICRO_USD: cost, LedgerUnit.RESULT: billed}
            await self.ledger.settle_job(tx, job.id, costs, now)
            if strike:
                await self.admission.record_strike(tx, job.id, job.origin.user_id)
            await self.usage_stats.record_ended_job(tx, job, target, billed)
            closed = await self.jobs.move_job(tx, job, target, now, change)
        # the saved job has lost its token
        await self.summary.update(job)
        return closed
