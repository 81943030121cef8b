"""One life of a process that carries jobs without Discord: it opens, works, and may be killed."""

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

from bench.kills.config import Lane, Plan
from bench.limits import GENEROUS
from bench.provider.backroom import host_of, order_of, stopped
from bench.provider.wiring import Outside, Tempo, Wiring
from bot.domain.geometry import Size
from bot.domain.ids import MessageId
from bot.domain.job import OPEN, Job
from bot.domain.order import Attachment
from bot.domain.usage import Usage
from bot.errors import Refusal, Transient, code_of
from bot.images.workers import ImageWorkers
from bot.runware.breaker import Breaker, Limits
from bot.runware.client import RunwareClient, open_client
from bot.runware.download import Downloader
from bot.runware.transport import tls_context
from bot.services.ports import Delivered, Picture, Route, Standing
from bot.storage.database import Database
from bot.storage.files import FileStore
from bot.storage.ledger import LedgerStore

_TEMPO: Final = Tempo(deadline=0.4, longest=8.0, in_flight=6)
_AT_ONCE: Final = 10
_LIMITS: Final = GENEROUS.model_copy(update={"results_per_user_day": 18})
_OPEN: Final = ", ".join(f"'{state}'" for state in sorted(OPEN))
_P = ParamSpec("_P")
_T = TypeVar("_T")


class ThreadWorkers(ImageWorkers):
    """Do the work in a thread: what is killed here is the process that waits for it."""

    def __init__(self) -> None:
        """Start no process."""

    async def run(self, function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        return await asyncio.to_thread(function, *args, **kwargs)


@dataclass(frozen=True, slots=True)
class MembersPublisher:
    """Show results to the members' end, over its socket."""

    http: aiohttp.ClientSession

    async def progress(self, job: Job, standing: Standing) -> None:  # noqa: ARG002 - the port's shape
        await self._tell("progress", {"job": job.id})

    async def deliver(self, job: Job, pictures: Sequence[Picture], usage: Usage) -> Delivered:
        shown = {
            picture.result.image_uuid: hashlib.sha256(picture.path.read_bytes()).hexdigest()
            for picture in pictures
        }
        await self._tell("delivered", {"job": job.id, "pictures": shown, "used": usage.used})
        return Delivered(Route.REPLY)

    async def fail(self, job: Job, error: Exception) -> None:
        await self._tell("failed", {"job": job.id, "code": code_of(error)})

    async def _tell(self, what: str, body: dict[str, Any]) -> None:
        try:
            await _post(self.http, what, body)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Transient(f"members: {error!r}") from error


class Life:
    """Take orders while fewer than ten jobs are open."""

    def __init__(self, wiring: Wiring, database: Database, http: aiohttp.ClientSession) -> None:
        self._wiring = wiring
        self._database = database
        self._http = http

    async def live(self, plan: Plan) -> None:
        """Take the plan's orders and return when every job has ended, or at the plan's time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(plan.seconds or None):
                await self._work(plan.orders)

    async def _work(self, orders: int) -> None:
        taken = 0
        while True:
            open_jobs = await self._open_jobs()
            if open_jobs < _AT_ONCE and taken < orders:
                await self._take()
                taken += 1
            elif open_jobs:
                await asyncio.sleep(0.02)
            else:
                return

    async def _open_jobs(self) -> int:
        row = await self._database.reader.one(f"SELECT COUNT(*) FROM job WHERE state IN ({_OPEN})")  # noqa: S608 - the states are our own
        return int(row[0]) if row else 0

    async def _take(self) -> None:
        async with self._http.get("/order") as response:
            given = await response.json()
        size = Size(64, 64)
        attachment = Attachment(given["url"], "seed.png", given["size"], "image/png", size)
        origin, order = order_of(
            given["number"],
            attachment,
            results=given["results"],
            prompt=given.get("prompt", "more of the same"),
        )
        try:
            job = await self._wiring.expansions.accept(origin, order, "token")
        except Refusal:
            await _post(self._http, "accepted", {"number": given["number"], "job": ""})
            return
        if given.get("withdraw"):
            await self._wiring.expansions.withdraw(job)
        await _post(self._http, "accepted", {"number": given["number"], "job": job.id})
        message = given.get("message")
        await self._wiring.expansions.start(job, message and MessageId(message))
        if given.get("cancel"):
            await self._wiring.expansions.cancel(job, origin.user_id)


def warm() -> None:
    """Do what takes long once, before there are lives."""
    tls_context()


async def _post(http: aiohttp.ClientSession, what: str, body: dict[str, Any]) -> None:
    async with http.post(f"/{what}", json=body):
        pass


async def run(lane: Lane, life: int, plan: Plan) -> None:
    """Live once; `life` counts the lives of this lane."""
    async with AsyncExitStack() as stack:
        patience = aiohttp.ClientTimeout(2.0)
        session = aiohttp.ClientSession(lane.members, timeout=patience, raise_for_status=True)
        http = await stack.enter_async_context(session)
        database = await stack.enter_async_context(Database.open(lane.database))
        await LedgerStore(database).audit()
        client = await stack.enter_async_context(_client(lane))
        media = await stack.enter_async_context(await _media(lane, http))
        wiring = Wiring(
            Outside(
                database,
                client,
                media,
                ThreadWorkers(),
                FileStore(lane.folder / "files"),
                MembersPublisher(http),
                random.Random(f"{lane.seed}:{life}"),  # noqa: S311 - other UUIDs in each life
                replace(_TEMPO, grace=lane.grace),
                limits=_LIMITS,
            )
        )
        running = asyncio.create_task(wiring.run())
        stack.push_async_callback(stopped, running)
        await asyncio.to_thread(lane.online.touch)
        living = asyncio.create_task(Life(wiring, database, http).live(plan))
        stack.push_async_callback(stopped, living)
        await asyncio.wait([running, living], return_when=asyncio.FIRST_COMPLETED)
        for task in (running, living):
            if task.done():
                task.result()
        await wiring.dispatcher.stop()


async def _media(
    lane: Lane, http: aiohttp.ClientSession
) -> AbstractAsyncContextManager[Downloader]:
    async with http.get("/order") as response:
        attachments = host_of((await response.json())["url"])
    hosts = {host_of(lane.runware), attachments}
    return Downloader.open(hosts, max_bytes=250_000, deadline=_TEMPO.deadline)


def _client(lane: Lane) -> AbstractAsyncContextManager[RunwareClient]:
    return open_client(
        base_url=lane.runware,
        api_key=lane.api_key,
        deadline=_TEMPO.deadline,
        breaker=Breaker(time.monotonic, Limits(probe=_TEMPO.probe)),
    )
