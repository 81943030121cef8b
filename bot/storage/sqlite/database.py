"""The SQLite database: one writer connection, separate readers, migrations at opening."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self, TypeVar

import aiosqlite
import structlog

from bot.errors import StartError, StorageUnavailable
from bot.storage.sqlite.backups import BACKUP_FOLDER, find_newest_usable
from bot.storage.sqlite.migrations import build_migration_sql, get_newest_version

log = structlog.get_logger(__name__)

Value = str | int | float | bytes | None
Columns = dict[str, Value]
Row = sqlite3.Row
_T = TypeVar("_T")

BUSY_TIMEOUT_MS: Final = 15_000
"""How long a statement waits for another process's lock: longer than the 10 s that a backup or an
operator's query may take."""
_LOG_TIMEOUT_MS: Final = 1_000
"""Longest wait for readers before the log is emptied; other writers wait as well."""
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
    "PRAGMA secure_delete = ON",  # what is erased must not be left in unused pages
    # NORMAL may lose the last commits in a power failure: money spent without a record
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
)


@dataclass(frozen=True, slots=True)
class Connection:
    """Execute single statements with named parameters.

    All rows are fetched in one call: an unfinished statement would keep its snapshot, and later
    ones on the connection would read that old state.
    """

    raw: aiosqlite.Connection

    async def fetch_all(self, sql: str, values: Mapping[str, Value] | None = None) -> list[Row]:
        return list(await self.raw.execute_fetchall(sql, values or {}))

    async def fetch_one(self, sql: str, values: Mapping[str, Value] | None = None) -> Row | None:
        return next(iter(await self.raw.execute_fetchall(sql, values or {})), None)

    async def execute(self, sql: str, values: Mapping[str, Value] | None = None) -> int:
        """Execute a statement and return the number of changed rows."""
        async with self.raw.execute(sql, values or {}) as cursor:
            return cursor.rowcount

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """Undo what happens inside if it raises, without ending the transaction."""
        await self.execute("SAVEPOINT inner")
        try:
            yield
        except Exception:
            # a disk error may have ended the whole transaction
            if self.raw.in_transaction:
                await self.execute("ROLLBACK TO inner")
                await self.execute("RELEASE inner")
            raise
        await self.execute("RELEASE inner")

    async def execute_many(self, sql: str, rows: Iterable[Mapping[str, Value]]) -> None:
        """Execute a statement for each row of parameters in one call."""
        async with self.raw.executemany(sql, rows):
            pass


