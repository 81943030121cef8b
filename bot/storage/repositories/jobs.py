"""Jobs: inserted once per interaction and part, fenced by epoch, moved by compare-and-swap."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.clock import Clock
from bot.domain.ids import Digest, InteractionId, JobId, MessageId
from bot.domain.job import END_STATES, OPEN_STATES, TRANSITIONS, Job, JobEvent, JobState, Result
from bot.domain.money import MicroUsd
from bot.domain.order import Note, OutputFormat
from bot.domain.plan import Plan
from bot.storage.repositories.lineage import record_parent, record_sources
from bot.storage.sqlite.database import Columns, Connection, Store
from bot.storage.sqlite.row_mapping import (
    decode_event,
    decode_job,
    decode_result,
    encode_job,
    encode_plan,
    encode_result,
    to_ms,
    to_ms_or_none,
)


@dataclass(eq=False)
class JobSuperseded(Exception):
    """The job was claimed or moved since it was read."""

    job_id: JobId


@dataclass(frozen=True, slots=True)
class JobChange:
    """Columns that a move writes; None keeps the old value, except that `run_at` becomes now."""

    detail: str = ""
    seed: Digest | None = None
    seed_notes: tuple[Note, ...] | None = None
    output: OutputFormat | None = None
    plan: Plan | None = None
    cost: MicroUsd | None = None
    failure: str | None = None
    run_at: datetime | None = None
    attempts: int = 0
    sends: int | None = None


_INSERT_SQL: Final = """
    INSERT INTO job (id, interaction_id, part, guild_id, channel_id, user_id, user_name, ordered,
                     reply_token, task_uuid, state, hold, created_at, updated_at, run_at)
    VALUES (:id, :interaction_id, :part, :guild_id, :channel_id, :user_id, :user_name, :ordered,
            :reply_token, :task_uuid, :state, :hold, :created_at, :updated_at, :run_at)
    ON CONFLICT (interaction_id, part) DO NOTHING
"""
_MOVE_SQL: Final = """
    UPDATE job SET
        state = :target, updated_at = :now, run_at = :run_at, attempts = :attempts,
        seed = COALESCE(:seed, seed), seed_note = COALESCE(:seed_note, seed_note),
        output = COALESCE(:output, output), sends = COALESCE(:sends, sends),
        plan = COALESCE(:plan, plan), cost = COALESCE(:cost, cost),
        failure = COALESCE(:failure, failure),
        reply_token = CASE WHEN :ends THEN NULL ELSE reply_token END,
        owner = CASE WHEN :rests THEN NULL ELSE owner END
    WHERE id = :id AND state = :source AND epoch = :epoch
    RETURNING *
