"""Blocks, reports, approvals and the record of acts; every query names the guild."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.domain.ids import ChannelId, GuildId, JobId, MessageId, UserId
from bot.domain.moderation import Act, ActKind, ApprovalState, Block, Card
from bot.storage.database import Connection, Database, Row
from bot.storage.rows import from_ms, to_ms


class ModerationStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(self, tx: Connection, act: Act) -> None:
        """Write down what was done, in the transaction that does it."""
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

    async def acts(self, guild: GuildId, limit: int) -> Sequence[Act]:
        """Return what was done lately, the newest first."""
        rows = await self._database.reader.all(
            "SELECT * FROM act WHERE guild_id = :guild ORDER BY id DESC LIMIT :limit",
            {"guild": guild, "limit": limit},
        )
        return [_act_from(row) for row in rows]

    async def block(self, block: Block, at: datetime) -> None:
        """Keep a member from ordering, in place of an earlier block."""
        act = Act(block.guild, block.by, at, ActKind.BLOCK, block.user, detail=block.reason)
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
            await self.record(tx, act)

    async def unblock(self, guild: GuildId, user: UserId, by: UserId, at: datetime) -> bool:
        """Lift a block; say whether there was one."""
        async with self._database.write() as tx:
            lifted = await tx.run(
                "DELETE FROM block WHERE guild_id = :guild AND user_id = :user",
                {"guild": guild, "user": user},
            )
            if lifted:
                await self.record(tx, Act(guild, by, at, ActKind.UNBLOCK, user))
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

    async def report(
        self, guild: GuildId, job: JobId, reporter: UserId, reason: str, at: datetime
    ) -> bool:
        """Take a report down; False where this member has reported this job before."""
        async with self._database.write() as tx:
            inserted = await tx.run(
                """
                INSERT INTO report (guild_id, job_id, reporter_id, reason, at)
                SELECT :guild, id, :reporter, :reason, :at FROM job
                WHERE id = :job AND guild_id = :guild
                ON CONFLICT (job_id, reporter_id) DO NOTHING
                """,
                {
                    "guild": guild,
                    "job": job,
                    "reporter": reporter,
                    "reason": reason,
                    "at": to_ms(at),
                },
            )
        return inserted == 1

    async def reported_since(self, guild: GuildId, reporter: UserId, since: datetime) -> int:
        """Count a member's reports since then."""
        row = await self._database.reader.one(
            """
            SELECT COUNT(*) AS count FROM report
            WHERE guild_id = :guild AND reporter_id = :reporter AND at >= :since
            """,
            {"guild": guild, "reporter": reporter, "since": to_ms(since)},
        )
        return int(row["count"]) if row else 0

    async def open_report_card(self, guild: GuildId, job: JobId) -> Card | None:
        """Return the card that moderators have for a job's reports, if one is open."""
        row = await self._database.reader.one(
            """
            SELECT card_channel, card_message FROM report
            WHERE guild_id = :guild AND job_id = :job AND closed_at IS NULL
              AND card_message IS NOT NULL
            LIMIT 1
            """,
            {"guild": guild, "job": job},
        )
        return None if row is None else _card_from(row)

    async def note_report_card(self, guild: GuildId, job: JobId, card: Card) -> None:
        async with self._database.write() as tx:
            await tx.run(
                """
                UPDATE report SET card_channel = :channel, card_message = :message
                WHERE guild_id = :guild AND job_id = :job AND closed_at IS NULL
                """,
                {"guild": guild, "job": job, "channel": card.channel, "message": card.message},
            )

    async def close_reports(self, tx: Connection, act: Act) -> int:
        """Close every open report of the act's job; return how many there were."""
        return await tx.run(
            """
            UPDATE report SET closed_by = :actor, closed_at = :at
            WHERE guild_id = :guild AND job_id = :job AND closed_at IS NULL
            """,
            {"guild": act.guild, "job": act.job, "actor": act.actor, "at": to_ms(act.at)},
        )

    async def await_approval(self, guild: GuildId, job: JobId, at: datetime) -> None:
        """Let a result wait for a moderator; one that waited before is left as it is."""
        async with self._database.write() as tx:
            await tx.run(
                """
                INSERT INTO approval (job_id, guild_id, state, at)
                VALUES (:job, :guild, 'waiting', :at) ON CONFLICT (job_id) DO NOTHING
                """,
                {"job": job, "guild": guild, "at": to_ms(at)},
            )

    async def note_approval_card(self, guild: GuildId, job: JobId, card: Card) -> None:
        async with self._database.write() as tx:
            await tx.run(
                """
                UPDATE approval SET card_channel = :channel, card_message = :message
                WHERE guild_id = :guild AND job_id = :job
                """,
                {"guild": guild, "job": job, "channel": card.channel, "message": card.message},
            )

    async def approval(self, guild: GuildId, job: JobId) -> ApprovalState | None:
        row = await self._database.reader.one(
            "SELECT state FROM approval WHERE guild_id = :guild AND job_id = :job",
            {"guild": guild, "job": job},
        )
        return None if row is None else ApprovalState(row["state"])

    async def decide(self, act: Act, decision: ApprovalState) -> bool:
        """Approve or decline once; False where it was decided before, or never waited."""
        async with self._database.write() as tx:
            decided = await tx.run(
                """
                UPDATE approval SET state = :state, decided_by = :actor, decided_at = :at
                WHERE guild_id = :guild AND job_id = :job AND state = 'waiting'
                """,
                {
                    "guild": act.guild,
                    "job": act.job,
                    "state": decision,
                    "actor": act.actor,
                    "at": to_ms(act.at),
                },
            )
            if decided:
                await self.record(tx, act)
        return bool(decided)

    async def waiting(self, guild: GuildId, limit: int) -> Sequence[JobId]:
        """Return the jobs that wait for a moderator, the oldest first."""
        rows = await self._database.reader.all(
            """
            SELECT job_id FROM approval WHERE guild_id = :guild AND state = 'waiting'
            ORDER BY at LIMIT :limit
            """,
            {"guild": guild, "limit": limit},
        )
        return [JobId(row["job_id"]) for row in rows]


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


def _card_from(row: Row) -> Card:
    return Card(ChannelId(row["card_channel"]), MessageId(row["card_message"]))
