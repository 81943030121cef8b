"""One schedule: a few jobs, crashes and faults, all drawn from one seed."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from random import Random
from typing import Final

import httpx

from bot.composition.services import Services
from bot.domain.errors import Refusal
from bot.domain.geometry import Size
from bot.domain.job import OPEN_STATES
from bot.domain.model import DEFAULT_MODEL
from bot.domain.order import Attachment
from bot.runware.circuit_breaker import BreakerLimits, CircuitBreaker
from bot.runware.client import RunwareClient
from bot.runware.media_download import Downloader
from bot.services.jobs.poller import PollSchedule
from bot.storage.repositories.billing.ledger import LedgerStore
from bot.storage.sqlite.database import Database, Row
from sandbox.runware.journal import RunwareJournal
from tests.support.generous_limits import GENEROUS
from tests.support.runware.server_fixture import draw_photo, encode_image
from tests.support.services.service_harness import build_order
from tests.support.services.service_wiring import ServiceInputs, Timing, run_services, wire_services
from tests.support.simulation.fault_schedule import FAULTS_END, FaultSchedule, SimulatedClock
from tests.support.simulation.manners import MannerSchedule
from tests.support.simulation.ports import CachingWorkers, FaultyFileStore, RecordingPublisher
from tests.support.simulation.provider import ORIGIN, SimulatedProvider
from tests.support.simulation.sqlite import open_database
from tests.support.simulation.virtual_loop import LoopStuck, VirtualLoop

_TEMPO: Final = Timing(
    deadline=5.0,
    grace=20.0,
    longest=120.0,
    probe=5.0,
    in_flight=4,
    pace=PollSchedule(first_delay=1.0, longest_delay=8.0, stall_seconds=20.0),
)
"""Services' timing; the grace period is longer than the maximum transit of a request."""
_END: Final = 3600.0 * 30
"""Virtual seconds by which every job has ended, even if the wall clock jumped back a day."""
_LAST: Final = 2 * _END
"""Virtual seconds after which a schedule counts as stuck."""
_PROMPTS: Final = (*("more of the same",) * 4, "unsafe-result-6", "unsafe-prompt-6")
_BOOKS: Final = """
    SELECT TOTAL(held) AS held, TOTAL(spent) AS spent FROM account WHERE scope LIKE 'global:d:%'
"""
_OPEN: Final = ", ".join(f"'{state}'" for state in sorted(OPEN_STATES))


@dataclass(frozen=True, slots=True)
class ScheduleReport:
    """The outcome of a schedule; `wrong` counts what should not exist, by kind.

    `altered` counts the results that came back in another manner than they were asked for.
    """

    seed: int
    jobs: int
    crashes: int
    faults: int
    billed: int
    altered: int
    seconds: float
    states: dict[str, int]
    wrong: dict[str, int] = field(default_factory=dict)


def run_schedule(seed: int, folder: Path, *, deadline: float = _LAST) -> ScheduleReport:
    """Run a schedule in its own folder, in virtual time; after `deadline` seconds it is stuck."""
    loop, world = VirtualLoop(deadline), _Simulation(seed, folder)
    try:
        return loop.run_until_complete(world.run())
    except LoopStuck:
        report = world.build_stuck_report(loop.time())
        loop.close_tasks()
        return report
    finally:
        loop.close()


async def create_database(folder: Path) -> None:
    """Create the empty database that every schedule copies."""
    async with Database.open(folder / "empty.db"):
        pass


