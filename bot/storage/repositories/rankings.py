"""Rankings of a guild's gallery: best pictures, top authors, most expanded, best of the week."""

from __future__ import annotations

from datetime import datetime

from bot.domain.gallery import AuthorRanking, ChainRanking, GalleryEntry
from bot.domain.ids import GuildId, JobId, UserId
from bot.storage.repositories.gallery import decode_entry
from bot.storage.sqlite.database import Store
from bot.storage.sqlite.row_mapping import from_ms, to_ms


class RankingStore(Store):
    async def list_best(self, guild: GuildId, since: datetime, limit: int) -> list[GalleryEntry]:
        """Return the posted pictures with most votes since a time, best first."""
        rows = await self._reader.fetch_all(
            """
            SELECT gallery_entry.*, COUNT(DISTINCT vote.voter_id) AS lately
            FROM gallery_entry
            LEFT JOIN vote ON vote.entry_id = gallery_entry.id AND vote.at >= :since
            WHERE guild_id = :guild AND state = 'posted'
            GROUP BY gallery_entry.id
            HAVING lately > 0 OR made_at >= :since
            ORDER BY lately DESC, votes DESC, id DESC LIMIT :limit
            """,
            {"guild": guild, "since": to_ms(since), "limit": limit},
        )
        return [decode_entry(row) for row in rows]

    async def pick_entry(self, guild: GuildId, number: int) -> GalleryEntry | None:
        """Return the posted picture at index `number`, modulo their count, oldest first."""
        counted = await self._reader.fetch_one(
            """
            SELECT COUNT(*) AS count FROM gallery_entry
            WHERE guild_id = :guild AND state = 'posted'
            """,
            {"guild": guild},
        )
        count = counted["count"] if counted else 0
        if not count:
            return None
        row = await self._reader.fetch_one(
            """
            SELECT * FROM gallery_entry WHERE guild_id = :guild AND state = 'posted'
            ORDER BY id LIMIT 1 OFFSET :number
            """,
            {"guild": guild, "number": number % count},
        )
        return None if row is None else decode_entry(row)

    async def list_leaders(self, guild: GuildId, limit: int) -> list[AuthorRanking]:
        """Return the authors with most votes, best first."""
        rows = await self._reader.fetch_all(
            """
            SELECT author_id, COUNT(*) AS pictures, SUM(votes) AS votes FROM gallery_entry
            WHERE guild_id = :guild AND state = 'posted'
            GROUP BY author_id ORDER BY votes DESC, pictures DESC, author_id LIMIT :limit
            """,
            {"guild": guild, "limit": limit},
        )
        return [
            AuthorRanking(UserId(row["author_id"]), row["pictures"], row["votes"]) for row in rows
        ]

    async def list_most_expanded(self, guild: GuildId, limit: int) -> list[ChainRanking]:
        """Return the first pictures of chains with most descendants.

        Private ones, and those that moderators have not approved, are neither named nor counted;
        nor is anything of members whom the gallery does not show.
        """
        rows = await self._reader.fetch_all(
            """
            WITH RECURSIVE shown (id) AS (
                SELECT id FROM job
                WHERE guild_id = :guild AND NOT coalesce(json_extract(ordered, '$.private'), 0)
                  AND id NOT IN (SELECT job_id FROM approval WHERE state <> 'approved')
                  AND user_id NOT IN (
                      SELECT user_id FROM gallery_opt_out WHERE guild_id = :guild)
            ),
            tree (root, job_id) AS (
                SELECT id, id FROM job JOIN shown USING (id)
                WHERE state = 'settled'
                  AND NOT EXISTS (SELECT 1 FROM lineage WHERE lineage.job_id = job.id)
                  AND NOT EXISTS (SELECT 1 FROM removal WHERE removal.job_id = job.id)
                UNION ALL
                SELECT tree.root, lineage.job_id
                FROM tree JOIN lineage ON lineage.parent_job = tree.job_id
                JOIN shown ON shown.id = lineage.job_id
            )
            SELECT tree.root, job.user_id, COUNT(*) - 1 AS pictures
            FROM tree JOIN job ON job.id = tree.root
            GROUP BY tree.root, job.user_id HAVING COUNT(*) > 1
            ORDER BY pictures DESC, tree.root LIMIT :limit
            """,
            {"guild": guild, "limit": limit},
        )
        return [
            ChainRanking(JobId(row["root"]), UserId(row["user_id"]), row["pictures"])
            for row in rows
        ]

    async def list_weekly_guilds(self) -> list[GuildId]:
        """Return the guilds that post the best of each week."""
        rows = await self._reader.fetch_all(
            "SELECT guild_id FROM guild_setting WHERE name = 'gallery_weekly' AND value = 'true'"
        )
        return [GuildId(row["guild_id"]) for row in rows]

    async def get_weekly_changed_at(self, guild: GuildId) -> datetime | None:
        """Return when a guild last turned its best of the week on or off, or None."""
        row = await self._reader.fetch_one(
            """
            SELECT MAX(at) AS at FROM guild_change
            WHERE guild_id = :guild AND name = 'gallery_weekly'
            """,
            {"guild": guild},
        )
        return None if row is None or row["at"] is None else from_ms(row["at"])

    async def has_posted_week(self, guild: GuildId, week: str) -> bool:
        sql = "SELECT 1 FROM best_of WHERE guild_id = :guild AND week = :week"
        return await self._has_row(sql, {"guild": guild, "week": week})

    async def record_week(self, guild: GuildId, week: str, now: datetime) -> bool:
        """Record that a week's best were posted; return False if they were already."""
        recorded = await self._execute(
            """
            INSERT INTO best_of (guild_id, week, at) VALUES (:guild, :week, :at)
            ON CONFLICT (guild_id, week) DO NOTHING
            """,
            {"guild": guild, "week": week, "at": to_ms(now)},
        )
        return bool(recorded)
