"""Masters: results without loss, rendered at their first use."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.ids import Digest
from bot.domain.job import Job
from bot.domain.order import PictureRef
from bot.errors import ComponentReason, ComponentRefused
from bot.images.compose import build_master as make_master
from bot.images.worker_priority import ImageWorkers
from bot.services.pictures.marking import MarkingPolicy
from bot.storage.disk.file_store import FileStore
from bot.storage.repositories.archive import ArchiveStore
from bot.storage.repositories.jobs import JobStore
from bot.storage.repositories.lineage import LineageStore


@dataclass(frozen=True, slots=True)
class PictureMasters:
    """Read results' masters; raise `ComponentRefused` if their files are gone."""

    jobs: JobStore
    archive: ArchiveStore
    lineage: LineageStore
    files: FileStore
    workers: ImageWorkers
    marking: MarkingPolicy

    async def get_master(self, ref: PictureRef) -> tuple[Digest, Job]:
        """Return a result's master and its job; render the master at its first use."""
        job = await self.jobs.get(ref.job_id)
        if job is None or await self.archive.is_removed(ref.job_id):
            raise ComponentRefused(ComponentReason.GONE)
        known = await self.lineage.find_master(ref)
        if known is not None and await self.files.has_file(known):
            return known, job
        digest = await self._render_master(job, ref.ordinal)
        await self.lineage.save_master(ref, digest)
        return digest, job

    async def read_master(self, ref: PictureRef) -> tuple[bytes, Job]:
        """Return the bytes of a result's master, and its job."""
        digest, job = await self.get_master(ref)
        return await self.files.read_bytes(digest), job

    async def _render_master(self, job: Job, ordinal: int) -> Digest:
        for result in await self.jobs.list_results(job.id):
            if result.ordinal == ordinal and result.raw is not None:
                seed, raw = self.files.get_path(job.stored_seed), self.files.get_path(result.raw)
                is_marked = await self.marking.is_required(job.origin)
                try:
                    data = await self.workers.run(
                        make_master, seed, raw, job.prepared_plan, is_marked=is_marked
                    )
                except FileNotFoundError:
                    break
                return await self.files.save_bytes(data)
        raise ComponentRefused(ComponentReason.GONE)
