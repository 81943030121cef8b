"""A member's own past: pages of jobs, and what they take back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from bot.clock import Clock
from bot.domain.ids import GuildId, JobId, UserId
from bot.domain.job import Job
from bot.services.previews import LIFE
from bot.storage.archive import ArchiveStore
from bot.storage.files import FileStore

PAGE: Final = 6
"""Jobs on one page of a history: what fits a card without scrolling."""


@dataclass(frozen=True, slots=True)
class Page:
    """Jobs, the newest first; `number` counts from 0."""

    jobs: Sequence[Job]
    number: int
    pages: int
    total: int


@dataclass(frozen=True, slots=True)
class History:
    archive: ArchiveStore
    files: FileStore
    clock: Clock

    async def page(self, guild: GuildId, user: UserId, number: int) -> Page:
        """Return a page; a number past the end gives the last one."""
        total = await self.archive.count(guild, user)
        pages = max(1, -(-total // PAGE))
        number = min(max(number, 0), pages - 1)
        jobs = await self.archive.page(guild, user, limit=PAGE, offset=number * PAGE)
        return Page(jobs, number, pages, total)

    async def remove(self, job_id: JobId, reason: str) -> None:
        """Delete a job's files that nothing else needs; its place in the books stays.

        Safe to run twice, and after a crash between the record and the files.
        """
        now = self.clock.now()
        free = await self.archive.remove(job_id, reason, now, keep_since=now - LIFE)
        for digest in free:
            await self.files.remove(digest)

    async def erase(self, job: Job) -> None:
        """Take the person out of a job that has ended; safe to run twice."""
        await self.remove(job.id, "erased")
        blank = replace(job.order.attachment, url="", filename="")
        await self.archive.erase(job.id, replace(job.order, prompt="", attachment=blank))

    async def hide(self, job: Job, *, spoiler: bool) -> Job:
        """Put a result behind a spoiler, or take it out; what is made from it follows."""
        attachment = replace(job.order.attachment, spoiler=spoiler)
        order = replace(job.order, attachment=attachment)
        await self.archive.rewrite(job.id, order)
        return replace(job, order=order)
