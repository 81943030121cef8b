"""Results that wait for a moderator, and what was decided; every query of one names the guild."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.ids import GuildId, JobId
from bot.domain.moderation import Act, ApprovalState, Card
from bot.storage.database import Database, Row
from bot.storage.moderation import card_from, record
from bot.storage.rows import to_ms


@dataclass(frozen=True, slots=True)
class Approval:
    guild: GuildId
    job: JobId
    state: ApprovalState
    card: Card | None


class ApprovalStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def wait(self, guild: GuildId, job: JobId, at: datetime) -> None:
        """Let a result wait for a moderator; one that waited before is left as it is."""
        async with self._database.write() as tx:
            await tx.run(
                """
                INSERT INTO approval (job_id, guild_id, state, at)
                VALUES (:job, :guild, 'waiting', :at) ON CONFLICT (job_id) DO NOTHING
                """,
                {"job": job, "guild": guild, "at": to_ms(at)},
            )

    async def get(self, guild: GuildId, job: JobId) -> Approval | None:
        row = await self._database.reader.one(
            "SELECT * FROM approval WHERE guild_id = :guild AND job_id = :job",
            {"guild": guild, "job": job},
        )
        return None if row is None else _approval_from(row)

    async def note_card(self, guild: GuildId, job: JobId, card: Card) -> None:
        async with self._database.write() as tx:
            await tx.run(
                """
                UPDATE approval SET card_channel = :channel, card_message = :message
                WHERE guild_id = :guild AND job_id = :job
                """,
                {"guild": guild, "job": job, "channel": card.channel, "message": card.message},
            )

    async def decide(self, act: Act, decision: ApprovalState) -> bool:
        """Approve or decline once; False where it was decided before, or never waited."""
        async with self._database.write() as tx:
            decided = await tx.run(
                """
                UPDATE approval
                SET state = :state, decided_by = :actor, decided_at = :at, done_at = NULL
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
                await record(tx, act)
        return bool(decided)

    async def note_done(self, approval: Approval, at: datetime) -> None:
        """Note that what its state calls for has reached Discord, unless the state changed."""
        async with self._database.write() as tx:
            await tx.run(
                """
                UPDATE approval SET done_at = :at
                WHERE guild_id = :guild AND job_id = :job AND state = :state
                """,
                {
                    "guild": approval.guild,
                    "job": approval.job,
                    "state": approval.state,
                    "at": to_ms(at),
                },
            )

    async def undone(self, limit: int) -> Sequence[Approval]:
        """Return what has still to reach Discord, in every guild: the process's own work."""
        rows = await self._database.reader.all(
            "SELECT * FROM approval WHERE done_at IS NULL ORDER BY at LIMIT :limit",
            {"limit": limit},
        )
        return [_approval_from(row) for row in rows]

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


def _approval_from(row: Row) -> Approval:
    return Approval(
        GuildId(row["guild_id"]),
        JobId(row["job_id"]),
        ApprovalState(row["state"]),
        card_from(row),
    )
