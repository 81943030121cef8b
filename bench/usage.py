"""`/usage` over 1,000,000 ledger entries of one guild: numbers, chart and CSV.

Bar: under 500 ms. The real stores write the ledger, job by job: a job row, its results, a hold and
its closing on five accounts, and the day's numbers. Only commits are shared, by 1,000 jobs, and
transitions between "reserved" and the end are not recorded. The baseline is bare sqlite3 with
exactly the statements that the store sent.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from bench import _markdown
from bench._reserved_jobs import PICTURE, build_reserved_job
from bot.clock import SystemClock
from bot.domain import ledger as scopes
from bot.domain.ids import ChannelId, GuildId, InteractionId, UserId
from bot.domain.job import Job, JobState, Result
from bot.domain.ledger import Charge, LedgerUnit
from bot.domain.model import DEFAULT_MODEL
from bot.domain.money import ZERO, MicroUsd
from bot.domain.order import Origin
from bot.images.chart import draw_chart
from bot.images.worker_pool import ImageWorkerPool
from bot.services.billing.usage_stats import UsageStats
from bot.storage.repositories.billing.ledger import LedgerStore
from bot.storage.repositories.billing.usage import UsageStore
from bot.storage.repositories.guild_settings import GuildSettingsStore
from bot.storage.repositories.jobs import JobStore
from bot.storage.sqlite.database import Connection, Database
from bot.ui.i18n.translations import get_translations
from bot.ui.texts import usage as usage_texts
from tests.support.services.service_harness import build_order

GUILD: Final = GuildId(1)
PRICE: Final = DEFAULT_MODEL.price.per_result
SPAN: Final = (30, 92)
"""Days that `/usage` shows by default, and at most."""
_ROUNDS: Final = 20
_BATCH: Final = 1_000
_MEMBERS, _CHANNELS = 2_000, 12
_ENTRIES: Final = 10
"""Minimum entries of a job: a hold and a settlement on each of its five accounts."""
_OTHER_GUILD: Final = 10
"""A job of one of 50 other guilds follows this many jobs of the guild."""


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench usage")
    parser.add_argument("--entries", type=int, default=1_000_000, help="of the one guild, at least")
    parser.add_argument("--books", type=Path, help="a file to keep the books in, for the next time")
    parser.add_argument("--table", action="store_true", help="print a table instead of JSON")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        path = options.books or Path(folder) / "usage.db"
        entries = 0 if path.exists() else options.entries
        found = asyncio.run(_measure(path, entries))
    print(_markdown.format_rows(found["rows"]) if options.table else json.dumps(found))


async def _measure(path: Path, entries: int) -> dict[str, Any]:
    started = time.perf_counter()
    async with Database.open(path) as database:
        await EntryWriter(database).write_entries(entries)
    wrote = round(time.perf_counter() - started)
    counted, count_ms = _count_entries(path)
    async with (
        Database.open(path) as database,
        ImageWorkerPool.open(1, memory_mib=1024, seconds=30.0) as workers,
    ):
        reader = UsageReader(database, workers)
        rows = [row for days in SPAN for row in await reader.measure_rows(path, days, count_ms)]
    return {"wrote_s": wrote, **counted, "rows": rows}


@dataclass(frozen=True, slots=True)
class EntryWriter:
    """Write ended jobs of the last 92 days into the ledger, by the stores' own methods."""

    database: Database

    async def write_entries(self, entries: int) -> None:
        jobs = self._insert_jobs(entries // _ENTRIES)
        while batch := [job for job, _ in zip(jobs, range(_BATCH), strict=False)]:
            async with self.database.write() as tx:
                for job in batch:
                    await self._end_job(tx, job)

    def _insert_jobs(self, count: int) -> Iterator[Job]:
        """Build `count` jobs of the guild, and jobs of other guilds between them."""
        draw = random.Random(7)  # noqa: S311 - the same ledger at every run
        now = datetime.now(UTC)
        for number in range(1, count * (_OTHER_GUILD + 1) // _OTHER_GUILD + 1):
            elsewhere = number % (_OTHER_GUILD + 1) == 0
            guild = GuildId(draw.randrange(2, 52)) if elsewhere else GUILD
            user, place = draw.randrange(_MEMBERS), draw.randrange(_CHANNELS)
            back = timedelta(seconds=draw.randrange(SPAN[1] * 86_400 - 3600))
            yield _build_job(number, guild, UserId(1000 + user), ChannelId(100 + place), now - back)

    async def _end_job(self, tx: Connection, job: Job) -> None:
        """Write what accepting and ending a job writes; every twentieth fails without a bill."""
        jobs, ledger, at = JobStore(self.database), LedgerStore(self.database), job.created_at
        count = 0 if job.origin.interaction_id % 20 == 0 else job.order.results
        target = JobState.SETTLED if count else JobState.FAILED
        await jobs.insert_job(tx, job)
        await ledger.hold_charges(tx, job.id, _build_charges(job), at)
        results = [Result(n, f"{job.id}-{n}", "", n, MicroUsd(PRICE)) for n in range(count)]
        await jobs.save_results(tx, job, results)
        cost = MicroUsd(PRICE * count) if count else ZERO
        await ledger.settle_job(
            tx, job.id, {LedgerUnit.MICRO_USD: cost, LedgerUnit.RESULT: count}, at
        )
        await _open_usage_book(self.database).record_ended_job(
            tx, replace(job, cost=cost), target, count
        )
        await tx.execute(
            "UPDATE job SET state = :state, cost = :cost, reply_token = NULL WHERE id = :id",
            {"state": target, "cost": cost, "id": job.id},
        )


@dataclass(frozen=True, slots=True)
class UsageReader:
    """Measure what a moderator waits for."""

    database: Database
    workers: ImageWorkerPool

    async def measure_rows(self, path: Path, days: int, count_ms: float) -> list[dict[str, Any]]:
        """Return a row for the store's report, and one for all work of the command."""
        book, raw = _open_usage_book(self.database), self.database.reader.raw
        sent: list[str] = []
        await raw.set_trace_callback(sent.append)
        await book.build_report(GUILD, days)
        await raw.set_trace_callback(lambda _: None)
        with closing(sqlite3.connect(path)) as connection:

            async def bare() -> object:
                return [connection.execute(sql).fetchall() for sql in sent]

            times = await _cycle_members(
                bare, lambda: book.build_report(GUILD, days), lambda: self._read_whole(days)
            )
        floor, *ours = (sorted(each) for each in times)
        return [
            {
                "days": days,
                "what": what,
                "p50_ms": round(each[_ROUNDS // 2], 1),
                "p99_ms": round(each[-1], 1),
                "bare_ms": round(floor[_ROUNDS // 2], 1),
                "over_bare": round(each[_ROUNDS // 2] / floor[_ROUNDS // 2], 2),
                "count_ms": count_ms,
            }
            for what, each in zip(("report", "with chart and CSV"), ours, strict=True)
        ]

    async def _read_whole(self, days: int) -> int:
        """Do what the command does between its two answers to Discord."""
        _ = get_translations("en-US")
        first, last, report = await _open_usage_book(self.database).build_report(GUILD, days)
        figures = usage_texts.build_figures(_, first, last, report, str)
        drawn = await self.workers.run(draw_chart, tuple(figures))
        table = usage_texts.render_csv(report, str)
        return len(drawn.png) + len(table)


def _build_job(number: int, guild: GuildId, user: UserId, place: ChannelId, at: datetime) -> Job:
    _, order = build_order(number, PICTURE)
    origin = Origin(InteractionId(number), guild, place, user, f"Member {user}")
    return build_reserved_job(number, origin, replace(order, results=1 + number % 3), at)


def _build_charges(job: Job) -> list[Charge]:
    """Return charges to the five accounts of a job, without limits."""
    guild, user, day = job.origin.guild_id, job.origin.user_id, job.created_at.date()
    money = (
        scopes.format_user_month_scope(guild, user, day),
        scopes.format_guild_month_scope(guild, day),
        scopes.format_global_day_scope(day),
        scopes.format_rate_scope(job.created_at),
    )
    results = Charge(
        scopes.format_user_day_scope(guild, user, day),
        LedgerUnit.RESULT,
        job.order.results,
        limit=None,
    )
    return [results, *(Charge(scope, LedgerUnit.MICRO_USD, job.hold, None) for scope in money)]


def _open_usage_book(database: Database) -> UsageStats:
    return UsageStats(GuildSettingsStore(database), UsageStore(database), SystemClock())


def _count_entries(path: Path) -> tuple[dict[str, int], float]:
    """Count the rows; the time is that of a bare count of all entries."""
    with closing(sqlite3.connect(path)) as connection:

        def one(sql: str) -> int:
            return int(connection.execute(sql).fetchone()[0])

        times = []
        for _ in range(3):
            started = time.perf_counter()
            entries = one("SELECT COUNT(*) FROM entry NOT INDEXED")
            times.append((time.perf_counter() - started) * 1000)
        found = {
            "entries": entries,
            "of_the_guild": one(
                f"SELECT COUNT(*) FROM entry JOIN job ON id = job_id WHERE guild_id = {GUILD}"  # noqa: S608 - a number
            ),
            "jobs": one("SELECT COUNT(*) FROM job"),
            "results": one("SELECT COUNT(*) FROM result"),
            "usage_days": one(f"SELECT COUNT(*) FROM usage_day WHERE guild_id = {GUILD}"),  # noqa: S608
        }
    return found, round(sorted(times)[1], 1)


async def _cycle_members(*works: Callable[[], Awaitable[object]]) -> list[list[float]]:
    """Return each work's milliseconds; they alternate, so that noise affects all alike."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(_ROUNDS + 1):
        for work, taken in zip(works, times, strict=True):
            started = time.perf_counter()
            await work()
            taken.append((time.perf_counter() - started) * 1000)
    return [taken[1:] for taken in times]  # the first round reads the file into the cache
