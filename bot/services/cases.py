"""Gather what moderators have to see before they decide about a job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.domain.ids import GuildId, JobId
from bot.domain.job import Job
from bot.errors import PressRefused, WorkerDied
from bot.images.preview import stored_thumbnail
from bot.images.workers import ImageWorkers
from bot.services.ports import Picture
from bot.services.quarters import Case
from bot.storage.files import FileStore
from bot.storage.jobs import JobStore
from bot.storage.lineage import LineageStore

_PARENTS: Final = 5


@dataclass(frozen=True, slots=True)
class Cases:
    jobs: JobStore
    lineage: LineageStore
    files: FileStore
    workers: ImageWorkers

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

    async def of(self, job: Job, reasons: tuple[str, ...] = (), *, waits: bool = False) -> Case:
        parents = []
        for link in (await self.lineage.ancestors(job.id))[:_PARENTS]:
            parent = await self.jobs.get(link.parent.job_id)
            parents += [parent] if parent is not None else []
        pictures = await self.pictures(job)
        return Case(job, pictures, await self._original(job), parents, reasons, waits)

    async def _original(self, job: Job) -> bytes | None:
        if job.seed is None:
            return None
        try:
            thumb = await self.workers.run(stored_thumbnail, self.files.path(job.seed))
        except (FileNotFoundError, WorkerDied):
            return None
        return thumb.data
