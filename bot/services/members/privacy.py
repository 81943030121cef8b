"""A member's stored data: export, erasure, and consent to expansion by others."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from bot.clock import Clock
from bot.domain.ids import UserId
from bot.domain.job import Job
from bot.domain.money import ZERO, to_usd
from bot.services.members.history import MemberHistory
from bot.storage.repositories.archive import ArchiveStore
from bot.storage.repositories.jobs import JobStore
from bot.storage.repositories.member_preferences import MemberPreferenceStore


@dataclass(frozen=True, slots=True)
class PrivacyService:
    jobs: JobStore
    archive: ArchiveStore
    preferences: MemberPreferenceStore
    history: MemberHistory
    clock: Clock

    async def export_data(self, user: UserId) -> bytes:
        """Return all data stored about a member as JSON."""
        jobs = [await self._export_job(job) for job in await self.archive.list_all_jobs(user)]
        data = {
            "user_id": str(user),
            "written_at": self.clock.now().isoformat(timespec="seconds"),
            "others_may_expand_my_pictures": not await self.preferences.has_opted_out(user),
            "reports": list(await self.preferences.list_report_reasons(user)),
            "jobs": jobs,
        }
        return json.dumps(data, indent=2, ensure_ascii=False).encode()

    async def erase_member(self, user: UserId) -> int:
        """Erase a member's pictures, prompts and name; return how many jobs are still open.

        Ledger entries stay under the user ID, so that totals stay correct. Safe to run again.
        """
        open_jobs = 0
        for job in await self.archive.list_all_jobs(user):
            if job.has_ended:
                await self.history.erase_job(job)
            else:
                open_jobs += 1
        await self.archive.clear_drafts(user)
        await self.preferences.clear_report_reasons(user)
        return open_jobs

    async def is_sharing_allowed(self, user: UserId) -> bool:
        """Return whether others may expand this member's pictures."""
        return not await self.preferences.has_opted_out(user)

    async def set_sharing(self, user: UserId, *, is_allowed: bool) -> None:
        if is_allowed:
            await self.preferences.opt_in(user)
        else:
            await self.preferences.opt_out(user, self.clock.now())

    async def _export_job(self, job: Job) -> dict[str, Any]:
        results = await self.jobs.list_results(job.id)
        return {
            "id": job.id,
            "guild_id": str(job.origin.guild_id),
            "channel_id": str(job.origin.channel_id),
            "message_id": str(job.reply.message_id or ""),
            "name_shown": job.origin.user_name,
            "created_at": job.created_at.isoformat(timespec="seconds"),
            "state": job.state,
            "file_name": job.order.attachment.filename,
            "prompt": job.order.prompt,
            "picture_description": job.order.attachment.description,
            "private": job.order.private,
            "cost_usd": str(to_usd(job.cost or ZERO)),
            "files_kept": not await self.archive.is_removed(job.id),
            "pictures": [result.delivered for result in results if result.delivered],
        }
