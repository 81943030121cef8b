"""The tasks beside inference: uploads, the account, the archive, the dry run; and moderation."""

from __future__ import annotations

import asyncio
import io
from typing import Any
from uuid import uuid4

import httpx
import pytest
from PIL import Image

from sandbox.control.clock import VirtualClock
from sandbox.runware.api.server import LocalRunware
from sandbox.runware.engine.workers import Workers
from sandbox.runware.media.moderation import MARK_EDGE, get_mark_colour
from tests.support.app_fixture import wait_until
from tests.support.runware.caller import Caller
from tests.support.runware.server_fixture import build_data_uri, draw_photo, encode_image
from tests.support.runware.wire_tasks import build_poll, build_wire_task

Json = dict[str, Any]


async def send_request(http: httpx.AsyncClient, runware: LocalRunware, *elements: Json) -> Json:
    answer: Json = (await http.post(runware.base_url, json=list(elements))).json()
    return answer


def build_element(task_type: str, **fields: Any) -> Json:
    return {"taskType": task_type, "taskUUID": str(uuid4())} | fields


UPLOADS = [
    (
        build_element("imageUpload", image=build_data_uri(encode_image(draw_photo()))),
        "imageUUID",
        "imageURL",
    ),
    (
        build_element(
            "mediaStorage", operation="upload", media=build_data_uri(encode_image(draw_photo()))
        ),
        "mediaUUID",
        "mediaURL",
    ),
]


@pytest.mark.parametrize(("upload", "uuid", "url"), UPLOADS)
async def test_an_upload_can_be_named_as_a_seed_image_by_uuid_and_url(
    http: httpx.AsyncClient, runware: LocalRunware, upload: Json, uuid: str, url: str
) -> None:
    (stored,) = (await send_request(http, runware, upload))["data"]
    assert stored["taskUUID"] == upload["taskUUID"]
    for name in (stored[uuid], stored[url]):
        answer = await send_request(
            http, runware, build_wire_task(inputs={"seedImage": name}, deliveryMethod="sync")
        )
        assert len(answer["data"]) == 1, answer
    assert len(runware.journal.bills) == 2


async def test_a_large_upload_is_stored_at_2048_pixels(
    http: httpx.AsyncClient, runware: LocalRunware
) -> None:
    image = build_data_uri(encode_image(Image.new("RGB", (2600, 1300), "teal"), "JPEG"), "jpeg")
    (stored,) = (await send_request(http, runware, build_element("imageUpload", image=image)))[
        "data"
    ]
    kept = Image.open(io.BytesIO((await http.get(stored["imageURL"])).content))
    assert kept.size == (2048, 1024)
    assert "/media-storage/ws/2/id/" in stored["imageURL"]


async def test_an_upload_is_kept_for_thirty_days_after_each_use(engine_workers: Workers) -> None:
    clock, month = VirtualClock(), 30 * 86_400.0
    async with (
        LocalRunware.open(workers=engine_workers, clock=clock) as runware,
        Caller.open(runware) as caller,
    ):
        image = build_data_uri(encode_image(draw_photo()))
        (stored,), _ = await caller.post_task(taskType="imageUpload", image=image)
        clock.advance(month - 1)
        named = {"seedImage": stored["imageURL"]}
        await caller.submit_task(inputs=named)
        clock.advance(month - 1)
        assert (await caller.http.get(stored["imageURL"])).status_code == 200
        clock.advance(1)
        assert (await caller.http.get(stored["imageURL"])).status_code == 404
        _, _, (error,) = await caller.post_tasks(build_wire_task(inputs=named))
        assert error["code"] == "invalidSeedImage"


async def test_media_can_be_deleted_once(http: httpx.AsyncClient, runware: LocalRunware) -> None:
    upload = build_element(
        "mediaStorage", operation="upload", media=build_data_uri(encode_image(draw_photo()))
    )
    (stored,) = (await send_request(http, runware, upload))["data"]
    delete = build_element("mediaStorage", operation="delete", mediaUUID=stored["mediaUUID"])
    assert (await send_request(http, runware, delete))["data"][0]["mediaUUID"] == stored[
        "mediaUUID"
    ]
    assert (await http.get(stored["mediaURL"])).status_code == 404
    assert (await send_request(http, runware, delete))["errors"][0]["code"] == "mediaNotFound"


