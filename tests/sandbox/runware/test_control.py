from __future__ import annotations

import asyncio
import os
import signal
import time
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from bot.domain.geometry import Margins
from sandbox.runware.api.server import LocalRunware
from sandbox.runware.engine.render import RenderOrder
from sandbox.runware.engine.workers import RenderFailedError, Workers
from tests.support.runware.server_fixture import draw_photo, encode_image
from tests.support.runware.wire_tasks import build_poll, build_wire_task

if TYPE_CHECKING:
    import httpx


async def test_the_journal_tells_what_was_asked_and_billed(
    http: httpx.AsyncClient, runware: LocalRunware
) -> None:
    task = build_wire_task(deliveryMethod="sync", numberResults=2)
    await http.post(runware.base_url, json=[task])
    await http.post(runware.base_url, json=build_poll(task))
    journal = (await http.get(f"{runware.control}/journal")).json()
    assert [request["tasks"][0]["task_type"] for request in journal["requests"]] == [
        "imageInference",
        "getResponse",
    ]
    assert [bill["cost_micro_usd"] for bill in journal["billed"]] == [50_000, 50_000]
    assert {bill["task_uuid"] for bill in journal["billed"]} == {task["taskUUID"]}
    assert runware.journal.list_task_uuids("getResponse") == (task["taskUUID"],)
    assert runware.journal.bills[0].task_uuid == UUID(task["taskUUID"])


async def test_the_journal_holds_neither_key_nor_prompt_nor_picture(
    http: httpx.AsyncClient, runware: LocalRunware
) -> None:
    await http.post(runware.base_url, json=[build_wire_task(positivePrompt="a secret meadow")])
    written = (await http.get(f"{runware.control}/journal")).text
    assert "secret" not in written
    assert runware.api_key not in written
    assert "base64" not in written


async def test_health_settings_hold_release_and_reset(
    http: httpx.AsyncClient, runware: LocalRunware
) -> None:
    settings = await http.post(f"{runware.control}/settings", json={"latency": 0.5})
    assert settings.json()["latency"] == runware.latency == 0.5
    assert (await http.post(f"{runware.control}/hold")).json()["held"] is True
    task = build_wire_task()
    await http.post(runware.base_url, json=[task])
    health = (await http.get(f"{runware.control}/health")).json()
    assert (health["ready"], health["engine"], health["unfinished"]) == (True, "mirror", 1)
    assert (await http.post(f"{runware.control}/release")).json()["held"] is False
    await http.post(f"{runware.control}/hold")
    after = (await http.post(f"{runware.control}/reset")).json()
    assert (after["unfinished"], after["held"]) == (0, False)
    assert runware.journal.requests == ()
    assert (await http.post(runware.base_url, json=build_poll(task))).json() == {"data": []}


@pytest.mark.parametrize(
    "body", ["", "[]", "{}", '{"latency": -1}', '{"latency": true}', '{"x": 1}']
)
async def test_a_setting_that_makes_no_sense_is_refused(
    http: httpx.AsyncClient, runware: LocalRunware, body: str
) -> None:
    answer = await http.post(f"{runware.control}/settings", content=body)
    assert answer.status_code == 400
    assert runware.latency == 0.0


def build_order(seed: bytes) -> RenderOrder:
    return RenderOrder(seed, Margins(64, 0, 0, 0), 1, "PNG", 95)


async def block_rendering(workers: Workers) -> None:
    while True:
        await workers.render(build_order(encode_image(draw_photo())))


async def test_a_seed_that_cannot_be_read_fails_only_its_own_render(
    engine_workers: Workers,
) -> None:
    with pytest.raises(RenderFailedError):
        await engine_workers.render(build_order(b"no picture"))
    assert (await engine_workers.render(build_order(encode_image(draw_photo())))).data


async def test_a_pool_whose_worker_was_killed_is_replaced() -> None:
    async with Workers.open(1) as workers:
        os.kill(workers._pool.submit(os.getpid).result(), signal.SIGKILL)
        with pytest.raises(RenderFailedError):
            await block_rendering(workers)
        assert (await workers.render(build_order(encode_image(draw_photo())))).data


async def test_an_order_waits_until_the_engine_is_warm_and_names_it() -> None:
    async with Workers.open(1) as workers:
        made = await workers.render(build_order(encode_image(draw_photo())))
        assert (made.engine, workers.engine, workers.warming) == ("patches", "patches", False)


async def test_progress_is_seen_while_a_picture_is_made() -> None:
    order = RenderOrder(encode_image(draw_photo(200, 150)), Margins.from_pixels(128), 1, "PNG", 95)
    async with Workers.open(1) as workers:
        assert workers.progress == ()
        making = asyncio.create_task(workers.render(order))
        seen: list[float] = []
        while not making.done():
            seen += workers.progress
            await asyncio.sleep(0.005)
        await making
        assert seen == sorted(seen)
        assert 0 < seen[-1] <= 1
        assert workers.progress == ()


async def test_the_bill_names_the_engine(http: httpx.AsyncClient, runware: LocalRunware) -> None:
    await http.post(runware.base_url, json=[build_wire_task(deliveryMethod="sync")])
    assert [bill.engine for bill in runware.journal.bills] == ["mirror"]


async def test_closing_does_not_wait_for_held_work(
    http: httpx.AsyncClient, engine_workers: Workers
) -> None:
    async with LocalRunware.open(workers=engine_workers) as service:
        service.pause_tasks()
        task = build_wire_task(deliveryMethod="sync")
        waiting = asyncio.create_task(http.post(service.base_url, json=[task]))
        async with asyncio.timeout(5):
            while True:
                health = (await http.get(f"{service.control}/health")).json()
                if health["unfinished"]:
                    break
                await asyncio.sleep(0.01)
        started = time.perf_counter()
    assert time.perf_counter() - started < 0.9
    assert (await waiting).json() == {"data": []}


async def test_the_loop_stays_free_while_pictures_are_made(
    http: httpx.AsyncClient, runware: LocalRunware
) -> None:
    sides = dict.fromkeys(("top", "right", "bottom", "left"), 256)
    task = build_wire_task(deliveryMethod="sync", numberResults=2, outpaint=sides)
    busy = asyncio.create_task(http.post(runware.base_url, json=[task], timeout=30))
    loop, worst = asyncio.get_running_loop(), 0.0
    while not busy.done():
        before = loop.time()
        await asyncio.sleep(0.005)
        worst = max(worst, loop.time() - before)
    assert len((await busy).json()["data"]) == 2
    assert worst < 0.5
