"""Migrations that move data: what was there before is there afterwards."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.storage.sqlite.database import Database
from bot.storage.sqlite.migrations import (
    build_migration_sql,
    get_newest_version,
    load_migrations,
)

SEVERAL = next(
    number
    for number, text in enumerate(load_migrations(), start=1)
    if "UNIQUE (interaction_id, part)" in text
)
"""The migration that makes table `job` again."""
JOBS = """
    INSERT INTO job (id, interaction_id, guild_id, channel_id, user_id, user_name, ordered,
                     reply_token, message_id, task_uuid, state, epoch, attempts, sends, hold, cost,
                     seed, seed_note, output, plan, failure, created_at, updated_at, run_at, owner,
                     lease_until)
    VALUES ('a', 1, 2, 3, 4, 'Ana', '{}', 'token', 5, 'u1', 'reserved', 6, 7, 8, 9, NULL,
            'seed', 'note', 'PNG', '{}', '', 10, 11, 12, 'me', 13),
           ('b', 2, 2, 3, 4, 'Ana', '{}', NULL, NULL, 'u2', 'settled', 1, 0, 1, 9, 9,
            NULL, '', NULL, NULL, 'why', 10, 11, 12, NULL, 0);
    INSERT INTO result (job_id, ordinal, image_uuid, url, raw) VALUES ('b', 0, 'i', 'u', 'raw');
    INSERT INTO account (scope, unit, spent) VALUES ('g', 'micro_usd', 9);
    INSERT INTO entry (job_id, scope, kind, amount, at) VALUES ('b', 'g', 'hold', 9, 1);
    INSERT INTO lineage VALUES ('b', 'a', 0, 1, 2, 1.0);
"""


def open_migrated(path: Path, version: int) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA foreign_keys = ON")
    for number in range(1, version + 1):
        connection.executescript(build_migration_sql(number))
    return connection


@pytest.fixture
def before(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Open a database as it is before one interaction may have several jobs."""
    with closing(open_migrated(tmp_path / "expanse.db", SEVERAL - 1)) as connection:
        connection.row_factory = sqlite3.Row
        connection.executescript(JOBS)
        yield connection


def read_rows(connection: sqlite3.Connection, sql: str) -> list[dict[str, object]]:
    return [dict(row) for row in connection.execute(sql)]


def list_indexes(connection: sqlite3.Connection) -> set[str]:
    sql = "SELECT name, sql FROM sqlite_schema WHERE tbl_name = 'job' AND type = 'index'"
    return {re.sub(r"\s+", " ", row["sql"]) for row in connection.execute(sql) if row["sql"]}


def test_every_column_index_view_and_reference_of_a_job_survives(
    before: sqlite3.Connection,
) -> None:
    jobs, indexes = read_rows(before, "SELECT * FROM job ORDER BY id"), list_indexes(before)
    before.executescript(build_migration_sql(SEVERAL))
    after = read_rows(before, "SELECT * FROM job ORDER BY id")
    assert [each.pop("part") for each in after] == [0, 0]
    assert after == jobs
    assert list_indexes(before) == indexes
    assert read_rows(before, "SELECT * FROM file_use ORDER BY digest") == [
        {"job_id": "b", "digest": "raw"},
        {"job_id": "a", "digest": "seed"},
    ]
    assert read_rows(before, "PRAGMA foreign_key_check") == []
    assert read_rows(before, "PRAGMA integrity_check") == [{"integrity_check": "ok"}]
    assert read_rows(before, "SELECT name FROM sqlite_schema WHERE name LIKE '%before%'") == []


def test_references_to_jobs_are_checked_again_afterwards(before: sqlite3.Connection) -> None:
    before.executescript(build_migration_sql(SEVERAL))
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        before.execute("INSERT INTO job_event (job_id, target, epoch, at) VALUES ('no', 'x', 0, 1)")
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        before.execute("DELETE FROM job WHERE id = 'b'")
    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
        before.execute("UPDATE job SET interaction_id = 1 WHERE id = 'b'")
    before.execute("UPDATE job SET interaction_id = 1, part = 1 WHERE id = 'b'")


async def test_what_was_deleted_before_secure_deletion_is_in_no_file_after_an_upgrade(
    tmp_path: Path,
) -> None:
    canary, path = b"a prompt that its member has erased", tmp_path / "expanse.db"
    with closing(open_migrated(path, get_newest_version() - 1)) as older:
        older.execute("PRAGMA journal_mode = WAL")
        older.execute("PRAGMA secure_delete = OFF")
        older.execute("INSERT INTO fact VALUES ('kept', 'as it was')")
        for number in range(200):  # whole pages, and a part of the page that stays in use
            text = canary.decode() * 20
            older.execute("INSERT INTO fact VALUES (:name, :text)", (f"fact {number}", text))
        older.execute("DELETE FROM fact WHERE name <> 'kept'")
    assert canary in path.read_bytes()
    async with Database.open(path) as database:
        rows = await database.reader.fetch_all("SELECT name, value FROM fact")
        assert [tuple(row) for row in rows] == [("kept", "as it was")]
        files = [each for each in tmp_path.rglob("*") if each.is_file()]
        assert {each.name for each in files} >= {"expanse.db", "expanse.db-wal"}
        # the copy from before the upgrade is none of the deleted either
        assert any(each.parent.name == "backups" for each in files)
        assert [each.name for each in files if canary in each.read_bytes()] == []
