"""Copies of a result beside its own message: its gallery post and shared messages."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from bot.domain.ids import ChannelId, GuildId, JobId, MessageId, UserId
from bot.domain.job import Job
from bot.errors import Transient
from bot.services.exposure.shared_messages import SharedMessages
from bot.services.gallery.gallery import GalleryService

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class PublicCopies:
    gallery: GalleryService
    shared: SharedMessages

    async def remove_copies(self, guild: GuildId, job_id: JobId, actor: UserId) -> bool:
        """Bar a removed result from the gallery and delete its copies; return whether all are gone.

        What Discord does not delete now is retried in the background.
        """
        await self.gallery.withdraw_picture(guild, job_id, actor, is_moderator=True)
        entry = await self.gallery.find_entry(guild, job_id)
        is_posted = entry is not None and entry.shown_channel is not None
        return await self.shared.apply_changes([job_id]) and not is_posted

    async def cover_copies(self, job: Job) -> None:
        """Put a covered result's copies behind spoilers; failures are retried in the background.

        Also shows a result in the gallery without its spoiler, after that was taken off.
        """
        try:
            shown = await self.gallery.update_entry(job)
        except Transient as error:
            log.info("gallery post not edited yet", job_id=job.id, detail=error.detail)
        else:
            if shown is not None:
                await self.drop_cover(shown)
        await self.shared.apply_changes([job.id])

    async def add_result(self, job: Job, channel: ChannelId, message: MessageId) -> None:
        """Offer a public result to the gallery."""
        await self.gallery.add_result(job, channel, message)

    async def apply_changes(self, job: Job) -> None:
        """Make the planned changes of a job's messages; failures are retried in the background."""
        await self.shared.apply_changes([job.id])

    async def plan_cover(self, job: Job) -> None:
        """Plan to cover a result's own message, its gallery post and all copies."""
        await self.shared.plan_cover(job.id)

    async def drop_cover(self, message: MessageId) -> None:
        """Record that a message is shown as it should be, so that nothing covers it later."""
        await self.shared.drop_cover(message)
