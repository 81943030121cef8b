"""Sending a result to its member and saving which message shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.job import Job
from bot.services.billing.quotas import QuotaService
from bot.services.ports.jobs import DeliveryReceipt, Publisher, StoredPicture
from bot.storage.repositories.jobs import JobStore


@dataclass(frozen=True, slots=True)
class ResultSender:
    jobs: JobStore
    quotas: QuotaService
    publisher: Publisher

    async def send_result(self, job: Job, pictures: Sequence[StoredPicture]) -> DeliveryReceipt:
        """Send the pictures by the first route that works; raise `Transient`."""
        usage = await self.quotas.get_job_usage(job)
        delivered = await self.publisher.deliver_result(job, pictures, usage)
        if delivered.message_id is not None:
            await self.jobs.save_message(job.id, delivered.message_id)
        return delivered
