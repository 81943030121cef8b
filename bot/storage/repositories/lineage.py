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


async def record_sources(tx: Connection, job: Job) -> None:
    """Record from which jobs' pictures a new job is made, and which order it repeats."""
    order = job.order
    made_from = {*order.sources, *([order.parent.job_id] if order.parent else [])}
    sources = dict.fromkeys(sorted(made_from), 0)
    if order.repeats is not None:
        sources.setdefault(order.repeats, 1)
    for source, is_repeat in sources.items():
        await tx.execute(
            """
            INSERT INTO job_source (job_id, source_job, is_repeat)
            SELECT :job_id, id, :is_repeat FROM job WHERE id = :source
            """,
            {"job_id": job.id, "source": source, "is_repeat": is_repeat},
        )


async def is_source_removed(tx: Connection, job_id: JobId) -> bool:
    """Return whether somebody removed what a new job is made from or repeats."""
    row = await tx.fetch_one(
        """
        SELECT 1 FROM job_source JOIN removal ON removal.job_id = source_job
        WHERE job_source.job_id = :id AND reason <> 'age'
        """,
        {"id": job_id},
    )
    return row is not None


async def list_descendants(tx: Connection, job_id: JobId) -> list[JobId]:
    """Return what `LineageStore.list_descendants` does, within a transaction."""
    rows = await tx.fetch_all(
        """
        WITH RECURSIVE line (job_id, depth) AS (
            SELECT job_id, 1 FROM job_source WHERE source_job = :id AND NOT is_repeat
            UNION
            SELECT down.job_id, line.depth + 1
            FROM job_source AS down JOIN line ON down.source_job = line.job_id
            WHERE NOT down.is_repeat
        )
        SELECT job_id, min(depth) AS depth FROM line JOIN job ON job.id = job_id
        WHERE guild_id = (SELECT guild_id FROM job WHERE id = :id)
        GROUP BY job_id ORDER BY 2, 1
        """,
        {"id": job_id},
    )
    return [JobId(row["job_id"]) for row in rows]


class LineageStore(Store):
    async def list_sources(self, job_id: JobId) -> dict[JobId, list[JobId]]:
        """Return the jobs that each job of a line is made from or repeats; the given one first."""
        rows = await self._reader.fetch_all(
            """
            WITH RECURSIVE line (job_id) AS (
                VALUES (:id)
                UNION
                SELECT source_job FROM job_source JOIN line ON line.job_id = job_source.job_id
            )
            SELECT job_source.job_id, source_job FROM job_source
            JOIN line ON line.job_id = job_source.job_id ORDER BY source_job
            """,
            {"id": job_id},
        )
        sources: dict[JobId, list[JobId]] = {job_id: []}
        for row in rows:
            sources.setdefault(JobId(row["job_id"]), []).append(JobId(row["source_job"]))
        for row in rows:
            sources.setdefault(JobId(row["source_job"]), [])
        return sources

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
        """Return all jobs made from a job's pictures, directly or not, nearest first.

        Only those of the same guild; pictures taken from a message that shows them count too.
        """
        return await list_descendants(self._reader, job_id)

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
