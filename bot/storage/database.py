"""One SQLite file: a single writer connection, readers apart, numbered migrations."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Final, Self, TypeVar

import aiosqlite

from bot.errors import StartError

Value = str | int | float | bytes | None
Row = sqlite3.Row
_T = TypeVar("_T")

BUSY_TIMEOUT_MS: Final = 10_000
"""How long a statement waits for a tool that holds the file (jobs.md §4)."""
_PRAGMAS: Final = (
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}",
    "PRAGMA journal_mode = WAL",
    # NORMAL may lose the last commits with the power: money spent without a record
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
)


@dataclass(frozen=True, slots=True)
class Connection:
    """Run single statements; parameters are named.

    Rows are read to the end in the same breath: a statement that is left half read keeps its
    snapshot, and every later one on the connection would see that old state too.
    """

    raw: aiosqlite.Connection

    async def all(self, sql: str, values: Mapping[str, Value] | None = None) -> Sequence[Row]:
        return list(await self.raw.execute_fetchall(sql, values or {}))

    async def one(self, sql: str, values: Mapping[str, Value] | None = None) -> Row | None:
        return next(iter(await self.raw.execute_fetchall(sql, values or {})), None)

    async def run(self, sql: str, values: Mapping[str, Value] | None = None) -> int:
        """Execute a statement and return how many rows it changed."""
        async with self.raw.execute(sql, values or {}) as cursor:
            return cursor.rowcount

    async def many(self, sql: str, rows: Iterable[Mapping[str, Value]]) -> None:
        """Execute a statement once for each row of parameters, in one breath."""
        async with self.raw.executemany(sql, rows):
            pass


class Database:
    """Open with `async with Database.open(path)`; every write is one `BEGIN IMMEDIATE`."""

    def __init__(self, writer: aiosqlite.Connection, reader: aiosqlite.Connection) -> None:
        self._writer = writer
        self._reader = Connection(reader)
        self._writing = asyncio.Lock()

    @classmethod
    @asynccontextmanager
    async def open(cls, path: Path) -> AsyncIterator[Self]:
        """Open or create the file, migrate it, and close it whatever happens."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StartError(_unusable(path, error)) from error
        async with _connect(path) as writer:
            await _migrate(writer)
            async with _connect(path) as reader:
                await reader.execute("PRAGMA query_only = ON")
                yield cls(writer, reader)

    @property
    def reader(self) -> Connection:
        """Read what was committed; each statement sees its own snapshot."""
        return self._reader

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Connection]:
        """Hold the one write transaction: committed at the end, rolled back on any exception.

        No network await belongs inside. A cancelled caller waits until the database has answered.
        """
        async with self._writing:
            try:
                await _finished(self._writer.execute("BEGIN IMMEDIATE"))
                yield Connection(self._writer)
                await _finished(self._writer.commit())
            except BaseException:
                if self._writer.in_transaction:
                    await _finished(self._writer.rollback())
                raise


async def _finished(work: Awaitable[_T]) -> _T:
    """Await to the end even if cancelled meanwhile: the database thread does not stop either."""
    task = asyncio.ensure_future(work)
    cancelled = False
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            cancelled = True
    result = task.result()
    if cancelled:
        raise asyncio.CancelledError
    return result


@asynccontextmanager
async def _connect(path: Path) -> AsyncIterator[aiosqlite.Connection]:
    try:
        connection = await aiosqlite.connect(path, isolation_level=None)
    except sqlite3.DatabaseError as error:
        raise StartError(_unusable(path, error)) from error
    try:
        connection.row_factory = sqlite3.Row
        try:
            for pragma in _PRAGMAS:
                await connection.execute(pragma)
        except sqlite3.DatabaseError as error:
            raise StartError(_unusable(path, error)) from error
        yield connection
    finally:
        await asyncio.shield(connection.close())


def _unusable(path: Path, error: Exception) -> str:
    return f"The database {path} cannot be used ({error}). Check storage.data_dir and storage.url."


async def _migrate(connection: aiosqlite.Connection) -> None:
    """Bring the schema up to date, each migration and its version number in one transaction."""
    async with connection.execute("PRAGMA user_version") as cursor:
        row = await cursor.fetchone()
    version = int(row[0]) if row else 0
    scripts = _migrations()
    if version > len(scripts):
        msg = f"The database is of version {version}; this program knows {len(scripts)}. Update it."
        raise StartError(msg)
    for number, script in enumerate(scripts[version:], start=version + 1):
        await connection.executescript(
            f"BEGIN IMMEDIATE;\n{script}\nPRAGMA user_version = {number};\nCOMMIT;"
        )


def _migrations() -> list[str]:
    folder = resources.files("bot.storage") / "migrations" / "sqlite"
    names = sorted(item.name for item in folder.iterdir() if item.name.endswith(".sql"))
    return [(folder / name).read_text("utf-8") for name in names]
