"""Webhooks and uploads are really sent, to this machine alone."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from aiohttp import web
from PIL import Image

from sandbox.runware.api.server import LocalRunware
from sandbox.runware.loopback import is_local
from tests.support.app_fixture import wait_until
from tests.support.runware.wire_tasks import build_wire_task

Json = dict[str, Any]


@dataclass(slots=True)
class Receiver:
    """Somebody's web server; it answers the first requests with `refusals`."""

    url: str = ""
    refusals: list[int] = field(default_factory=list)
    received: list[tuple[str, bytes, str]] = field(default_factory=list)
    headers: list[set[str]] = field(default_factory=list)
    more: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, request: web.Request) -> web.Response:
        self.received.append((request.method, await request.read(), request.content_type))
        self.headers.append({name.lower() for name in request.headers})
        self.more.set()
        return web.Response(status=self.refusals.pop(0) if self.refusals else 204)

    async def wait_for_count(self, count: int) -> None:
        async with asyncio.timeout(10):
            while len(self.received) < count:
                self.more.clear()
                await self.more.wait()

    def list_bodies(self) -> list[Json]:
        return [httpx.Response(200, content=body).json() for _, body, _ in self.received]


@asynccontextmanager
async def open_receiver(*refusals: int) -> AsyncIterator[Receiver]:
    opened = Receiver(refusals=list(refusals))
    app = web.Application(client_max_size=2**26)
    app.add_routes([web.route("*", "/hook", opened.serve)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    opened.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook?secret=7"
    try:
        yield opened
    finally:
        await runner.cleanup()


async def test_each_result_is_a_webhook_with_a_flat_body(
    http: httpx.AsyncClient, runware: LocalRunware
) -> None:
    async with open_receiver() as hook:
        task = build_wire_task(webhookURL=hook.url, numberResults=3, includeCost=True)
        await http.post(runware.base_url, json=[task])
        await hook.wait_for_count(3)
    bodies = hook.list_bodies()
    unsigned = {"host", "accept", "accept-encoding", "user-agent", "content-type", "content-length"}
    assert hook.headers == [unsigned] * 3
    assert all("data" not in body for body in bodies)
    assert {body["taskUUID"] for body in bodies} == {task["taskUUID"]}
    assert len({body["imageUUID"] for body in bodies}) == 3
    assert [body["cost"] for body in bodies] == [0.05] * 3


async def test_a_webhook_that_is_refused_is_sent_again_and_the_journal_tells(
    http: httpx.AsyncClient, runware: LocalRunware
) -> None:
    async with open_receiver(500, 302) as hook:
        await http.post(runware.base_url, json=[build_wire_task(webhookURL=hook.url)])
        await hook.wait_for_count(3)
        await wait_until(lambda: len(runware.journal.deliveries) == 3)
    assert [(call.attempt, call.status) for call in runware.journal.deliveries] == [
        (1, 500),
        (2, 302),
        (3, 204),
    ]
    assert hook.list_bodies()[0] == hook.list_bodies()[2]
    assert "secret" not in (await http.get(f"{runware.control}/journal")).text


@pytest.mark.parametrize(("shape", "heard"), [("flat", 1), ("errors", 1), ("none", 0)])
async def test_a_failure_is_reported_as_the_switch_says(
    http: httpx.AsyncClient, runware: LocalRunware, shape: str, heard: int
) -> None:
    runware.service_state.switches = runware.service_state.switches.with_changes(
        {"webhook_failure": shape}
    )
    async with open_receiver() as hook:
        bad = build_wire_task(webhookURL=hook.url, positivePrompt="unsafe-prompt-6")
        good = build_wire_task(webhookURL=hook.url)
        await http.post(runware.base_url, json=[bad, good])
        await hook.wait_for_count(heard + 1)
    failures = [body for body in hook.list_bodies() if "imageUUID" not in body]
    assert len(failures) == heard
    for body in failures:
        error = body if shape == "flat" else body["errors"][0]
        assert (error["code"], error["taskUUID"]) == ("invalidProviderContent", bad["taskUUID"])


async def test_the_picture_itself_is_put_to_the_upload_endpoint(
    http: httpx.AsyncClient, runware: LocalRunware
) -> None:
    async with open_receiver() as bucket:
        task = build_wire_task(uploadEndpoint=bucket.url, outputFormat="PNG")
        await http.post(runware.base_url, json=[task])
        await bucket.wait_for_count(1)
    ((method, body, kind),) = bucket.received
    assert (method, kind) == ("PUT", "image/png")
    assert Image.open(io.BytesIO(body)).size == (160, 80)


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://127.0.0.1:8000/x", True),
        ("http://127.9.9.9/x", True),
        ("http://localhost/x", True),
        ("http://[::1]:8000/x", True),
        ("https://example.org/x", False),
        ("http://127.0.0.1.example.org/x", False),
        ("http://127.0.0.1@example.org/x", False),
        ("http://0.0.0.0/x", False),
        ("http://10.0.0.1/x", False),
        ("http://2130706433/x", False),
        ("http://[::ffff:10.0.0.1]/x", False),
        ("http:///x", False),
    ],
)
def test_only_the_loopback_is_local(url: str, *, local: bool) -> None:
    assert is_local(url) is local
