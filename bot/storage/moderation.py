"""Blocks, reports and the record of acts; every query names the guild."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.ids import ChannelId, GuildId, JobId, MessageId, UserId
from bot.domain.moderation import Act, ActKind, Block, Card, Report
from bot.storage.database import Connection, Database, Row
from bot.storage.rows import from_ms, to_ms


@dataclass(frozen=True, slots=True)
class OpenReports:
    """What members said of a job and no moderator has closed; `first` numbers the oldest."""

    first: int
    opened: datetime
    reasons: tuple[str, ...]
    card: Card | None


@dataclass(frozen=True, slots=True)
class ReportCard:
    """A card of one job's reports: when the first came, and whether the case is still open."""

    card: Card
    opened: datetime
    is_open: bool


class ModerationStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(self, act: Act) -> None:
        """Write down what was done by others' transactions."""
        async with self._database.write() as tx:
            await record(tx, act)

    async def acts(self, guild: GuildId, limit: int) -> Sequence[Act]:
        """Return what was done lately, the newest first."""
        rows = await self._database.reader.all(
            "SELECT * FROM act WHERE guild_id = :guild ORDER BY id DESC LIMIT :limit",
            {"guild": guild, "limit": limit},
        )
        return [_act_from(row) for row in rows]

    async def acts_about(self, guild: GuildId, job: JobId) -> Sequence[Act]:
        """Return what was done about a job and about all that it grew out of, the oldest first."""
        rows = await self._database.reader.all(
            """
            WITH RECURSIVE line (job_id) AS (
                SELECT id FROM job WHERE id = :job AND guild_id = :guild
                UNION
                SELECT lineage.parent_job FROM lineage JOIN line ON line.job_id = lineage.job_id
            )
            SELECT act.* FROM act JOIN line ON line.job_id = act.job_id
            WHERE act.guild_id = :guild ORDER BY act.id
            """,
            {"guild": guild, "job": job},
        )
        return [_act_from(row) for row in rows]

    async def block(self, block: Block, at: datetime, job: JobId | None = None) -> None:
        """Keep a member from ordering, in place of an earlier block; `job` is what it is for."""
        act = Act(block.guild, block.by, at, ActKind.BLOCK, block.user, job, block.reason)
        async with self._database.write() as tx:
            await tx.run(
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
                    "by": block.by,
                    "reason": block.reason,
                    "at": to_ms(at),
                    "until": None if block.until is None else to_ms(block.until),
                },
            )
            await record(tx, act)

    async def unblock(self, guild: GuildId, user: UserId, by: UserId, at: datetime) -> bool:
        """Lift a block; say whether there was one."""
        async with self._database.write() as tx:
            lifted = await tx.run(
                "DELETE FROM block WHERE guild_id = :guild AND user_id = :user",
                {"guild": guild, "user": user},
            )
            if lifted:
                await record(tx, Act(guild, by, at, ActKind.UNBLOCK, user))
        return bool(lifted)

    async def blocked(
        self, connection: Connection, guild: GuildId, user: UserId, at: datetime
    ) -> Block | None:
        """Return the block that holds for a member now."""
        row = await connection.one(
            """
            SELECT * FROM block
            WHERE guild_id = :guild AND user_id = :user AND (until IS NULL OR until > :at)
            """,
            {"guild": guild, "user": user, "at": to_ms(at)},
        )
        if row is None:
            return None
        until = None if row["until"] is None else from_ms(row["until"])
        return Block(guild, user, UserId(row["by_id"]), row["reason"], until)

    async def report(self, tx: Connection, report: Report, at: datetime) -> bool:
        """Take a report down; False where this member has reported this job before."""
        inserted = await tx.run(
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
                "at": to_ms(at),
            },
        )
        return inserted == 1

    async def reported_since(self, tx: Connection, report: Report, since: datetime) -> int:
        """Count the reports that the same member made in the guild since then."""
        row = await tx.one(
            """
            SELECT COUNT(*) AS count FROM report
            WHERE guild_id = :guild AND reporter_id = :reporter AND at >= :since
            """,
            {"guild": report.guild, "reporter": report.reporter, "since": to_ms(since)},
        )
        return int(row["count"]) if row else 0

    async def open_reports(self, guild: GuildId, job: JobId) -> OpenReports | None:
        """Return what is open about a job, or None."""
        rows = await self._database.reader.all(
            """
            SELECT id, at, reason, card_channel, card_message FROM report
            WHERE guild_id = :guild AND job_id = :job AND closed_at IS NULL ORDER BY id
            """,
            {"guild": guild, "job": job},
        )
        if not rows:
            return None
        cards = [card_from(row) for row in rows]
        card = next((each for each in cards if each is not None), None)
        opened = from_ms(rows[0]["at"])
        return OpenReports(rows[0]["id"], opened, tuple(row["reason"] for row in rows), card)

    async def report_cards(self, guild: GuildId, job: JobId) -> Sequence[ReportCard]:
        """Return every card that reports of a job came to, the oldest first."""
        rows = await self._database.reader.all(
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
                Card(ChannelId(row["card_channel"]), MessageId(row["card_message"])),
                from_ms(row["opened"]),
                bool(row["is_open"]),
            )
            for row in rows
        ]

    async def note_report_card(self, guild: GuildId, job: JobId, card: Card) -> None:
        async with self._database.write() as tx:
            await tx.run(
                """
                UPDATE report SET card_channel = :channel, card_message = :message
                WHERE guild_id = :guild AND job_id = :job AND closed_at IS NULL
                """,
                {"guild": guild, "job": job, "channel": card.channel, "message": card.message},
            )

    async def close_reports(self, tx: Connection, act: Act, job: JobId) -> int:
        """Close every open report of a job; return how many there were."""
        return await tx.run(
            """
            UPDATE report SET closed_by = :actor, closed_at = :at
            WHERE guild_id = :guild AND job_id = :job AND closed_at IS NULL
            """,
            {"guild": act.guild, "job": job, "actor": act.actor, "at": to_ms(act.at)},
        )


def _act_from(row: Row) -> Act:
    return Act(
        GuildId(row["guild_id"]),
        UserId(row["actor_id"]),
        from_ms(row["at"]),
        ActKind(row["what"]),
        None if row["user_id"] is None else UserId(row["user_id"]),
        None if row["job_id"] is None else JobId(row["job_id"]),
        row["detail"],
    )


def card_from(row: Row) -> Card | None:
    """Read where a card is; None where there is none."""
    if row["card_message"] is None:
        return None
    return Card(ChannelId(row["card_channel"]), MessageId(row["card_message"]))


async def record(tx: Connection, act: Act) -> None:
    """Write down what a moderator did, in the transaction that does it."""
    await tx.run(
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
