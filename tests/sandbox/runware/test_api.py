"""The local Runware's behaviour, spoken to in plain HTTP."""

from __future__ import annotations

import asyncio
import base64
import io
import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from PIL import Image

from bot.runware.transport import get_tls_context
from sandbox.control.clock import VirtualClock
from sandbox.runware.api.server import LocalRunware
from tests.support.runware.server_fixture import build_data_uri, draw_photo, encode_image
from tests.support.runware.wire_tasks import build_account_task, build_poll, build_wire_task

if TYPE_CHECKING:
    from collections.abc import Callable

Json = dict[str, Any]


async def send_request(http: httpx.AsyncClient, runware: LocalRunware, *elements: Json) -> Json:
    answer: Json = (await http.post(runware.base_url, json=list(elements))).json()
    return answer


async def poll_until(
    http: httpx.AsyncClient, runware: LocalRunware, task: Json, done: Callable[[Json], bool]
) -> Json:
    """Poll one task until the answer satisfies `done`."""
    async with asyncio.timeout(10):
        while True:
            answer = await send_request(http, runware, *build_poll(task))
            if done(answer):
                return answer
            await asyncio.sleep(0.01)


def is_all_done(answer: Json) -> bool:
    return all(item["status"] == "success" for item in answer["data"])


async def test_an_async_task_is_acknowledged_without_status_or_image(
    http: httpx.AsyncClient, runware: LocalRunware
) -> None:
    task = build_wire_task()
    assert await send_request(http, runware, task) == {
        "data": [{"taskType": "imageInference", "taskUUID": task["taskUUID"]}]
    }


async def test_a_poll_shows_processing_per_result_and_then_all_of_them_every_time(
    http: httpx.AsyncClient, runware: LocalRunware
) -> None:
    runware.pause_tasks()
    task = build_wire_task(numberResults=3, includeCost=True)
    await send_request(http, runware, task)
    waiting = await send_request(http, runware, *build_poll(task))
    assert [item["status"] for item in waiting["data"]] == ["processing"] * 3
    runware.resume_tasks()
    answer = await poll_until(http, runware, task, is_all_done)
    assert len({item["imageUUID"] for item in answer["data"]}) == 3
    assert all(0 <= item["seed"] < 2**32 for item in answer["data"])
    assert [item["cost"] for item in answer["data"]] == [0.05] * 3
    assert await send_request(http, runware, *build_poll(task)) == answer
    assert len(runware.journal.bills) == 3


@pytest.mark.parametrize("file_format", ["JPG", "PNG", "WEBP"])
@pytest.mark.parametrize("output", ["URL", "base64Data", "dataURI"])
async def test_every_output_type_and_format_is_delivered(
    http: httpx.AsyncClient, runware: LocalRunware, *, output: str, file_format: str
) -> None:
    extension = file_format.lower()
    task = build_wire_task(outputType=output, outputFormat=file_format, deliveryMethod="sync")
    (item,) = (await send_request(http, runware, task))["data"]
    assert "status" not in item
    assert "cost" not in item
    if output == "URL":
        assert item["imageURL"].endswith(f"/{item['imageUUID']}.{extension}")
        answer = await http.get(item["imageURL"])
        assert answer.headers["Content-Type"] == f"image/{extension}".replace("jpg", "jpeg")
        data = answer.content
    elif output == "dataURI":
        data = base64.b64decode(item["imageDataURI"].partition(",")[2])
    else:
        data = base64.b64decode(item["imageBase64Data"])
    image = Image.open(io.BytesIO(data))
    assert image.size == (160, 80)
    assert image.format == file_format.replace("JPG", "JPEG")
    if file_format == "PNG":
        assert image.crop((0, 0, 96, 80)).tobytes() == draw_photo().tobytes()


@pytest.mark.parametrize("safety", [{"checkContent": True}, {"mode": "fast"}])
async def test_content_is_rated_when_that_was_asked(
    http: httpx.AsyncClient, runware: LocalRunware, safety: Json
) -> None:
    task = build_wire_task(safety=safety, deliveryMethod="sync")
    assert (await send_request(http, runware, task))["data"][0]["NSFWContent"] is False


async def test_a_used_uuid_is_a_conflict_and_is_not_made_again(
    http: httpx.AsyncClient, runware: LocalRunware
) -> None:
    task = build_wire_task()
    await send_request(http, runware, task)
    again = await http.post(runware.base_url, json=[task | {"positivePrompt": "another"}])
    assert again.status_code == 400
    assert again.json()["errors"][0]["code"] == "conflictTaskUUID"
    await poll_until(http, runware, task, is_all_done)
    assert len(runware.journal.bills) == 1


async def test_of_two_at_once_with_one_uuid_exactly_one_is_accepted(
    http: httpx.AsyncClient, runware: LocalRunware
) -> None:
    task = build_wire_task()
    answers = await asyncio.gather(*(send_request(http, runware, task) for _ in range(8)))
    assert sum(bool(answer["data"]) for answer in answers) == 1


async def test_a_uuid_that_was_refused_by_a_check_is_free(
    http: httpx.AsyncClient, runware: LocalRunware
) -> None:
    task = build_wire_task()
    await send_request(http, runware, task | {"steps": 1})
    assert (await send_request(http, runware, task))["data"]


