"""The local Runware behind a transport instead of a socket, with network faults."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from random import Random
from typing import Any, Final, Self
from uuid import UUID

import aiohttp
import httpx

from sandbox.runware.api.api import parse_tasks, take_request_fault
from sandbox.runware.faults import RunwareFault, RunwareFaults, RunwareStage, SeededRunwareFaults
from sandbox.runware.journal import RunwareJournal
from sandbox.runware.media.images import parse_image_uuid
from sandbox.runware.media.picture_store import PictureStore
from sandbox.runware.media.seed_images import SeedImageReader
from sandbox.runware.problems import RefusedError
from sandbox.runware.service_state import ServiceState
from sandbox.runware.tasks.account import ServiceAccount
from sandbox.runware.tasks.inference import InferenceTask
from sandbox.runware.tasks.task_handlers import TaskHandlers
from sandbox.runware.tasks.task_runner import RunContext, Sources, TaskRunner
from sandbox.runware.tasks.task_store import TaskStore
from sandbox.runware.tasks.uploads import Uploads
from sandbox.runware.tasks.webhooks import WebhookSender
from tests.support.runware.flat_renderer import FlatRenderer
from tests.support.simulation.fault_schedule import MAX_TRANSIT, FaultSchedule, ProviderClock

ORIGIN: Final = "http://provider.test:80"
_KINDS: Final = (
    *("busy", "unavailable", "accept_503", "accept_reset", "cut", "silence", "html"),
    *("slow", "fail", "duplicate", "unknown_item", "unknown_error"),
    *("gone", "garbage", "media_503"),
)
_GARBAGE: Final = b"no picture at all"
_TASK_SECONDS: Final = (0.0, 0.0, 1.0, 8.0)


class SimulatedProvider(httpx.AsyncBaseTransport):
    """Answer requests as the local Runware; what has arrived is done even if the client is gone.

    `picture` is the members' picture, which is served at every other URL.
    """

    def __init__(
        self,
        schedule: FaultSchedule,
        picture: bytes,
        randomness: Random,
        http: aiohttp.ClientSession,
    ) -> None:
        self._faults = schedule
        self._picture = picture
        self._randomness = randomness
        self._arrived: set[asyncio.Task[httpx.Response]] = set()
        self.journal, clock = RunwareJournal(), ProviderClock()
        self.conditions = ServiceState(RunwareFaults(self._record_fault))
        self.conditions.faults.plan = SeededRunwareFaults(randomness.getrandbits(32), 0.6, _KINDS)
        self.conditions.latency = randomness.choice(_TASK_SECONDS)
        self._pictures = PictureStore(clock.now)
        sources = Sources(clock, self._draw_uuid, lambda: randomness.getrandbits(3))
        tasks = TaskStore(self.conditions, clock.now)
        context = RunContext(tasks, self._pictures, self.journal, self.conditions)
        self._renderer = FlatRenderer()
        self._runs = TaskRunner(context, renderer=self._renderer, sources=sources)
        seed_reader = SeedImageReader(ORIGIN, self._pictures.use)
        inference = InferenceTask(context, self._runs, seed_reader)
        self._tasks = TaskHandlers(
            inference,
            uploads=Uploads(self._pictures, seed_reader, clock.now, self._draw_uuid),
            account=ServiceAccount(self.conditions, self.journal, clock.now),
            result_sender=WebhookSender(http, inference, clock=clock),
        )

    @classmethod
    @asynccontextmanager
    async def open(
        cls, schedule: FaultSchedule, picture: bytes, randomness: Random
    ) -> AsyncIterator[Self]:
        """Serve until the context ends; requests in progress are then dropped."""
        async with aiohttp.ClientSession(trust_env=False) as http:
            provider = cls(schedule, picture, randomness, http)
            try:
                yield provider
            finally:
                await provider._runs.stop()
                for task in provider._arrived:
                    task.cancel()
                await asyncio.gather(*provider._arrived, return_exceptions=True)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Deliver a request and its answer, or fail as a network does."""
        faults = self._faults
        if faults.is_offline or faults.draw_fault(faults.lost_request):
            raise httpx.ConnectError("no route")
        body = await request.aread()
        late = (
            self._randomness.random() * MAX_TRANSIT
            if faults.draw_fault(faults.late_request)
            else 0.0
        )
        work = asyncio.create_task(self._handle_request(request, body, late))
        self._arrived.add(work)
        work.add_done_callback(self._arrived.discard)
        # Shielded: a client that gives up does not undo what has arrived.
        response = await asyncio.shield(work)
        if faults.draw_fault(faults.lost_response):
            raise httpx.ReadError("reset")
        return response

    async def _handle_request(
        self, request: httpx.Request, body: bytes, late: float
    ) -> httpx.Response:
        await asyncio.sleep(late + self._faults.draw_delay(0.2))
        return (
            await self._handle_post(body)
            if request.method == "POST"
            else self._handle_get(str(request.url))
        )

    async def _handle_post(self, body: bytes) -> httpx.Response:
        elements = parse_tasks(body)
        fault = take_request_fault(elements, self.conditions.faults)
        kind = fault.kind if fault else ""
        if kind in {"busy", "unavailable"}:
            return _build_json_response(
                429 if kind == "busy" else 503, {"errors": [{"code": "serviceUnavailable"}]}
            )
        answer = self._tasks.create_answer()
        try:
            await self._tasks.handle_elements(elements, answer)
        except RefusedError as refused:
            for problem in refused.problems:
                answer.add_problem(problem)
        match kind:
            case "accept_503":
                return _build_response(503, b"upstream error")
            case "html":
                return _build_response(200, b"<html>Bad gateway</html>")
            case "accept_reset" | "cut":
                raise httpx.ReadError("reset")
            case "silence":
                await asyncio.sleep(600)
        return _build_json_response(answer.http_status, answer.to_json())

    def _handle_get(self, url: str) -> httpx.Response:
        uuid = parse_image_uuid(url.replace(":80/", "/"), ORIGIN.removesuffix(":80"))
        if uuid is None:
            return _build_response(200, self._picture)
        picture = self._pictures.picture(uuid)
        if picture is None or picture.task is None:
            return _build_response(404)
        fault = self.conditions.faults.take(RunwareStage.MEDIA, {picture.task})
        match fault.kind if fault else "":
            case "gone":
                return _build_response(404)
            case "media_503":
                return _build_response(503)
            case "garbage":
                return _build_response(200, _GARBAGE)
        return _build_response(200, picture.data)

    @property
    def altered_count(self) -> int:
        """Return how many results came back in another manner than they were asked for."""
        return self._renderer.altered_count

    def stop_faults(self) -> None:
        """Plan no more faults; those planned for running tasks still occur."""
        self.conditions.faults.plan = None

    def _record_fault(self, fault: RunwareFault, tasks: Collection[UUID]) -> None:
        self._faults.fault_count += 1
        self.journal.record_fault(fault, tasks, self._faults.now)

    def _draw_uuid(self) -> UUID:
        return UUID(int=self._randomness.getrandbits(128), version=4)


class _Body(httpx.AsyncByteStream):
    def __init__(self, data: bytes) -> None:
        self._data = data

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._data


def _build_response(status: int, body: bytes = b"") -> httpx.Response:
    return httpx.Response(status, stream=_Body(body))


def _build_json_response(status: int, body: dict[str, Any]) -> httpx.Response:
    return _build_response(status, json.dumps(body).encode())
