"""What disks and other processes do to a database, and what is done about it."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.errors import StartError, StorageUnavailable
from bot.storage.disk.reserve_file import ReserveFile
from bot.storage.repositories.key_values import KeyValueStore
from bot.storage.sqlite import backups, migrations
from bot.storage.sqlite.backups import BackupUnusable
from bot.storage.sqlite.database import BUSY_TIMEOUT_MS, Database
from tests.storage.repositories.test_ledger import hold_job

FLIPS = int(os.environ.get("EXPANSE_FLIPS", "280"))
"""Places where a byte is spoilt; 1000 is the long form."""
AT = datetime(2026, 11, 22, 12, tzinfo=UTC)


async def fill_database(path: Path, jobs: int = 3) -> None:
    async with Database.open(path) as database:
        for number in range(1, jobs + 1):
            await hold_job(database, number)


def read_ledger(path: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return [
            *connection.execute("SELECT job_id, scope, kind, amount FROM entry ORDER BY 1, 2, 3"),
            *connection.execute("SELECT scope, held, spent FROM account ORDER BY 1"),
        ]


async def test_a_writer_waits_for_another_process_that_holds_the_file(tmp_path: Path) -> None:
    assert BUSY_TIMEOUT_MS >= 15_000
    async with Database.open(tmp_path / "a.db") as database:
        other = sqlite3.connect(tmp_path / "a.db", isolation_level=None, check_same_thread=False)
        other.execute("BEGIN IMMEDIATE")
        release = threading.Timer(0.6, lambda: other.execute("COMMIT"))
        release.start()
        loop = asyncio.get_running_loop()
        start = loop.time()
        writing = asyncio.create_task(KeyValueStore(database).set("a", "b"))
        await asyncio.sleep(0)
        assert await KeyValueStore(database).get("a") is None
        assert loop.time() - start < 0.5
        await writing
        assert await KeyValueStore(database).get("a") == "b"
        await asyncio.to_thread(release.join)
        other.close()


@pytest.mark.parametrize(
    "trouble", ["PRAGMA max_page_count = 1", "PRAGMA query_only = ON", "PRAGMA busy_timeout = 10"]
)
async def test_a_full_or_read_only_or_locked_database_is_distinguished_from_a_bug(
    tmp_path: Path, trouble: str
) -> None:
    async with Database.open(tmp_path / "a.db") as database:
        await database._writer.execute(trouble)
        other = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
        if "busy" in trouble:
            other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageUnavailable):
            await KeyValueStore(database).set("a", "x" * 100_000)
        assert await KeyValueStore(database).get("a") is None
        other.close()
        await database._writer.execute("PRAGMA max_page_count = 1000000")
        await database._writer.execute("PRAGMA query_only = OFF")
        await KeyValueStore(database).set("a", "b")


@pytest.mark.parametrize("number", range(1, migrations.get_newest_version() + 1))
async def test_a_migration_that_dies_at_any_statement_leaves_the_version_before(
    tmp_path: Path, number: int
) -> None:
    lines = migrations.build_migration_sql(number).splitlines()
    path = tmp_path / "a.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for earlier in range(1, number):
            connection.executescript(migrations.build_migration_sql(earlier))
    for dies_after in range(len(lines) - 1):
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            statement = ""
            for line in lines[: dies_after + 1]:
                statement += line + "\n"
                if sqlite3.complete_statement(statement):
                    connection.execute(statement)
                    statement = ""
        with closing(sqlite3.connect(path)) as connection:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            assert version == number - 1
    async with Database.open(path) as database:
        row = await database.reader.fetch_one("PRAGMA user_version")
        assert row is not None
        assert row[0] == migrations.get_newest_version()


async def test_an_old_database_is_copied_aside_before_it_is_migrated(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript(migrations.build_migration_sql(1))
        connection.execute("INSERT INTO fact (name, value) VALUES ('a', 'b')")
    async with Database.open(path) as database:
        assert await KeyValueStore(database).get("a") == "b"
    (copy,) = (tmp_path / backups.BACKUP_FOLDER).iterdir()
    backups.verify_backup(copy)
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone()[0] == 1


async def test_a_flipped_byte_is_found_or_changes_no_money(tmp_path: Path) -> None:
    path = tmp_path / "whole.db"
    await fill_database(path)
    whole, ledger = path.read_bytes(), read_ledger(path)
    found = 0
    damaged = tmp_path / "a.db"
    for number in range(FLIPS):
        at = (number * 2654435761) % len(whole)
        damaged.write_bytes(whole[:at] + bytes([whole[at] ^ (1 << number % 8)]) + whole[at + 1 :])
        try:
            backups.verify_backup(damaged)
        except BackupUnusable:
            found += 1
            continue
        assert read_ledger(damaged) == ledger, f"byte {at} changed the ledger unseen"
    assert found


async def test_a_damaged_database_does_not_start_and_names_the_newest_good_backup(
    tmp_path: Path,
) -> None:
    path, folder = tmp_path / "a.db", tmp_path / backups.BACKUP_FOLDER
    await fill_database(path)
    good = folder / backups.format_backup_name(AT)
    await asyncio.to_thread(backups.back_up_database, path, good)
    await asyncio.to_thread(lambda: (folder / "expanse-20991231T000000Z.db").write_bytes(b"bad"))
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 2)
        file.write(b"\xa5" * (size // 2))
    with pytest.raises(StartError, match=rf"damaged.*restore {good}"):
        async with Database.open(path):
            pass
    await asyncio.to_thread(backups.restore_backup, good, path, folder / "replaced.db")
    async with Database.open(path) as database:
        rows = await database.reader.fetch_all("SELECT id FROM job")
    assert len(rows) == 3
    assert (folder / "replaced.db").exists()


async def test_what_is_no_database_does_not_start(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(b"words " * 1000)
    with pytest.raises(StartError, match=r"damaged.*no good backup"):
        async with Database.open(tmp_path / "a.db"):
            pass


async def test_a_backup_under_load_is_one_moments_state_and_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    async with Database.open(path) as database:

        async def load() -> int:
            for number in range(1, 1000):
                await hold_job(database, number, cap=None)
                if stop.is_set():
                    return number
            return 0

        stop = asyncio.Event()
        loading = asyncio.create_task(load())
        made = []
        for second in range(4):
            target = tmp_path / "kept" / backups.format_backup_name(AT.replace(second=second))
            await asyncio.to_thread(backups.back_up_database, path, target)
            made.append(target)
        stop.set()
        assert await loading
    counts = [sum(row[2] == "hold" for row in read_ledger(target)) for target in made]
    assert counts == sorted(counts)
    assert backups.find_newest_usable(tmp_path / "kept") == made[-1]
    backups.delete_old_backups(tmp_path / "kept", 2)
    assert sorted(made[0].parent.iterdir()) == made[2:]


async def test_a_backup_whose_ledger_does_not_balance_is_none(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    await fill_database(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE account SET spent = 1")
    with pytest.raises(BackupUnusable, match="its ledger does not balance"):
        backups.back_up_database(path, tmp_path / "b.db")
    assert not (tmp_path / "b.db").exists()
    with pytest.raises(BackupUnusable):
        backups.restore_backup(tmp_path / "none.db", path, tmp_path / "c.db")


def test_the_reserve_is_real_room_and_is_given_up_once(tmp_path: Path) -> None:
    reserve = ReserveFile(tmp_path, 2**20)
    reserve.allocate_space()
    reserve.allocate_space()
    assert (tmp_path / "reserve").stat().st_blocks * 512 >= 2**20
    assert reserve.free_space()
    assert not reserve.free_space()
    with pytest.raises(OSError, match=r"space|large"):
        ReserveFile(tmp_path, 2**62).allocate_space()
    assert list(tmp_path.iterdir()) == []
