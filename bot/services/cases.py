"""Gather what moderators have to see before they decide about a job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.domain.ids import GuildId, JobId
from bot.domain.job import Job
from bot.domain.moderation import Act, ActKind, Stage, still_possible
from bot.errors import PressRefused, WorkerDied
from bot.images.preview import stored_thumbnail
from bot.images.workers import ImageWorkers
from bot.services.ports import Picture
from bot.services.quarters import Case
from bot.storage.files import FileStore
from bot.storage.jobs import JobStore
from bot.storage.lineage import LineageStore
from bot.storage.moderation import ModerationStore

_PARENTS: Final = 5
_LASTING: Final = frozenset({ActKind.REMOVE, ActKind.REFUND})
"""Acts that can be done once, however often a picture is reported."""


@dataclass(frozen=True, slots=True)
class Cases:
    jobs: JobStore
    lineage: LineageStore
    files: FileStore
    workers: ImageWorkers
    acts: ModerationStore

    async def job(self, guild: GuildId, job_id: JobId) -> Job:
        """Return a job of this guild; raise `PressRefused` for any other."""
        job = await self.jobs.get(job_id)
        if job is None or job.origin.guild_id != guild:
            raise PressRefused("forged")
        return job

    async def pictures(self, job: Job) -> Sequence[Picture]:
        """Return a job's delivered pictures that are still on disk."""
        return [
            Picture(result, self.files.path(result.delivered))
            for result in await self.jobs.results(job.id)
            if result.delivered is not None and await self.files.has(result.delivered)
        ]

    async def of(
        self,
        job: Job,
        stage: Stage,
        reasons: tuple[str, ...] = (),
        *,
        since: datetime | None = None,
    ) -> Case:
        """Gather a case; what was decided before `since` is told, and may be decided again."""
        parents = []
        for link in (await self.lineage.ancestors(job.id))[:_PARENTS]:
            parent = await self.jobs.get(link.parent.job_id)
            parents += [parent] if parent is not None else []
        done = await self._done(job)
        now = {each.kind for each in done if since is None or each.at >= since}
        now |= {each.kind for each in done} & _LASTING
        now |= {ActKind.SPOILER} if await self.is_covered(job) else set()
        left, is_shown = still_possible(stage, now), stage is not Stage.SETTLED
        pictures = await self.pictures(job) if is_shown else ()
        original = await self._original(job) if is_shown else None
        return Case(job, pictures, original, parents, stage, reasons, done, left)

    async def is_covered(self, job: Job) -> bool:
        """Say whether a job is behind a spoiler because a moderator put it, or a parent, there."""
        acts = await self.acts.acts_about(job.origin.guild_id, job.id)
        turns = [act.kind for act in acts if act.kind in {ActKind.SPOILER, ActKind.UNCOVER}]
        return turns[-1:] == [ActKind.SPOILER] and job.order.attachment.spoiler

    async def _done(self, job: Job) -> tuple[Act, ...]:
        """Return what was done about a job, and the removal of what it grew out of."""
        acts = await self.acts.acts_about(job.origin.guild_id, job.id)
        return tuple(act for act in acts if act.job == job.id or act.kind is ActKind.REMOVE)

    async def _original(self, job: Job) -> bytes | None:
        if job.seed is None:
            return None
        try:
            thumb = await self.workers.run(stored_thumbnail, self.files.path(job.seed))
        except (FileNotFoundError, WorkerDied):
            return None
        return thumb.data
