"""SQL of the ledger audit: accounts against entries, open holds, settled against reported costs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.domain.ids import JobId
from bot.domain.ledger import LedgerUnit
from bot.storage.sqlite.database import Connection
from bot.storage.sqlite.ledger_balances import BALANCES, Imbalance, compare_balances
from bot.storage.sqlite.row_mapping import ENDED_SQL, to_ms


@dataclass(frozen=True, slots=True)
class UnclosedHold:
    """A hold that is still open although its job has ended."""

    job_id: JobId
    scope: str


@dataclass(frozen=True, slots=True)
class MisbilledJob:
    """A settled job whose entries differ from the cost the provider reported."""

    job_id: JobId
    reported: int
    settled: int


async def audit_accounts(tx: Connection, scope: str | None = None) -> list[Imbalance]:
    """Return the accounts, or the one of `scope`, that differ from their entries' sum."""
    return compare_balances(await tx.fetch_all(BALANCES, {"scope": scope}))


async def audit_holds(tx: Connection) -> list[UnclosedHold]:
    """Return the open holds of jobs that have ended."""
    rows = await tx.fetch_all(
        f"""
        SELECT entry.job_id, entry.scope FROM entry JOIN job ON job.id = entry.job_id
        WHERE entry.kind = 'hold' AND job.state IN ({ENDED_SQL}) AND NOT EXISTS (
            SELECT 1 FROM entry AS closing
            WHERE closing.job_id = entry.job_id AND closing.scope = entry.scope
              AND closing.kind IN ('settle', 'release'))
        ORDER BY entry.job_id, entry.scope
        """  # noqa: S608 - the states are our own
    )
    return [UnclosedHold(JobId(row["job_id"]), row["scope"]) for row in rows]


async def audit_bills(tx: Connection, since: datetime) -> list[MisbilledJob]:
    """Return jobs ended since then whose settled amount differs from the reported cost.

    The reported cost is the job's, but at least the sum of its pictures' costs. The settled amount
    is that of the account `global:d:<day>`, since each job is charged to exactly one.
    """
    rows = await tx.fetch_all(
        f"""
        SELECT id, reported, settled FROM (
            SELECT job.id,
                   MAX(COALESCE(job.cost, 0), COALESCE((
                       SELECT SUM(cost) FROM result WHERE result.job_id = job.id), 0)) AS reported,
                   COALESCE((
                       SELECT SUM(entry.amount) FROM entry
                       WHERE entry.job_id = job.id AND entry.scope LIKE 'global:d:%'
                         AND entry.kind IN ('settle', 'adjust')), 0) AS settled
            FROM job WHERE job.state IN ({ENDED_SQL}) AND job.updated_at >= :since
        ) AS books WHERE reported <> settled
        """,  # noqa: S608 - the states are our own
        {"since": to_ms(since)},
    )
    return [MisbilledJob(JobId(row["id"]), row["reported"], row["settled"]) for row in rows]


async def adjust_account(tx: Connection, found: Imbalance, now: datetime) -> None:
    """Record a difference as an adjustment, after which the ledger balances."""
    amount = found.found - found.expected
    await tx.execute(
        "INSERT INTO adjustment (scope, what, amount, at) VALUES (:scope, :what, :amount, :at)",
        {"scope": found.scope, "what": found.what, "amount": amount, "at": to_ms(now)},
    )


async def adjust_job(tx: Connection, found: MisbilledJob, now: datetime) -> int:
    """Enter the difference in each account that held the job's money; return their number."""
    rows = await tx.fetch_all(
        """
        SELECT entry.scope FROM entry JOIN account ON account.scope = entry.scope
        WHERE entry.job_id = :job_id AND entry.kind = 'hold' AND account.unit = :unit
          AND NOT EXISTS (SELECT 1 FROM entry AS earlier
                          WHERE earlier.job_id = entry.job_id AND earlier.scope = entry.scope
                            AND earlier.kind = 'adjust')
        ORDER BY entry.scope
        """,
        {"job_id": found.job_id, "unit": LedgerUnit.MICRO_USD},
    )
    for row in rows:
        change = {"scope": row["scope"], "amount": found.reported - found.settled}
        await tx.execute(
            """
            INSERT INTO entry (job_id, scope, kind, amount, at)
            VALUES (:job_id, :scope, 'adjust', :amount, :at)
            """,
            {"job_id": found.job_id, "at": to_ms(now), **change},
        )
        await tx.execute("UPDATE account SET spent = spent + :amount WHERE scope = :scope", change)
    return len(rows)
