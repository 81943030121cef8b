"""Building the cases that moderators decide on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from bot.domain.ids import GuildId, JobId
from bot.domain.job import Job
from bot.domain.moderation import ActionKind, CaseStage, ModerationAction, list_possible_actions
from bot.errors import ComponentReason, ComponentRefused, WorkerDied
from bot.images.preview import make_stored_thumbnail
from bot.images.worker_priority import ImageWorkers
from bot.services.exposure.provenance import ProvenanceReader
from bot.services.ports.channels import ModerationCase
from bot.services.ports.jobs import StoredPicture
from bot.storage.disk.file_store import FileStore
from bot.storage.repositories.archive import EXPIRED, ArchiveStore
from bot.storage.repositories.jobs import JobStore
from bot.storage.repositories.lineage import LineageStore
from bot.storage.repositories.moderation import ModerationStore

_MAX_PARENTS: Final = 5
_ONCE_ONLY: Final = frozenset({ActionKind.REMOVE, ActionKind.REFUND})
"""Acts that can be done only once, even if new reports reopen the case."""


@dataclass(frozen=True, slots=True)
class CaseBuilder:
    jobs: JobStore
    lineage: LineageStore
    files: FileStore
    workers: ImageWorkers
    moderation: ModerationStore
    provenance: ProvenanceReader
    archive: ArchiveStore

    async def get_job(self, guild: GuildId, job_id: JobId) -> Job:
        """Return a job of this guild; raise `ComponentRefused` for any other."""
        job = await self.jobs.get(job_id)
        if job is None or job.origin.guild_id != guild:
            raise ComponentRefused(ComponentReason.FORGED)
        return job

    async def select_jobs(
        self,
        guild: GuildId,
        job_ids: Sequence[JobId],
        limit: int,
        is_wanted: Callable[[Job], bool],
    ) -> list[Job]:
        """Return the first `limit` of these jobs that are wanted."""
        found: list[Job] = []
        for job_id in job_ids:
            if len(found) >= limit:
                break
            job = await self.get_job(guild, job_id)
            found += [job] if is_wanted(job) else []
        return found

    async def list_pictures(self, job: Job) -> Sequence[StoredPicture]:
        """Return a job's delivered pictures that are still on disk."""
        return [
            StoredPicture(result, self.files.get_path(result.delivered))
            for result in await self.jobs.list_results(job.id)
            if result.delivered is not None and await self.files.has_file(result.delivered)
        ]

    async def is_shown(self, job: Job) -> bool:
        """Return whether a job has pictures that nobody removed; their files may be too old."""
        removed = await self.archive.get_removal_reason(job.id)
        results = await self.jobs.list_results(job.id)
        return removed in {None, EXPIRED} and any(each.delivered for each in results)

    async def build_case(
        self, job: Job, stage: CaseStage, reasons: Sequence[str] = (), since: datetime | None = None
    ) -> ModerationCase:
        """Build a case; acts before `since` are listed, but may be repeated."""
        parents = []
        for link in (await self.lineage.list_ancestors(job.id))[:_MAX_PARENTS]:
            parent = await self.jobs.get(link.parent.job_id)
            parents += [parent] if parent is not None else []
        done = await self._list_acts(job)
        now = {each.kind for each in done if since is None or each.at >= since}
        now |= {each.kind for each in done} & _ONCE_ONLY
        now |= {ActionKind.SPOILER} if await self.has_moderator_spoiler(job) else set()
        left, is_shown = list_possible_actions(stage, now), stage is not CaseStage.SETTLED
        pictures = await self.list_pictures(job) if is_shown else ()
        original = await self._load_thumbnail(job) if is_shown else None
        found = await self.provenance.trace_job(job)
        # the moderators' channel need not be age-restricted, so anything else is behind a spoiler
        is_open = found.content.age_restricted is False
        shown = found.job if is_open else replace(job, order=job.order.cover())
        return ModerationCase(shown, pictures, original, parents, stage, reasons, done, left)

    async def list_descendants(self, job_id: JobId) -> Sequence[JobId]:
        """Return the jobs that expand a job's results, at any depth."""
        return await self.lineage.list_descendants(job_id)

    async def is_covered(self, job: Job) -> bool:
        """Return whether a job, or anything that it is made from, is behind a spoiler now."""
        return (await self.provenance.trace_job(job)).content.spoiler

    async def is_covered_by_moderator(self, job: Job) -> bool:
        """Return whether a moderator put this job, or what it is made from, behind a spoiler."""
        return await self.provenance.is_covered_by_moderator(job)

    async def has_moderator_spoiler(self, job: Job) -> bool:
        """Return the same, if the job's own message is behind it too."""
        return job.order.attachment.spoiler and await self.is_covered_by_moderator(job)

    async def keeps_spoiler(self, job: Job) -> bool:
        """Return whether only a moderator may take the spoiler off this job."""
        return job.order.keeps_spoiler or await self.has_moderator_spoiler(job)

    async def _list_acts(self, job: Job) -> tuple[ModerationAction, ...]:
        """Return the acts on a job, and the removals of its ancestors."""
        acts = await self.moderation.list_acts_about(job.origin.guild_id, job.id)
        return tuple(act for act in acts if act.job == job.id or act.kind is ActionKind.REMOVE)

    async def _load_thumbnail(self, job: Job) -> bytes | None:
        if job.seed is None:
            return None
        try:
            thumb = await self.workers.run(make_stored_thumbnail, self.files.get_path(job.seed))
        except (FileNotFoundError, WorkerDied):
            return None
        return thumb.data
