from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from pathlib import Path

import pytest

from bot.errors import StartError
from bot.storage.disk.file_store import FileStore
from bot.storage.repositories.key_values import KeyValueStore
from bot.storage.sqlite import migrations
from bot.storage.sqlite.database import Connection, Database


async def test_what_was_committed_is_there_after_reopening(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "expanse.db"
    async with Database.open(path) as database:
        await KeyValueStore(database).set("name", "one")
        await KeyValueStore(database).set("name", "two")
    async with Database.open(path) as database:
        assert await KeyValueStore(database).get("name") == "two"
        assert await KeyValueStore(database).get("other") is None


async def test_an_exception_rolls_the_transaction_back(database: Database) -> None:
    async def stop_half_way() -> None:
        async with database.write() as tx:
            await tx.execute("INSERT INTO fact (name, value) VALUES ('a', 'b')")
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        await stop_half_way()
    assert await KeyValueStore(database).get("a") is None


async def test_a_savepoint_undoes_its_own_part_alone(database: Database) -> None:
    insert = "INSERT INTO fact (name, value) VALUES (:name, 'x')"

    async def write_part(tx: Connection, name: str, *, fails: bool) -> None:
        async with tx.savepoint():
            await tx.execute(insert, {"name": name})
            if fails:
                raise LookupError(name)

    async with database.write() as tx:
        await tx.execute(insert, {"name": "before"})
        for name, fails in (("a", False), ("b", True), ("c", True), ("d", False)):
            with contextlib.suppress(LookupError):
                await write_part(tx, name, fails=fails)
    rows = await database.reader.fetch_all("SELECT name FROM fact ORDER BY name")
    assert [row["name"] for row in rows] == ["a", "before", "d"]


async def test_a_cancelled_writer_leaves_the_database_usable(database: Database) -> None:
    async def write(entered: asyncio.Event) -> None:
        async with database.write() as tx:
            await tx.execute("INSERT INTO fact (name, value) VALUES ('a', 'b')")
            entered.set()
            await asyncio.Event().wait()

    entered = asyncio.Event()
    task = asyncio.create_task(write(entered))
    await entered.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await KeyValueStore(database).set("c", "d")
    assert await KeyValueStore(database).get("a") is None


async def test_a_writer_that_is_cancelled_while_the_database_fails_ends_as_cancelled(
    tmp_path: Path,
) -> None:
    async with Database.open(tmp_path / "a.db") as database:
        await database._writer.execute("PRAGMA busy_timeout = 300")
        other = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        writing = asyncio.create_task(KeyValueStore(database).set("a", "b"))
        await asyncio.sleep(0.05)
        writing.cancel()
        await asyncio.wait([writing])
        assert writing.cancelled()
        other.close()
        await KeyValueStore(database).set("a", "c")


async def test_writers_cancelled_at_any_moment_leave_nothing_open(database: Database) -> None:
    facts = KeyValueStore(database)
    for number in range(40):
        task = asyncio.create_task(facts.set(f"n{number}", "x"))
        for _ in range(number % 12):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    await facts.set("last", "x")
    assert await facts.get("last") == "x"


async def test_the_reader_cannot_write(database: Database) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        await database.reader.execute("DELETE FROM fact")


async def test_every_commit_is_durable_and_foreign_keys_hold(database: Database) -> None:
    async with database.write() as tx:
        rows = [
            await tx.fetch_one(f"PRAGMA {name}")
            for name in ("synchronous", "journal_mode", "foreign_keys")
        ]
    assert [row[0] for row in rows if row is not None] == [2, "wal", 1]


async def test_a_database_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "expanse.db"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 999")
    connection.close()
    with pytest.raises(StartError, match="version 999"):
        async with Database.open(path):
            pass


async def test_the_same_bytes_are_one_file(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    first, second = await asyncio.gather(store.save_bytes(b"picture"), store.save_bytes(b"picture"))
    assert first == second
    assert await store.read_bytes(first) == b"picture"
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


async def test_a_removed_file_is_missed(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    digest = await store.save_bytes(b"picture")
    store.get_path(digest).unlink()
    with pytest.raises(FileNotFoundError):
        await store.read_bytes(digest)


async def test_a_read_sees_what_was_committed_before_it_however_many_read_at_once(
    database: Database,
) -> None:
    done = False

    async def read() -> None:
        while not done:
            await database.reader.fetch_all("SELECT name, value FROM fact")

    async def write(number: int) -> None:
        async with database.write() as tx:
            values = {"name": f"n{number}", "value": "x"}
            await tx.execute("INSERT INTO fact (name, value) VALUES (:name, :value)", values)

    await write(0)
    await write(1)
    async with asyncio.TaskGroup() as group:
        for _ in range(20):
            group.create_task(read())
        counts = []
        for number in range(2, 30):
            await write(number)
            counts.append(len(await database.reader.fetch_all("SELECT name FROM fact")))
        done = True
    assert counts == list(range(3, 31))


def test_migrations_are_numbered_from_one_without_a_gap_or_a_double() -> None:
    folder = Path(migrations.__file__).parents[1] / "migrations" / "sqlite"
    numbers = sorted(int(path.name[:4]) for path in folder.glob("*.sql"))
    assert numbers == list(range(1, migrations.get_newest_version() + 1))
