"""Ended jobs: a member's history, retention and erasure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from bot.domain.ids import Digest, GuildId, JobId, MessageId, UserId
from bot.domain.job import Job
from bot.domain.order import Order
from bot.storage.sqlite.database import Store
from bot.storage.sqlite.row_mapping import ENDED_SQL, decode_job, encode_order, to_ms

EXPIRED: Final = "age"
"""The reason of a removal by retention, which nobody asked for."""


class ArchiveStore(Store):
    async def list_page(
        self, guild: GuildId, user: UserId, *, limit: int, offset: int
    ) -> list[Job]:
        """Return a member's jobs in a guild, newest first."""
        rows = await self._reader.fetch_all(
            """
            SELECT * FROM job WHERE guild_id = :guild AND user_id = :user AND user_name <> ''
            ORDER BY created_at DESC, id LIMIT :limit OFFSET :offset
            """,
            {"guild": guild, "user": user, "limit": limit, "offset": offset},
        )
        return [decode_job(row) for row in rows]

    async def count_jobs(self, guild: GuildId, user: UserId) -> int:
        row = await self._reader.fetch_one(
            """
            SELECT count(*) AS number FROM job
            WHERE guild_id = :guild AND user_id = :user AND user_name <> ''
            """,
            {"guild": guild, "user": user},
        )
        return row["number"] if row else 0

    async def list_all_jobs(self, user: UserId) -> list[Job]:
        """Return a member's jobs in all guilds, oldest first."""
        rows = await self._reader.fetch_all(
            "SELECT * FROM job WHERE user_id = :user ORDER BY created_at, id", {"user": user}
        )
        return [decode_job(row) for row in rows]

    async def is_removed(self, job_id: JobId) -> bool:
        return await self._has_row("SELECT 1 FROM removal WHERE job_id = :id", {"id": job_id})

    async def get_removal_reason(self, job_id: JobId) -> str | None:
        """Return why a job's files are no longer kept, None if they are."""
        row = await self._reader.fetch_one(
            "SELECT reason FROM removal WHERE job_id = :id", {"id": job_id}
        )
        return None if row is None else str(row["reason"])

    async def was_refused(self, job_id: JobId) -> bool:
        """Return whether the provider's moderation refused a job or some of its results."""
        return await self._has_row("SELECT 1 FROM strike WHERE job_id = :id", {"id": job_id})

    async def find_by_message(self, guild: GuildId, message: MessageId) -> JobId | None:
        """Return the job whose result a message shows or showed."""
        row = await self._reader.fetch_one(
            "SELECT id FROM job WHERE guild_id = :guild AND message_id = :message",
            {"guild": guild, "message": message},
        )
        return None if row is None else JobId(row["id"])

    async def get_author(self, job_id: JobId) -> UserId:
        """Return who ordered a job; raise `LookupError` for an unknown one."""
        row = await self._reader.fetch_one("SELECT user_id FROM job WHERE id = :id", {"id": job_id})
        if row is None:
            raise LookupError(job_id)
        return UserId(row["user_id"])

    async def list_known(self, jobs: Iterable[JobId]) -> list[JobId]:
        """Return those of these jobs that exist."""
        return [
            each
            for each in jobs
            if await self._has_row("SELECT 1 FROM job WHERE id = :id", {"id": each})
        ]

    async def list_expired_jobs(self, before: datetime, limit: int) -> list[JobId]:
        """Return ended jobs unchanged since `before` whose files are still stored."""
        rows = await self._reader.fetch_all(
            f"""
            SELECT id FROM job WHERE state IN ({ENDED_SQL}) AND updated_at < :before
            AND NOT EXISTS (SELECT 1 FROM removal WHERE removal.job_id = job.id)
            ORDER BY updated_at LIMIT :limit
            """,  # noqa: S608 - the states are our own
            {"before": to_ms(before), "limit": limit},
        )
        return [JobId(row["id"]) for row in rows]

    async def list_decided_removals(self, since: datetime) -> list[tuple[JobId, str]]:
        """Return removed jobs, with the reasons, about which the last report was decided lately.

        Their files were kept until then.
        """
        rows = await self._reader.fetch_all(
            """
            SELECT removal.job_id, removal.reason FROM removal JOIN report USING (job_id)
            GROUP BY removal.job_id
            HAVING COUNT(*) = COUNT(closed_at) AND MAX(closed_at) >= :since
            """,
            {"since": to_ms(since)},
        )
        return [(JobId(row["job_id"]), str(row["reason"])) for row in rows]

    async def record_removal(
        self, job_id: JobId, reason: str, now: datetime, *, keep_since: datetime
    ) -> list[Digest]:
        """Record a job's removal and return the files that are no longer needed.

        Jobs that aren't removed and drafts since `keep_since` need their files; so do moderators
        who have yet to decide about a report, unless the removal is theirs.
        """
        async with self.write() as tx:
            await tx.execute(
                """
                INSERT INTO removal (job_id, reason, at) VALUES (:id, :reason, :at)
                ON CONFLICT (job_id) DO UPDATE SET reason = excluded.reason
                """,
                {"id": job_id, "reason": reason, "at": to_ms(now)},
            )
            rows = await tx.fetch_all(
                """
                SELECT DISTINCT mine.digest FROM file_use AS mine WHERE mine.job_id = :id
                AND NOT EXISTS (
                    SELECT 1 FROM file_use AS other WHERE other.digest = mine.digest
                    AND other.job_id NOT IN (SELECT job_id FROM removal))
                AND NOT EXISTS (
                    SELECT 1 FROM draft WHERE draft.file = mine.digest AND created_at >= :since)
                AND (:reason = 'moderator' OR NOT EXISTS (
                    SELECT 1 FROM report WHERE report.job_id = :id AND closed_at IS NULL))
                """,
                {"id": job_id, "reason": reason, "since": to_ms(keep_since)},
            )
        return [Digest(row["digest"]) for row in rows]

    async def update_order(self, job_id: JobId, order: Order) -> None:
        """Replace the stored order of an ended job."""
        values = {"ordered": encode_order(order), "id": job_id}
        await self._execute("UPDATE job SET ordered = :ordered WHERE id = :id", values)

    async def delete_old_drafts(self, before: datetime) -> list[Digest]:
        """Delete drafts created before a time; return the files that nothing else needs."""
        async with self.write() as tx:
            rows = await tx.fetch_all(
                """
                SELECT DISTINCT old.file FROM draft AS old
                WHERE old.created_at < :before AND old.file IS NOT NULL
                AND NOT EXISTS (
                    SELECT 1 FROM file_use WHERE file_use.digest = old.file
                    AND file_use.job_id NOT IN (SELECT job_id FROM removal))
                AND NOT EXISTS (
                    SELECT 1 FROM draft AS newer
                    WHERE newer.file = old.file AND newer.created_at >= :before)
                """,
                {"before": to_ms(before)},
            )
            await tx.execute(
                "DELETE FROM draft WHERE created_at < :before", {"before": to_ms(before)}
            )
        return [Digest(row["file"]) for row in rows]
