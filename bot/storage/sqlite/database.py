"""One SQLite file: a single writer connection, readers apart, numbered migrations."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self, TypeVar

import aiosqlite

from bot.errors import StartError, StorageUnavailable
from bot.storage.sqlite.backups import BACKUP_FOLDER, find_newest_usable
from bot.storage.sqlite.migrations import build_migration_sql, get_newest_version

Value = str | int | float | bytes | None
Row = sqlite3.Row
_T = TypeVar("_T")

BUSY_TIMEOUT_MS: Final = 15_000
"""How long a statement waits for a tool that holds the file: longer than the 10 s that a backup
or an operator's look may take."""
_TRANSIENT_CODES: Final = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CANTOPEN,
    }
)
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

    async def fetch_all(self, sql: str, values: Mapping[str, Value] | None = None) -> Sequence[Row]:
        return list(await self.raw.execute_fetchall(sql, values or {}))

    async def fetch_one(self, sql: str, values: Mapping[str, Value] | None = None) -> Row | None:
        return next(iter(await self.raw.execute_fetchall(sql, values or {})), None)

    async def execute(self, sql: str, values: Mapping[str, Value] | None = None) -> int:
        """Execute a statement and return how many rows it changed."""
        async with self.raw.execute(sql, values or {}) as cursor:
            return cursor.rowcount

    async def execute_many(self, sql: str, rows: Iterable[Mapping[str, Value]]) -> None:
        """Execute a statement once for each row of parameters, in one breath."""
        async with self.raw.executemany(sql, rows):
            pass


class Database:
    """Open with `async with Database.open(path)`; every write is one `BEGIN IMMEDIATE`."""

    def __init__(
        self, path: Path, writer: aiosqlite.Connection, reader: aiosqlite.Connection
    ) -> None:
        self.path = path
        self._writer = writer
        self._reader = Connection(reader)
        self._write_lock = asyncio.Lock()
        self._is_failing = False

    @classmethod
    @asynccontextmanager
    async def open(cls, path: Path) -> AsyncIterator[Self]:
        """Open or create the file, migrate it, and close it whatever happens."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _build_unusable_error(path, error) from error
        async with _open_connection(path) as writer:
            await _check_integrity(writer, path)
            await _migrate_schema(writer, path)
            async with _open_connection(path) as reader:
                await reader.execute("PRAGMA query_only = ON")
                yield cls(path, writer, reader)

    @property
    def is_failing(self) -> bool:
        """Say whether the last write met a disk or a lock that would not have it."""
        return self._is_failing

    @property
    def reader(self) -> Connection:
        """Read what was committed; each statement sees its own snapshot."""
        return self._reader

    @asynccontextmanager
    async def open_snapshot(self) -> AsyncIterator[Connection]:
        """Open a connection for one long look: one moment's state, and no other reader waits."""
        async with _open_connection(self.path) as connection:
            await connection.execute("PRAGMA query_only = ON")
            await connection.execute("BEGIN")
            yield Connection(connection)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Connection]:
        """Hold the one write transaction: committed at the end, rolled back on any exception.

        No network await belongs inside. A cancelled caller waits until the database has answered.
        Raises `StorageUnavailable` where the disk is full, read-only or failing, or the file is
        locked.
        """
        async with self._write_lock:
            try:
                await _await_to_end(self._writer.execute("BEGIN IMMEDIATE"))
                yield Connection(self._writer)
                await _await_to_end(self._writer.commit())
                self._is_failing = False
            except BaseException as error:
                if self._writer.in_transaction:
                    await _await_to_end(self._writer.rollback())
                if isinstance(error, sqlite3.Error) and _is_transient(error):
                    self._is_failing = True
                    raise StorageUnavailable(str(error)) from error
                raise


def _is_transient(error: sqlite3.Error) -> bool:
    """Say whether the trouble is the disk's or another process's, and may be over later."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _TRANSIENT_CODES


async def _await_to_end(work: Awaitable[_T]) -> _T:
    """Await to the end even if cancelled meanwhile: the database thread does not stop either.

    A cancellation wins over an error: whoever catches errors and goes on would swallow it.
    """
    task = asyncio.ensure_future(work)
    cancelled = False
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            cancelled = True
    if cancelled:
        raise asyncio.CancelledError from task.exception()
    return task.result()


@asynccontextmanager
async def _open_connection(path: Path) -> AsyncIterator[aiosqlite.Connection]:
    try:
        connection = await aiosqlite.connect(path, isolation_level=None)
    except sqlite3.DatabaseError as error:
        raise _build_unusable_error(path, error) from error
    try:
        connection.row_factory = sqlite3.Row
        try:
            for pragma in _PRAGMAS:
                await connection.execute(pragma)
        except sqlite3.OperationalError as error:
            raise _build_unusable_error(path, error) from error
        except sqlite3.DatabaseError as error:
            raise await _build_damaged_error(path, error) from error
        yield connection
    finally:
        await asyncio.shield(connection.close())


async def _check_integrity(connection: aiosqlite.Connection, path: Path) -> None:
    """Refuse a damaged file before anything is built on it."""
    try:
        async with connection.execute("PRAGMA quick_check(1)") as cursor:
            row = await cursor.fetchone()
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        # the check itself may quote text that is none any more
        raise await _build_damaged_error(path, error) from error
    if row is None or row[0] != "ok":
        raise await _build_damaged_error(path, row[0] if row else "no answer")


async def _migrate_schema(connection: aiosqlite.Connection, path: Path) -> None:
    """Bring the schema up to date; before an old one is touched, it is copied aside."""
    async with connection.execute("PRAGMA user_version") as cursor:
        row = await cursor.fetchone()
    version, newest = int(row[0]) if row else 0, get_newest_version()
    if version > newest:
        msg = f"The database is of version {version}; this program knows {newest}. Update it."
        raise StartError(msg)
    if 0 < version < newest:
        async with aiosqlite.connect(_get_backup_path(path, version)) as copy:
            await connection.backup(copy)
    for number in range(version + 1, newest + 1):
        await connection.executescript(build_migration_sql(number))


def _get_backup_path(path: Path, version: int) -> Path:
    folder = path.parent / BACKUP_FOLDER
    folder.mkdir(exist_ok=True)
    return folder / f"expanse-before-version-{version + 1}.db"


def _build_unusable_error(path: Path, error: Exception) -> StartError:
    return StartError(
        f"The database {path} cannot be used ({error}). Check storage.data_dir and storage.url."
    )


async def _build_damaged_error(path: Path, what: object) -> StartError:
    good = await asyncio.to_thread(find_newest_usable, path.parent / BACKUP_FOLDER)
    way = f"The newest good backup: expanse restore {good}" if good else "There is no good backup."
    return StartError(f"The database {path} is damaged ({what}). {way}")
