"""A guild's gallery: entries, votes and opt-outs.

Queries name the guild, except that of the background task (`list_unfinished`).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from bot.domain.gallery import EntryState, GalleryEntry, Vote
from bot.domain.ids import ChannelId, GuildId, JobId, MessageId, UserId
from bot.storage.sqlite.database import Columns, Connection, Row, Store
from bot.storage.sqlite.row_mapping import from_ms, to_ms

_ADD_VOTE_SQL: Final = """
    INSERT INTO vote (entry_id, voter_id, message_id, burst, at)
    VALUES (:entry, :voter, :message, :burst, :at)
    ON CONFLICT (entry_id, voter_id, message_id, burst) DO NOTHING
"""
_DELETE_VOTE_SQL: Final = """
    DELETE FROM vote
    WHERE entry_id = :entry AND voter_id = :voter AND message_id = :message AND burst = :burst
"""
_UNKNOWN_MESSAGE: Final = MessageId(0)
"""The message of votes from before version 8, which any removal by their voter removes."""


class GalleryStore(Store):
    async def add_entry(self, entry: GalleryEntry, now: datetime) -> GalleryEntry:
        """Insert an entry, ignoring its `id`, and return the stored one; safe to repeat."""
        async with self.write() as tx:
            await tx.execute(
                """
                INSERT INTO gallery_entry (
                    guild_id, job_id, ordinal, root_job, author_id, source_author, channel_id,
                    message_id, age_restricted, state, invited, made_at, changed_at)
                VALUES (
                    :guild, :job, :ordinal, :root, :author, :source_author, :channel,
                    :message, :age_restricted, :state, :invited, :at, :at)
                ON CONFLICT (job_id) DO NOTHING
                """,
                {
                    "guild": entry.guild,
                    "job": entry.job,
                    "ordinal": entry.ordinal,
                    "root": entry.root,
                    "author": entry.author,
                    "source_author": entry.source_author,
                    "channel": entry.channel,
                    "message": entry.message,
                    "age_restricted": int(entry.age_restricted),
                    "state": entry.state,
                    "invited": int(entry.invited),
                    "at": to_ms(now),
                },
            )
            row = await tx.fetch_one(
                "SELECT * FROM gallery_entry WHERE guild_id = :guild AND job_id = :job",
                {"guild": entry.guild, "job": entry.job},
            )
        if row is None:
            raise ValueError(f"job {entry.job} is of another guild")
        return decode_entry(row)

    async def get(self, guild: GuildId, entry_id: int) -> GalleryEntry | None:
        return await self._find_one(
            "SELECT * FROM gallery_entry WHERE guild_id = :guild AND id = :id",
            {"guild": guild, "id": entry_id},
        )

    async def find_by_job(self, guild: GuildId, job: JobId) -> GalleryEntry | None:
        return await self._find_one(
            "SELECT * FROM gallery_entry WHERE guild_id = :guild AND job_id = :job",
            {"guild": guild, "job": job},
        )

    async def find_by_message(self, guild: GuildId, message: MessageId) -> GalleryEntry | None:
        """Return the entry whose result or gallery message this is."""
        return await self._find_one(
            """
            SELECT * FROM gallery_entry
            WHERE guild_id = :guild AND (message_id = :message OR shown_message = :message)
            """,
            {"guild": guild, "message": message},
        )

    async def list_chain(self, guild: GuildId, root: JobId) -> list[GalleryEntry]:
        """Return the entries of one chain of expansions, oldest first."""
        rows = await self._reader.fetch_all(
            "SELECT * FROM gallery_entry WHERE guild_id = :guild AND root_job = :root ORDER BY id",
            {"guild": guild, "root": root},
        )
        return [decode_entry(row) for row in rows]

    async def list_posted(self, guild: GuildId, user: UserId) -> list[GalleryEntry]:
        """Return shown entries that a member made, or that were made from their pictures."""
        rows = await self._reader.fetch_all(
            """
            WITH RECURSIVE line (job_id) AS (
                SELECT job_id FROM gallery_entry
                WHERE guild_id = :guild AND (author_id = :user OR source_author = :user)
                UNION
                SELECT id FROM job WHERE guild_id = :guild AND user_id = :user
                UNION
                SELECT job_source.job_id FROM job_source
                JOIN line ON line.job_id = job_source.source_job
            )
            SELECT * FROM gallery_entry
            WHERE guild_id = :guild AND state IN ('posting', 'posted')
              AND job_id IN (SELECT job_id FROM line)
            """,
            {"guild": guild, "user": user},
        )
        return [decode_entry(row) for row in rows]

    async def list_since(self, guild: GuildId, since: datetime) -> list[GalleryEntry]:
        """Return entries since a time that are shown or may be, newest first."""
        rows = await self._reader.fetch_all(
            """
            SELECT * FROM gallery_entry
            WHERE guild_id = :guild AND state IN ('candidate', 'posted') AND made_at >= :since
            ORDER BY id DESC
            """,
            {"guild": guild, "since": to_ms(since)},
        )
        return [decode_entry(row) for row in rows]

    async def list_unfinished(self, limit: int) -> list[GalleryEntry]:
        """Return entries of all guilds whose message has, or may have, to be posted or deleted."""
        rows = await self._reader.fetch_all(
            """
            SELECT * FROM gallery_entry
            WHERE state IN ('posting', 'leaving') OR (state = 'barred' AND shown_channel NOTNULL)
            ORDER BY changed_at LIMIT :limit
            """,
            {"limit": limit},
        )
        return [decode_entry(row) for row in rows]

    async def add_vote(self, entry: GalleryEntry, vote: Vote, now: datetime) -> GalleryEntry:
        """Record a vote and return the updated entry; a member counts once."""
        async with self.write() as tx:
            await tx.execute(_ADD_VOTE_SQL, _get_vote_values(entry, vote) | {"at": to_ms(now)})
            return await _update_vote_count(tx, entry)

    async def list_voters(self, entry: GalleryEntry) -> set[UserId]:
        """Return the members whose votes count for an entry."""
        sql = "SELECT DISTINCT voter_id FROM vote WHERE entry_id = :entry"
        rows = await self._reader.fetch_all(sql, {"entry": entry.id})
        return {UserId(row["voter_id"]) for row in rows}

    async def remove_vote(self, entry: GalleryEntry, vote: Vote) -> GalleryEntry:
        """Remove a vote and return the updated entry; the member's other reactions still count."""
        async with self.write() as tx:
            for each in (vote, Vote(vote.voter, _UNKNOWN_MESSAGE)):
                await tx.execute(_DELETE_VOTE_SQL, _get_vote_values(entry, each))
            return await _update_vote_count(tx, entry)

    async def remove_votes(self, entry: GalleryEntry, message: MessageId) -> GalleryEntry:
        """Remove all votes on a message and return the updated entry."""
        async with self.write() as tx:
            await tx.execute(
                "DELETE FROM vote WHERE entry_id = :entry AND message_id IN (:message, :unknown)",
                {"entry": entry.id, "message": message, "unknown": _UNKNOWN_MESSAGE},
            )
            return await _update_vote_count(tx, entry)

    async def replace_votes(
        self,
        entry: GalleryEntry,
        votes: Collection[Vote],
        now: datetime,
        *,
        unread: Collection[MessageId] = (),
    ) -> GalleryEntry:
        """Replace the votes by those that Discord reports, after downtime.

        Votes on messages that could not be read (`unread`) stay.
        """
        async with self.write() as tx:
            sql = "SELECT * FROM vote WHERE entry_id = :entry ORDER BY at DESC"
            rows = await tx.fetch_all(sql, {"entry": entry.id})
            known = {_decode_vote(row) for row in rows}
            # a voter's first time stays, whatever becomes of the reaction that gave it
            since = {UserId(row["voter_id"]): row["at"] for row in rows}
            for gone in known - set(votes):
                if gone.message not in unread:
                    await tx.execute(_DELETE_VOTE_SQL, _get_vote_values(entry, gone))
            for new in set(votes) - known:
                at = since.get(new.voter, to_ms(now))
                await tx.execute(_ADD_VOTE_SQL, _get_vote_values(entry, new) | {"at": at})
            return await _update_vote_count(tx, entry)

    async def move_entry(self, entry: GalleryEntry, target: EntryState, now: datetime) -> bool:
        """Move an entry to another state; return False if it left its state meanwhile."""
        moved = await self._execute(
            """
            UPDATE gallery_entry SET state = :target, changed_at = :at
            WHERE guild_id = :guild AND id = :id AND state = :state
            """,
            {
                "guild": entry.guild,
                "id": entry.id,
                "state": entry.state,
                "target": target,
                "at": to_ms(now),
            },
        )
        return moved == 1

    async def mark_posted(
        self, entry: GalleryEntry, message: MessageId, now: datetime
    ) -> GalleryEntry:
        """Save the gallery message of an entry, move it from POSTING to POSTED, and return it.

        If it was withdrawn or barred during the post, it becomes LEAVING or stays BARRED.
        """
        return await self._update_entry(
            entry,
            """
            shown_channel = :channel, shown_message = :message, changed_at = :at,
            state = CASE state
                WHEN 'posting' THEN 'posted' WHEN 'candidate' THEN 'leaving' ELSE state END
            """,
            {"channel": entry.shown_channel, "message": message, "at": to_ms(now)},
        )

    async def bar_entry(self, entry: GalleryEntry, now: datetime) -> GalleryEntry:
        """Bar an entry in any state, and return it."""
        change = "state = 'barred', changed_at = :at"
        return await self._update_entry(entry, change, {"at": to_ms(now)})

    async def clear_shown_message(self, entry: GalleryEntry) -> None:
        """Record that an entry has no message in a gallery."""
        await self._update_entry(entry, "shown_channel = NULL, shown_message = NULL", {})

    async def start_posting(self, entry: GalleryEntry, channel: ChannelId, now: datetime) -> bool:
        """Move a candidate to POSTING and save its gallery channel; False if it was none."""
        moved = await self._execute(
            """
            UPDATE gallery_entry
            SET state = 'posting', shown_channel = :channel, shown_message = NULL, changed_at = :at
            WHERE guild_id = :guild AND id = :id AND state = 'candidate'
            """,
            {"guild": entry.guild, "id": entry.id, "channel": channel, "at": to_ms(now)},
        )
        return moved == 1

    async def mark_invited(self, entry: GalleryEntry, ordinal: int) -> None:
        """Show this picture of the job regardless of votes."""
        await self._update_entry(entry, "invited = 1, ordinal = :ordinal", {"ordinal": ordinal})

    async def save_fingerprint(self, entry: GalleryEntry, fingerprint: str) -> None:
        await self._update_entry(entry, "fingerprint = :fingerprint", {"fingerprint": fingerprint})

    async def save_message(self, entry: GalleryEntry, message: MessageId) -> None:
        await self._update_entry(entry, "message_id = :message", {"message": message})

    async def has_opted_out(self, guild: GuildId, user: UserId) -> bool:
        return await self._has_row(
            "SELECT 1 FROM gallery_opt_out WHERE guild_id = :guild AND user_id = :user",
            {"guild": guild, "user": user},
        )

    async def opt_out(self, guild: GuildId, user: UserId, now: datetime) -> None:
        await self._execute(
            """
            INSERT INTO gallery_opt_out (guild_id, user_id, since) VALUES (:guild, :user, :at)
            ON CONFLICT (guild_id, user_id) DO NOTHING
            """,
            {"guild": guild, "user": user, "at": to_ms(now)},
        )

    async def opt_in(self, guild: GuildId, user: UserId) -> None:
        await self._execute(
            "DELETE FROM gallery_opt_out WHERE guild_id = :guild AND user_id = :user",
            {"guild": guild, "user": user},
        )

    async def _update_entry(
        self, entry: GalleryEntry, change: str, values: Columns
    ) -> GalleryEntry:
        async with self.write() as tx:
            return await _update_row(tx, entry, change, values)

    async def _find_one(self, sql: str, values: Columns) -> GalleryEntry | None:
        row = await self._reader.fetch_one(sql, values)
        return None if row is None else decode_entry(row)