@pytest.mark.parametrize(
    ("wrong", "code", "parameter"),
    [
        (build_element("imageUpload"), "missingImage", "image"),
        (build_element("imageUpload", image="%%"), "invalidImage", "image"),
        (build_element("imageUpload", image="https://example.org/a.png"), "invalidImage", "image"),
        (build_element("mediaStorage", operation="upload"), "missingMedia", "media"),
        (build_element("mediaStorage", operation="delete"), "missingMediaUUID", "mediaUUID"),
        (build_element("mediaStorage", operation="copy"), "invalidOperation", "operation"),
        (build_element("accountManagement"), "missingOperation", "operation"),
        (build_element("accountManagement", operation="x"), "invalidOperation", "operation"),
        (build_element("getTaskDetails"), "taskNotFound", "taskUUID"),
        (build_element("getTaskDetails", taskUUID="7"), "invalidTaskUUID", "taskUUID"),
    ],
)
async def test_a_task_that_is_wrong_is_refused_by_its_documented_error(
    http: httpx.AsyncClient, runware: LocalRunware, wrong: Json, code: str, parameter: str
) -> None:
    (error,) = (await send_request(http, runware, wrong))["errors"]
    assert (error["code"], error["parameter"]) == (code, parameter)
    assert (error["taskType"], error["taskUUID"]) == (wrong["taskType"], wrong["taskUUID"])


async def test_the_balance_goes_down_with_each_result_and_ends_the_service_at_zero(
    http: httpx.AsyncClient, runware: LocalRunware
) -> None:
    await http.post(f"{runware.control}/balance", json={"micro_usd": 125_000})
    account = build_element("accountManagement", operation="getDetails")
    await send_request(http, runware, build_wire_task(deliveryMethod="sync", numberResults=2))
    (details,) = (await send_request(http, runware, account))["data"]
    assert details["balance"] == 0.025
    assert details["usage"]["today"] == {"credits": 0.1, "requests": 1}
    response = await http.post(runware.base_url, json=[build_wire_task()])
    assert response.status_code == 402
    assert response.json()["errors"][0]["code"] == "insufficientCredits"
    assert len(runware.journal.bills) == 2


async def test_money_that_running_tasks_may_cost_is_not_spent_twice(
    http: httpx.AsyncClient, runware: LocalRunware
) -> None:
    await http.post(f"{runware.control}/balance", json={"micro_usd": 100_000})
    runware.pause_tasks()
    answer = await send_request(http, runware, *(build_wire_task() for _ in range(3)))
    assert (len(answer["data"]), len(answer["errors"])) == (2, 1)


async def test_the_archive_keeps_the_request_and_the_answer(
    http: httpx.AsyncClient, runware: LocalRunware
) -> None:
    task = build_wire_task(deliveryMethod="sync")
    (item,) = (await send_request(http, runware, task))["data"]
    details = {"taskType": "getTaskDetails", "taskUUID": task["taskUUID"]}
    (kept,) = (await send_request(http, runware, details))["data"]
    assert kept["request"][0]["positivePrompt"] == task["positivePrompt"]
    assert len(kept["request"][0]["inputs"]["seedImage"]) <= 200
    assert kept["response"]["data"][0]["imageUUID"] == item["imageUUID"]


