"""A finished result is sent to its member, and where it is shown is remembered."""

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
        """Bring the pictures to the member by the first way that is open; raise `Transient`."""
        usage = await self.quotas.get_job_usage(job)
        delivered = await self.publisher.deliver_result(job, pictures, usage)
        if delivered.message_id is not None:
            await self.jobs.save_message(job.id, delivered.message_id)
        return delivered
