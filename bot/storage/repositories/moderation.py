"""Blocks, reports and the log of moderation actions; always scoped to a guild."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.ids import ChannelId, GuildId, JobId, MessageId, UserId
from bot.domain.moderation import (
    ActionKind,
    CardLocation,
    MemberBlock,
    ModerationAction,
    Report,
)
from bot.storage.repositories.lineage import list_descendants
from bot.storage.repositories.shared_messages import MessageChange, plan_change, record_result
from bot.storage.sqlite.database import Columns, Connection, Row, Store
from bot.storage.sqlite.row_mapping import from_ms, from_ms_or_none, to_ms, to_ms_or_none


@dataclass(frozen=True, slots=True)
class OpenReports:
    """The open reports about a job; `first_id` is the oldest one's id."""

    first_id: int
    opened_at: datetime
    reasons: tuple[str, ...]
    card: CardLocation | None


@dataclass(frozen=True, slots=True)
class ReportCard:
    """A card for reports about a job: when the first was made, and whether any is open."""

    card: CardLocation
    opened_at: datetime
    is_open: bool


class ModerationStore(Store):
    async def record_act(self, act: ModerationAction) -> None:
        """Log an action that another transaction has carried out."""
        async with self.write() as tx:
            await insert_act(tx, act)

    async def record_removal(
        self, act: ModerationAction, job: JobId
    ) -> tuple[Sequence[JobId], bool]:
        """Record the removal of a job and of all that is made from it, and plan what it needs.

        Return these jobs, the removed one first, and whether the act is new. One transaction: a
        job that is accepted later sees the removal, and after a crash the sweeps finish it.
        """
        async with self.write() as tx:
            line = [job, *await list_descendants(tx, job)]
            known = await tx.fetch_one(
                "SELECT 1 FROM act WHERE guild_id = :guild AND job_id = :job AND what = :what",
                {"guild": act.guild, "job": job, "what": act.kind},
            )
            if known is None:
                await insert_act(tx, act)
            for each in line:
                await _remove_job(tx, act, each)
        return line, known is None

    async def list_acts(self, guild: GuildId, limit: int) -> list[ModerationAction]:
        """Return the latest actions, newest first."""
        rows = await self._reader.fetch_all(
            "SELECT * FROM act WHERE guild_id = :guild ORDER BY id DESC LIMIT :limit",
            {"guild": guild, "limit": limit},
        )
        return [_decode_act(row) for row in rows]

    async def list_acts_about(self, guild: GuildId, job: JobId) -> list[ModerationAction]:
        """Return the actions about a job and its ancestors, oldest first."""
        rows = await self._reader.fetch_all(
            """
            WITH RECURSIVE line (job_id) AS (
                SELECT id FROM job WHERE id = :job AND guild_id = :guild
                UNION
                SELECT source_job FROM job_source JOIN line ON line.job_id = job_source.job_id
                WHERE NOT is_repeat
            )
            SELECT act.* FROM act JOIN line ON line.job_id = act.job_id
            WHERE act.guild_id = :guild ORDER BY act.id
            """,
            {"guild": guild, "job": job},
        )
        return [_decode_act(row) for row in rows]

    async def get_spoiler_act(self, job: JobId) -> tuple[int, ActionKind] | None:
        """Return the latest act that added or took off a job's spoiler, with its number."""
        row = await self._reader.fetch_one(
            """
            SELECT id, what FROM act WHERE job_id = :job AND what IN ('spoiler', 'uncover')
            ORDER BY id DESC LIMIT 1
            """,
            {"job": job},
        )
        return None if row is None else (row["id"], ActionKind(row["what"]))

    async def block_member(
        self, block: MemberBlock, now: datetime, job: JobId | None = None
    ) -> None:
        """Block a member, replacing an earlier block; `job` is the reason, if there is one."""
        act = ModerationAction(
            block.guild, block.actor, now, ActionKind.BLOCK, block.user, job, block.reason
        )
        async with self.write() as tx:
            await tx.execute(
                """
                INSERT INTO block (guild_id, user_id, by_id, reason, at, until)
                VALUES (:guild, :user, :by, :reason, :at, :until)
                ON CONFLICT (guild_id, user_id) DO UPDATE SET
                    by_id = excluded.by_id, reason = excluded.reason, at = excluded.at,
                    until = excluded.until
                """,
                {
                    "guild": block.guild,
                    "user": block.user,
                    "by": block.actor,
                    "reason": block.reason,
                    "at": to_ms(now),
                    "until": to_ms_or_none(block.until),
                },
            )
            await insert_act(tx, act)

    async def unblock_member(
        self, guild: GuildId, user: UserId, actor: UserId, now: datetime
    ) -> bool:
        """Lift a block; return whether there was one."""
        async with self.write() as tx:
            lifted = await tx.execute(
                "DELETE FROM block WHERE guild_id = :guild AND user_id = :user",
                {"guild": guild, "user": user},
            )
            if lifted:
                await insert_act(tx, ModerationAction(guild, actor, now, ActionKind.UNBLOCK, user))
        return bool(lifted)

    async def find_block(self, guild: GuildId, user: UserId, now: datetime) -> MemberBlock | None:
        """Return the block in effect for a member, or None."""
        row = await self._reader.fetch_one(
            """
            SELECT * FROM block
            WHERE guild_id = :guild AND user_id = :user AND (until IS NULL OR until > :at)
            """,
            {"guild": guild, "user": user, "at": to_ms(now)},
        )
        if row is None:
            return None
        until = from_ms_or_none(row["until"])
        return MemberBlock(guild, user, UserId(row["by_id"]), row["reason"], until)

    async def add_report(self, tx: Connection, report: Report, now: datetime) -> bool:
        """Save a report; return False if this member has reported this job before."""
        # selected from `job`, so that a job of another guild inserts nothing
        inserted = await tx.execute(
            """
            INSERT INTO report (guild_id, job_id, reporter_id, reason, at)
            SELECT :guild, id, :reporter, :reason, :at FROM job
            WHERE id = :job AND guild_id = :guild
            ON CONFLICT (job_id, reporter_id) DO NOTHING
            """,
            {
                "guild": report.guild,
                "job": report.job,
                "reporter": report.reporter,
                "reason": report.reason,
                "at": to_ms(now),
            },
        )
        return inserted == 1

    async def count_reports_since(self, tx: Connection, report: Report, since: datetime) -> int:
        """Count the same member's reports in the guild since a time."""
        row = await tx.fetch_one(
            """
            SELECT COUNT(*) AS count FROM report
            WHERE guild_id = :guild AND reporter_id = :reporter AND at >= :since
            """,
            {"guild": report.guild, "reporter": report.reporter, "since": to_ms(since)},
        )
        return int(row["count"]) if row else 0

    async def has_reported(self, tx: Connection, report: Report) -> bool:
        """Return whether the same member has reported the same job before."""
        row = await tx.fetch_one(
            "SELECT 1 FROM report WHERE job_id = :job AND reporter_id = :reporter",
            {"job": report.job, "reporter": report.reporter},
        )
        return row is not None

    async def list_jobs_without_card(self, guild: GuildId) -> list[JobId]:
        """Return the jobs with open reports that no card shows, by their oldest report."""
        rows = await self._reader.fetch_all(
            """
            SELECT job_id FROM report
            WHERE guild_id = :guild AND closed_at IS NULL
            GROUP BY job_id HAVING MAX(card_message) IS NULL ORDER BY MIN(id)
            """,
            {"guild": guild},
        )
        return [JobId(row["job_id"]) for row in rows]

    async def find_open_reports(self, guild: GuildId, job: JobId) -> OpenReports | None:
        """Return the open reports about a job, or None."""
        rows = await self._reader.fetch_all(
            """
            SELECT id, at, reason, card_channel, card_message FROM report
            WHERE guild_id = :guild AND job_id = :job AND closed_at IS NULL ORDER BY id
            """,
            {"guild": guild, "job": job},
        )
        if not rows:
            return None
        cards = [decode_card(row) for row in rows]
        card = next((each for each in cards if each is not None), None)
        opened = from_ms(rows[0]["at"])
        return OpenReports(rows[0]["id"], opened, tuple(row["reason"] for row in rows), card)

    async def list_report_cards(self, guild: GuildId, job: JobId) -> list[ReportCard]:
        """Return all cards that show reports about a job, oldest first."""
        rows = await self._reader.fetch_all(
            """
            SELECT card_channel, card_message, MIN(at) AS opened,
                   MAX(CASE WHEN closed_at IS NULL THEN 1 ELSE 0 END) AS is_open
            FROM report
            WHERE guild_id = :guild AND job_id = :job AND card_message IS NOT NULL
            GROUP BY card_channel, card_message ORDER BY opened, card_message
            """,
            {"guild": guild, "job": job},
        )
        return [
            ReportCard(
                CardLocation(ChannelId(row["card_channel"]), MessageId(row["card_message"])),
                from_ms(row["opened"]),
                bool(row["is_open"]),
            )
            for row in rows
        ]

    async def save_report_card(self, guild: GuildId, job: JobId, card: CardLocation) -> None:
        await self._execute(
            """
            UPDATE report SET card_channel = :channel, card_message = :message
            WHERE guild_id = :guild AND job_id = :job AND closed_at IS NULL
            """,
            {"guild": guild, "job": job, "channel": card.channel, "message": card.message},
        )

    async def close_reports(self, tx: Connection, act: ModerationAction, job: JobId) -> int:
        """Close all open reports about a job and return their number."""
        return await tx.execute(
            """
            UPDATE report SET closed_by = :actor, closed_at = :at
            WHERE guild_id = :guild AND job_id = :job AND closed_at IS NULL
            """,
            {"guild": act.guild, "job": job, "actor": act.actor, "at": to_ms(act.at)},
        )