class _Simulation:
    """What outlives a process: database, files, provider, members, faults."""

    def __init__(self, seed: int, folder: Path) -> None:
        self._seed = seed
        self._randomness = Random(seed)  # noqa: S311 - the seed is the schedule
        self._faults = FaultSchedule.draw_schedule(Random(f"weather {seed}"))  # noqa: S311
        self._folder = folder / str(seed)
        self._folder.mkdir()
        shutil.copy(folder / "empty.db", self._database)
        self._publisher = RecordingPublisher(self._faults)
        self._orders = sorted(
            self._randomness.uniform(0, 30) for _ in range(self._randomness.choice((1, 2, 5)))
        )
        self._crashes = sorted(
            self._randomness.uniform(0, 45) for _ in range(self._randomness.choice((0, 1, 2, 4)))
        )
        self._accepted: dict[int, str] = {}
        self._next = 1

    @property
    def _database(self) -> Path:
        return self._folder / "jobs.db"

    async def run(self) -> ScheduleReport:
        picture = _draw_picture()
        async with SimulatedProvider.open(self._faults, picture, self._randomness) as provider:
            MannerSchedule.draw_schedule(self._seed).start(provider.conditions)
            if not self._faults.jumps:
                # with a steady clock, no second send is possible while the first is in transit
                changes = {"uuid_reserved": self._randomness.choice((None, 0.0))}
                provider.conditions.switches = provider.conditions.switches.with_changes(changes)
            for at in self._crashes:
                await self._run_process(provider, at)
            await self._run_process(provider, FAULTS_END)
            provider.stop_faults()
            await self._run_process(provider, _END)
            return await self._build_report(provider)

    async def _run_process(self, provider: SimulatedProvider, until: float) -> None:
        """Run a process until a time or until all is done; restart it if it ends."""
        while self._faults.now < until:
            with contextlib.suppress(TimeoutError):
                async with (
                    asyncio.timeout_at(until),
                    self._open_process(provider) as (services, database),
                ):
                    running = asyncio.create_task(run_services(services))
                    working = asyncio.create_task(self._place_orders(services, database))
                    try:
                        await asyncio.wait({running, working}, return_when=asyncio.FIRST_COMPLETED)
                    finally:
                        # The connections are closed by now, so a task can change nothing more. Both
                        # are cancelled together, as the timeout may strike while the first is
                        # awaited.
                        working.cancel()
                        running.cancel()
                        await _wait_until_ended({working, running})
                    if working.done() and not working.cancelled() and not working.exception():
                        return
            await self._check_ledger()
            await asyncio.sleep(1.0)

    @asynccontextmanager
    async def _open_process(
        self, provider: SimulatedProvider
    ) -> AsyncIterator[tuple[Services, Database]]:
        http = httpx.AsyncClient(transport=provider, trust_env=False)
        breaker = CircuitBreaker(
            asyncio.get_running_loop().time, BreakerLimits(probe_seconds=_TEMPO.probe)
        )
        client = RunwareClient(
            http, base_url=f"{ORIGIN}/v1", deadline=_TEMPO.deadline, breaker=breaker
        )
        hosts = {("provider.test", 80), ("members.test", 80)}
        media = Downloader(http, hosts, max_bytes=250_000, deadline=_TEMPO.deadline)
        async with open_database(self._database, self._faults) as database:
            inputs = ServiceInputs(
                database,
                client,
                media,
                CachingWorkers(self._faults),
                FaultyFileStore(self._folder / "files", self._faults),
                self._publisher,
                self._randomness,
                replace(_TEMPO, clock=SimulatedClock(self._faults)),
                GENEROUS,
                full_jitter=True,
            )
            yield wire_services(inputs), database

    async def _place_orders(self, services: Services, database: Database) -> None:
        """Place orders when they are due; return when all are placed and have ended."""
        while True:
            now = self._faults.now
            while self._next <= len(self._orders) and self._orders[self._next - 1] <= now:
                await self._place_order(services)
            if self._next > len(self._orders) and not await _count_open_jobs(database):
                return
            await asyncio.sleep(1.0 if now < FAULTS_END else 5.0)

    async def _place_order(self, services: Services) -> None:
        """Send one interaction; after a crash, an unanswered one is sent again."""
        number = self._next
        attachment = Attachment("http://members.test/a.png", "a.png", 999, "image/png", _SIZE)
        rng = Random(f"{self._seed}:{number}")  # noqa: S311 - the same when it comes again
        prompt = rng.choice(_PROMPTS)
        origin, order = build_order(
            number, attachment, results=rng.choice((1, 2, 3)), prompt=prompt
        )
        try:
            job = await services.acceptance.accept_order(origin, order, "token")
        except Refusal:
            self._next += 1
            return
        self._accepted[number] = job.id
        self._next += 1
        await services.jobs.control.start_job(job, None)

    async def _check_ledger(self) -> None:
        async with self._open_calm_database() as database:
            found = await LedgerStore(database).find_imbalances()
        if found:
            raise AssertionError(f"seed {self._seed}: the books do not balance: {found}")

    def build_stuck_report(self, seconds: float) -> ScheduleReport:
        """Return what is known of a stuck schedule."""
        jobs, crashes, faults = len(self._accepted), len(self._crashes), self._faults.fault_count
        return ScheduleReport(
            self._seed, jobs, crashes, faults, 0, 0, round(seconds, 1), {}, {"stuck": 1}
        )

    async def _build_report(self, provider: SimulatedProvider) -> ScheduleReport:
        await self._check_ledger()
        async with self._open_calm_database() as database:
            jobs = await database.reader.fetch_all("SELECT id, task_uuid, state, hold FROM job")
            wrong = await self._count_errors(database, jobs, provider.journal)
        states = Counter(row["state"] for row in jobs)
        return ScheduleReport(
            self._seed,
            len(jobs),
            len(self._crashes),
            self._faults.fault_count,
            len(provider.journal.bills),
            provider.altered_count,
            round(self._faults.now, 1),
            dict(states),
            {name: count for name, count in wrong.items() if count},
        )

    async def _count_errors(
        self, database: Database, jobs: Sequence[Row], journal: RunwareJournal
    ) -> dict[str, int]:
        """Count errors, by the provider's bills and the pictures shown to members."""
        delivered = await database.reader.fetch_all(
            "SELECT image_uuid FROM result WHERE delivered NOTNULL"
        )
        account = await database.reader.fetch_one(_BOOKS)
        held, spent = (int(account["held"]), int(account["spent"])) if account else (0, 0)
        bills = Counter(str(bill.task_uuid) for bill in journal.bills)
        ordered = {row["task_uuid"]: row["hold"] // DEFAULT_MODEL.price.per_result for row in jobs}
        have = self._publisher.shown_counts.keys() | {row["image_uuid"] for row in delivered}
        parked = [row for row in jobs if row["state"] == "parked"]
        return {
            "lost": sum(str(bill.image_uuid) not in have for bill in journal.bills),
            "twice": sum(max(0, count - ordered.get(task, 0)) for task, count in bills.items()),
            "strange": len(bills.keys() - ordered.keys()),
            "stray": sum(row["task_uuid"] in bills for row in parked),
            "open": sum(row["state"] in OPEN_STATES for row in jobs),
            "forgotten": len(set(self._accepted.values()) - {row["id"] for row in jobs}),
            "held": abs(held - sum(row["hold"] for row in parked)),
            "misbooked": abs(spent - sum(bill.cost for bill in journal.bills)),
        }

    def _open_calm_database(self) -> AbstractAsyncContextManager[Database]:
        """Open the database without faults."""
        schedule = FaultSchedule.draw_schedule(Random(0))  # noqa: S311 - its rates are not used
        schedule.database = 0.0
        return open_database(self._database, schedule)


async def _wait_until_ended(tasks: set[asyncio.Task[None]]) -> None:
    """Wait for cancelled tasks even when cancelled meanwhile, so that none outlives the process."""
    while not all(task.done() for task in tasks):
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.wait(tasks)


_SIZE: Final = Size(64, 64)


@cache
def _draw_picture() -> bytes:
    return encode_image(draw_photo(_SIZE.width, _SIZE.height))


async def _count_open_jobs(database: Database) -> int:
    row = await database.reader.fetch_one(f"SELECT COUNT(*) FROM job WHERE state IN ({_OPEN})")  # noqa: S608 - our own
    return int(row[0]) if row else 0
