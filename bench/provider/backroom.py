"""The services without Discord: real storage, real sockets, and a publisher that keeps all."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final, Self
from urllib.parse import urlsplit
from uuid import UUID

from bench.provider.attachments import Attachments
from bot.clock import SystemClock
from bot.config import LimitSettings
from bot.domain.geometry import Size
from bot.domain.ids import ChannelId, GuildId, InteractionId, JobId, UserId
from bot.domain.job import Job, JobState
from bot.domain.order import Attachment, Order, Origin, OutputFormat
from bot.domain.request import Direction, Directional
from bot.images.gate import ImageLimits
from bot.images.workers import ImageWorkers
from bot.runware.breaker import Breaker, Limits
from bot.runware.client import RunwareClient, open_client
from bot.runware.download import Downloader, Host
from bot.services.accounting import Accounting, Usage
from bot.services.engine import Dispatcher
from bot.services.expansion import Expansions
from bot.services.pictures import Pictures
from bot.services.poller import Pace, Poller
from bot.services.ports import Delivered, Picture, Route, Standing
from bot.services.progress import Progress
from bot.services.rendering import Rendering
from bot.services.seeds import Seeds
from bot.services.steps import Steps
from bot.services.submitter import Submitter
from bot.storage.archive import ArchiveStore
from bot.storage.database import Database
from bot.storage.files import FileStore
from bot.storage.jobs import JobStore
from bot.storage.ledger import LedgerStore
from bot.storage.lineage import LineageStore
from sandbox.runware.server import LocalRunware

_PLENTY: Final = 900_000
_PACE: Final = Pace(first=0.05, longest=0.5, patience=1.0)
_SMALL: Final = Size(64, 64)
_LIMITS: Final = ImageLimits(25 * 2**20, 24_000_000, 16, 8192)


@dataclass(frozen=True, slots=True)
class Tempo:
    """How fast everything goes; times are in seconds."""

    deadline: float = 1.0
    grace: float = 1.0
    longest: float = 10.0
    probe: float = 0.2
    in_flight: int = 256
    pace: Pace = _PACE


class Eager(random.Random):
    """Draw jitter from the first twentieth of its range, so that nothing waits for long."""

    def random(self) -> float:
        return super().random() / 20


@dataclass(slots=True)
class KeepingPublisher:
    """Keep what members would be shown."""

    delivered: dict[JobId, Sequence[Picture]] = field(default_factory=dict)
    failed: dict[JobId, Exception] = field(default_factory=dict)

    async def progress(self, job: Job, standing: Standing) -> None:
        """Show nothing: nobody is looking."""

    async def deliver(self, job: Job, pictures: Sequence[Picture], usage: Usage) -> Delivered:  # noqa: ARG002 - the port's shape
        self.delivered[job.id] = pictures
        return Delivered(Route.KEPT)

    async def fail(self, job: Job, error: Exception) -> None:
        self.failed[job.id] = error


@dataclass(slots=True)
class Backroom:
    """Made by `open`; `order` accepts a job and sets it going."""

    attachments: Attachments
    expansions: Expansions
    jobs: JobStore
    ledger: LedgerStore
    client: RunwareClient
    publisher: KeepingPublisher
    _next: int = 0

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        runware: LocalRunware,
        folder: Path,
        *,
        workers: ImageWorkers,
        tempo: Tempo | None = None,
        seed: int = 0,
    ) -> AsyncIterator[Self]:
        """Open a database in `folder` and run everything until the context ends.

        `seed` decides every task UUID.
        """
        tempo = tempo or Tempo()
        breaker = Breaker(time.monotonic, Limits(probe=tempo.probe))
        async with AsyncExitStack() as stack:
            attachments = await stack.enter_async_context(Attachments.open())
            database = await stack.enter_async_context(Database.open(folder / "jobs.db"))
            client = await stack.enter_async_context(
                open_client(
                    base_url=runware.base_url,
                    api_key=runware.api_key,
                    deadline=tempo.deadline,
                    breaker=breaker,
                )
            )
            hosts = {_host(runware.base_url), attachments.host}
            media = await stack.enter_async_context(
                Downloader.open(hosts, max_bytes=250_000, deadline=tempo.deadline)
            )
            parts = _Parts(database, client, media, workers, FileStore(folder / "files"), tempo)
            room = cls(attachments, *parts.wire(random.Random(seed)))  # noqa: S311 - repeatable
            running = asyncio.create_task(parts.run(room.expansions.dispatcher))
            stack.push_async_callback(_stopped, running)
            yield room

    async def order(
        self, *, size: Size = _SMALL, results: int = 1, prompt: str = "more of the same"
    ) -> Job:
        """Accept a job for a picture of this size and set it going."""
        self._next += 1
        origin = Origin(
            InteractionId(self._next), GuildId(1), ChannelId(1), UserId(self._next), "member"
        )
        url, length = self.attachments.picture(size)
        order = Order(
            Attachment(url, "seed.png", length, "image/png", size),
            Directional(Direction.RIGHT, 64),
            prompt,
            results,
            OutputFormat.PNG,
        )
        job = await self.expansions.accept(origin, order, "token")
        await self.expansions.start(job, None)
        return job

    async def ended(self, job: Job) -> Job:
        """Return the job once nothing moves it any more."""
        while True:
            current = await self.jobs.get(job.id)
            if current is not None and (current.ended or current.state is JobState.PARKED):
                return current
            await asyncio.sleep(0.1)


@dataclass(slots=True)
class _Parts:
    database: Database
    client: RunwareClient
    media: Downloader
    workers: ImageWorkers
    files: FileStore
    tempo: Tempo
    publisher: KeepingPublisher = field(default_factory=KeepingPublisher)
    clock: SystemClock = field(default_factory=SystemClock)
    poller: Poller = field(init=False)
    submitter: Submitter = field(init=False)

    def __post_init__(self) -> None:
        self.submitter = Submitter(self.client, self.clock)
        self.poller = Poller(
            self.client, self.clock, max_in_flight=self.tempo.in_flight, pace=self.tempo.pace
        )

    def wire(
        self, chance: random.Random
    ) -> tuple[Expansions, JobStore, LedgerStore, RunwareClient, KeepingPublisher]:
        jobs, ledger = JobStore(self.database), LedgerStore(self.database)
        accounting = Accounting(
            ledger, LimitSettings(results_per_user_day=_PLENTY, usd_per_day=Decimal(_PLENTY))
        )
        dispatcher = Dispatcher(
            jobs, self._steps(jobs, ledger, accounting), self.clock, Eager(chance.random())
        )
        expansions = Expansions(
            database=self.database,
            jobs=jobs,
            ledger=ledger,
            accounting=accounting,
            dispatcher=dispatcher,
            images=_LIMITS,
            max_canvas_pixels=40_000_000,
            max_results=20,
            clock=self.clock,
            new_uuid=lambda: UUID(int=chance.getrandbits(128), version=4),
        )
        return expansions, jobs, ledger, self.client, self.publisher

    async def run(self, dispatcher: Dispatcher) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self.submitter.run())
            group.create_task(self.poller.run())
            group.create_task(dispatcher.run())

    def _steps(self, jobs: JobStore, ledger: LedgerStore, accounting: Accounting) -> Steps:
        rendering = Rendering(
            database=self.database,
            jobs=jobs,
            files=self.files,
            workers=self.workers,
            submitter=self.submitter,
            poller=self.poller,
            clock=self.clock,
            model="bfl:1@3",
            price=LimitSettings().price,
            grace=timedelta(seconds=self.tempo.grace),
            longest=timedelta(seconds=self.tempo.longest),
        )
        archive, lineage = ArchiveStore(self.database), LineageStore(self.database)
        pictures = Pictures(jobs, archive, lineage, self.files, self.workers)
        return Steps(
            database=self.database,
            jobs=jobs,
            ledger=ledger,
            files=self.files,
            accounting=accounting,
            rendering=rendering,
            seeds=Seeds(self.files, self.media, self.workers, pictures, _LIMITS),
            media=self.media,
            workers=self.workers,
            publisher=self.publisher,
            progress=Progress(self.publisher, self.clock, lambda _job: Standing()),
            clock=self.clock,
            max_canvas_pixels=40_000_000,
        )


def _host(url: str) -> Host:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or 80


async def _stopped(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])
