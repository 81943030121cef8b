"""The operator's view of the ledger and of all jobs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from bot.domain.ids import GuildId, JobId
from bot.domain.job import Job, JobState
from bot.domain.ledger import Statement
from bot.domain.money import ZERO, MicroUsd
from bot.storage.sqlite.database import Row, Store
from bot.storage.sqlite.row_mapping import decode_job, from_ms, to_ms

_DAY_MS: Final = 86_400_000
_LONGEST_WAIT: Final = timedelta(days=7)
"""How long before its submission a job may have been accepted, at most."""


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    scope: str
    kind: str
    amount: int
    at: datetime


@dataclass(frozen=True, slots=True)
class DaySum:
    """What jobs submitted on a day cost, and what is still held for them."""

    day: date
    spent: MicroUsd
    held: MicroUsd


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

    async def list_submission_days(self, first: date, last: date) -> list[DaySum]:
        """Return the sums of every day (UTC), by when the provider got the job, oldest first."""
        rows = await self._reader.fetch_all(
            f"""
            SELECT day, SUM(spent) AS spent, SUM(held) AS held FROM (
                SELECT (
                    SELECT MIN(job_event.at) FROM job_event
                    WHERE job_event.job_id = entry.job_id AND job_event.target = 'submitting'
                ) / {_DAY_MS} AS day,
                CASE WHEN kind IN ('settle', 'adjust') THEN amount ELSE 0 END AS spent,
                CASE WHEN kind = 'hold' AND NOT EXISTS (
                    SELECT 1 FROM entry AS closing
                    WHERE closing.job_id = entry.job_id AND closing.scope = entry.scope
                      AND closing.kind IN ('settle', 'release')) THEN amount ELSE 0 END AS held
                FROM entry WHERE scope LIKE 'global:d:%' AND at >= :since
            ) AS charged WHERE day BETWEEN :first AND :last GROUP BY day
            """,  # noqa: S608 - a constant
            {
                "since": to_ms(_get_midnight(first) - _LONGEST_WAIT),
                "first": to_ms(_get_midnight(first)) // _DAY_MS,
                "last": to_ms(_get_midnight(last)) // _DAY_MS,
            },
        )
        sums = {from_ms(row["day"] * _DAY_MS).date(): row for row in rows}
        count = (last - first).days + 1
        return [_build_day_sum(first + timedelta(days=n), sums) for n in range(count)]

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


def _get_midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _build_day_sum(day: date, sums: Mapping[date, Row]) -> DaySum:
    row = sums.get(day)
    if row is None:
        return DaySum(day, ZERO, ZERO)
    return DaySum(day, MicroUsd(row["spent"]), MicroUsd(row["held"]))
