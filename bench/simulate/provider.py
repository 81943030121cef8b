"""The local Runware behind a transport instead of a socket, with bad weather on the way."""

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

from bench.provider.flat import FlatRenderer
from bench.simulate.weather import TRANSIT, ProviderClock, Weather
from sandbox.runware.account import Account
from sandbox.runware.api import parse, struck_stage
from sandbox.runware.conditions import Conditions
from sandbox.runware.faults import Fault, Faults, SeededPlan, Stage
from sandbox.runware.images import uuid_in_url
from sandbox.runware.inference import ImageInference
from sandbox.runware.journal import Journal
from sandbox.runware.outbound import Courier
from sandbox.runware.picture_store import PictureStore
from sandbox.runware.problems import RefusedError
from sandbox.runware.runs import Books, Runs, Sources
from sandbox.runware.seeds import Gate
from sandbox.runware.task_store import TaskStore
from sandbox.runware.tasks import Tasks
from sandbox.runware.uploads import Uploads

ORIGIN: Final = "http://provider.test:80"
_KINDS: Final = (
    *("busy", "unavailable", "accept_503", "accept_reset", "cut", "silence", "html"),
    *("slow", "fail", "duplicate", "unknown_item", "unknown_error"),
    *("gone", "garbage", "media_503"),
)
_GARBAGE: Final = b"no picture at all"
_TASK_SECONDS: Final = (0.0, 0.0, 1.0, 8.0)


class SimulatedProvider(httpx.AsyncBaseTransport):
    """Answer requests as the local Runware would; what has arrived is done, whoever still waits.

    `seed` is the members' picture, which is served to every other address.
    """

    def __init__(
        self, weather: Weather, picture: bytes, chance: Random, http: aiohttp.ClientSession
    ) -> None:
        self._weather = weather
        self._picture = picture
        self._chance = chance
        self._arrived: set[asyncio.Task[httpx.Response]] = set()
        self.journal, clock = Journal(), ProviderClock()
        self.conditions = Conditions(Faults(self._struck))
        self.conditions.faults.plan = SeededPlan(chance.getrandbits(32), 0.6, _KINDS)
        self.conditions.latency = chance.choice(_TASK_SECONDS)
        self._pictures = PictureStore(clock.now)
        sources = Sources(clock, self._uuid, lambda: chance.getrandbits(3))
        tasks = TaskStore(self.conditions, clock.now)
        books = Books(tasks, self._pictures, self.journal, self.conditions)
        self._runs = Runs(books, renderer=FlatRenderer(), sources=sources)
        gate = Gate(ORIGIN, self._pictures.picture)
        inference = ImageInference(books, self._runs, gate)
        self._tasks = Tasks(
            inference,
            uploads=Uploads(self._pictures, gate, clock.now, self._uuid),
            account=Account(self.conditions),
            courier=Courier(http, inference, clock=clock),
        )

    @classmethod
    @asynccontextmanager
    async def open(cls, weather: Weather, picture: bytes, chance: Random) -> AsyncIterator[Self]:
        """Serve until the context ends; what is still under way is then dropped."""
        async with aiohttp.ClientSession(trust_env=False) as http:
            provider = cls(weather, picture, chance, http)
            try:
                yield provider
            finally:
                await provider._runs.stop()
                for task in provider._arrived:
                    task.cancel()
                await asyncio.gather(*provider._arrived, return_exceptions=True)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Bring a request there and its answer back, or fail as a network does."""
        weather = self._weather
        if weather.out or weather.strikes(weather.lost):
            raise httpx.ConnectError("no route")
        body = await request.aread()
        late = self._chance.random() * TRANSIT if weather.strikes(weather.late) else 0.0
        work = asyncio.create_task(self._arrive(request, body, late))
        self._arrived.add(work)
        work.add_done_callback(self._arrived.discard)
        response = await asyncio.shield(work)
        if weather.strikes(weather.mute):
            raise httpx.ReadError("reset")
        return response

    async def _arrive(self, request: httpx.Request, body: bytes, late: float) -> httpx.Response:
        await asyncio.sleep(late + self._weather.delay(0.2))
        return await self._post(body) if request.method == "POST" else self._get(str(request.url))

    async def _post(self, body: bytes) -> httpx.Response:
        elements = parse(body)
        fault = struck_stage(elements, self.conditions.faults)
        kind = fault.kind if fault else ""
        if kind in {"busy", "unavailable"}:
            return _json(
                429 if kind == "busy" else 503, {"errors": [{"code": "serviceUnavailable"}]}
            )
        answer = self._tasks.new_answer()
        try:
            await self._tasks.answer(elements, answer)
        except RefusedError as refused:
            for problem in refused.problems:
                answer.fail(problem)
        match kind:
            case "accept_503":
                return _answer(503, b"upstream error")
            case "html":
                return _answer(200, b"<html>Bad gateway</html>")
            case "accept_reset" | "cut":
                raise httpx.ReadError("reset")
            case "silence":
                await asyncio.sleep(600)
        return _json(answer.http_status, answer.to_json())

    def _get(self, url: str) -> httpx.Response:
        uuid = uuid_in_url(url.replace(":80/", "/"), ORIGIN.removesuffix(":80"))
        if uuid is None:
            return _answer(200, self._picture)
        picture = self._pictures.picture(uuid)
        if picture is None or picture.task is None:
            return _answer(404)
        fault = self.conditions.faults.take(Stage.MEDIA, {picture.task})
        match fault.kind if fault else "":
            case "gone":
                return _answer(404)
            case "media_503":
                return _answer(503)
            case "garbage":
                return _answer(200, _GARBAGE)
        return _answer(200, picture.data)

    def heal(self) -> None:
        """Plan no more faults; those of tasks under way still strike."""
        self.conditions.faults.plan = None

    def _struck(self, fault: Fault, tasks: Collection[UUID]) -> None:
        self._weather.struck += 1
        self.journal.strike(fault, tasks, self._weather.now)

    def _uuid(self) -> UUID:
        return UUID(int=self._chance.getrandbits(128), version=4)


class _Body(httpx.AsyncByteStream):
    def __init__(self, data: bytes) -> None:
        self._data = data

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._data


def _answer(status: int, body: bytes = b"") -> httpx.Response:
    return httpx.Response(status, stream=_Body(body))


def _json(status: int, body: dict[str, Any]) -> httpx.Response:
    return _answer(status, json.dumps(body).encode())
