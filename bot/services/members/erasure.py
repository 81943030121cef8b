"""Erasure of a member's stored data, and of the messages that show it.

Messages are planned for deletion in the database; the bot deletes them, now or when it runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from bot.clock import Clock
from bot.domain.ids import PERSONAL_GUILD, ChannelId, JobId, MessageId, UserId
from bot.domain.job import Job
from bot.domain.moderation import ShownMessage
from bot.services.members.history import MemberHistory
from bot.storage.disk.file_store import FileStore
from bot.storage.repositories.archive import ArchiveStore
from bot.storage.repositories.members.erasure import ErasureStore
from bot.storage.repositories.shared_messages import (
    MessageChange,
    SharedMessage,
    SharedMessageStore,
)

USAGE_PERIOD: Final = timedelta(days=31)
"""How long moderators see a member's counts, also those of orders that were erased."""


@dataclass(frozen=True, slots=True)
class ErasureReport:
    """What an erasure did, and what it left: counts of orders, and of others' results.

    `withdrawn` are erased jobs that moderators had yet to approve, whose cards are outdated;
    `shown` are jobs in messages that are to be deleted.
    """

    erased: int
    open: int
    reported: int
    made_by_others: int
    withdrawn: Sequence[Job]
    shown: Sequence[JobId]


@dataclass(frozen=True, slots=True)
class MemberErasure:
    archive: ArchiveStore
    store: ErasureStore
    shared: SharedMessageStore
    history: MemberHistory
    files: FileStore
    clock: Clock

    async def erase_member(
        self, user: UserId, direct_channel: ChannelId | None = None
    ) -> ErasureReport:
        """Erase a member's pictures, prompts and name, and plan the deletion of their messages.

        `direct_channel` is the bot's direct messages with the member, if known. Orders under way
        and reported ones stay. Safe to run again, which goes on with what could not be done.
        """
        reported = await self.store.list_reported_jobs(user)
        jobs = await self.archive.list_all_jobs(user)
        ended = [job for job in jobs if job.has_ended]
        erased, withdrawn = [job for job in ended if job.id not in reported], list[Job]()
        for job in erased:
            if await self._withdraw_job(job, direct_channel):
                withdrawn.append(job)
            await self.erase_job(job)
        for digest in await self.store.delete_drafts(user):
            await self.files.delete_file(digest)
        await self.store.plan_own_deletions(user)
        first_day = (self.clock.now() - USAGE_PERIOD).date()
        await self.store.erase_traces(user, first_day)
        await self.store.truncate_log()
        return ErasureReport(
            erased=len(erased),
            open=len(jobs) - len(ended),
            reported=len(ended) - len(erased),
            made_by_others=await self.store.count_descendants(user),
            withdrawn=withdrawn,
            shown=await self.store.list_planned_jobs(user),
        )

    async def list_remaining(self, user: UserId) -> Sequence[ShownMessage]:
        """Return the messages that still show erased pictures."""
        return await self.store.list_remaining(user)

    async def erase_job(self, job: Job) -> None:
        """Delete the files, prompt and links of an ended job; safe to run twice."""
        await self.history.remove_files(job.id, "erased")
        blank = replace(job.order.attachment, url="", filename="", description="")
        await self.store.erase_job(job.id, replace(job.order, prompt="", attachment=blank))

    async def _withdraw_job(self, job: Job, direct_channel: ChannelId | None) -> bool:
        """Plan the deletion of all that shows a job; return whether it waited for approval."""
        now = self.clock.now()
        for channel, message in await self._list_own_messages(job, direct_channel):
            # recorded like a shared message, so that it is known until Discord deletes it
            guild, user = job.origin.guild_id, job.origin.user_id
            shared = SharedMessage(guild, channel, message, (job.id,), user, now)
            await self.shared.add_message(shared)
        await self.shared.plan_change(job.id, MessageChange.DELETE)
        return await self.store.withdraw_job(job, now)

    async def _list_own_messages(
        self, job: Job, direct_channel: ChannelId | None
    ) -> list[tuple[ChannelId, MessageId]]:
        """Return the messages of a job that the bot may delete, with their channels.

        It can't delete private answers, and what it posted in guilds that it is not in.
        """
        found = []
        message, direct = job.reply.message_id, await self.store.find_direct_message(job.id)
        if message is not None and not job.order.private and job.origin.guild_id != PERSONAL_GUILD:
            found.append((job.origin.channel_id, message))
        if direct is not None and direct_channel is not None:
            found.append((direct_channel, direct))
        return found
