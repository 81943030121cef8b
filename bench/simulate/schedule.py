"""One schedule: a few jobs, a few crashes and bad weather, all drawn from one seed."""

from __future__ import annotations

import asyncio
import contextlib
import io
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
from PIL import Image

from bench.limits import GENEROUS
from bench.provider.backroom import order_of
from bench.provider.wiring import Outside, Tempo, Wiring
from bench.simulate.loop import Stuck, VirtualLoop
from bench.simulate.ports import Disk, RememberingWorkers, Wall
from bench.simulate.provider import ORIGIN, SimulatedProvider
from bench.simulate.sqlite import open_database
from bench.simulate.weather import HEALED, Weather, WeatherClock
from bot.domain.geometry import Size
from bot.domain.job import OPEN
from bot.domain.order import Attachment
from bot.errors import Refusal
from bot.runware.breaker import Breaker, Limits
from bot.runware.client import RunwareClient
from bot.runware.download import Downloader
from bot.services.poller import Pace
from bot.storage.database import Database, Row
from bot.storage.ledger import LedgerStore
from sandbox.runware.journal import Journal

_TEMPO: Final = Tempo(
    deadline=5.0,
    grace=20.0,
    longest=120.0,
    probe=5.0,
    in_flight=4,
    pace=Pace(first=1.0, longest=8.0, patience=20.0),
)
"""The grace period is longer than a request may be under way."""
_END: Final = 3600.0 * 30
"""Virtual seconds by which every job has ended, though the wall clock jumped back by a day."""
_LAST: Final = 2 * _END
"""Virtual seconds after which a schedule will never end."""
_PROMPTS: Final = (*("more of the same",) * 4, "unsafe-result-6", "unsafe-prompt-6")
_BOOKS: Final = """
    SELECT TOTAL(held) AS held, TOTAL(spent) AS spent FROM account WHERE scope LIKE 'global:d:%'
"""
_OPEN: Final = ", ".join(f"'{state}'" for state in sorted(OPEN))


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a schedule; `wrong` is empty, or says what should not be."""

    seed: int
    jobs: int
    crashes: int
    faults: int
    billed: int
    seconds: float
    states: dict[str, int]
    wrong: dict[str, int] = field(default_factory=dict)


def run_schedule(seed: int, folder: Path, *, last: float = _LAST) -> Report:
    """Run a schedule in a folder of its own, in virtual time; after `last` seconds it is stuck."""
    loop, world = VirtualLoop(last), _World(seed, folder)
    try:
        return loop.run_until_complete(world.run())
    except Stuck:
        report = world.stuck(loop.time())
        loop.wind_up()
        return report
    finally:
        loop.close()


async def migrate(folder: Path) -> None:
    """Make the empty database that every schedule starts from a copy of."""
    async with Database.open(folder / "empty.db"):
        pass


class _World:
    """All that outlives a process: database, files, the provider, the members, the weather."""

    def __init__(self, seed: int, folder: Path) -> None:
        self._seed = seed
        self._chance = Random(seed)  # noqa: S311 - the seed is the schedule
        self._weather = Weather.of(Random(f"weather {seed}"))  # noqa: S311
        self._folder = folder / str(seed)
        self._folder.mkdir()
        shutil.copy(folder / "empty.db", self._database)
        self._wall = Wall(self._weather)
        self._orders = sorted(
            self._chance.uniform(0, 30) for _ in range(self._chance.choice((1, 2, 5)))
        )
        self._crashes = sorted(
            self._chance.uniform(0, 45) for _ in range(self._chance.choice((0, 1, 2, 4)))
        )
        self._accepted: dict[int, str] = {}
        self._next = 1

    @property
    def _database(self) -> Path:
        return self._folder / "jobs.db"

    async def run(self) -> Report:
        picture = _picture()
        async with SimulatedProvider.open(self._weather, picture, self._chance) as provider:
            if not self._weather.jumps:
                # with a steady clock, no second send may come while the first is under way
                changes = {"uuid_reserved": self._chance.choice((None, 0.0))}
                provider.conditions.switches = provider.conditions.switches.set(changes)
            for at in self._crashes:
                await self._live(provider, at)
            await self._live(provider, HEALED)
            provider.heal()
            await self._live(provider, _END)
            return await self._report(provider)

    async def _live(self, provider: SimulatedProvider, until: float) -> None:
        """Let one process live until a time, or until all is done; start it again if it ends."""
        while self._weather.now < until:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(until), self._process(provider) as (wiring, database):
                    running = asyncio.create_task(wiring.run())
                    working = asyncio.create_task(self._work(wiring, database))
                    try:
                        await asyncio.wait({running, working}, return_when=asyncio.FIRST_COMPLETED)
                    finally:
                        # by then the connections are closed: what a task still does reaches nothing
                        # both at once: the time may end while the first is waited for
                        working.cancel()
                        running.cancel()
                        await _ended({working, running})
                    if working.done() and not working.cancelled() and not working.exception():
                        return
            await self._audit()
            await asyncio.sleep(1.0)

    @asynccontextmanager
    async def _process(self, provider: SimulatedProvider) -> AsyncIterator[tuple[Wiring, Database]]:
        http = httpx.AsyncClient(transport=provider, trust_env=False)
        breaker = Breaker(asyncio.get_running_loop().time, Limits(probe=_TEMPO.probe))
        client = RunwareClient(
            http, base_url=f"{ORIGIN}/v1", deadline=_TEMPO.deadline, breaker=breaker
        )
        hosts = {("provider.test", 80), ("members.test", 80)}
        media = Downloader(http, hosts, max_bytes=250_000, deadline=_TEMPO.deadline)
        async with open_database(self._database, self._weather) as database:
            outside = Outside(
                database,
                client,
                media,
                RememberingWorkers(self._weather),
                Disk(self._folder / "files", self._weather),
                self._wall,
                self._chance,
                replace(_TEMPO, clock=WeatherClock(self._weather)),
                GENEROUS,
                patient=True,
            )
            yield Wiring(outside), database

    async def _work(self, wiring: Wiring, database: Database) -> None:
        """Order what is due, as members do; return when all was ordered and has ended."""
        while True:
            now = self._weather.now
            while self._next <= len(self._orders) and self._orders[self._next - 1] <= now:
                await self._order(wiring)
            if self._next > len(self._orders) and not await _open_jobs(database):
                return
            await asyncio.sleep(1.0 if now < HEALED else 5.0)

    async def _order(self, wiring: Wiring) -> None:
        """Send one interaction; one that was not answered comes again after a crash."""
        number = self._next
        attachment = Attachment("http://members.test/a.png", "a.png", 999, "image/png", _SIZE)
        sort = Random(f"{self._seed}:{number}")  # noqa: S311 - the same when it comes again
        prompt = sort.choice(_PROMPTS)
        origin, order = order_of(number, attachment, results=sort.choice((1, 2, 3)), prompt=prompt)
        try:
            job = await wiring.expansions.accept(origin, order, "token")
        except Refusal:
            self._next += 1
            return
        self._accepted[number] = job.id
        self._next += 1
        await wiring.expansions.start(job, None)

    async def _audit(self) -> None:
        async with self._calm() as database:
            found = await LedgerStore(database).audit()
        if found:
            raise AssertionError(f"seed {self._seed}: the books do not balance: {found}")

    def stuck(self, seconds: float) -> Report:
        """Return what is known of a schedule that will never end."""
        jobs, crashes, faults = len(self._accepted), len(self._crashes), self._weather.struck
        return Report(self._seed, jobs, crashes, faults, 0, round(seconds, 1), {}, {"stuck": 1})

    async def _report(self, provider: SimulatedProvider) -> Report:
        await self._audit()
        async with self._calm() as database:
            jobs = await database.reader.all("SELECT id, task_uuid, state, hold FROM job")
            wrong = await self._wrong(database, jobs, provider.journal)
        states = Counter(row["state"] for row in jobs)
        return Report(
            self._seed,
            len(jobs),
            len(self._crashes),
            self._weather.struck,
            len(provider.journal.billed),
            round(self._weather.now, 1),
            dict(states),
            {name: count for name, count in wrong.items() if count},
        )

    async def _wrong(
        self, database: Database, jobs: Sequence[Row], journal: Journal
    ) -> dict[str, int]:
        """Count what should not be, by the provider's bills and what members were shown."""
        kept = await database.reader.all("SELECT image_uuid FROM result WHERE delivered NOTNULL")
        books = await database.reader.one(_BOOKS)
        held, spent = (int(books["held"]), int(books["spent"])) if books else (0, 0)
        bills = Counter(str(bill.task_uuid) for bill in journal.billed)
        ordered = {row["task_uuid"]: row["hold"] // GENEROUS.price for row in jobs}
        have = self._wall.shown.keys() | {row["image_uuid"] for row in kept}
        parked = [row for row in jobs if row["state"] == "parked"]
        return {
            "lost": sum(str(bill.image_uuid) not in have for bill in journal.billed),
            "twice": sum(max(0, count - ordered.get(task, 0)) for task, count in bills.items()),
            "strange": len(bills.keys() - ordered.keys()),
            "stray": sum(row["task_uuid"] in bills for row in parked),
            "open": sum(row["state"] in OPEN for row in jobs),
            "forgotten": len(set(self._accepted.values()) - {row["id"] for row in jobs}),
            "held": abs(held - sum(row["hold"] for row in parked)),
            "misbooked": abs(spent - sum(bill.cost for bill in journal.billed)),
        }

    def _calm(self) -> AbstractAsyncContextManager[Database]:
        """Open the database where nothing goes wrong."""
        calm = Weather.of(Random(0))  # noqa: S311 - its rates are not used
        calm.database = 0.0
        return open_database(self._database, calm)


async def _ended(tasks: set[asyncio.Task[None]]) -> None:
    """Wait for tasks that were cancelled, also when the time ends meanwhile: none outlives us."""
    while not all(task.done() for task in tasks):
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.wait(tasks)


_SIZE: Final = Size(64, 64)


@cache
def _picture() -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").resize((64, 64)).save(out, "PNG")
    return out.getvalue()


async def _open_jobs(database: Database) -> int:
    row = await database.reader.one(f"SELECT COUNT(*) FROM job WHERE state IN ({_OPEN})")  # noqa: S608 - our own
    return int(row[0]) if row else 0
