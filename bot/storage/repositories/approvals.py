"""Results that need a moderator's approval, and the decisions.

Queries name the guild, except that of the background task (`list_unfinished`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.domain.ids import GuildId, JobId
from bot.domain.moderation import ApprovalState, CardLocation, ModerationAction
from bot.storage.repositories.moderation import decode_card, insert_act
from bot.storage.sqlite.database import Columns, Row, Store
from bot.storage.sqlite.row_mapping import to_ms


@dataclass(frozen=True, slots=True)
class Approval:
    guild: GuildId
    job: JobId
    state: ApprovalState
    card: CardLocation | None


class ApprovalStore(Store):
    async def add_waiting(self, guild: GuildId, job: JobId, now: datetime) -> None:
        """Add a result to the approval queue; one already added stays unchanged."""
        await self._execute(
            """
            INSERT INTO approval (job_id, guild_id, state, at)
            VALUES (:job, :guild, 'waiting', :at) ON CONFLICT (job_id) DO NOTHING
            """,
            {"job": job, "guild": guild, "at": to_ms(now)},
        )

    async def get(self, guild: GuildId, job: JobId) -> Approval | None:
        row = await self._reader.fetch_one(
            "SELECT * FROM approval WHERE guild_id = :guild AND job_id = :job",
            {"guild": guild, "job": job},
        )
        return None if row is None else _decode_approval(row)

    async def save_card(self, guild: GuildId, job: JobId, card: CardLocation) -> None:
        await self._execute(
            """
            UPDATE approval SET card_channel = :channel, card_message = :message
            WHERE guild_id = :guild AND job_id = :job
            """,
            {"guild": guild, "job": job, "channel": card.channel, "message": card.message},
        )

    async def record_decision(self, act: ModerationAction, decision: ApprovalState) -> bool:
        """Record a decision; return False if it was already decided or never waiting."""
        async with self.write() as tx:
            # compare-and-swap: of two moderators only the first decides
            decided = await tx.execute(
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
                await insert_act(tx, act)
        return bool(decided)

    async def mark_done(self, approval: Approval, now: datetime) -> None:
        """Mark a state as shown in Discord, unless the state has changed meanwhile."""
        found: Columns = {"guild": approval.guild, "job": approval.job}
        await self._execute(
            """
            UPDATE approval SET done_at = :at
            WHERE guild_id = :guild AND job_id = :job AND state = :state
            """,
            {**found, "state": approval.state, "at": to_ms(now)},
        )

    async def list_unfinished(self, limit: int) -> list[Approval]:
        """Return approvals of all guilds whose state isn't shown in Discord yet."""
        rows = await self._reader.fetch_all(
            "SELECT * FROM approval WHERE done_at IS NULL ORDER BY at LIMIT :limit",
            {"limit": limit},
        )
        return [_decode_approval(row) for row in rows]

    async def list_waiting_jobs(self, guild: GuildId) -> list[JobId]:
        """Return the jobs that need a moderator's approval, oldest first."""
        rows = await self._reader.fetch_all(
            """
            SELECT job_id FROM approval WHERE guild_id = :guild AND state = 'waiting'
            ORDER BY at
            """,
            {"guild": guild},
        )
        return [JobId(row["job_id"]) for row in rows]


def _decode_approval(row: Row) -> Approval:
    state, card = ApprovalState(row["state"]), decode_card(row)
    return Approval(GuildId(row["guild_id"]), JobId(row["job_id"]), state, card)