async def _remove_job(tx: Connection, act: ModerationAction, job: JobId) -> None:
    values: Columns = {"job": job, "at": to_ms(act.at)}
    await tx.execute(
        """
        INSERT INTO removal (job_id, reason, at) VALUES (:job, 'moderator', :at)
        ON CONFLICT (job_id) DO UPDATE SET reason = excluded.reason
        """,
        values,
    )
    # a post is deleted by the gallery's sweep, which finds a barred entry that has one
    await tx.execute(
        "UPDATE gallery_entry SET state = 'barred', changed_at = :at WHERE job_id = :job", values
    )
    await record_result(tx, job, act.at)
    await plan_change(tx, job, MessageChange.DELETE)


def _decode_act(row: Row) -> ModerationAction:
    return ModerationAction(
        GuildId(row["guild_id"]),
        UserId(row["actor_id"]),
        from_ms(row["at"]),
        ActionKind(row["what"]),
        row["user_id"],
        row["job_id"],
        row["detail"],
    )


def decode_card(row: Row) -> CardLocation | None:
    """Return the location of a row's card, or None."""
    if row["card_message"] is None:
        return None
    return CardLocation(ChannelId(row["card_channel"]), MessageId(row["card_message"]))


async def insert_act(tx: Connection, act: ModerationAction) -> None:
    """Log a moderation action in the transaction that carries it out."""
    await tx.execute(
        """
        INSERT INTO act (guild_id, actor_id, at, what, user_id, job_id, detail)
        VALUES (:guild, :actor, :at, :what, :user, :job, :detail)
        """,
        {
            "guild": act.guild,
            "actor": act.actor,
            "at": to_ms(act.at),
            "what": act.kind,
            "user": act.user,
            "job": act.job,
            "detail": act.detail,
        },
    )