class Database:
    """The database; open with `async with Database.open(path)`."""

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
        """Open or create the file, migrate it, and close it on exit."""
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
        """Whether the last write failed because of the disk or a lock."""
        return self._is_failing

    @property
    def reader(self) -> Connection:
        """A connection for reading committed data; each statement has its own snapshot."""
        return self._reader

    @asynccontextmanager
    async def open_snapshot(self) -> AsyncIterator[Connection]:
        """Open a connection with one snapshot for several queries, without blocking readers."""
        async with _open_connection(self.path) as connection:
            await connection.execute("PRAGMA query_only = ON")
            await connection.execute("BEGIN")  # deferred: the first read takes the snapshot
            yield Connection(connection)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Connection]:
        """Open the only write transaction: commit at the end, roll back on any exception.

        Never await the network inside. A cancelled caller still waits for the database to finish.
        Raises `StorageUnavailable` if the disk is full, read-only or failing, or the file locked.
        """
        async with self._write_lock:
            try:
                # IMMEDIATE locks before the first read: upgrading a read lock fails without waiting
                await _await_to_end(self._writer.execute("BEGIN IMMEDIATE"))
                yield Connection(self._writer)
                await _await_to_end(self._writer.commit())
                self._is_failing = False
            except BaseException as error:  # cancellation too must not leave it open
                if self._writer.in_transaction:
                    await _await_to_end(self._writer.rollback())
                if isinstance(error, sqlite3.Error) and _is_transient(error):
                    self._is_failing = True
                    raise StorageUnavailable(str(error)) from error
                raise

    async def truncate_log(self) -> bool:
        """Copy the write-ahead log into the database and empty it; False if it is being read."""
        async with self._write_lock:
            try:
                await self._writer.execute_fetchall(f"PRAGMA busy_timeout = {_LOG_TIMEOUT_MS}")
                rows = await self._writer.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                await self._writer.execute_fetchall(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        return not next(iter(rows))[0]


def _is_transient(error: sqlite3.Error) -> bool:
    """Return whether the disk or another process caused the error, so that a retry may succeed."""
    # the low byte of an extended code is its primary code
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _TRANSIENT_CODES


async def _await_to_end(work: Awaitable[_T]) -> _T:
    """Await to the end even if cancelled, since the database thread doesn't stop either.

    Then cancellation takes precedence over an error, which a caller might catch and continue.
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
        connection = await aiosqlite.connect(path, isolation_level=None)  # no implicit BEGIN
    except sqlite3.DatabaseError as error:
        raise _build_unusable_error(path, error) from error
    try:
        connection.row_factory = sqlite3.Row
        try:
            for pragma in _PRAGMAS:
                # read to the end: an open statement would keep a migration from committing
                await connection.execute_fetchall(pragma)
        except sqlite3.OperationalError as error:
            raise _build_unusable_error(path, error) from error
        except sqlite3.DatabaseError as error:
            raise await _build_damaged_error(path, error) from error
        yield connection
    finally:
        await asyncio.shield(connection.close())  # an unclosed connection leaves its thread running


async def _check_integrity(connection: aiosqlite.Connection, path: Path) -> None:
    """Raise `StartError` if the file is damaged."""
    try:
        async with connection.execute("PRAGMA quick_check(1)") as cursor:
            row = await cursor.fetchone()
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        # the check's message may quote damaged text that is not valid UTF-8
        raise await _build_damaged_error(path, error) from error
    if row is None or row[0] != "ok":
        raise await _build_damaged_error(path, row[0] if row else "no answer")


async def _migrate_schema(connection: aiosqlite.Connection, path: Path) -> None:
    """Bring the schema up to date; an old database is rewritten and backed up before."""
    async with connection.execute("PRAGMA user_version") as cursor:
        row = await cursor.fetchone()
    version, newest = int(row[0]) if row else 0, get_newest_version()
    if version > newest:
        msg = f"The database is of version {version}; this program knows {newest}. Update it."
        raise StartError(msg)
    if 0 < version < newest:
        await _rewrite_file(connection, path)
        async with aiosqlite.connect(_get_backup_path(path, version)) as copy:
            await connection.backup(copy)
    for number in range(version + 1, newest + 1):
        await connection.executescript(build_migration_sql(number))


async def _rewrite_file(connection: aiosqlite.Connection, path: Path) -> None:
    """Rewrite the file without unused pages, where earlier versions left deleted rows.

    A gigabyte takes about 10 s and as much room again. Raises `StartError` if there is none.
    """
    log.info("rewriting the database before its upgrade", file=path.name)
    try:
        await connection.execute_fetchall("VACUUM")
        # until then the new pages are in the log, and the old ones in the file
        await connection.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.OperationalError as error:
        raise _build_unusable_error(path, error) from error
    log.info("database rewritten", file=path.name)


def _get_backup_path(path: Path, version: int) -> Path:
    folder = path.parent / BACKUP_FOLDER
    folder.mkdir(exist_ok=True)
    return folder / f"expanse-before-version-{version + 1}.db"


def _build_unusable_error(path: Path, error: Exception) -> StartError:
    return StartError(
        f"The database {path} cannot be used ({error}). Check storage.data_dir and storage.url."
    )


async def _build_damaged_error(path: Path, what: object) -> StartError:
    best = await asyncio.to_thread(find_newest_usable, path.parent / BACKUP_FOLDER)
    hint = f"The newest good backup: expanse restore {best}" if best else "There is no good backup."
    return StartError(f"The database {path} is damaged ({what}). {hint}")


class Store:
    """What reads and writes the tables of one subject."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._reader = database.reader

    def write(self) -> AbstractAsyncContextManager[Connection]:
        """Begin a transaction, in which other stores of the database take part too."""
        return self._database.write()

    async def _has_row(self, sql: str, values: Mapping[str, Value]) -> bool:
        return await self._reader.fetch_one(sql, values) is not None

    async def _execute(self, sql: str, values: Mapping[str, Value]) -> int:
        """Execute one statement in its own transaction; return the number of changed rows."""
        async with self.write() as tx:
            return await tx.execute(sql, values)
