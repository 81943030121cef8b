"""aiosqlite's connection without its thread: SQLite in virtual time, with faults."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

import aiosqlite

from bot.storage.sqlite.database import Database
from tests.support.simulation.fault_schedule import FaultSchedule

_T = TypeVar("_T")


class _Result(Generic[_T]):
    """A result that can be awaited or entered, as aiosqlite's."""

    def __init__(self, work: Callable[[], Awaitable[_T]]) -> None:
        self._work = work

    def __await__(self) -> Generator[Any, None, _T]:
        return self._work().__await__()

    async def __aenter__(self) -> _T:
        return await self._work()

    async def __aexit__(self, *_: object) -> None:
        pass


class InlineConnection:
    """Execute in this thread; a statement takes virtual time and may fail before it runs."""

    def __init__(self, raw: sqlite3.Connection, schedule: FaultSchedule) -> None:
        self._raw = raw
        self._faults = schedule

    @property
    def in_transaction(self) -> bool:
        return self._raw.in_transaction

    def execute(self, sql: str, values: Mapping[str, Any] | None = None) -> _Result[sqlite3.Cursor]:
        return self._defer_work(lambda: self._raw.execute(sql, values or {}))

    def execute_fetchall(
        self, sql: str, values: Mapping[str, Any] | None = None
    ) -> _Result[list[sqlite3.Row]]:
        return self._defer_work(lambda: self._raw.execute(sql, values or {}).fetchall())

    def executemany(self, sql: str, rows: Iterable[Mapping[str, Any]]) -> _Result[sqlite3.Cursor]:
        return self._defer_work(lambda: self._raw.executemany(sql, rows))

    def commit(self) -> _Result[None]:
        return self._defer_work(self._raw.commit)

    async def rollback(self) -> None:
        self._raw.rollback()

    def _defer_work(self, work: Callable[[], _T]) -> _Result[_T]:
        async def answer() -> _T:
            await asyncio.sleep(self._faults.draw_delay(0.05))
            if self._faults.draw_fault(self._faults.database):
                raise sqlite3.OperationalError("disk I/O error")
            return work()

        return _Result(answer)


@asynccontextmanager
async def open_database(path: Path, schedule: FaultSchedule) -> AsyncIterator[Database]:
    """Open a migrated database; uncommitted changes are lost at the end, as by a kill."""
    writer, reader = _open_connection(path), _open_connection(path)
    reader.execute("PRAGMA query_only = ON")
    try:
        yield Database(
            path,
            cast("aiosqlite.Connection", InlineConnection(writer, schedule)),
            cast("aiosqlite.Connection", InlineConnection(reader, schedule)),
        )
    finally:
        reader.close()
        writer.close()


def _open_connection(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = ON")
    # a simulated crash never stops the machine, so no fsync is needed
    connection.execute("PRAGMA synchronous = OFF")
    return connection
