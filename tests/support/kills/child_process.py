"""A child process that runs jobs without Discord: it starts, works, and may be killed."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import random
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, replace
from typing import Any, Final, ParamSpec, TypeVar

import aiohttp

from bot.composition.services import Services
from bot.domain.errors import Refusal
from bot.domain.geometry import Size
from bot.domain.ids import MessageId
from bot.domain.job import OPEN_STATES, Job
from bot.domain.ledger import Usage
from bot.domain.order import Attachment
from bot.errors import Transient, get_error_code
from bot.images.worker_pool import ImageWorkerPool
from bot.runware.circuit_breaker import BreakerLimits, CircuitBreaker
from bot.runware.client import RunwareClient, open_client
from bot.runware.media_download import Downloader
from bot.runware.transport import get_tls_context
from bot.services.ports.jobs import DeliveryReceipt, DeliveryRoute, QueueStatus, StoredPicture
from bot.storage.disk.file_store import FileStore
from bot.storage.repositories.billing.ledger import LedgerStore
from bot.storage.repositories.pictures.pending_files import PendingFileStore
from bot.storage.sqlite.database import Database
from tests.support.generous_limits import GENEROUS
from tests.support.kills.config import ChildPlan, KillRun
from tests.support.services.service_harness import build_order, parse_host, stop_task
from tests.support.services.service_wiring import ServiceInputs, Timing, run_services, wire_services

_TEMPO: Final = Timing(deadline=0.4, longest=8.0, in_flight=6)
_AT_ONCE: Final = 10
_LIMITS: Final = GENEROUS.model_copy(update={"results_per_user_day": 18})
_OPEN: Final = ", ".join(f"'{state}'" for state in sorted(OPEN_STATES))
_P = ParamSpec("_P")
_T = TypeVar("_T")


class ThreadWorkers(ImageWorkerPool):
    """Run work in threads: killing tests the process that waits for it."""

    def __init__(self) -> None:
        """Start no process."""

    async def run(self, function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        return await asyncio.to_thread(function, *args, **kwargs)


@dataclass(frozen=True, slots=True)
class SocketPublisher:
    """Send results to the members' server, over its socket."""

    http: aiohttp.ClientSession

    async def show_progress(self, job: Job, status: QueueStatus) -> None:  # noqa: ARG002 - the port's shape
        await self._send_event("progress", {"job": job.id})

    async def show_summary(self, job: Job, jobs: Sequence[Job]) -> None:  # noqa: ARG002 - the port's shape
        await self._send_event("summary", {"job": job.id})

    async def deliver_result(
        self, job: Job, pictures: Sequence[StoredPicture], usage: Usage
    ) -> DeliveryReceipt:
        sums = {
            picture.result.image_uuid: hashlib.sha256(picture.path.read_bytes()).hexdigest()
            for picture in pictures
        }
        await self._send_event("delivered", {"job": job.id, "pictures": sums, "used": usage.used})
        return DeliveryReceipt(DeliveryRoute.REPLY)

    async def show_failure(self, job: Job, error: Exception) -> None:
        await self._send_event("failed", {"job": job.id, "code": get_error_code(error)})

    async def _send_event(self, what: str, body: dict[str, Any]) -> None:
        try:
            await _post_event(self.http, what, body)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Transient(f"members: {error!r}") from error


