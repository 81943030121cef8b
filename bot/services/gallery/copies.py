"""Copies of a result beside its own message: its gallery post and shared messages."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.ids import GuildId, JobId, UserId
from bot.domain.job import Job
from bot.services.exposure.shared_messages import SharedMessages
from bot.services.gallery.gallery import GalleryService


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
        """Put a covered result's copies behind spoilers; failures are retried in the background."""
        await self.shared.apply_changes([job.id])
        await self.gallery.update_entry(job)
