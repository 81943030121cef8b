"""Which guilds the bot is in or has left, and the deletion of a left guild's data."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from bot.domain.ids import GuildId, JobId
from bot.domain.job import Job
from bot.storage.sqlite.database import Store
from bot.storage.sqlite.row_mapping import ENDED_SQL, decode_job, to_ms, to_ms_or_none

_GUILD_TABLES: Final = (
    *("guild_setting", "guild_change", "personal_grant", "block", "report", "approval"),
    *("gallery_entry", "gallery_opt_out", "best_of", "usage_day", "shared_message"),
)
"""Not the ledger, the charged days and the append-only moderation log: these stay."""

_RECORD_SQL: Final = """
    INSERT INTO stay (guild_id, left_at) VALUES (:guild, :at)
    ON CONFLICT (guild_id) DO UPDATE SET left_at = excluded.left_at
"""


class GuildMembershipStore(Store):
    async def sync_guilds(self, guilds: Collection[GuildId], now: datetime) -> list[GuildId]:
        """Record the guilds that the bot is in; return those it has left."""
        async with self.write() as tx:
            rows = await tx.fetch_all("SELECT guild_id FROM stay WHERE left_at IS NULL")
            left = [guild for row in rows if (guild := GuildId(row["guild_id"])) not in guilds]
            await tx.execute_many(_RECORD_SQL, [{"guild": guild, "at": None} for guild in guilds])
            await tx.execute_many(
                _RECORD_SQL, [{"guild": guild, "at": to_ms(now)} for guild in left]
            )
        return left

    async def record_membership(self, guild: GuildId, *, left_at: datetime | None) -> None:
        at = to_ms_or_none(left_at)
        await self._execute(_RECORD_SQL, {"guild": guild, "at": at})

    async def has_left(self, guild: GuildId) -> bool:
        return await self._has_row(
            "SELECT 1 FROM stay WHERE guild_id = :guild AND left_at IS NOT NULL", {"guild": guild}
        )

    async def list_left_before(self, before: datetime) -> list[GuildId]:
        """Return guilds left before a time whose data may not be deleted yet."""
        rows = await self._reader.fetch_all(
            "SELECT guild_id FROM stay WHERE left_at < :before", {"before": to_ms(before)}
        )
        return [GuildId(row["guild_id"]) for row in rows]

    async def list_waiting_jobs(self, guild: GuildId) -> list[JobId]:
        """Return the guild's jobs that were not submitted yet."""
        rows = await self._reader.fetch_all(
            "SELECT id FROM job WHERE guild_id = :guild AND state IN ('reserved', 'prepared')",
            {"guild": guild},
        )
        return [JobId(row["id"]) for row in rows]

    async def list_ended_jobs(self, guild: GuildId, limit: int) -> list[Job]:
        """Return the guild's ended jobs that still contain personal data."""
        rows = await self._reader.fetch_all(
            f"""
            SELECT * FROM job WHERE guild_id = :guild AND user_name <> '' AND state IN ({ENDED_SQL})
            LIMIT :limit
            """,  # noqa: S608 - the states are our own
            {"guild": guild, "limit": limit},
        )
        return [decode_job(row) for row in rows]

    async def delete_guild(self, guild: GuildId) -> bool:
        """Delete a guild's settings and data; return whether no job is left to erase.

        Drafts are emptied; the next cleanup deletes them with their files.
        """
        values = {"guild": guild}
        async with self.write() as tx:
            await tx.execute(
                """
                DELETE FROM vote WHERE entry_id IN
                    (SELECT id FROM gallery_entry WHERE guild_id = :guild)
                """,
                values,
            )
            await tx.execute(
                """
                DELETE FROM shared_picture WHERE message_id IN
                    (SELECT message_id FROM shared_message WHERE guild_id = :guild)
                """,
                values,
            )
            for table in _GUILD_TABLES:
                await tx.execute(f"DELETE FROM {table} WHERE guild_id = :guild", values)  # noqa: S608 - our own names
            await tx.execute(
                "UPDATE draft SET body = '', created_at = 0, taken_by = 0 WHERE guild_id = :guild",
                values,
            )
            unerased = await tx.fetch_one(
                "SELECT 1 FROM job WHERE guild_id = :guild AND user_name <> ''", values
            )
            if unerased is None:
                await tx.execute("DELETE FROM stay WHERE guild_id = :guild", values)
        return unerased is None
