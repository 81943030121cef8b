"""The changes of an erasure in the tables; each is safe to repeat."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from bot.domain.ids import ChannelId, Digest, GuildId, JobId, MessageId, UserId
from bot.domain.job import Job
from bot.domain.moderation import ShownMessage
from bot.domain.order import Order
from bot.storage.sqlite.database import Columns, Connection, Store
from bot.storage.sqlite.row_mapping import ENDED_SQL, OPEN_SQL, encode_order, to_ms

_DIRECT_ROUTE: Final = "message:"
"""How the log of states writes that a result went into a direct message (`DeliveryReceipt`)."""


class ErasureStore(Store):
    async def list_reported_jobs(self, user: UserId) -> set[JobId]:
        """Return the member's jobs with open reports."""
        rows = await self._reader.fetch_all(
            """
            SELECT DISTINCT job_id FROM report WHERE closed_at IS NULL
            AND job_id IN (SELECT id FROM job WHERE user_id = :user)
            """,
            {"user": user},
        )
        return {JobId(row["job_id"]) for row in rows}

    async def find_direct_message(self, job: JobId) -> MessageId | None:
        """Return the direct message that a job's result was sent in, None if in none."""
        row = await self._reader.fetch_one(
            """
            SELECT detail FROM job_event WHERE job_id = :job AND detail GLOB :route || '[0-9]*'
            ORDER BY id DESC LIMIT 1
            """,
            {"job": job, "route": _DIRECT_ROUTE},
        )
        return None if row is None else MessageId(int(row["detail"].removeprefix(_DIRECT_ROUTE)))

    async def withdraw_job(self, job: Job, now: datetime) -> bool:
        """Take a job out of galleries and of approval; return whether it waited for that."""
        values: Columns = {"job": job.id, "user": job.origin.user_id, "at": to_ms(now)}
        async with self.write() as tx:
            # a post is deleted by the gallery's sweep, which finds a barred entry that has one
            await tx.execute(
                """
                UPDATE gallery_entry SET state = 'barred', fingerprint = '', votes = 0,
                    changed_at = :at
                WHERE job_id = :job
                """,
                values,
            )
            await tx.execute(
                """
                DELETE FROM vote
                WHERE entry_id IN (SELECT id FROM gallery_entry WHERE job_id = :job)
                """,
                values,
            )
            waited = await tx.execute(
                """
                UPDATE approval SET state = 'declined', decided_by = :user, decided_at = :at,
                    done_at = :at
                WHERE job_id = :job AND state = 'waiting'
                """,
                values,
            )
        return bool(waited)

    async def erase_job(self, job: JobId, order: Order) -> None:
        """Remove personal data from an ended job, its results and its log of states.

        The message ID stays, so that moderators find whose message it is while it exists.
        """
        values: Columns = {"ordered": encode_order(order), "id": job}
        async with self.write() as tx:
            await tx.execute(
                f"""
                UPDATE job SET ordered = :ordered, user_name = ''
                WHERE id = :id AND state IN ({ENDED_SQL})
                """,  # noqa: S608 - the states are our own
                values,
            )
            await tx.execute("UPDATE result SET url = '' WHERE job_id = :id", values)
            await tx.execute(
                """
                UPDATE job_event SET detail = ''
                WHERE job_id = :id
                AND (detail NOT GLOB '[a-z]*:[0-9]*' OR detail GLOB '*[^a-z:0-9]*')
                """,  # a detail other than a route with its message may quote the order
                values,
            )

    async def plan_own_deletions(self, user: UserId) -> None:
        """Plan the deletion of what the member shared, except pictures that were reported."""
        await self._execute(
            """
            UPDATE shared_message SET change = 'delete'
            WHERE sharer_id = :user AND gone_at IS NULL AND message_id NOT IN (
                SELECT message_id FROM shared_picture JOIN report USING (job_id)
                WHERE report.closed_at IS NULL)
            """,
            {"user": user},
        )

    async def delete_drafts(self, user: UserId) -> Sequence[Digest]:
        """Delete a member's drafts; return the files that nothing else needs."""
        values: Columns = {"user": user}
        async with self.write() as tx:
            rows = await tx.fetch_all(
                f"""
                SELECT DISTINCT mine.file FROM draft AS mine
                WHERE mine.user_id = :user AND mine.file IS NOT NULL
                AND NOT EXISTS (
                    SELECT 1 FROM draft WHERE draft.file = mine.file AND draft.user_id <> :user)
                AND NOT EXISTS (
                    SELECT 1 FROM file_use WHERE file_use.digest = mine.file
                    AND file_use.job_id NOT IN (SELECT job_id FROM removal))
                AND NOT EXISTS (
                    SELECT 1 FROM job WHERE state IN ({OPEN_SQL})
                    AND json_extract(job.ordered, '$.seed.digest') = mine.file)
                """,  # noqa: S608 - the states are our own
                values,
            )
            await tx.execute("DELETE FROM draft WHERE user_id = :user", values)
        return [Digest(row["file"]) for row in rows]

    async def erase_traces(self, user: UserId, before: date) -> None:
        """Remove what is stored about a member outside orders.

        Counts of days before `before` move to user 0, so that the guild's totals stay correct.
        """
        values: Columns = {"user": user, "before": before.isoformat()}
        async with self.write() as tx:
            await tx.execute("UPDATE report SET reason = '' WHERE reporter_id = :user", values)
            await tx.execute(
                """
                UPDATE shared_message SET sharer_id = 0
                WHERE sharer_id = :user AND gone_at NOTNULL
                """,
                values,
            )
            await _move_usage(tx, values)

    async def list_planned_jobs(self, user: UserId) -> Sequence[JobId]:
        """Return the jobs shown by messages that are to be deleted for this member."""
        rows = await self._reader.fetch_all(
            """
            SELECT DISTINCT shown.job_id FROM shared_message
            JOIN shared_picture AS shown ON shown.message_id = shared_message.message_id
            JOIN job ON job.id = shown.job_id
            WHERE change = 'delete' AND gone_at IS NULL
            AND (sharer_id = :user OR job.user_id = :user)
            """,
            {"user": user},
        )
        return [JobId(row["job_id"]) for row in rows]

    async def list_remaining(self, user: UserId) -> Sequence[ShownMessage]:
        """Return the messages that still show what was erased, oldest first."""
        rows = await self._reader.fetch_all(
            """
            WITH own AS (
                SELECT id, guild_id, channel_id, message_id, ordered FROM job
                WHERE user_id = :user AND user_name = '')
            SELECT guild_id, channel_id, message_id, 1 FROM shared_message
                WHERE gone_at IS NULL AND change = 'delete' AND (
                    sharer_id = :user OR message_id IN (
                        SELECT message_id FROM shared_picture WHERE job_id IN (SELECT id FROM own)))
            UNION SELECT guild_id, shown_channel, shown_message, 1 FROM gallery_entry
                WHERE shown_message NOTNULL AND job_id IN (SELECT id FROM own)
            UNION SELECT guild_id, channel_id, message_id, 0 FROM own
                WHERE guild_id = 0 AND message_id NOTNULL
                AND NOT coalesce(json_extract(ordered, '$.private'), 0)
            ORDER BY 3
            """,
            {"user": user},
        )
        return [
            ShownMessage(GuildId(row[0]), ChannelId(row[1]), MessageId(row[2]), bool(row[3]))
            for row in rows
        ]

    async def count_descendants(self, user: UserId) -> int:
        """Count the results that others made from the member's pictures and still have."""
        row = await self._reader.fetch_one(
            """
            SELECT count(DISTINCT job_source.job_id) AS number FROM job_source
            JOIN job AS source ON source.id = job_source.source_job
            JOIN job AS made ON made.id = job_source.job_id
            WHERE source.user_id = :user AND made.user_id <> :user
            AND made.id NOT IN (SELECT job_id FROM removal)
            """,
            {"user": user},
        )
        return int(row["number"]) if row else 0

    async def truncate_log(self) -> None:
        """Empty the write-ahead log, which still contains pages from before an erasure."""
        await self._database.truncate_log()


async def _move_usage(tx: Connection, values: Columns) -> None:
    await tx.execute(
        """
        INSERT INTO usage_day
            (guild_id, day, user_id, channel_id, results, failures, refusals, cost)
        SELECT guild_id, day, 0, channel_id, results, failures, refusals, cost FROM usage_day
        WHERE user_id = :user AND day < :before
        ON CONFLICT (guild_id, day, user_id, channel_id) DO UPDATE SET
            results = usage_day.results + excluded.results,
            failures = usage_day.failures + excluded.failures,
            refusals = usage_day.refusals + excluded.refusals,
            cost = usage_day.cost + excluded.cost
        """,
        values,
    )
    await tx.execute("DELETE FROM usage_day WHERE user_id = :user AND day < :before", values)