class ProcessLife:
    """Accept orders while fewer than ten jobs are open."""

    def __init__(self, services: Services, database: Database, http: aiohttp.ClientSession) -> None:
        self._services = services
        self._database = database
        self._http = http

    async def run_orders(self, plan: ChildPlan) -> None:
        """Accept the plan's orders; return when every job has ended, or at the plan's time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(plan.seconds or None):
                await self._place_orders(plan.orders)

    async def _place_orders(self, orders: int) -> None:
        taken = 0
        while True:
            open_jobs = await self._count_open_jobs()
            if open_jobs < _AT_ONCE and taken < orders:
                await self._place_order()
                taken += 1
            elif open_jobs:
                await asyncio.sleep(0.02)
            else:
                return

    async def _count_open_jobs(self) -> int:
        row = await self._database.reader.fetch_one(
            f"SELECT COUNT(*) FROM job WHERE state IN ({_OPEN})"  # noqa: S608 - the states are our own
        )
        return int(row[0]) if row else 0

    async def _place_order(self) -> None:
        async with self._http.get("/order") as response:
            given = await response.json()
        size = Size(64, 64)
        attachment = Attachment(given["url"], "seed.png", given["size"], "image/png", size)
        origin, order = build_order(
            given["number"],
            attachment,
            results=given["results"],
            prompt=given.get("prompt", "more of the same"),
        )
        acceptance, pictures = self._services.acceptance, given.get("pictures", 1)
        try:
            if pictures > 1:
                jobs = (await acceptance.accept_orders(origin, [order] * pictures, "token")).jobs
            else:
                jobs = [await acceptance.accept_order(origin, order, "token")]
        except Refusal:
            await _post_event(self._http, "accepted", {"number": given["number"], "job": ""})
            return
        if given.get("withdraw"):
            await self._services.jobs.control.withdraw_job(jobs[0])
        await _post_event(self._http, "accepted", {"number": given["number"], "job": jobs[0].id})
        message = given.get("message")
        for job in jobs:
            await self._services.jobs.control.start_job(job, message and MessageId(message))
        if given.get("cancel"):
            await self._services.jobs.control.cancel_job(jobs[0], origin.user_id)


def warm_up() -> None:
    """Do slow one-time work before any child is forked."""
    get_tls_context()


async def _post_event(http: aiohttp.ClientSession, what: str, body: dict[str, Any]) -> None:
    async with http.post(f"/{what}", json=body):
        pass


async def run_life(kill_run: KillRun, child_number: int, plan: ChildPlan) -> None:
    """Run one child's life; `child_number` counts the children of this run."""
    async with AsyncExitStack() as stack:
        patience = aiohttp.ClientTimeout(2.0)
        session = aiohttp.ClientSession(kill_run.members, timeout=patience, raise_for_status=True)
        http = await stack.enter_async_context(session)
        database = await stack.enter_async_context(Database.open(kill_run.database_file))
        await LedgerStore(database).find_imbalances()
        client = await stack.enter_async_context(_open_client(kill_run))
        media = await stack.enter_async_context(await _open_media(kill_run, http))
        services = wire_services(
            ServiceInputs(
                database,
                client,
                media,
                ThreadWorkers(),
                FileStore(
                    kill_run.folder / "files",
                    PendingFileStore(database, _TEMPO.clock).record_digest,
                ),
                SocketPublisher(http),
                random.Random(f"{kill_run.seed}:{child_number}"),  # noqa: S311 - other UUIDs in each life
                replace(_TEMPO, grace=kill_run.grace),
                limits=_LIMITS,
            )
        )
        running = asyncio.create_task(run_services(services))
        stack.push_async_callback(stop_task, running)
        await asyncio.to_thread(kill_run.online_file.touch)
        living = asyncio.create_task(ProcessLife(services, database, http).run_orders(plan))
        stack.push_async_callback(stop_task, living)
        await asyncio.wait([running, living], return_when=asyncio.FIRST_COMPLETED)
        for task in (running, living):
            if task.done():
                task.result()
        await services.jobs.dispatcher.stop()


async def _open_media(
    kill_run: KillRun, http: aiohttp.ClientSession
) -> AbstractAsyncContextManager[Downloader]:
    async with http.get("/order") as response:
        attachments = parse_host((await response.json())["url"])
    hosts = {parse_host(kill_run.runware), attachments}
    return Downloader.open(hosts, max_bytes=250_000, deadline=_TEMPO.deadline)


def _open_client(kill_run: KillRun) -> AbstractAsyncContextManager[RunwareClient]:
    return open_client(
        base_url=kill_run.runware,
        api_key=kill_run.api_key,
        deadline=_TEMPO.deadline,
        breaker=CircuitBreaker(time.monotonic, BreakerLimits(probe_seconds=_TEMPO.probe)),
    )
