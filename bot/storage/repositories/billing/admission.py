"""What is checked before an order is accepted: pauses, strikes, queue length, charged days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from bot.domain.ids import GuildId, JobId, UserId
from bot.storage.sqlite.database import Connection, Store
from bot.storage.sqlite.row_mapping import OPEN_SQL, from_ms, from_ms_or_none, to_ms, to_ms_or_none

OPERATOR: Final = "operator"
PROVIDER: Final = "provider"


@dataclass(frozen=True, slots=True)
class Pause:
    """A stop of new orders: by whom (`operator` or `provider`), why, and until when."""

    name: str
    reason: str
    started_at: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class OpenJobCount:
    """The number of open jobs: the member's own, and all."""

    own: int
    total: int


class AdmissionStore(Store):
    @property
    def reader(self) -> Connection:
        return self._reader

    async def save_pause(self, pause: Pause) -> None:
        """Save a pause, replacing an earlier one of the same name."""
        await self._execute(
            """
            INSERT INTO pause (name, reason, at, until) VALUES (:name, :reason, :at, :until)
            ON CONFLICT (name) DO UPDATE SET
                reason = excluded.reason, at = excluded.at, until = excluded.until
            """,
            {
                "name": pause.name,
                "reason": pause.reason,
                "at": to_ms(pause.started_at),
                "until": to_ms_or_none(pause.until),
            },
        )

    async def delete_pauses(self) -> bool:
        """End every pause; return whether there was one."""
        return bool(await self._execute("DELETE FROM pause", {}))

    async def list_pauses(self, tx: Connection, now: datetime) -> list[Pause]:
        """Return the pauses in effect, the operator's first."""
        rows = await tx.fetch_all(
            """
            SELECT name, reason, at, until FROM pause WHERE until IS NULL OR until > :at
            ORDER BY name
            """,
            {"at": to_ms(now)},
        )
        return [
            Pause(row["name"], row["reason"], from_ms(row["at"]), from_ms_or_none(row["until"]))
            for row in rows
        ]

    async def count_open_jobs(self, tx: Connection, user: UserId) -> OpenJobCount:
        """Count open jobs in all guilds, without parked ones, which wait for the operator."""
        row = await tx.fetch_one(
            f"""
            SELECT COUNT(*) AS everybody, COUNT(*) FILTER (WHERE user_id = :user) AS own
            FROM job WHERE state IN ({OPEN_SQL})
            """,  # noqa: S608 - the states are our own
            {"user": user},
        )
        return OpenJobCount(row["own"], row["everybody"]) if row else OpenJobCount(0, 0)

    async def record_strike(
        self, tx: Connection, job_id: JobId, user: UserId, now: datetime
    ) -> None:
        """Record that moderation refused a job, at most once per job."""
        await tx.execute(
            """
            INSERT INTO strike (job_id, user_id, at) VALUES (:job_id, :user, :at)
            ON CONFLICT (job_id) DO NOTHING
            """,
            {"job_id": job_id, "user": user, "at": to_ms(now)},
        )

    async def list_strikes(self, tx: Connection, user: UserId, since: datetime) -> list[datetime]:
        """Return the times at which moderation refused a member's jobs, oldest first."""
        rows = await tx.fetch_all(
            "SELECT at FROM strike WHERE user_id = :user AND at > :since ORDER BY at",
            {"user": user, "since": to_ms(since)},
        )
        return [from_ms(row["at"]) for row in rows]

    async def record_reading_strike(self, user: UserId, now: datetime) -> None:
        """Record that a member's picture ended a worker."""
        await self._execute(
            "INSERT INTO reading_strike (user_id, at) VALUES (:user, :at)",
            {"user": user, "at": to_ms(now)},
        )

    async def delete_reading_strikes(self, before: datetime) -> None:
        """Delete everybody's strikes up to a time."""
        await self._execute(
            "DELETE FROM reading_strike WHERE at <= :before", {"before": to_ms(before)}
        )

    async def list_reading_strikes(
        self, tx: Connection, user: UserId, since: datetime
    ) -> list[datetime]:
        """Return the times at which a member's pictures ended a worker, oldest first."""
        rows = await tx.fetch_all(
            "SELECT at FROM reading_strike WHERE user_id = :user AND at > :since ORDER BY at",
            {"user": user, "since": to_ms(since)},
        )
        return [from_ms(row["at"]) for row in rows]

    async def get_latest_days(self, tx: Connection, guild: GuildId) -> Mapping[GuildId, date]:
        """Return the latest charged day of the guild and, under key 0, of all guilds."""
        rows = await tx.fetch_all(
            "SELECT guild_id, day FROM guild_day WHERE guild_id IN (0, :guild)", {"guild": guild}
        )
        return {GuildId(row["guild_id"]): date.fromisoformat(row["day"]) for row in rows}

    async def record_day(self, tx: Connection, guild: GuildId, day: date) -> None:
        await tx.execute(
            """
            INSERT INTO guild_day (guild_id, day) VALUES (:guild, :day)
            ON CONFLICT (guild_id) DO UPDATE SET day = excluded.day
            """,
            {"guild": guild, "day": day.isoformat()},
        )