async def _update_vote_count(tx: Connection, entry: GalleryEntry) -> GalleryEntry:
    """Recount an entry's votes, so that the stored number can't drift."""
    count = "SELECT COUNT(DISTINCT voter_id) FROM vote WHERE vote.entry_id = gallery_entry.id"
    return await _update_row(tx, entry, f"votes = ({count})", {})


def _get_vote_values(entry: GalleryEntry, vote: Vote) -> Columns:
    return {
        "entry": entry.id,
        "voter": vote.voter,
        "message": vote.message,
        "burst": int(vote.is_burst),
    }


def _decode_vote(row: Row) -> Vote:
    return Vote(UserId(row["voter_id"]), MessageId(row["message_id"]), bool(row["burst"]))


async def _update_row(
    tx: Connection, entry: GalleryEntry, change: str, values: Columns
) -> GalleryEntry:
    row = await tx.fetch_one(
        f"UPDATE gallery_entry SET {change} WHERE guild_id = :guild AND id = :id RETURNING *",  # noqa: S608 - written here
        {**values, "guild": entry.guild, "id": entry.id},
    )
    if row is None:
        raise ValueError(f"entry {entry.id} is of another guild")
    return decode_entry(row)


def decode_entry(row: Row) -> GalleryEntry:
    return GalleryEntry(
        id=row["id"],
        guild=GuildId(row["guild_id"]),
        job=JobId(row["job_id"]),
        ordinal=row["ordinal"],
        root=JobId(row["root_job"]),
        author=UserId(row["author_id"]),
        source_author=UserId(row["source_author"]),
        channel=ChannelId(row["channel_id"]),
        message=row["message_id"],
        age_restricted=bool(row["age_restricted"]),
        state=EntryState(row["state"]),
        votes=row["votes"],
        invited=bool(row["invited"]),
        fingerprint=row["fingerprint"],
        shown_channel=row["shown_channel"],
        shown_message=row["shown_message"],
        changed_at=from_ms(row["changed_at"]),
    )
