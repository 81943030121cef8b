"""Messages other than a result's own that show its pictures: recorded, covered and deleted.

A change is recorded before Discord is called; `run` finishes what a crash left undone.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog

from bot.clock import Clock
from bot.domain.ids import JobId, MessageId
from bot.domain.order import Origin
from bot.errors import Transient
from bot.services.exposure.provenance import ProvenanceReader
from bot.services.ports.channels import PictureChannels
from bot.storage.repositories.jobs import JobStore
from bot.storage.repositories.shared_messages import (
    MessageChange,
    SharedMessage,
    SharedMessageStore,
)

log = structlog.get_logger(__name__)

_SWEEP_INTERVAL: Final = timedelta(seconds=30)
_BATCH_SIZE: Final = 50


@dataclass(frozen=True, slots=True)
class SharedMessages:
    store: SharedMessageStore
    jobs: JobStore
    provenance: ProvenanceReader
    channels: PictureChannels
    clock: Clock

    async def record_message(
        self, sharer: Origin, message: MessageId, jobs: Collection[JobId]
    ) -> None:
        """Record a message in the member's channel that is about to show pictures of these jobs."""
        channel, now = sharer.channel_id, self.clock.now()
        known = tuple(sorted(set(jobs)))
        shared = SharedMessage(sharer.guild_id, channel, message, known, sharer.user_id, now)
        await self.store.add_message(shared)

    async def plan_cover(self, job_id: JobId) -> None:
        """Plan to cover all messages that show a result, its own and its gallery post too."""
        await self.store.plan_result_change(job_id, MessageChange.COVER, self.clock.now())

    async def drop_cover(self, message: MessageId) -> None:
        """Record that a message need not be covered any more, or is covered already."""
        await self.store.drop_cover(message)

    async def cover_again(self, jobs: Collection[JobId]) -> None:
        """Cover messages of jobs that were put behind spoilers while a message was posted."""
        for job_id in jobs:
            job = await self.jobs.get(job_id)
            if job is not None and (await self.provenance.trace_job(job)).content.spoiler:
                await self.store.plan_change(job_id, MessageChange.COVER)
        await self.apply_changes(jobs)

    async def forget_message(self, message: MessageId) -> None:
        """Record that a message was deleted."""
        await self.store.mark_gone(message, self.clock.now())

    async def find_jobs(self, message: MessageId) -> Sequence[JobId]:
        """Return the jobs whose pictures a message of any guild shows, also a result's own."""
        return await self.store.find_jobs(message)

    async def apply_changes(self, jobs: Collection[JobId]) -> bool:
        """Make the planned changes of messages that show these jobs; return True if all were."""
        due = [each for job in jobs for each in await self.store.list_by_job(job)]
        planned = {each.message: each for each in due if each.change is not None}
        return all([await self._change_message(each) for each in planned.values()])

    async def run(self) -> None:
        """Make planned changes, every 30 s until cancelled."""
        while True:
            try:
                for each in await self.store.list_due(_BATCH_SIZE):
                    await self._change_message(each)
            except Exception:
                log.exception("shared messages not swept")
            await self.clock.sleep(_SWEEP_INTERVAL.total_seconds())

    async def _change_message(self, shared: SharedMessage) -> bool:
        """Cover or delete a message; False if Discord is away: the next sweep tries again."""
        is_deletion = shared.change is MessageChange.DELETE
        change = self.channels.delete_message if is_deletion else self.channels.cover_message
        try:
            await change(shared.channel, shared.message)
        except Transient as error:
            log.info("shared message stays", message_id=shared.message, detail=error.detail)
            return False
        await self.store.finish_change(shared, self.clock.now())
        return True