"""
"""Removes the reply token of a job that ends, and the owner of one that ends or is parked."""


class JobStore(Store):
    async def insert_job(self, tx: Connection, job: Job) -> bool:
        """Insert a new job; return False if its interaction has one of this part already."""
        added = await tx.execute(_INSERT_SQL, encode_job(job))
        if added:
            await self._record_event(tx, job, None, job.created_at, "")
            await record_parent(tx, job)
            await record_sources(tx, job)
        return bool(added)

    async def get(self, job_id: JobId) -> Job | None:
        row = await self._reader.fetch_one("SELECT * FROM job WHERE id = :id", {"id": job_id})
        return None if row is None else decode_job(row)

    async def find_by_interaction(self, interaction_id: InteractionId) -> Job | None:
        """Return the first job of an interaction, or None."""
        return next(iter(await self.list_by_interaction(interaction_id)), None)

    async def list_by_interaction(self, interaction_id: InteractionId) -> list[Job]:
        """Return the jobs of an interaction: one per picture, in the order of the pictures."""
        rows = await self._reader.fetch_all(
            "SELECT * FROM job WHERE interaction_id = :id ORDER BY part", {"id": interaction_id}
        )
        return [decode_job(row) for row in rows]

    async def list_parked(self, since: datetime) -> list[Job]:
        """Return the jobs parked since a time, oldest first."""
        rows = await self._reader.fetch_all(
            "SELECT * FROM job WHERE state = 'parked' AND updated_at >= :since ORDER BY updated_at",
            {"since": to_ms(since)},
        )
        return [decode_job(row) for row in rows]

    async def mark_ready(
        self, job_id: JobId, message_id: MessageId | None, now: datetime
    ) -> Job | None:
        """Make a new job due, save its card's message if there is one, and return the job.

        A job that was claimed before (`epoch` above 0) keeps its time, which may be a retry's.
        """
        async with self.write() as tx:
            row = await tx.fetch_one(
                """
                UPDATE job SET message_id = COALESCE(:message_id, message_id),
                    run_at = CASE WHEN epoch = 0 THEN :now ELSE run_at END
                WHERE id = :id RETURNING *
                """,
                {"message_id": message_id, "now": to_ms(now), "id": job_id},
            )
            return None if row is None else decode_job(row)

    async def save_message(self, job_id: JobId, message_id: MessageId) -> None:
        """Save the message that shows the result; needs no claim, as it changes no state."""
        await self._execute(
            "UPDATE job SET message_id = :message_id WHERE id = :id",
            {"message_id": message_id, "id": job_id},
        )

    async def seize_job(
        self, tx: Connection, job_id: JobId, states: Iterable[JobState]
    ) -> Job | None:
        """Take a job in one of these states from its worker, whose writes the new epoch stops."""
        names = ", ".join(f"'{state}'" for state in sorted(states))
        row = await tx.fetch_one(
            f"""
            UPDATE job SET epoch = epoch + 1, owner = NULL
            WHERE id = :id AND state IN ({names}) RETURNING *
            """,  # noqa: S608 - the states are our own
            {"id": job_id},
        )
        return None if row is None else decode_job(row)

    async def move_job(
        self,
        tx: Connection,
        job: Job,
        target: JobState,
        now: datetime,
        change: JobChange | None = None,
    ) -> Job:
        """Move a claimed job and record it; raise `JobSuperseded` if it was claimed or moved."""
        if target not in TRANSITIONS.get(job.state, frozenset()):
            raise ValueError(f"no job moves from {job.state} to {target}")
        values = {
            "target": target,
            "now": to_ms(now),
            "ends": target in END_STATES,
            "rests": target not in OPEN_STATES,
            **self._get_fence_values(job),
            **_encode_change(change or JobChange(), now),
        }
        # compare-and-swap: matches no row if the state or the epoch has changed since the read
        row = await tx.fetch_one(_MOVE_SQL, values)
        if row is None:
            raise JobSuperseded(job.id)
        moved = decode_job(row)
        await self._record_event(tx, moved, job.state, now, change.detail if change else "")
        return moved

    async def advance_job(
        self, job: Job, target: JobState, clock: Clock, change: JobChange | None = None
    ) -> Job:
        """Move a claimed job in its own transaction; raise as `move_job` does."""
        async with self.write() as tx:
            # read with the lock held, so that waiting for it does not count as time in the state
            return await self.move_job(tx, job, target, clock.now(), change)

    async def postpone_job(
        self, job: Job, run_at: datetime, *, attempts: int, since: datetime | None = None
    ) -> None:
        """Retry a claimed job in the same state at `run_at`; `since` restarts its time there."""
        values: Columns = {
            "run_at": to_ms(run_at),
            "attempts": attempts,
            "since": to_ms_or_none(since),
        }
        change = "run_at = :run_at, attempts = :attempts, owner = NULL"
        await self._update_claimed(
            job, f"{change}, updated_at = COALESCE(:since, updated_at)", values
        )

    async def record_send(self, job: Job, now: datetime, *, sends: int) -> None:
        """Record, before sending, how often the request may have been sent."""
        values: Columns = {"now": to_ms(now), "sends": sends}
        await self._update_claimed(job, "sends = :sends, updated_at = :now", values)

    async def _update_claimed(self, job: Job, change: str, values: Columns) -> None:
        sql = f"UPDATE job SET {change} WHERE id = :id AND state = :source AND epoch = :epoch"  # noqa: S608 - written here
        if not await self._execute(sql, {**values, **self._get_fence_values(job)}):
            raise JobSuperseded(job.id)

    async def save_results(self, tx: Connection, job: Job, results: Iterable[Result]) -> None:
        """Save a job's results, replacing those of an earlier attempt of the same step."""
        for result in results:
            await tx.execute(
                """
                INSERT INTO result (job_id, ordinal, image_uuid, url, noise_seed, cost,
                                    raw, delivered, format, bytes, note)
                VALUES (:job_id, :ordinal, :image_uuid, :url, :noise_seed, :cost,
                        :raw, :delivered, :format, :bytes, :note)
                ON CONFLICT (job_id, ordinal) DO UPDATE SET
                    url = excluded.url, raw = excluded.raw, delivered = excluded.delivered,
                    format = excluded.format, bytes = excluded.bytes, note = excluded.note
                """,
                encode_result(job.id, result),
            )

    async def list_results(self, job_id: JobId) -> list[Result]:
        rows = await self._reader.fetch_all(
            "SELECT * FROM result WHERE job_id = :id ORDER BY ordinal", {"id": job_id}
        )
        return [decode_result(row) for row in rows]

    async def list_events(self, job_id: JobId) -> list[JobEvent]:
        rows = await self._reader.fetch_all(
            "SELECT source, target, at, detail FROM job_event WHERE job_id = :id ORDER BY id",
            {"id": job_id},
        )
        return [decode_event(row) for row in rows]

    async def _record_event(
        self, tx: Connection, job: Job, source: JobState | None, now: datetime, detail: str
    ) -> None:
        await tx.execute(
            """
            INSERT INTO job_event (job_id, source, target, epoch, at, detail)
            VALUES (:job_id, :source, :target, :epoch, :at, :detail)
            """,
            {
                "job_id": job.id,
                "source": source,
                "target": job.state,
                "epoch": job.epoch,
                "at": to_ms(now),
                "detail": detail,
            },
        )

    @staticmethod
    def _get_fence_values(job: Job) -> Columns:
        return {"id": job.id, "source": job.state, "epoch": job.epoch}


def _encode_change(change: JobChange, now: datetime) -> Columns:
    return {
        "seed": change.seed,
        "seed_note": None if change.seed_notes is None else " ".join(change.seed_notes),
        "output": change.output,
        "plan": encode_plan(change.plan),
        "cost": change.cost,
        "failure": change.failure,
        "run_at": to_ms(change.run_at or now),
        "attempts": change.attempts,
        "sends": change.sends,
    }
