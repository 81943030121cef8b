"""The view of the books that the demo shows: read only, and only one guild's."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from bot.domain.ids import GuildId
from bot.storage.repositories.demo_overview import DemoOverview
from bot.storage.sqlite.database import Database, Value

GUILD, OTHER = GuildId(7), GuildId(8)
_JOB = """
INSERT INTO job (id, interaction_id, guild_id, channel_id, user_id, user_name, ordered, task_uuid,
                 state, hold, cost, created_at, updated_at, run_at)
VALUES (:id, :number, :guild, 1, 3, 'ana', '{}', :id, :state, 50000, :cost, :number, :number, 0)
"""


async def fill_database(database: Database) -> None:
    async with database.write() as tx:
        for number, (guild, state, cost) in enumerate(
            [(GUILD, "settled", 50_000), (GUILD, "submitted", None), (OTHER, "settled", 90_000)]
        ):
            values: dict[str, Value] = {"guild": guild, "state": state, "cost": cost}
            await tx.execute(_JOB, values | {"id": f"job{number}", "number": number})
            scope = f"u:{guild}:3:d:2026-11-22"
            await tx.execute(
                "INSERT INTO account (scope, unit, spent) VALUES (:scope, 'result', 1)"
                " ON CONFLICT (scope) DO NOTHING",
                {"scope": scope},
            )
            await tx.execute(
                "INSERT INTO entry (job_id, scope, kind, amount, at)"
                " VALUES (:job, :scope, 'hold', 1, :at)",
                {"job": f"job{number}", "scope": scope, "at": number},
            )


async def test_the_entries_are_those_of_one_guild_newest_first(tmp_path: Path) -> None:
    async with Database.open(tmp_path / "a.db") as database:
        await fill_database(database)
        async with DemoOverview.open(tmp_path / "a.db") as overview:
            books = await overview.read_ledger(GUILD)
    assert [job["id"] for job in books["jobs"]] == ["job1", "job0"]
    assert books["totals"] == {"jobs": 2, "spent": 50_000, "held": 50_000}
    assert [entry["job_id"] for entry in books["entries"]] == ["job1", "job0"]
    assert [account["scope"] for account in books["accounts"]] == ["u:7:3:d:2026-11-22"]
    assert books["jobs"][0]["user_id"] == "3"


async def test_the_version_changes_with_the_ledger_and_only_then(tmp_path: Path) -> None:
    async with (
        Database.open(tmp_path / "a.db") as database,
        DemoOverview.open(tmp_path / "a.db") as overview,
    ):
        before = await overview.get_version()
        assert await overview.get_version() == before
        await fill_database(database)
        assert await overview.get_version() != before


async def test_the_view_cannot_write(tmp_path: Path) -> None:
    async with Database.open(tmp_path / "a.db"), DemoOverview.open(tmp_path / "a.db") as overview:
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            await overview._reader.execute("DELETE FROM job")
