"""Leases: due jobs are claimed for a limited time and fenced by their epoch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.domain.ids import GuildId, JobId, UserId
from bot.domain.job import Job, JobState
from bot.storage.sqlite.database import Columns, Store
from bot.storage.sqlite.row_mapping import OPEN_SQL, decode_job, to_ms

_CLAIM_SQL: Final = f"""
    UPDATE job SET epoch = epoch + 1, owner = :owner, lease_until = :until
    WHERE id = :id AND state IN ({OPEN_SQL}) AND run_at <= :now
      AND (owner IS NULL OR owner = :owner OR lease_until <= :now)
    RETURNING *
"""  # noqa: S608 - the states are our own
"""Matches a due job that is free, leased by the same owner, or whose lease has expired."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The owner of a claim, and when it ends, after which another process may claim the job."""

    owner: str
    now: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class DueJob:
    """A due job, with what the dispatcher needs to choose."""

    id: JobId
    state: JobState
    guild: GuildId
    user: UserId


class LeaseStore(Store):
    async def list_due_jobs(self, owner: str, now: datetime, limit: int) -> list[DueJob]:
        """Return open jobs that are due and that no other owner has leased, oldest first."""
        rows = await self._reader.fetch_all(
            f"""
            SELECT id, state, guild_id, user_id FROM job
            WHERE state IN ({OPEN_SQL}) AND run_at <= :now
              AND (owner IS NULL OR owner = :owner OR lease_until <= :now)
            ORDER BY run_at LIMIT :limit
            """,  # noqa: S608 - the states are our own
            {"owner": owner, "now": to_ms(now), "limit": limit},
        )
        return [
            DueJob(row["id"], JobState(row["state"]), row["guild_id"], row["user_id"])
            for row in rows
        ]

    async def take_over_jobs(self, now: datetime) -> None:
        """Release all leases at the start, and make jobs due whose command was interrupted."""
        async with self.write() as tx:
            # unconditional, because the process lock guarantees that no other process runs
            await tx.execute("UPDATE job SET owner = NULL WHERE owner IS NOT NULL")
            await tx.execute(
                "UPDATE job SET run_at = :now WHERE state = 'reserved' AND run_at > :now",
                {"now": to_ms(now)},
            )

    async def claim_job(self, job_id: JobId, lease: Lease) -> Job | None:
        """Lease a due job and raise its epoch; None if another owner has it.

        An earlier owner that still works on it fails its next write, which has the old epoch.
        """
        return next(iter(await self.claim_jobs([job_id], lease)), None)

    async def claim_jobs(self, job_ids: Sequence[JobId], lease: Lease) -> list[Job]:
        """Claim several jobs as `claim_job` does, in one transaction.

        Separate commits took two fifths of the time of a start with many open jobs (measured).
        """
        now, until = to_ms(lease.now), to_ms(lease.until)
        values: Columns = {"owner": lease.owner, "now": now, "until": until}
        async with self.write() as tx:
            rows = [await tx.fetch_one(_CLAIM_SQL, {"id": job_id, **values}) for job_id in job_ids]
        return [decode_job(row) for row in rows if row is not None]

    async def renew_leases(self, lease: Lease) -> frozenset[JobId]:
        """Renew the owner's leases and return the jobs that it still owns."""
        async with self.write() as tx:
            rows = await tx.fetch_all(
                f"""
                UPDATE job SET lease_until = :until
                WHERE owner = :owner AND state IN ({OPEN_SQL}) RETURNING id
                """,  # noqa: S608 - the states are our own
                {"owner": lease.owner, "until": to_ms(lease.until)},
            )
        return frozenset(JobId(row["id"]) for row in rows)

    async def list_task_durations(self, limit: int = 32) -> list[float]:
        """Return the durations in seconds of the latest tasks, oldest first."""
        rows = await self._reader.fetch_all(
            """
            SELECT done.at - (SELECT MAX(sent.at) FROM job_event AS sent
                              WHERE sent.job_id = done.job_id AND sent.target = 'submitted') AS ms
            FROM job_event AS done WHERE done.target = 'rendered'
            ORDER BY done.id DESC LIMIT :limit
            """,
            {"limit": limit},
        )
        return [row["ms"] / 1000 for row in reversed(rows) if row["ms"] is not None]
