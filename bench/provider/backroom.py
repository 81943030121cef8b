"""The services without Discord: real storage, real sockets, and a publisher that keeps all."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Protocol, Self
from urllib.parse import urlsplit

from bench.limits import GENEROUS
from bench.provider.attachments import Attachments
from bench.provider.wiring import Outside, Tempo, Wiring
from bot.config import LimitSettings
from bot.domain.geometry import Size
from bot.domain.ids import ChannelId, GuildId, InteractionId, JobId, UserId
from bot.domain.job import Job, JobState
from bot.domain.order import Attachment, Order, Origin, OutputFormat
from bot.domain.request import Direction, Directional
from bot.domain.usage import Usage
from bot.images.workers import ImageWorkers
from bot.runware.breaker import Breaker, Limits
from bot.runware.client import RunwareClient, open_client
from bot.runware.download import Downloader, Host
from bot.services.expansion import Expansions
from bot.services.poller import Poller
from bot.services.ports import Delivered, JobEngine, Picture, Route, Standing
from bot.storage.database import Database
from bot.storage.files import FileStore
from bot.storage.jobs import JobStore
from bot.storage.ledger import LedgerStore

__all__ = ["Backroom", "KeepingPublisher", "Tempo"]
_SMALL: Final = Size(64, 64)


class Served(Protocol):
    """Where a provider is: the local one, or whatever a test puts there."""

    @property
    def base_url(self) -> str: ...

    @property
    def api_key(self) -> str: ...


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
    client: RunwareClient
    publisher: KeepingPublisher
    wiring: Wiring
    _next: int = field(default_factory=lambda: int(time.time() * 1000))

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        runware: Served,
        folder: Path,
        *,
        workers: ImageWorkers,
        tempo: Tempo | None = None,
        seed: int = 0,
        limits: LimitSettings = GENEROUS,
    ) -> AsyncIterator[Self]:
        """Open a database in `folder` and run everything until the context ends.

        `seed` decides every task UUID.
        """
        tempo = tempo or Tempo()
        breaker = Breaker(tempo.clock.monotonic, Limits(probe=tempo.probe))
        publisher = KeepingPublisher()
        async with AsyncExitStack() as stack:
            attachments = await stack.enter_async_context(Attachments.open())
            database = await stack.enter_async_context(cls.open_database(folder / "jobs.db"))
            client = await stack.enter_async_context(
                open_client(
                    base_url=runware.base_url,
                    api_key=runware.api_key,
                    deadline=tempo.deadline,
                    breaker=breaker,
                )
            )
            hosts = {host_of(runware.base_url), attachments.host}
            media = await stack.enter_async_context(
                Downloader.open(hosts, max_bytes=250_000, deadline=tempo.deadline)
            )
            chance = random.Random(seed)  # noqa: S311 - repeatable
            files = FileStore(folder / "files")
            wiring = Wiring(
                Outside(
                    database, client, media, workers, files, publisher, chance, tempo, limits=limits
                )
            )
            running = asyncio.create_task(wiring.run())
            stack.push_async_callback(stopped, running)
            yield cls(attachments, client, publisher, wiring)

    @staticmethod
    def open_database(path: Path) -> AbstractAsyncContextManager[Database]:
        return Database.open(path)

    @property
    def expansions(self) -> Expansions:
        return self.wiring.expansions

    @property
    def jobs(self) -> JobStore:
        return self.wiring.jobs

    @property
    def ledger(self) -> LedgerStore:
        return self.wiring.ledger

    @property
    def poller(self) -> Poller:
        return self.wiring.poller

    @property
    def engine(self) -> JobEngine:
        return self.expansions.engine

    async def order(
        self,
        *,
        size: Size = _SMALL,
        results: int = 1,
        prompt: str = "more of the same",
        user: int | None = None,
    ) -> Job:
        """Accept a job for a picture of this size and set it going; each is a new member's."""
        job = await self.accept(size=size, results=results, prompt=prompt, user=user)
        await self.expansions.start(job, None)
        return job

    async def accept(
        self,
        *,
        size: Size = _SMALL,
        results: int = 1,
        prompt: str = "more of the same",
        user: int | None = None,
    ) -> Job:
        """Accept a job as `order` does, and leave it there."""
        self._next += 1
        url, length = self.attachments.picture(size)
        attachment = Attachment(url, "seed.png", length, "image/png", size)
        origin, order = order_of(self._next, attachment, results=results, prompt=prompt)
        if user is not None:
            origin = replace(origin, user_id=UserId(user))
        return await self.expansions.accept(origin, order, "token")

    async def ended(self, job: Job) -> Job:
        """Return the job once nothing moves it any more."""
        while True:
            current = await self.jobs.get(job.id)
            if current is not None and (current.ended or current.state is JobState.PARKED):
                return current
            await asyncio.sleep(0.1)


def order_of(
    number: int, attachment: Attachment, *, results: int = 1, prompt: str = "more of the same"
) -> tuple[Origin, Order]:
    """Return interaction `number`, in which a member of that number asks for 64 pixels more."""
    origin = Origin(InteractionId(number), GuildId(1), ChannelId(1), UserId(number), "member")
    order = Order(attachment, Directional(Direction.RIGHT, 64), prompt, results, OutputFormat.PNG)
    return origin, order


def host_of(url: str) -> Host:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or 80


async def stopped(task: asyncio.Task[None]) -> None:
    """Cancel a task and wait for its end."""
    task.cancel()
    await asyncio.wait([task])
