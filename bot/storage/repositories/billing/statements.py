"""The operator's view of the ledger and of all jobs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.domain.ids import GuildId, JobId
from bot.domain.job import Job, JobState
from bot.domain.ledger import Statement
from bot.domain.money import MicroUsd
from bot.storage.sqlite.database import Row, Store
from bot.storage.sqlite.row_mapping import decode_job, from_ms


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    scope: str
    kind: str
    amount: int
    at: datetime


class StatementStore(Store):
    async def list_days(self, limit: int) -> list[Statement]:
        """Return daily totals over all guilds, newest first."""
        rows = await self._reader.fetch_all(
            """
            SELECT scope, held, spent FROM account WHERE scope LIKE 'global:d:%'
            ORDER BY scope DESC LIMIT :limit
            """,
            {"limit": limit},
        )
        return [_decode_statement(row) for row in rows]

    async def list_months(self, limit: int) -> list[Statement]:
        """Return monthly totals by guild, largest first."""
        rows = await self._reader.fetch_all(
            """
            SELECT scope, held, spent FROM account WHERE scope LIKE 'g:%'
            ORDER BY held + spent DESC, scope LIMIT :limit
            """,
            {"limit": limit},
        )
        return [_decode_statement(row) for row in rows]

    async def list_jobs(
        self, *, state: JobState | None, guild: GuildId | None, limit: int
    ) -> list[Job]:
        """Return the latest jobs, optionally of one state or guild."""
        rows = await self._reader.fetch_all(
            """
            SELECT * FROM job
            WHERE (:state IS NULL OR state = :state) AND (:guild IS NULL OR guild_id = :guild)
            ORDER BY created_at DESC LIMIT :limit
            """,
            {"state": state, "guild": guild, "limit": limit},
        )
        return [decode_job(row) for row in rows]

    async def count_states(self) -> dict[str, int]:
        rows = await self._reader.fetch_all(
            "SELECT state, COUNT(*) AS number FROM job GROUP BY state ORDER BY state"
        )
        return {row["state"]: row["number"] for row in rows}

    async def list_entries(self, job_id: JobId) -> list[LedgerEntry]:
        """Return a job's ledger entries, oldest first."""
        rows = await self._reader.fetch_all(
            """
            SELECT scope, kind, amount, at FROM entry WHERE job_id = :job_id
            ORDER BY at, scope, kind
            """,
            {"job_id": job_id},
        )
        return [
            LedgerEntry(row["scope"], row["kind"], row["amount"], from_ms(row["at"]))
            for row in rows
        ]


def _decode_statement(row: Row) -> Statement:
    return Statement(row["scope"], MicroUsd(row["held"]), MicroUsd(row["spent"]))
