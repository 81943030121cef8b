"""Each switch changes what it says, and the control API takes nothing that makes no sense."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from PIL import Image

from sandbox.control.clock import VirtualClock
from sandbox.runware.api.server import LocalRunware
from sandbox.runware.behaviour_switches import Switches
from sandbox.runware.faults import RunwareFault, RunwareStage
from tests.support.runware.caller import Caller
from tests.support.runware.flat_renderer import FlatRenderer
from tests.support.runware.server_fixture import build_data_uri, encode_image
from tests.support.runware.wire_tasks import build_poll, build_wire_task


@pytest_asyncio.fixture
async def clock() -> VirtualClock:
    return VirtualClock()


@pytest_asyncio.fixture
async def runware(clock: VirtualClock) -> AsyncIterator[LocalRunware]:
    async with LocalRunware.open(workers=FlatRenderer(), clock=clock) as opened:
        yield opened


@pytest_asyncio.fixture
async def caller(runware: LocalRunware) -> AsyncIterator[Caller]:
    async with Caller.open(runware) as opened:
        yield opened


@pytest.mark.parametrize(("batch", "accepted"), [("each", 1), ("whole", 0)])
async def test_batch(caller: Caller, batch: str, accepted: int) -> None:
    caller.set_switches(batch=batch)
    _, data, errors = await caller.post_tasks(build_wire_task(), build_wire_task(steps=1))
    assert (len(data), len(errors)) == (accepted, 1)


@pytest.mark.parametrize(("setting", "status"), [("ok", 200), ("worst", 400)])
async def test_mixed_status(caller: Caller, setting: str, status: int) -> None:
    caller.set_switches(mixed_status=setting)
    assert (await caller.post_tasks(build_wire_task(), build_wire_task(steps=1)))[0] == status


@pytest.mark.parametrize(("setting", "status"), [("ok", 200), ("worst", 400)])
async def test_failed_poll_status(caller: Caller, setting: str, status: int) -> None:
    caller.set_switches(failed_poll_status=setting)
    task = await caller.submit_task(positivePrompt="unsafe-prompt-6")
    assert (await caller.post_tasks(*build_poll(task)))[0] == status


@pytest.mark.parametrize(
    ("partial", "states", "errors", "billed"),
    [
        ("beside", ["success", "success"], 1, 2),
        ("item", ["error", "success", "success"], 0, 2),
        ("silent", ["success", "success"], 0, 2),
        ("whole", [], 1, 0),
    ],
)
async def test_partial(
    caller: Caller, partial: str, states: list[str], errors: int, billed: int
) -> None:
    caller.set_switches(partial=partial)
    task = await caller.submit_task(positivePrompt="unsafe-result-6", numberResults=3)
    _, data, failures = await caller.post_tasks(*build_poll(task))
    assert (sorted(item["status"] for item in data), len(failures)) == (states, errors)
    assert len(caller.runware.journal.bills) == billed


@pytest.mark.parametrize(
    ("setting", "billed", "cost"), [("free", 0, None), ("billed", 2, None), ("reported", 2, 0.1)]
)
async def test_moderated_bill(
    caller: Caller, setting: str, billed: int, cost: float | None
) -> None:
    caller.set_switches(moderated_bill=setting, moderation_code="contentPolicyViolation")
    task = await caller.submit_task(positivePrompt="unsafe-prompt-6", numberResults=2)
    _, _, (error,) = await caller.post_tasks(*build_poll(task))
    assert (error["code"], error.get("cost")) == ("contentPolicyViolation", cost)
    assert [bill.moderated for bill in caller.runware.journal.bills] == [True] * billed


@pytest.mark.parametrize(("kept", "later", "free"), [(None, 10**8, False), (120.0, 119, False)])
async def test_uuid_reserved(
    caller: Caller, clock: VirtualClock, kept: float | None, later: float, *, free: bool
) -> None:
    caller.set_switches(uuid_reserved=kept)
    task = await caller.submit_task()
    clock.advance(later)
    assert bool((await caller.post_tasks(task))[1]) is free
    if kept is not None:
        clock.advance(1)
        assert (await caller.post_tasks(task))[1]


@pytest.mark.parametrize(("setting", "free"), [("free", True), ("reserved", False)])
async def test_refused_uuid(caller: Caller, setting: str, *, free: bool) -> None:
    caller.set_switches(refused_uuid=setting)
    task = build_wire_task()
    await caller.post_tasks(task | {"steps": 1})
    _, data, errors = await caller.post_tasks(task)
    assert bool(data) is free
    assert [error["code"] for error in errors] == ([] if free else ["conflictTaskUUID"])


@pytest.mark.parametrize(
    ("setting", "status", "named"),
    [("empty", 200, []), ("error", 404, [True]), ("unnamed", 404, [False])],
)
async def test_unknown_task(caller: Caller, setting: str, status: int, named: list[bool]) -> None:
    caller.set_switches(unknown_task=setting)
    code, data, errors = await caller.post_tasks(*build_poll(build_wire_task()))
    assert (code, data, ["taskUUID" in error for error in errors]) == (status, [], named)


@pytest.mark.parametrize(("setting", "shown"), [("shown", 1), ("hidden", 0)])
async def test_sync_polled(caller: Caller, setting: str, shown: int) -> None:
    caller.set_switches(sync_polled=setting)
    task = await caller.submit_task(deliveryMethod="sync")
    assert len((await caller.post_tasks(*build_poll(task)))[1]) == shown


async def test_retention(caller: Caller, clock: VirtualClock) -> None:
    caller.set_switches(retention=120.0)
    task = await caller.submit_task()
    clock.advance(119)
    assert (await caller.post_tasks(*build_poll(task)))[1]
    clock.advance(1)
    assert not (await caller.post_tasks(*build_poll(task)))[1]


async def test_late(caller: Caller, clock: VirtualClock) -> None:
    caller.set_switches(late=2.0)
    task = await caller.submit_task()
    assert not (await caller.post_tasks(*build_poll(task)))[1]
    clock.advance(2)
    assert (await caller.post_tasks(*build_poll(task)))[1]


@pytest.mark.parametrize(("setting", "items"), [("each", 3), ("one", 1), ("none", 0)])
async def test_waiting(caller: Caller, setting: str, items: int) -> None:
    caller.set_switches(waiting=setting)
    caller.runware.pause_tasks()
    task = build_wire_task(numberResults=3)
    await caller.post_tasks(task)
    assert len((await caller.post_tasks(*build_poll(task)))[1]) == items


@pytest.mark.parametrize(("setting", "items"), [("item", 1), ("empty", 0)])
async def test_ack(caller: Caller, setting: str, items: int) -> None:
    caller.set_switches(ack=setting)
    status, data, _ = await caller.post_tasks(build_wire_task())
    assert (status, len(data)) == (200, items)


async def test_url_seconds(caller: Caller, clock: VirtualClock) -> None:
    caller.set_switches(url_seconds=600.0)
    task = await caller.submit_task()
    url = (await caller.post_tasks(*build_poll(task)))[1][0]["imageURL"]
    clock.advance(599)
    assert (await caller.http.get(url)).status_code == 200
    clock.advance(1)
    assert (await caller.http.get(url)).status_code == 404


@pytest.mark.parametrize(("setting", "accepted"), [("refuse", 0), ("reduce", 1)])
async def test_over_canvas(caller: Caller, setting: str, accepted: int) -> None:
    caller.set_switches(over_canvas=setting, canvas_pixels=5_000)
    _, data, errors = await caller.post_tasks(build_wire_task(deliveryMethod="sync"))
    assert (len(data), len(errors)) == (accepted, 1 - accepted)
    for item in data:
        image = Image.open(io.BytesIO((await caller.http.get(item["imageURL"])).content))
        assert image.width * image.height <= 5_000


@pytest.mark.parametrize(("setting", "width"), [("kept", 2364), ("reduced", 2112)])
async def test_large_seed(caller: Caller, setting: str, width: int) -> None:
    caller.set_switches(large_seed=setting)
    seed = build_data_uri(encode_image(Image.new("RGB", (2300, 230), "teal")))
    task = build_wire_task(inputs={"seedImage": seed}, deliveryMethod="sync")
    _, (item,), _ = await caller.post_tasks(task)
    image = Image.open(io.BytesIO((await caller.http.get(item["imageURL"])).content))
    assert image.width == width


async def test_inline_bytes(caller: Caller) -> None:
    caller.set_switches(inline_bytes=100)
    _, _, (error,) = await caller.post_tasks(build_wire_task())
    assert (error["code"], error["parameter"]) == ("invalidSeedImage", "inputs.seedImage")


@pytest.mark.parametrize(
    ("setting", "balance"),
    [("number", 1000.0), ("object", {"amount": 1000.0, "freeBalance": 0.0, "currency": "USD"})],
)
async def test_balance(caller: Caller, setting: str, balance: object) -> None:
    caller.set_switches(balance=setting)
    element = build_wire_task(taskType="accountManagement")
    task = {"taskType": "accountManagement", "operation": "getDetails"}
    _, (item,), _ = await caller.post_tasks(task | {"taskUUID": element["taskUUID"]})
    assert item["balance"] == balance


@pytest.mark.parametrize(("setting", "told"), [("seconds", "7"), ("date", "GMT"), ("none", "")])
async def test_retry_after(caller: Caller, setting: str, told: str) -> None:
    caller.set_switches(retry_after=setting)
    caller.runware.service_state.faults.add(RunwareFault("busy", RunwareStage.SUBMIT, value=7))
    response = await caller.http.post(caller.runware.base_url, json=[build_wire_task()])
    assert response.status_code == 429
    header = response.headers.get("Retry-After", "")
    assert header.endswith(told)
    assert bool(header) is bool(told)


@pytest.mark.parametrize(("setting", "named"), [("string", "steps"), ("list", ["steps"])])
async def test_error_parameter(caller: Caller, setting: str, named: str | list[str]) -> None:
    caller.set_switches(error_parameter=setting)
    _, _, (error,) = await caller.post_tasks(build_wire_task(steps=1))
    assert error["parameter"] == named


@pytest.mark.parametrize(
    ("setting", "where"), [("error", ()), ("context", ()), ("error_data", ("error_data",))]
)
async def test_conflict(caller: Caller, setting: str, where: tuple[str, ...]) -> None:
    caller.set_switches(conflict=setting)
    task = await caller.submit_task()
    status, data, (error,) = await caller.post_tasks(task)
    assert (status, data, error["code"]) == (400, [], "conflictTaskUUID")
    named = {"taskType": "imageInference", "taskUUID": task["taskUUID"]}
    if setting == "error":
        assert error.items() >= named.items()
        return
    for name in where:
        error = error[name]
    assert error["context"] == named | {"deliveryMethod": "async"}
    assert "taskUUID" not in error


@pytest.mark.parametrize(("setting", "status"), [("known", 200), ("unknown", 400)])
async def test_http_ping(caller: Caller, setting: str, status: int) -> None:
    caller.set_switches(http_ping=setting)
    code, data, errors = await caller.post_tasks({"taskType": "ping", "ping": True})
    assert code == status
    if setting == "known":
        assert (data, errors) == ([{"taskType": "ping", "pong": True}], [])
        return
    assert (data, [error["code"] for error in errors]) == ([], ["invalidTaskType"])
    assert "imageInference" in errors[0]["allowedValues"]
    assert "ping" not in errors[0]["allowedValues"]


async def test_price(caller: Caller) -> None:
    caller.set_switches(price="varies")
    task = await caller.submit_task(numberResults=8, includeCost=True)
    _, items, _ = await caller.post_tasks(*build_poll(task))
    billed = {str(bill.image_uuid): bill.cost for bill in caller.runware.journal.bills}
    assert {item["imageUUID"]: round(item["cost"] * 1e6) for item in items} == billed
    assert len(set(billed.values())) == 8
    assert all(25_000 <= cost <= 100_000 for cost in billed.values())


async def test_dry_run_refused(caller: Caller) -> None:
    caller.set_switches(dry_run="refused")
    task, headers = build_wire_task(), {"X-Runware-Dry-Run": "1"}
    refused = await caller.http.post(caller.runware.base_url, json=[task], headers=headers)
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["code"] == "unsupportedDryRun"
    assert (await caller.post_tasks(task))[1]


async def test_every_switch_is_listed_with_its_question_and_set_by_name(caller: Caller) -> None:
    listed = (await caller.http.get(f"{caller.runware.control}/switches")).json()
    assert listed.keys() == Switches.list_choices().keys()
    assert all(switch["about"] and len(switch["choices"]) > 1 for switch in listed.values())
    assert all(switch["value"] == switch["choices"][0] for switch in listed.values())
    control = f"{caller.runware.control}/switches"
    changed = await caller.http.post(control, json={"late": 0.7, "ack": "empty"})
    assert (changed.json()["late"]["value"], changed.json()["ack"]["value"]) == (0.7, "empty")
    assert caller.runware.service_state.switches.late == 0.7


@pytest.mark.parametrize(
    "wrong", [{"ack": "none"}, {"colour": 1}, {"late": -1}, {"late": "1"}, {"late": True}, [], 5]
)
async def test_a_setting_that_no_switch_has_is_refused(caller: Caller, wrong: Any) -> None:
    before = caller.runware.service_state.switches
    answer = await caller.http.post(f"{caller.runware.control}/switches", json=wrong)
    assert (answer.status_code, caller.runware.service_state.switches) == (400, before)