async def test_good_and_bad_tasks_in_one_request_are_told_apart(
    http: httpx.AsyncClient, runware: LocalRunware
) -> None:
    good, bad = build_wire_task(), build_wire_task(steps=1)
    response = await http.post(runware.base_url, json=[bad, good])
    answer = response.json()
    assert response.status_code == 200
    assert [item["taskUUID"] for item in answer["data"]] == [good["taskUUID"]]
    assert [error["taskUUID"] for error in answer["errors"]] == [bad["taskUUID"]]


async def test_an_unknown_task_adds_nothing_to_the_answer(
    http: httpx.AsyncClient, runware: LocalRunware
) -> None:
    response = await http.post(runware.base_url, json=build_poll(build_wire_task()))
    assert (response.status_code, response.json()) == (200, {"data": []})


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "x"}])
async def test_without_the_key_nothing_is_answered(
    runware: LocalRunware, headers: dict[str, str]
) -> None:
    async with httpx.AsyncClient(headers=headers, verify=get_tls_context()) as stranger:
        answer = await stranger.post(runware.base_url, json=[build_wire_task()])
    (error,) = answer.json()["errors"]
    assert answer.status_code == 401
    assert error["parameter"] == "apiKey"
    assert error["code"] in {"invalidApiKey", "missingApiKey"}


@pytest.mark.parametrize("key", ["wrong", None, 5, "\ud800"])
async def test_a_first_element_with_a_wrong_key_is_refused(
    runware: LocalRunware, key: object
) -> None:
    element = {"taskType": "authentication", "apiKey": key}
    async with httpx.AsyncClient(verify=get_tls_context()) as stranger:
        answer = await stranger.post(runware.base_url, content=json.dumps([element]))
    assert answer.status_code == 401


async def test_the_first_element_can_carry_the_key(runware: LocalRunware) -> None:
    element = {"taskType": "authentication", "apiKey": runware.api_key}
    async with httpx.AsyncClient(verify=get_tls_context()) as stranger:
        answer = await stranger.post(runware.base_url, json=[element, build_account_task()])
    session, account = answer.json()["data"]
    assert session["connectionSessionUUID"]
    assert account["balance"] == 1000.0


async def test_a_seed_image_may_be_named_in_every_documented_way(
    http: httpx.AsyncClient, runware: LocalRunware
) -> None:
    (item,) = (await send_request(http, runware, build_wire_task(deliveryMethod="sync")))["data"]
    raw = encode_image(draw_photo(), "WEBP")
    names = [
        build_data_uri(raw, "webp"),
        base64.b64encode(raw).decode(),
        item["imageURL"],
        item["imageUUID"],
    ]
    for name in names:
        nested = build_wire_task(inputs={"seedImage": name})
        top_level = build_wire_task(inputs=None, seedImage=name)
        answer = await send_request(http, runware, nested, top_level)
        assert len(answer["data"]) == 2, answer


@pytest.mark.parametrize(
    "name",
    [
        "https://example.org/a.jpg",
        "http://127.0.0.1:1/image/os/local/ws/2/ii/x.jpg",
        "/etc/hostname",
        "not base64!",
        "data:image/png;base64,%%%",
        "data:text/html;base64,aGVsbG8gd29ybGQ=",
        "aGVsbG8gd29ybGQ=",
        "00000000-0000-4000-8000-000000000000",
        build_data_uri(encode_image(draw_photo())[:-100]),
        build_data_uri(encode_image(Image.new("1", (12_000, 12_000)))),
        build_data_uri(encode_image(draw_photo(1, 1))),
        build_data_uri(encode_image(draw_photo(), "GIF"), "gif"),
        "A" * 29_000_000,
    ],
    ids=lambda name: name[:40],
)
async def test_a_seed_image_that_cannot_be_used_is_refused_and_unbilled(
    http: httpx.AsyncClient, runware: LocalRunware, name: str
) -> None:
    answer = await send_request(
        http, runware, build_wire_task(inputs={"seedImage": name}, deliveryMethod="sync")
    )
    (error,) = answer["errors"]
    assert (error["code"], error["parameter"]) == ("invalidSeedImage", "inputs.seedImage")
    assert runware.journal.bills == ()


async def test_latency_and_ttl_follow_the_clock() -> None:
    clock = VirtualClock()
    async with LocalRunware.open(latency=30.0, clock=clock) as runware:
        headers = {"Authorization": f"Bearer {runware.api_key}"}
        async with httpx.AsyncClient(headers=headers, verify=get_tls_context()) as http:
            task = build_wire_task(ttl=60)
            await send_request(http, runware, task)
            clock.advance(29)
            assert not is_all_done(await send_request(http, runware, *build_poll(task)))
            clock.advance(1)
            answer = await poll_until(http, runware, task, is_all_done)
            url = answer["data"][0]["imageURL"]
            clock.advance(59)
            assert (await http.get(url)).status_code == 200
            clock.advance(1)
            assert (await http.get(url)).status_code == 404


@pytest.mark.parametrize("path", ["/image/x", "/image/os/local/ws/2/ii/../../x.jpg", "/other"])
async def test_an_unknown_address_is_not_found(
    http: httpx.AsyncClient, runware: LocalRunware, path: str
) -> None:
    origin = runware.base_url.removesuffix("/v1")
    assert (await http.get(origin + path)).status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Host": "["},
    ],
)
async def test_a_web_page_from_elsewhere_is_turned_away(
    http: httpx.AsyncClient, runware: LocalRunware, headers: dict[str, str]
) -> None:
    answer = await http.post(runware.base_url, json=[{"taskType": "ping"}], headers=headers)
    assert answer.status_code == 403
    assert (await http.get(runware.control + "/journal", headers=headers)).status_code == 403
