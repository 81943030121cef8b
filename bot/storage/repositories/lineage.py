"""Which picture was expanded from which, and the lossless masters of expanded ones."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.ids import Digest, JobId
from bot.domain.job import Job
from bot.domain.order import PictureRef
from bot.storage.sqlite.database import Connection, Store


@dataclass(frozen=True, slots=True)
class LineageLink:
    """A job and its parent picture, which is at (x, y) in pixels of the job's canvas."""

    job_id: JobId
    parent: PictureRef
    x: int
    y: int


async def record_parent(tx: Connection, job: Job) -> None:
    """Record a new job's parent picture and its position in the new canvas."""
    parent, size = job.order.parent, job.order.attachment.declared
    if parent is None or size is None:
        return
    margins = job.order.request.compute_margins(size)
    await tx.execute(
        """
        INSERT INTO lineage (job_id, parent_job, parent_ordinal, offset_x, offset_y)
        VALUES (:job_id, :parent_job, :parent_ordinal, :x, :y)
        """,
        {
            "job_id": job.id,
            "parent_job": parent.job_id,
            "parent_ordinal": parent.ordinal,
            "x": margins.left,
            "y": margins.top,
        },
    )


class LineageStore(Store):
    async def list_ancestors(self, job_id: JobId) -> list[LineageLink]:
        """Return the links from a job to the first picture, nearest first."""
        rows = await self._reader.fetch_all(
            """
            WITH RECURSIVE line (job_id, parent_job, parent_ordinal, offset_x, offset_y, depth) AS (
                SELECT job_id, parent_job, parent_ordinal, offset_x, offset_y, 0
                FROM lineage WHERE job_id = :id
                UNION ALL
                SELECT up.job_id, up.parent_job, up.parent_ordinal, up.offset_x, up.offset_y,
                       line.depth + 1
                FROM lineage AS up JOIN line ON up.job_id = line.parent_job
            )
            SELECT * FROM line ORDER BY depth
            """,
            {"id": job_id},
        )
        return [
            LineageLink(
                JobId(row["job_id"]),
                PictureRef(JobId(row["parent_job"]), row["parent_ordinal"]),
                row["offset_x"],
                row["offset_y"],
            )
            for row in rows
        ]

    async def list_descendants(self, job_id: JobId) -> list[JobId]:
        """Return all direct and indirect expansions of a job, nearest first."""
        rows = await self._reader.fetch_all(
            """
            WITH RECURSIVE line (job_id, depth) AS (
                SELECT job_id, 1 FROM lineage WHERE parent_job = :id
                UNION ALL
                SELECT down.job_id, line.depth + 1
                FROM lineage AS down JOIN line ON down.parent_job = line.job_id
            )
            SELECT job_id FROM line ORDER BY depth, job_id
            """,
            {"id": job_id},
        )
        return [JobId(row["job_id"]) for row in rows]

    async def find_master(self, picture: PictureRef) -> Digest | None:
        row = await self._reader.fetch_one(
            "SELECT digest FROM master WHERE job_id = :job_id AND ordinal = :ordinal",
            {"job_id": picture.job_id, "ordinal": picture.ordinal},
        )
        return None if row is None else Digest(row["digest"])

    async def save_master(self, picture: PictureRef, digest: Digest) -> None:
        await self._execute(
            """
            INSERT INTO master (job_id, ordinal, digest) VALUES (:job_id, :ordinal, :digest)
            ON CONFLICT (job_id, ordinal) DO UPDATE SET digest = excluded.digest
            """,
            {"job_id": picture.job_id, "ordinal": picture.ordinal, "digest": digest},
        )
