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

from sandbox.control.clock import VirtualClock
from sandbox.runware.api.server import LocalRunware
from sandbox.runware.faults import RunwareFault, RunwareStage
from tests.support.app_fixture import wait_until
from tests.support.runware.flat_renderer import FlatRenderer
from tests.support.runware.wire_tasks import build_poll, build_wire_task

Json = dict[str, Any]


@dataclass(slots=True)
class SocketClient:
    """One connection."""

    socket: aiohttp.ClientWebSocketResponse

    async def send_frame(self, *elements: Json) -> None:
        await self.socket.send_json(list(elements))

    async def receive_frame(self) -> Json:
        async with asyncio.timeout(10):
            frame: Json = await self.socket.receive_json()
        return frame

    async def log_in(self, runware: LocalRunware, session: str | None = None) -> str:
        resumed = {"connectionSessionUUID": session} if session else {}
        await self.send_frame({"taskType": "authentication", "apiKey": runware.api_key} | resumed)
        (item,) = (await self.receive_frame())["data"]
        return str(item["connectionSessionUUID"])

    async def wait_for_close(self) -> aiohttp.WSMsgType:
        async with asyncio.timeout(10):
            return (await self.socket.receive()).type


@asynccontextmanager
async def open_socket(runware: LocalRunware) -> AsyncIterator[SocketClient]:
    async with aiohttp.ClientSession() as http, http.ws_connect(runware.ws_url) as socket:
        yield SocketClient(socket)


@pytest_asyncio.fixture
async def clock() -> VirtualClock:
    return VirtualClock()


@pytest_asyncio.fixture
async def service(clock: VirtualClock) -> AsyncIterator[LocalRunware]:
    async with LocalRunware.open(workers=FlatRenderer(), clock=clock) as opened:
        yield opened


async def test_results_of_a_sync_task_come_in_frames_of_their_own(service: LocalRunware) -> None:
    async with open_socket(service) as line:
        await line.log_in(service)
        task = build_wire_task(deliveryMethod="sync", numberResults=3, includeCost=True)
        await line.send_frame(task)
        items = [item for _ in range(3) for item in (await line.receive_frame())["data"]]
    assert {item["taskUUID"] for item in items} == {task["taskUUID"]}
    assert len({item["imageUUID"] for item in items}) == 3
    assert service.journal.list_task_uuids("imageInference") == (task["taskUUID"],)


async def test_an_async_task_is_acknowledged_and_polled(service: LocalRunware) -> None:
    async with open_socket(service) as line:
        await line.log_in(service)
        task = build_wire_task()
        await line.send_frame(task)
        acknowledged = await line.receive_frame()
        assert acknowledged["data"] == [
            {"taskType": "imageInference", "taskUUID": task["taskUUID"]}
        ]
        await line.send_frame(*build_poll(task))
        assert (await line.receive_frame())["data"][0]["taskUUID"] == task["taskUUID"]


async def test_a_ping_is_answered_and_an_error_names_its_task(service: LocalRunware) -> None:
    async with open_socket(service) as line:
        await line.log_in(service)
        await line.send_frame({"taskType": "ping", "ping": True})
        assert (await line.receive_frame())["data"] == [{"taskType": "ping", "pong": True}]
        task = build_wire_task(steps=1)
        await line.send_frame(task)
        (error,) = (await line.receive_frame())["errors"]
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
    async with open_socket(service) as line:
        await line.send_frame(first)
        (error,) = (await line.receive_frame())["errors"]
        assert (error["code"], error["taskType"]) == (code, "authentication")
        await line.socket.send_str("no JSON")
        assert (await line.receive_frame())["errors"][0]["code"] == "invalidJSON"
        assert await line.log_in(service)


async def test_what_a_lost_connection_missed_is_replayed_to_its_session(
    service: LocalRunware,
) -> None:
    service.pause_tasks()
    task = build_wire_task(deliveryMethod="sync")
    async with open_socket(service) as line:
        session = await line.log_in(service)
        await line.send_frame(task, {"taskType": "ping"})
        await line.receive_frame()
    service.resume_tasks()
    await wait_until_billed(service)
    async with open_socket(service) as line:
        assert await line.log_in(service, session) == session
        (item,) = (await line.receive_frame())["data"]
    assert item["taskUUID"] == task["taskUUID"]


async def test_after_two_minutes_a_session_and_what_it_missed_are_forgotten(
    service: LocalRunware, clock: VirtualClock
) -> None:
    async with open_socket(service) as line:
        session = await line.log_in(service)
        service.pause_tasks()
        await line.send_frame(build_wire_task(deliveryMethod="sync"), {"taskType": "ping"})
        await line.receive_frame()
    service.resume_tasks()
    await wait_until_billed(service)
    clock.advance(121)
    async with open_socket(service) as line:
        assert await line.log_in(service, session) != session
        await line.send_frame({"taskType": "ping"})
        assert (await line.receive_frame())["data"] == [{"taskType": "ping", "pong": True}]


async def test_an_idle_connection_is_closed_after_two_minutes(
    service: LocalRunware, clock: VirtualClock
) -> None:
    async with open_socket(service) as line:
        await line.log_in(service)
        clock.advance(119)
        await line.send_frame({"taskType": "ping"})
        await line.receive_frame()
        clock.advance(119)
        await line.send_frame({"taskType": "ping"})
        await line.receive_frame()
        clock.advance(121)
        assert await line.wait_for_close() is aiohttp.WSMsgType.CLOSE


@pytest.mark.parametrize("kind", ["accept_reset", "cut", "accept_503"])
async def test_a_fault_loses_the_answer_but_not_the_task(service: LocalRunware, kind: str) -> None:
    service.service_state.faults.add(RunwareFault(kind, RunwareStage.SUBMIT, value=1))
    task = build_wire_task()
    async with open_socket(service) as line:
        session = await line.log_in(service)
        await line.send_frame(task)
        assert await line.wait_for_close() in {
            aiohttp.WSMsgType.CLOSE,
            aiohttp.WSMsgType.CLOSED,
            aiohttp.WSMsgType.ERROR,
        }
    async with open_socket(service) as line:
        await line.log_in(service, session)
        await line.send_frame(task)
        assert (await line.receive_frame())["errors"][0]["code"] == "conflictTaskUUID"


async def wait_until_billed(service: LocalRunware) -> None:
    await wait_until(lambda: bool(service.journal.bills))
