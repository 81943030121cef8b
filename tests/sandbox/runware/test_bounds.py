"""Every bound of the vendor's parameter list, one step inside and one step outside."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from tests.support.runware.server_fixture import build_data_uri, encode_image
from tests.support.runware.wire_tasks import build_account_task, build_wire_task

if TYPE_CHECKING:
    import httpx

    from sandbox.runware.api.server import LocalRunware

GOOD: list[dict[str, Any]] = [
    {"positivePrompt": "ab"},
    {"positivePrompt": "\U0001f300" * 3000},
    {"steps": 15},
    {"steps": 50},
    {"CFGScale": 1.5},
    {"CFGScale": 1.51},
    {"CFGScale": 99.99},
    {"CFGScale": 100},
    {"numberResults": 20},
    {"outputQuality": 20},
    {"outputQuality": 99},
    {"ttl": 60},
    {"outpaint": {"left": 2048}},
    {"safety": {"checkContent": True}},
    {"safety": {"mode": "fast"}},
    {"providerSettings": {}},
    {"providerSettings": {"bfl": {"safetyTolerance": 0}}},
    {"providerSettings": {"bfl": {"safetyTolerance": 6, "promptUpsampling": True}}},
    {"routing": {"any": "thing"}},
]
BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"taskUUID": None}, "missingTaskUUID", "taskUUID"),
    ({"taskUUID": "7"}, "invalidTaskUUID", "taskUUID"),
    ({"taskUUID": "567a4534-6ee4-164a-8a66-3ba4be47cd3e"}, "invalidTaskUUID", "taskUUID"),
    ({"model": None}, "missingModel", "model"),
    ({"model": "bfl:1@2"}, "invalidModel", "model"),
    ({"positivePrompt": None}, "missingPositivePrompt", "positivePrompt"),
    ({"positivePrompt": "a"}, "invalidPositivePrompt", "positivePrompt"),
    ({"positivePrompt": "a" * 3001}, "invalidPositivePrompt", "positivePrompt"),
    ({"positivePrompt": 12}, "invalidPositivePrompt", "positivePrompt"),
    ({"steps": 14}, "invalidSteps", "steps"),
    ({"steps": 51}, "invalidSteps", "steps"),
    ({"steps": 20.5}, "invalidSteps", "steps"),
    ({"steps": "20"}, "invalidSteps", "steps"),
    ({"steps": True}, "invalidSteps", "steps"),
    ({"CFGScale": 1.49}, "invalidCFGScale", "CFGScale"),
    ({"CFGScale": 100.01}, "invalidCFGScale", "CFGScale"),
    ({"CFGScale": 55.555}, "invalidCFGScale", "CFGScale"),
    ({"numberResults": 0}, "invalidNumberResults", "numberResults"),
    ({"numberResults": 21}, "invalidNumberResults", "numberResults"),
    ({"outputQuality": 19}, "invalidOutputQuality", "outputQuality"),
    ({"outputQuality": 100}, "invalidOutputQuality", "outputQuality"),
    ({"outputType": "url"}, "invalidOutputType", "outputType"),
    ({"outputFormat": "GIF"}, "invalidOutputFormat", "outputFormat"),
    ({"deliveryMethod": "soon"}, "invalidDeliveryMethod", "deliveryMethod"),
    ({"includeCost": 1}, "invalidIncludeCost", "includeCost"),
    ({"ttl": 59}, "invalidTtl", "ttl"),
    ({"outpaint": None}, "missingOutpaint", "outpaint"),
    ({"outpaint": []}, "invalidOutpaint", "outpaint"),
    ({"outpaint": {"top": -64}}, "invalidOutpaintTop", "outpaint.top"),
    ({"outpaint": {"left": 63}}, "invalidOutpaintLeft", "outpaint.left"),
    ({"outpaint": {"left": 65}}, "invalidOutpaintLeft", "outpaint.left"),
    ({"outpaint": {"right": 2049}}, "invalidOutpaintRight", "outpaint.right"),
    ({"outpaint": {"right": 2112}}, "invalidOutpaintRight", "outpaint.right"),
    ({"outpaint": {"bottom": 2**63}}, "invalidOutpaintBottom", "outpaint.bottom"),
    ({"outpaint": {"bottom": "64"}}, "invalidOutpaintBottom", "outpaint.bottom"),
    ({"outpaint": {"bottom": True}}, "invalidOutpaintBottom", "outpaint.bottom"),
    ({"outpaint": {"top": 64, "blur": 1}}, "unknownParameter", "outpaint.blur"),
    ({"safety": {"mode": "full"}}, "invalidMode", "safety.mode"),
    ({"safety": {"checkContent": "yes"}}, "invalidCheckContent", "safety.checkContent"),
    (
        {"providerSettings": {"bfl": {"safetyTolerance": 7}}},
        "invalidSafetyTolerance",
        "providerSettings.bfl.safetyTolerance",
    ),
    (
        {"providerSettings": {"bfl": {"safetyTolerance": -1}}},
        "invalidSafetyTolerance",
        "providerSettings.bfl.safetyTolerance",
    ),
    (
        {"providerSettings": {"bfl": {"promptUpsampling": 1}}},
        "invalidPromptUpsampling",
        "providerSettings.bfl.promptUpsampling",
    ),
    ({"providerSettings": {"other": {}}}, "unknownParameter", "providerSettings.other"),
    ({"webhookURL": "here"}, "invalidWebhookURL", "webhookURL"),
    ({"webhookURL": "http://["}, "invalidWebhookURL", "webhookURL"),
    ({"uploadEndpoint": 5}, "invalidUploadEndpoint", "uploadEndpoint"),
    ({"webhookURL": "https://example.org"}, "invalidWebhookURL", "webhookURL"),
    ({"uploadEndpoint": "https://example.org"}, "invalidUploadEndpoint", "uploadEndpoint"),
    ({"seed": 1}, "unknownParameter", "seed"),
    ({"width": 512}, "unknownParameter", "width"),
    ({"inputs": None}, "missingSeedImage", "inputs.seedImage"),
    ({"inputs": {}}, "missingSeedImage", "inputs.seedImage"),
    ({"inputs": "x"}, "invalidInputs", "inputs"),
    ({"inputs": {"seedImage": 5}}, "invalidSeedImage", "inputs.seedImage"),
    ({"inputs": {"image": "x"}}, "unknownParameter", "inputs.image"),
]


@pytest.mark.parametrize("changed", GOOD, ids=str)
async def test_a_value_on_the_bound_is_accepted(
    http: httpx.AsyncClient, runware: LocalRunware, changed: dict[str, Any]
) -> None:
    runware.pause_tasks()
    answer = await http.post(runware.base_url, json=[build_wire_task(**changed)])
    assert (answer.status_code, "errors" in answer.json()) == (200, False)


@pytest.mark.parametrize(("changed", "code", "parameter"), BAD)
async def test_a_value_outside_is_refused_with_the_documented_error_and_unbilled(
    http: httpx.AsyncClient,
    runware: LocalRunware,
    changed: dict[str, Any],
    code: str,
    parameter: str,
) -> None:
    task = build_wire_task(**changed)
    started = time.perf_counter()
    answer = await http.post(runware.base_url, json=[task])
    took = time.perf_counter() - started
    (error,) = answer.json()["errors"]
    assert answer.status_code == 400
    assert (error["code"], error["parameter"]) == (code, parameter)
    assert (error["taskType"], error.get("taskUUID")) == ("imageInference", task.get("taskUUID"))
    assert error["message"]
    assert error["documentation"].startswith("https://")
    assert runware.journal.bills == ()
    assert took < 0.5


async def test_an_outpaint_of_nothing_names_all_four_sides(
    http: httpx.AsyncClient, runware: LocalRunware
) -> None:
    for outpaint in ({}, {"top": 0, "right": 0}):
        answer = await http.post(runware.base_url, json=[build_wire_task(outpaint=outpaint)])
        (error,) = answer.json()["errors"]
        assert error["code"] == "invalidOutpaint"
        assert error["parameter"] == [f"outpaint.{s}" for s in ("top", "right", "bottom", "left")]


async def test_every_fault_of_a_task_is_reported_at_once(
    http: httpx.AsyncClient, runware: LocalRunware
) -> None:
    answer = await http.post(runware.base_url, json=[build_wire_task(steps=1, ttl=1, colour="red")])
    codes = {error["code"] for error in answer.json()["errors"]}
    assert codes == {"invalidSteps", "invalidTtl", "unknownParameter"}


async def test_a_canvas_beyond_the_largest_is_refused(
    http: httpx.AsyncClient, runware: LocalRunware
) -> None:
    seed = {"seedImage": build_data_uri(encode_image(Image.new("L", (2112, 2048)), "JPEG"), "jpeg")}
    sides = dict.fromkeys(("top", "right", "bottom", "left"), 2048)
    task = build_wire_task(inputs=seed, outpaint=sides)
    (error,) = (await http.post(runware.base_url, json=[task])).json()["errors"]
    assert (error["code"], error["parameter"]) == ("invalidOutpaint", "outpaint")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"{}",
        b"[]",
        b"[NaN]",
        b"[" * 100_000,
        b"\xff\xfe",
        b'[{"steps": ' + b"9" * 5000 + b"}]",
    ],
)
async def test_a_body_that_is_no_array_of_tasks_is_refused(
    http: httpx.AsyncClient, runware: LocalRunware, body: bytes
) -> None:
    answer = await http.post(runware.base_url, content=body)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] in {"invalidJSON", "invalidRequest"}


@pytest.mark.parametrize("element", [None, 1, "ping", [], {}, {"taskType": 5}, {"taskType": "x"}])
async def test_an_element_that_is_no_known_task_is_refused(
    http: httpx.AsyncClient, runware: LocalRunware, element: Any
) -> None:
    answer = await http.post(runware.base_url, json=[element, build_account_task()])
    assert [item["taskType"] for item in answer.json()["data"]] == ["accountManagement"]
    assert answer.json()["errors"][0]["code"] in {
        "invalidTask",
        "missingTaskType",
        "invalidTaskType",
    }


async def test_a_lone_surrogate_is_quoted_back_and_breaks_nothing(
    http: httpx.AsyncClient, runware: LocalRunware
) -> None:
    body = json.dumps([build_wire_task() | {"\ud800": "\udfff"}])
    answer = await http.post(runware.base_url, content=body)
    assert answer.json()["errors"][0]["code"] == "unknownParameter"
