"""The WebSocket of the local Runware, spoken to in plain frames."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from bench.provider.flat import FlatRenderer
from sandbox.control.clock import VirtualClock
from sandbox.runware.faults import Fault, Stage
from sandbox.runware.server import LocalRunware
from tests.house import until
from tests.sandbox.runware.wire import poll, wire_task

Json = dict[str, Any]


@dataclass(slots=True)
class Line:
    """One connection."""

    socket: aiohttp.ClientWebSocketResponse

    async def say(self, *elements: Json) -> None:
        await self.socket.send_json(list(elements))

    async def hear(self) -> Json:
        async with asyncio.timeout(10):
            frame: Json = await self.socket.receive_json()
        return frame

    async def log_in(self, runware: LocalRunware, session: str | None = None) -> str:
        resumed = {"connectionSessionUUID": session} if session else {}
        await self.say({"taskType": "authentication", "apiKey": runware.api_key} | resumed)
        (item,) = (await self.hear())["data"]
        return str(item["connectionSessionUUID"])

    async def ended(self) -> aiohttp.WSMsgType:
        async with asyncio.timeout(10):
            return (await self.socket.receive()).type


@asynccontextmanager
async def line_to(runware: LocalRunware) -> AsyncIterator[Line]:
    async with aiohttp.ClientSession() as http, http.ws_connect(runware.ws_url) as socket:
        yield Line(socket)


@pytest_asyncio.fixture
async def clock() -> VirtualClock:
    return VirtualClock()


@pytest_asyncio.fixture
async def service(clock: VirtualClock) -> AsyncIterator[LocalRunware]:
    async with LocalRunware.open(workers=FlatRenderer(), clock=clock) as opened:
        yield opened


async def test_results_of_a_sync_task_come_in_frames_of_their_own(service: LocalRunware) -> None:
    async with line_to(service) as line:
        await line.log_in(service)
        task = wire_task(deliveryMethod="sync", numberResults=3, includeCost=True)
        await line.say(task)
        items = [item for _ in range(3) for item in (await line.hear())["data"]]
    assert {item["taskUUID"] for item in items} == {task["taskUUID"]}
    assert len({item["imageUUID"] for item in items}) == 3
    assert service.journal.asked("imageInference") == (task["taskUUID"],)


async def test_an_async_task_is_acknowledged_and_polled(service: LocalRunware) -> None:
    async with line_to(service) as line:
        await line.log_in(service)
        task = wire_task()
        await line.say(task)
        acknowledged = await line.hear()
        assert acknowledged["data"] == [
            {"taskType": "imageInference", "taskUUID": task["taskUUID"]}
        ]
        await line.say(*poll(task))
        assert (await line.hear())["data"][0]["taskUUID"] == task["taskUUID"]


async def test_a_ping_is_answered_and_an_error_names_its_task(service: LocalRunware) -> None:
    async with line_to(service) as line:
        await line.log_in(service)
        await line.say({"taskType": "ping", "ping": True})
        assert (await line.hear())["data"] == [{"taskType": "ping", "pong": True}]
        task = wire_task(steps=1)
        await line.say(task)
        (error,) = (await line.hear())["errors"]
        assert (error["code"], error["taskUUID"]) == ("invalidSteps", task["taskUUID"])


@pytest.mark.parametrize(
    ("first", "code"),
    [
        ({"taskType": "ping"}, "missingApiKey"),
        ({"taskType": "authentication", "apiKey": "wrong"}, "invalidApiKey"),
        ({"taskType": "authentication"}, "invalidApiKey"),
    ],
)
async def test_nothing_is_done_before_the_key_was_shown(
    service: LocalRunware, first: Json, code: str
) -> None:
    async with line_to(service) as line:
        await line.say(first)
        (error,) = (await line.hear())["errors"]
        assert (error["code"], error["taskType"]) == (code, "authentication")
        await line.socket.send_str("no JSON")
        assert (await line.hear())["errors"][0]["code"] == "invalidJSON"
        assert await line.log_in(service)


async def test_what_a_lost_connection_missed_is_replayed_to_its_session(
    service: LocalRunware,
) -> None:
    service.hold()
    task = wire_task(deliveryMethod="sync")
    async with line_to(service) as line:
        session = await line.log_in(service)
        await line.say(task, {"taskType": "ping"})
        await line.hear()
    service.release()
    await until_billed(service)
    async with line_to(service) as line:
        assert await line.log_in(service, session) == session
        (item,) = (await line.hear())["data"]
    assert item["taskUUID"] == task["taskUUID"]


async def test_after_two_minutes_a_session_and_what_it_missed_are_forgotten(
    service: LocalRunware, clock: VirtualClock
) -> None:
    async with line_to(service) as line:
        session = await line.log_in(service)
        service.hold()
        await line.say(wire_task(deliveryMethod="sync"), {"taskType": "ping"})
        await line.hear()
    service.release()
    await until_billed(service)
    clock.advance(121)
    async with line_to(service) as line:
        assert await line.log_in(service, session) != session
        await line.say({"taskType": "ping"})
        assert (await line.hear())["data"] == [{"taskType": "ping", "pong": True}]


async def test_an_idle_connection_is_closed_after_two_minutes(
    service: LocalRunware, clock: VirtualClock
) -> None:
    async with line_to(service) as line:
        await line.log_in(service)
        clock.advance(119)
        await line.say({"taskType": "ping"})
        await line.hear()
        clock.advance(119)
        await line.say({"taskType": "ping"})
        await line.hear()
        clock.advance(121)
        assert await line.ended() is aiohttp.WSMsgType.CLOSE


@pytest.mark.parametrize("kind", ["accept_reset", "cut", "accept_503"])
async def test_a_fault_loses_the_answer_but_not_the_task(service: LocalRunware, kind: str) -> None:
    service.conditions.faults.add(Fault(kind, Stage.SUBMIT, value=1))
    task = wire_task()
    async with line_to(service) as line:
        session = await line.log_in(service)
        await line.say(task)
        assert await line.ended() in {
            aiohttp.WSMsgType.CLOSE,
            aiohttp.WSMsgType.CLOSED,
            aiohttp.WSMsgType.ERROR,
        }
    async with line_to(service) as line:
        await line.log_in(service, session)
        await line.say(task)
        assert (await line.hear())["errors"][0]["code"] == "conflictTaskUUID"


async def until_billed(service: LocalRunware) -> None:
    await until(lambda: bool(service.journal.billed))
