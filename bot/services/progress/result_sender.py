"""Sending a result to its member and saving which message shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.clock import Clock
from bot.domain.ids import ChannelId, MessageId
from bot.domain.job import Job
from bot.services.billing.quotas import QuotaService
from bot.services.exposure.decision import ExposurePolicy
from bot.services.ports.jobs import DeliveryReceipt, Publisher, StoredPicture
from bot.storage.repositories.archive import ArchiveStore
from bot.storage.repositories.jobs import JobStore
from bot.storage.repositories.shared_messages import SharedMessage, SharedMessageStore


@dataclass(frozen=True, slots=True)
class ResultSender:
    jobs: JobStore
    archive: ArchiveStore
    quotas: QuotaService
    exposure: ExposurePolicy
    shared: SharedMessageStore
    publisher: Publisher
    clock: Clock

    async def send_result(self, job: Job, pictures: Sequence[StoredPicture]) -> DeliveryReceipt:
        """Send the pictures by the first route that works; raise `Transient`.

        What was put behind a spoiler since the order was accepted is covered here too.
        """
        job = await self._cover_job(job)
        usage = await self.quotas.get_job_usage(job)
        delivered = await self.publisher.deliver_result(job, pictures, usage)
        if delivered.message_id is not None:
            await self.jobs.save_message(job.id, delivered.message_id)
            await self._record_direct_message(job, delivered.message_id, delivered.channel_id)
        return delivered

    async def _record_direct_message(
        self, job: Job, message: MessageId, channel: ChannelId | None
    ) -> None:
        """Record a result that is not in its channel, so that a removal reaches it."""
        if channel is None:
            return
        guild, member, now = job.origin.guild_id, job.origin.user_id, self.clock.now()
        shared = SharedMessage(guild, channel, message, (job.id,), member, now)
        await self.shared.add_message(shared)

    async def _cover_job(self, job: Job) -> Job:
        found = await self.exposure.trace_job(job)
        if found.content.spoiler and not job.order.attachment.spoiler:
            await self.archive.update_order(job.id, found.job.order)
        return found.job
