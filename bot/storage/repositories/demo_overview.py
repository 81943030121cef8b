"""A read-only view of a guild's ledger and jobs, for the demo's page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, Self

import aiosqlite

from bot.domain.ids import GuildId

_MAX_ROWS: Final = 60
"""Rows of each kind: as many as the side panel shows."""


class DemoOverview:
    """Read a database that another connection writes; open with `DemoOverview.open(path)`."""

    def __init__(self, reader: aiosqlite.Connection) -> None:
        self._reader = reader

    @classmethod
    @asynccontextmanager
    async def open(cls, path: Path) -> AsyncIterator[Self]:
        """Open an existing database read-only."""
        uri = _build_read_only_uri(path)
        async with aiosqlite.connect(uri, uri=True, isolation_level=None) as reader:
            reader.row_factory = aiosqlite.Row
            yield cls(reader)

    async def get_version(self) -> int:
        """Return a number that changes when another connection commits."""
        (row,) = await self._reader.execute_fetchall("PRAGMA data_version")
        return int(row[0])

    async def read_ledger(self, guild: GuildId) -> dict[str, Any]:
        """Return totals, accounts, entries and jobs, newest first, as JSON values.

        Money is in micro-dollars, times are milliseconds since 1970, ids are strings.
        """
        scopes = {"members": f"u:{guild}:%", "whole": f"g:{guild}:%"}
        values = {"guild": guild, "most": _MAX_ROWS, **scopes}
        jobs = await self._query_rows(_JOBS, values)
        (totals,) = await self._query_rows(_TOTALS, values)
        accounts = await self._query_rows(_ACCOUNTS, values)
        entries = await self._query_rows(_ENTRIES, values)
        return {"totals": totals, "accounts": accounts, "entries": entries, "jobs": jobs}

    async def _query_rows(self, sql: str, values: dict[str, Any]) -> list[dict[str, Any]]:
        return [dict(row) for row in await self._reader.execute_fetchall(sql, values)]


def _build_read_only_uri(path: Path) -> str:
    return f"{path.absolute().as_uri()}?mode=ro"


_JOBS: Final = """
SELECT id, CAST(user_id AS TEXT) AS user_id, user_name, state, hold, cost, attempts, failure,
       created_at, updated_at
FROM job WHERE guild_id = :guild ORDER BY created_at DESC, id LIMIT :most
"""
_TOTALS: Final = """
SELECT COUNT(*) AS jobs,
       COALESCE(SUM(cost), 0) AS spent,
       COALESCE(SUM(CASE WHEN state IN ('settled', 'failed', 'cancelled') THEN 0 ELSE hold END), 0)
           AS held
FROM job WHERE guild_id = :guild
"""
_ACCOUNTS: Final = """
SELECT scope, unit, cap, held, spent FROM account
WHERE scope LIKE :members OR scope LIKE :whole OR scope LIKE 'global:%'
ORDER BY rowid DESC LIMIT :most
"""
_ENTRIES: Final = """
SELECT entry.job_id, entry.scope, entry.kind, entry.amount, entry.at, account.unit
FROM entry JOIN job ON job.id = entry.job_id JOIN account ON account.scope = entry.scope
WHERE job.guild_id = :guild ORDER BY entry.at DESC, entry.rowid DESC LIMIT :most
"""
