"""A member's history: pages of jobs, and removal of their results."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from bot.clock import Clock
from bot.domain.ids import GuildId, JobId, MessageId, UserId
from bot.domain.job import Job
from bot.services.orders.drafts import DRAFT_LIFETIME
from bot.storage.disk.file_store import FileStore
from bot.storage.repositories.archive import EXPIRED, ArchiveStore
from bot.storage.repositories.shared_messages import MessageChange, SharedMessageStore

HISTORY_PAGE_SIZE: Final = 6
"""Jobs on one page; as many as a card shows without scrolling."""


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """A page of jobs, newest first; `number` counts from 0."""

    jobs: Sequence[Job]
    number: int
    pages: int
    total: int


@dataclass(frozen=True, slots=True)
class MemberHistory:
    archive: ArchiveStore
    files: FileStore
    shared: SharedMessageStore
    clock: Clock

    async def get_page(self, guild: GuildId, user: UserId, number: int) -> HistoryPage:
        """Return a page of a member's jobs; a number past the end means the last page."""
        total = await self.archive.count_jobs(guild, user)
        pages = max(1, -(-total // HISTORY_PAGE_SIZE))
        number = min(max(number, 0), pages - 1)
        size = HISTORY_PAGE_SIZE
        jobs = await self.archive.list_page(guild, user, limit=size, offset=number * size)
        return HistoryPage(jobs, number, pages, total)

    async def find_job(self, guild: GuildId, message: MessageId) -> JobId | None:
        """Return the job whose result a message shows."""
        return await self.archive.find_by_message(guild, message)

    async def get_author(self, job_id: JobId) -> UserId:
        """Return who ordered a known job; raise `LookupError` for an unknown one."""
        return await self.archive.get_author(job_id)

    async def list_known(self, jobs: Iterable[JobId]) -> list[JobId]:
        """Return those of these jobs that exist."""
        return await self.archive.list_known(jobs)

    async def is_removed(self, job_id: JobId) -> bool:
        return await self.archive.is_removed(job_id)

    async def get_removal_reason(self, job_id: JobId) -> str | None:
        """Return why a job's files are no longer kept, None if they are."""
        return await self.archive.get_removal_reason(job_id)

    async def remove_files(self, job_id: JobId, reason: str) -> None:
        """Delete a job's files that no other job or draft uses; the ledger keeps its entries.

        Also plans the deletion of all messages that show its pictures, except for the reason
        `EXPIRED`. Safe to run twice, and after a crash between the record and the deletion.
        """
        now = self.clock.now()
        if reason != EXPIRED:
            await self.shared.plan_result_change(job_id, MessageChange.DELETE, now)
        since = now - DRAFT_LIFETIME
        for digest in await self.archive.record_removal(job_id, reason, now, keep_since=since):
            await self.files.delete_file(digest)

    async def set_spoiler(self, job: Job, *, spoiler: bool) -> Job:
        """Add or remove a result's spoiler, which later expansions of it inherit.

        Adding one also plans to cover messages that show its pictures elsewhere.
        """
        attachment = replace(job.order.attachment, spoiler=spoiler)
        keeps = job.order.keeps_spoiler and spoiler
        order = replace(job.order, attachment=attachment, keeps_spoiler=keeps)
        if spoiler:
            await self.shared.plan_change(job.id, MessageChange.COVER)
        await self.archive.update_order(job.id, order)
        return replace(job, order=order)