@pytest.mark.parametrize(("shape", "says"), [("cost", 0.15), ("ack", None), ("empty", None)])
async def test_a_dry_run_prices_and_checks_but_runs_nothing(
    http: httpx.AsyncClient, runware: LocalRunware, shape: str, says: float | None
) -> None:
    runware.service_state.switches = runware.service_state.switches.with_changes({"dry_run": shape})
    task, headers = build_wire_task(numberResults=3), {"X-Runware-Dry-Run": "1"}
    priced = (await http.post(runware.base_url, json=[task], headers=headers)).json()
    assert [item.get("cost") for item in priced["data"]] == ([] if shape == "empty" else [says])
    bad = build_wire_task(steps=1)
    refused = (await http.post(runware.base_url, json=[bad], headers=headers)).json()
    assert refused["errors"][0]["code"] == "invalidSteps"
    assert (await send_request(http, runware, *build_poll(task))) == {"data": []}
    assert runware.journal.bills == ()


def build_marked_image(level: int) -> str:
    image = draw_photo()
    image.paste(get_mark_colour(level), (0, 0, MARK_EDGE, MARK_EDGE))
    return build_data_uri(encode_image(image))


@pytest.mark.parametrize("level", range(7))
@pytest.mark.parametrize("way", ["prompt", "image"])
async def test_content_of_a_level_passes_only_at_a_higher_tolerance(
    http: httpx.AsyncClient, runware: LocalRunware, *, way: str, level: int
) -> None:
    changed = (
        {"positivePrompt": f"a house, unsafe-prompt-{level}"}
        if way == "prompt"
        else {"inputs": {"seedImage": build_marked_image(level)}}
    )
    for tolerance in range(7):
        settings = {"bfl": {"safetyTolerance": tolerance}}
        task = build_wire_task(providerSettings=settings, deliveryMethod="sync", **changed)
        answer = await send_request(http, runware, task)
        codes = [error["code"] for error in answer.get("errors", [])]
        assert codes == (["invalidProviderContent"] if tolerance <= level else [])


async def test_one_result_of_several_can_be_moderated(
    http: httpx.AsyncClient, runware: LocalRunware
) -> None:
    task = build_wire_task(positivePrompt="unsafe-result-6", numberResults=3, deliveryMethod="sync")
    answer = await send_request(http, runware, task)
    assert (len(answer["data"]), len(answer["errors"])) == (2, 1)
    assert len(runware.journal.bills) == 2


async def test_results_are_flagged_where_a_check_was_asked(
    http: httpx.AsyncClient, runware: LocalRunware
) -> None:
    task = build_wire_task(
        positivePrompt="a field, nsfw-result", safety={"mode": "fast"}, deliveryMethod="sync"
    )
    assert (await send_request(http, runware, task))["data"][0]["NSFWContent"] is True


async def test_a_refused_poll_has_the_status_of_its_worst_error(
    http: httpx.AsyncClient, runware: LocalRunware
) -> None:
    task = build_wire_task(positivePrompt="unsafe-prompt-6")
    await send_request(http, runware, task)
    async with asyncio.timeout(5):
        while True:
            response = await http.post(runware.base_url, json=build_poll(task))
            if "errors" in response.json():
                break
    assert response.status_code == 400
    assert response.json()["errors"][0]["status"] == "error"


async def test_giving_up_waiting_cancels_neither_the_work_nor_the_bill(
    http: httpx.AsyncClient, runware: LocalRunware
) -> None:
    runware.pause_tasks()
    task = build_wire_task(deliveryMethod="sync")
    with pytest.raises(httpx.ReadTimeout):
        await http.post(runware.base_url, json=[task], timeout=0.3)
    runware.resume_tasks()
    await wait_until(lambda: bool(runware.journal.bills))
    (item,) = (await send_request(http, runware, *build_poll(task)))["data"]
    assert (await http.get(item["imageURL"])).status_code == 200


async def test_thirty_requests_at_once_are_all_answered(
    http: httpx.AsyncClient, runware: LocalRunware
) -> None:
    runware.pause_tasks()
    tasks = [build_wire_task() for _ in range(30)]
    answers = await asyncio.gather(*(http.post(runware.base_url, json=[task]) for task in tasks))
    assert [answer.status_code for answer in answers] == [200] * 30
    polled = await send_request(http, runware, *build_poll(*tasks))
    assert {item["taskUUID"] for item in polled["data"]} == {task["taskUUID"] for task in tasks}
