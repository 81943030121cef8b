"""Holding and settling charges, compared with the same statements in bare aiosqlite; recovery.

Bars: a cycle takes at most 2 times the bare time, target 1.2; with 1,000,000 old entries at most
1.5 times our own, target 1.1; 10,000 open jobs end within 60 s of a start.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sqlite3
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import aiosqlite

from bench.recovery import measure_recovery, silence_logs
from bot.domain.ids import JobId
from bot.domain.ledger import Charge, EntryKind, LedgerUnit
from bot.domain.model import DEFAULT_MODEL
from bot.storage.repositories.billing.ledger import LedgerStore
from bot.storage.sqlite.database import Database

NOW: Final = datetime(2026, 11, 22, 12, tzinfo=UTC)
_SCOPES: Final = ("global:d:x", "g:1:m:x", "rate:x", "u:1:1:d:x", "u:1:1:m:x")
_PRICE: Final = DEFAULT_MODEL.price.per_result
_ROUNDS: Final = 24
_RESERVE: Final = """
    INSERT INTO account (scope, unit, cap, held)
    SELECT :scope, :unit, :cap, :amount WHERE :cap IS NULL OR :amount <= :cap
    ON CONFLICT (scope) DO UPDATE SET
        held = account.held + excluded.held, cap = excluded.cap
    WHERE excluded.cap IS NULL OR account.held + account.spent + excluded.held <= excluded.cap
    RETURNING held
"""
_ENTER: Final = """
    INSERT INTO entry (job_id, scope, kind, amount, at)
    VALUES (:job_id, :scope, :kind, :amount, :at)
"""
_HELD: Final = """
    SELECT entry.scope, entry.amount, account.unit
    FROM entry JOIN account ON account.scope = entry.scope
    WHERE entry.job_id = :job_id AND entry.kind = 'hold' ORDER BY entry.scope
"""
_CLOSE: Final = (
    "UPDATE account SET held = held - :held, spent = spent + :spent WHERE scope = :scope"
)
_JOB: Final = """
    INSERT INTO job (id, interaction_id, guild_id, channel_id, user_id, user_name, ordered,
                     task_uuid, state, hold, created_at, updated_at, run_at)
    VALUES (?, ?, 1, 1, 1, 'member', '{}', ?, 'settled', 0, 0, 0, 0)
