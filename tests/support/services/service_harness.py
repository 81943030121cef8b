"""The services without Discord: real storage, real sockets, and a recording publisher."""

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

from bot.composition.services import Services
from bot.config.settings import LimitSettings
from bot.domain.geometry import Size
from bot.domain.ids import ChannelId, GuildId, InteractionId, JobId, UserId
from bot.domain.job import Job, JobState
from bot.domain.ledger import Usage
from bot.domain.order import Attachment, Order, Origin, OutputFormat
from bot.domain.request import Direction, DirectionalMargins
from bot.images.worker_pool import ImageWorkerPool
from bot.runware.circuit_breaker import BreakerLimits, CircuitBreaker
from bot.runware.client import RunwareClient, open_client
from bot.runware.media_download import Downloader, Host
from bot.services.jobs.poller import Poller
from bot.services.orders.job_control import JobControl
from bot.services.ports.jobs import (
    DeliveryReceipt,
    DeliveryRoute,
    JobDispatcher,
    QueueStatus,
    StoredPicture,
)
from bot.storage.disk.file_store import FileStore
from bot.storage.repositories.pictures.pending_files import PendingFileStore
from bot.storage.sqlite.database import Database
from tests.support.generous_limits import GENEROUS
from tests.support.services.attachment_server import AttachmentServer
from tests.support.services.service_wiring import (
    ServiceAccess,
    ServiceInputs,
    Timing,
    run_services,
    wire_services,
)

__all__ = ["RecordingPublisher", "ServiceHarness", "Timing"]
_SMALL: Final = Size(64, 64)


class ProviderAddress(Protocol):
    """A provider's address: the local one's, or another that a test sets up."""

    @property
    def base_url(self) -> str: ...

    @property
    def api_key(self) -> str: ...


@dataclass(slots=True)
class RecordingPublisher:
    """Record what members would be shown."""

    delivered: dict[JobId, Sequence[StoredPicture]] = field(default_factory=dict)
    failed: dict[JobId, Exception] = field(default_factory=dict)

    async def show_progress(self, job: Job, status: QueueStatus) -> None:
        """Show nothing."""

    async def show_summary(self, job: Job, jobs: Sequence[Job]) -> None:
        """Show nothing."""

    async def deliver_result(
        self,
        job: Job,
        pictures: Sequence[StoredPicture],
        usage: Usage,  # noqa: ARG002 - the port's shape
    ) -> DeliveryReceipt:
        self.delivered[job.id] = pictures
        return DeliveryReceipt(DeliveryRoute.ON_DISK)

    async def show_failure(self, job: Job, error: Exception) -> None:
        self.failed[job.id] = error


@dataclass(slots=True)
class ServiceHarness(ServiceAccess):
    """Running services, created by `open`; `place_order` accepts and starts a job."""

    attachments: AttachmentServer
    client: RunwareClient
    publisher: RecordingPublisher
    services: Services
    _next: int = field(default_factory=lambda: int(time.time() * 1000))

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        runware: ProviderAddress,
        folder: Path,
        *,
        workers: ImageWorkerPool,
        tempo: Timing | None = None,
        seed: int = 0,
        limits: LimitSettings = GENEROUS,
    ) -> AsyncIterator[Self]:
        """Open a database in `folder` and run all services until the context ends.

        `seed` determines every task UUID.
        """
        tempo = tempo or Timing()
        breaker = CircuitBreaker(tempo.clock.monotonic, BreakerLimits(probe_seconds=tempo.probe))
        publisher = RecordingPublisher()
        async with AsyncExitStack() as stack:
            attachments = await stack.enter_async_context(AttachmentServer.open())
            database = await stack.enter_async_context(cls.open_database(folder / "jobs.db"))
            client = await stack.enter_async_context(
                open_client(
                    base_url=runware.base_url,
                    api_key=runware.api_key,
                    deadline=tempo.deadline,
                    breaker=breaker,
                )
            )
            hosts = {parse_host(runware.base_url), attachments.host}
            media = await stack.enter_async_context(
                Downloader.open(hosts, max_bytes=250_000, deadline=tempo.deadline)
            )
            chance = random.Random(seed)  # noqa: S311 - repeatable
            files = FileStore(
                folder / "files", PendingFileStore(database, tempo.clock).record_digest
            )
            services = wire_services(
                ServiceInputs(
                    database, client, media, workers, files, publisher, chance, tempo, limits=limits
                )
            )
            running = asyncio.create_task(run_services(services))
            stack.push_async_callback(stop_task, running)
            yield cls(attachments, client, publisher, services)

    @staticmethod
    def open_database(path: Path) -> AbstractAsyncContextManager[Database]:
        return Database.open(path)

    @property
    def job_control(self) -> JobControl:
        return self.services.jobs.control

    @property
    def poller(self) -> Poller:
        return self.services.jobs.poller

    @property
    def dispatcher(self) -> JobDispatcher:
        return self.services.jobs.dispatcher

    async def place_order(
        self,
        *,
        size: Size = _SMALL,
        results: int = 1,
        prompt: str = "more of the same",
        user: int | None = None,
    ) -> Job:
        """Accept and start a job for a picture of this size, by default of a new member."""
        job = await self.accept_order(size=size, results=results, prompt=prompt, user=user)
        await self.job_control.start_job(job, None)
        return job

    async def accept_order(
        self,
        *,
        size: Size = _SMALL,
        results: int = 1,
        prompt: str = "more of the same",
        user: int | None = None,
    ) -> Job:
        """Accept a job as `place_order` does, without starting it."""
        self._next += 1
        url, length = self.attachments.get_picture(size)
        attachment = Attachment(url, "seed.png", length, "image/png", size)
        origin, order = build_order(self._next, attachment, results=results, prompt=prompt)
        if user is not None:
            origin = replace(origin, user_id=UserId(user))
        return await self.acceptance.accept_order(origin, order, "token")

    async def wait_for_end(self, job: Job) -> Job:
        """Return the job when it has ended or is parked."""
        while True:
            current = await self.jobs.get(job.id)
            if current is not None and (current.has_ended or current.state is JobState.PARKED):
                return current
            await asyncio.sleep(0.1)


def build_order(
    number: int, attachment: Attachment, *, results: int = 1, prompt: str = "more of the same"
) -> tuple[Origin, Order]:
    """Build interaction `number`, in which a member of that number orders 64 pixels."""
    origin = Origin(InteractionId(number), GuildId(1), ChannelId(1), UserId(number), "member")
    order = Order(
        attachment, DirectionalMargins(Direction.RIGHT, 64), prompt, results, OutputFormat.PNG
    )
    return origin, order


def parse_host(url: str) -> Host:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or 80


async def stop_task(task: asyncio.Task[None]) -> None:
    """Cancel a task and wait for its end."""
    task.cancel()
    await asyncio.wait([task])
