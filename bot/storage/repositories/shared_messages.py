"""Messages other than a result's own that show its pictures, and their planned changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.domain.ids import ChannelId, GuildId, JobId, MessageId, UserId
from bot.storage.sqlite.database import Columns, Connection, Row, Store
from bot.storage.sqlite.row_mapping import from_ms, to_ms

_OWN_MESSAGE_SQL: Final = """
    SELECT message_id, guild_id, channel_id, user_id, :at FROM job
    WHERE id = :job AND message_id NOTNULL AND guild_id <> 0
    AND NOT coalesce(json_extract(ordered, '$.private'), 0)
"""
"""The bot can't change private answers, and what it posted in guilds that it is not in."""
_GALLERY_POST_SQL: Final = """
    SELECT shown_message AS message_id, guild_id, shown_channel, author_id, :at FROM gallery_entry
    WHERE job_id = :job AND shown_message NOTNULL
"""


class MessageChange(StrEnum):
    """A planned change of a shared message that Discord has not made yet."""

    COVER = "cover"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class SharedMessage:
    """A message by which the bot shows pictures of these jobs; `sharer` is who asked for it."""

    guild: GuildId
    channel: ChannelId
    message: MessageId
    jobs: tuple[JobId, ...]
    sharer: UserId
    at: datetime
    change: MessageChange | None = None


async def record_result(tx: Connection, job: JobId, now: datetime) -> None:
    """Record a result's own public message and its gallery post, so that changes reach them."""
    values: Columns = {"job": job, "at": to_ms(now)}
    for found in (_OWN_MESSAGE_SQL, _GALLERY_POST_SQL):
        await tx.execute(
            f"""
            INSERT INTO shared_message (message_id, guild_id, channel_id, sharer_id, at) {found}
            ON CONFLICT (message_id) DO NOTHING
            """,
            values,
        )
        await tx.execute(
            f"""
            INSERT INTO shared_picture (message_id, job_id)
            SELECT message_id, :job FROM ({found})
            WHERE message_id IN (SELECT message_id FROM shared_message)
            ON CONFLICT (message_id, job_id) DO NOTHING
            """,  # noqa: S608 - written here
            values,
        )


async def plan_change(tx: Connection, job: JobId, change: MessageChange) -> None:
    """Plan a change of all recorded messages that show a job; a planned deletion stays one."""
    await tx.execute(
        """
        UPDATE shared_message SET change = :change
        WHERE gone_at IS NULL AND coalesce(change, '') <> 'delete' AND message_id IN (
            SELECT message_id FROM shared_picture WHERE job_id = :job)
        """,
        {"change": change, "job": job},
    )


class SharedMessageStore(Store):
    async def add_message(self, shared: SharedMessage) -> None:
        """Record a message before it shows the pictures; safe to repeat."""
        async with self.write() as tx:
            await tx.execute(
                """
                INSERT INTO shared_message (message_id, guild_id, channel_id, sharer_id, at)
                VALUES (:message, :guild, :channel, :sharer, :at)
                ON CONFLICT (message_id) DO NOTHING
                """,
                {
                    "message": shared.message,
                    "guild": shared.guild,
                    "channel": shared.channel,
                    "sharer": shared.sharer,
                    "at": to_ms(shared.at),
                },
            )
            for job in shared.jobs:
                await tx.execute(
                    """
                    INSERT INTO shared_picture (message_id, job_id) VALUES (:message, :job)
                    ON CONFLICT (message_id, job_id) DO NOTHING
                    """,
                    {"message": shared.message, "job": job},
                )

    async def find_jobs(self, message: MessageId) -> list[JobId]:
        """Return the jobs whose pictures a message of any guild, or a direct message, shows.

        A message is a result's own, a gallery post or a shared message, deleted ones included.
        """
        rows = await self._reader.fetch_all(
            """
            SELECT id FROM job WHERE message_id = :message
            UNION SELECT job_id FROM gallery_entry WHERE shown_message = :message
            UNION SELECT job_id FROM shared_picture WHERE message_id = :message
            ORDER BY 1
            """,
            {"message": message},
        )
        return [JobId(row["id"]) for row in rows]

    async def list_by_job(self, job: JobId) -> list[SharedMessage]:
        """Return the messages that still show a job's pictures, oldest first."""
        return await self._list_messages(
            """
            gone_at IS NULL AND message_id IN (
                SELECT message_id FROM shared_picture WHERE job_id = :job)
            ORDER BY message_id
            """,
            {"job": job},
        )

    async def list_due(self, limit: int) -> list[SharedMessage]:
        """Return messages of all guilds that have yet to be covered or deleted, oldest first."""
        due = "change NOTNULL ORDER BY at LIMIT :limit"
        return await self._list_messages(due, {"limit": limit})

    async def plan_change(self, job: JobId, change: MessageChange) -> None:
        """Plan a change of all recorded messages that show a job; a planned deletion stays one."""
        async with self.write() as tx:
            await plan_change(tx, job, change)

    async def plan_result_change(self, job: JobId, change: MessageChange, now: datetime) -> None:
        """Plan the same change of the result's own message and its gallery post too."""
        async with self.write() as tx:
            await record_result(tx, job, now)
            await plan_change(tx, job, change)

    async def drop_cover(self, message: MessageId) -> None:
        """Record that a message need not be covered any more, or is covered already."""
        await self._execute(
            """
            UPDATE shared_message SET change = NULL
            WHERE message_id = :message AND change = 'cover'
            """,
            {"message": message},
        )

    async def finish_change(self, shared: SharedMessage, now: datetime) -> None:
        """Record that a planned change was made, unless a newer one is planned."""
        is_gone = shared.change is MessageChange.DELETE
        await self._execute(
            """
            UPDATE shared_message SET change = NULL, gone_at = :gone_at
            WHERE message_id = :message AND change = :change
            """,
            {
                "message": shared.message,
                "change": shared.change,
                "gone_at": to_ms(now) if is_gone else None,
            },
        )

    async def mark_gone(self, message: MessageId, now: datetime) -> None:
        """Record that somebody deleted a message on Discord."""
        await self._execute(
            """
            UPDATE shared_message SET change = NULL, gone_at = coalesce(gone_at, :at)
            WHERE message_id = :message
            """,
            {"message": message, "at": to_ms(now)},
        )

    async def _list_messages(self, where: str, values: Columns) -> list[SharedMessage]:
        rows = await self._reader.fetch_all(
            f"SELECT * FROM shared_message WHERE {where}",  # noqa: S608 - written here
            values,
        )
        return [_decode_message(row, await self._list_jobs(row["message_id"])) for row in rows]

    async def _list_jobs(self, message: MessageId) -> tuple[JobId, ...]:
        rows = await self._reader.fetch_all(
            "SELECT job_id FROM shared_picture WHERE message_id = :message ORDER BY job_id",
            {"message": message},
        )
        return tuple(JobId(row["job_id"]) for row in rows)


def _decode_message(row: Row, jobs: tuple[JobId, ...]) -> SharedMessage:
    return SharedMessage(
        GuildId(row["guild_id"]),
        ChannelId(row["channel_id"]),
        MessageId(row["message_id"]),
        jobs,
        UserId(row["sharer_id"]),
        from_ms(row["at"]),
        None if row["change"] is None else MessageChange(row["change"]),
    )