"""
Cycle = Callable[[str], Awaitable[None]]
"""Hold and settle one job, whose row already exists."""


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench ledger")
    parser.add_argument("--cycles", type=int, default=1_200)
    parser.add_argument("--old", type=int, default=1_000_000)
    parser.add_argument("--jobs", type=int, default=10_000)
    given = parser.parse_args(arguments)
    print(json.dumps(asyncio.run(_measure(given.cycles, given.old, given.jobs))))


async def _measure(cycles: int, old: int, jobs: int) -> dict[str, object]:
    report: dict[str, object] = {"old_entries": old}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with AsyncExitStack() as stack:
            ours = await stack.enter_async_context(
                _open_filled_database(folder / "ours.db", 3 * cycles, 0)
            )
            full = await stack.enter_async_context(
                _open_filled_database(folder / "full.db", 3 * cycles, old)
            )
            async with _open_filled_database(folder / "bare.db", 3 * cycles, 0):
                pass
            bare = await stack.enter_async_context(_build_bare_cycle(folder / "bare.db"))
            sides = {
                "ours": _build_own_cycle(ours),
                "ours_full": _build_own_cycle(full),
                "bare": bare,
            }
            for place, tasks in enumerate((1, 10, 100)):
                numbers = range(place * cycles, (place + 1) * cycles)
                report[f"{tasks}_tasks"] = await _compare(sides, tasks, numbers)
        silence_logs()
        report["recovery"] = {
            "jobs": jobs,
            "seconds": await measure_recovery(folder / "again", jobs),
        }
    return report


async def _compare(sides: dict[str, Cycle], tasks: int, numbers: range) -> dict[str, float]:
    """Alternate between sides, so that noise affects all alike; ratios are medians over rounds."""
    share = len(numbers) // _ROUNDS
    rounds: dict[str, list[float]] = {side: [] for side in sides}
    times: dict[str, list[float]] = {side: [] for side in sides}
    for start in range(0, share * _ROUNDS, share):
        for side, cycle in sides.items():
            jobs = iter([f"job{number}" for number in numbers[start : start + share]])
            started = time.perf_counter()
            await asyncio.gather(*(_run_cycles(cycle, jobs, times[side]) for _ in range(tasks)))
            rounds[side].append(time.perf_counter() - started)
    middle = {side: statistics.median(measured) for side, measured in rounds.items()}
    report: dict[str, float] = {}
    for side, seconds in middle.items():
        report[f"{side}_per_s"] = round(share / seconds)
        report[f"{side}_p99_ms"] = round(sorted(times[side])[int(share * _ROUNDS * 0.99)] * 1000, 1)
    report["over_bare"] = _median_ratio(rounds["ours"], rounds["bare"])
    report["full_over_empty"] = _median_ratio(rounds["ours_full"], rounds["ours"])
    return report


def _median_ratio(above: list[float], below: list[float]) -> float:
    return round(statistics.median(a / b for a, b in zip(above, below, strict=True)), 2)


async def _run_cycles(cycle: Cycle, jobs: Iterator[str], times: list[float]) -> None:
    for job in jobs:
        started = time.perf_counter()
        await cycle(job)
        times.append(time.perf_counter() - started)


def _build_own_cycle(database: Database) -> Cycle:
    ledger = LedgerStore(database)
    charges = [Charge(scope, _get_unit(scope), _get_amount(scope), None) for scope in _SCOPES]
    costs = {LedgerUnit.MICRO_USD: _PRICE, LedgerUnit.RESULT: 1}

    async def cycle(job: str) -> None:
        async with database.write() as tx:
            await ledger.hold_charges(tx, JobId(job), charges, NOW)
        async with database.write() as tx:
            await ledger.settle_job(tx, JobId(job), costs, NOW)

    return cycle


@asynccontextmanager
async def _build_bare_cycle(path: Path) -> AsyncIterator[Cycle]:
    """Run the same statements on a plain connection, under a lock."""
    lock = asyncio.Lock()
    at = int(NOW.timestamp() * 1000)
    reserve = [
        {"scope": scope, "unit": _get_unit(scope), "cap": None, "amount": _get_amount(scope)}
        for scope in _SCOPES
    ]
    async with aiosqlite.connect(path, isolation_level=None) as connection:
        connection.row_factory = sqlite3.Row
        await connection.execute("PRAGMA synchronous = FULL")
        await connection.execute("PRAGMA foreign_keys = ON")

        async def cycle(job: str) -> None:
            entries = [
                dict(job_id=job, scope=scope, kind=kind, amount=_get_amount(scope), at=at)  # noqa: C408
                for scope in _SCOPES
                for kind in (EntryKind.HOLD, EntryKind.SETTLE)
            ]
            changes = [
                {"held": _get_amount(scope), "spent": _get_amount(scope), "scope": scope}
                for scope in _SCOPES
            ]
            async with lock:
                await connection.execute("BEGIN IMMEDIATE")
                for values in reserve:
                    await connection.execute_fetchall(_RESERVE, values)
                await connection.executemany(_ENTER, entries[::2])
                await connection.commit()
            async with lock:
                await connection.execute("BEGIN IMMEDIATE")
                await connection.execute_fetchall(_HELD, {"job_id": job})
                await connection.executemany(_CLOSE, changes)
                await connection.executemany(_ENTER, entries[1::2])
                await connection.commit()

        yield cycle


@asynccontextmanager
async def _open_filled_database(path: Path, jobs: int, old: int) -> AsyncIterator[Database]:
    """Open a database with `jobs` jobs to charge, and old entries of other jobs."""
    async with Database.open(path):
        pass
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.executemany(_JOB, [(f"job{number}", number, number) for number in range(jobs)])
        before = old // (2 * len(_SCOPES))
        connection.executemany(_JOB, ((f"old{n}", -n - 1, f"old{n}") for n in range(before)))
        scopes = [f"{scope}:{n}" for n in range(1000) for scope in _SCOPES]
        connection.executemany(
            "INSERT INTO account (scope, unit) VALUES (?, 'micro_usd')",
            [(each,) for each in scopes],
        )
        connection.executemany(
            "INSERT INTO entry (job_id, scope, kind, amount, at) VALUES (?, ?, ?, 5, 1)",
            (
                (f"old{n}", f"{scope}:{n % 1000}", kind)
                for n in range(before)
                for scope in _SCOPES
                for kind in ("hold", "settle")
            ),
        )
        connection.commit()
    async with Database.open(path) as database:
        yield database


def _get_unit(scope: str) -> LedgerUnit:
    return LedgerUnit.RESULT if scope.startswith("u:1:1:d") else LedgerUnit.MICRO_USD


def _get_amount(scope: str) -> int:
    return 1 if _get_unit(scope) is LedgerUnit.RESULT else _PRICE
