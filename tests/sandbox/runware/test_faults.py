"""Faults on the wire, in plain HTTP; and as data: planned, seeded, journalled."""

from __future__ import annotations

import io
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from PIL import Image

from sandbox.runware.api.server import LocalRunware
from sandbox.runware.faults import (
    KINDS,
    WRONG_PICTURES,
    RunwareFault,
    RunwareStage,
    SeededRunwareFaults,
)
from tests.support.runware.wire_tasks import build_poll, build_wire_task

Json = dict[str, Any]


async def plan_faults(http: httpx.AsyncClient, runware: LocalRunware, *faults: Json) -> None:
    answer = await http.post(f"{runware.control}/faults", json=list(faults))
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("kind", "status", "accepted"),
    [
        ("busy", 429, False),
        ("unavailable", 503, False),
        ("timeout", 504, False),
        ("accept_503", 503, True),
        ("accept_504", 504, True),
    ],
)
async def test_an_answer_of_another_status(
    http: httpx.AsyncClient, runware: LocalRunware, kind: str, status: int, *, accepted: bool
) -> None:
    await plan_faults(
        http, runware, {"kind": kind, "value": 3} if kind == "busy" else {"kind": kind}
    )
    task = build_wire_task()
    response = await http.post(runware.base_url, json=[task])
    assert response.status_code == status
    assert response.headers.get("Retry-After") == ("3" if kind == "busy" else None)
    again = (await http.post(runware.base_url, json=[task])).json()
    assert bool(again["data"]) is not accepted


@pytest.mark.parametrize(
    "fault",
    [{"kind": "accept_reset"}, {"kind": "cut", "value": 0}, {"kind": "cut", "value": 20}],
    ids=str,
)
async def test_an_answer_that_breaks_off_after_the_task_was_accepted(
    http: httpx.AsyncClient, runware: LocalRunware, fault: Json
) -> None:
    await plan_faults(http, runware, fault)
    task = build_wire_task()
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        await http.post(runware.base_url, json=[task])
    assert (await http.post(runware.base_url, json=build_poll(task))).json()["data"]


@pytest.mark.parametrize("fault", [{"kind": "silence"}, {"kind": "drip", "value": 0.2}], ids=str)
async def test_an_answer_that_does_not_come_to_an_end(
    http: httpx.AsyncClient, runware: LocalRunware, fault: Json
) -> None:
    await plan_faults(http, runware, fault | {"stage": "poll"})
    with pytest.raises(httpx.ReadTimeout):
        await http.post(runware.base_url, json=build_poll(build_wire_task()), timeout=0.1)


async def test_an_answer_that_is_no_json(http: httpx.AsyncClient, runware: LocalRunware) -> None:
    await plan_faults(http, runware, {"kind": "html"})
    response = await http.post(runware.base_url, json=[build_wire_task()])
    assert (response.status_code, response.headers["Content-Type"][:9]) == (200, "text/html")


async def submit_task(http: httpx.AsyncClient, runware: LocalRunware, **changed: Any) -> Json:
    task = build_wire_task(deliveryMethod="sync", includeCost=True, **changed)
    answer: Json = (await http.post(runware.base_url, json=[task])).json()
    return answer


@pytest.mark.parametrize("value", [0, -1, "0.05", 1e9, None])
async def test_a_wrong_or_missing_cost(
    http: httpx.AsyncClient, runware: LocalRunware, value: object
) -> None:
    await plan_faults(http, runware, {"kind": "cost", "value": value})
    assert (await submit_task(http, runware))["data"][0].get("cost") == value
    assert (await submit_task(http, runware))["data"][0]["cost"] == 0.05


async def test_a_price_of_its_own_is_billed_and_reported(
    http: httpx.AsyncClient, runware: LocalRunware
) -> None:
    await plan_faults(http, runware, {"kind": "price", "value": 0.0713})
    costs = [(await submit_task(http, runware))["data"][0]["cost"] for _ in range(2)]
    assert costs == [0.0713, 0.05]
    assert [bill.cost for bill in runware.journal.bills] == [71_300, 50_000]


async def test_items_that_come_twice_or_belong_to_nobody(
    http: httpx.AsyncClient, runware: LocalRunware
) -> None:
    kinds = ("duplicate", "unknown_item", "unknown_error")
    await plan_faults(http, runware, *({"kind": kind} for kind in kinds))
    twice, stranger, error = [await submit_task(http, runware) for _ in kinds]
    assert twice["data"][0] == twice["data"][1]
    assert len({item["taskUUID"] for item in stranger["data"]}) == 2
    assert error["errors"][0]["taskUUID"] != error["data"][0]["taskUUID"]


@pytest.mark.parametrize(
    ("fault", "length"),
    [
        ({"kind": "garbage"}, 360),
        ({"kind": "empty"}, 0),
        ({"kind": "oversized", "value": 70_000}, 70_000),
    ],
    ids=str,
)
async def test_a_file_that_is_no_picture_or_too_long(
    http: httpx.AsyncClient, runware: LocalRunware, fault: Json, length: int
) -> None:
    (item,) = (await submit_task(http, runware))["data"]
    await plan_faults(http, runware, fault)
    assert len((await http.get(item["imageURL"])).content) == length
    whole = await http.get(item["imageURL"])
    assert Image.open(io.BytesIO(whole.content)).size == (160, 80)


async def test_a_file_of_another_size_or_cut_off_or_gone(
    http: httpx.AsyncClient, runware: LocalRunware
) -> None:
    (item,) = (await submit_task(http, runware))["data"]
    await plan_faults(http, runware, {"kind": "wrong_size", "value": 5})
    wide = (await http.get(item["imageURL"])).content
    assert Image.open(io.BytesIO(wide)).size == (165, 80)
    await plan_faults(http, runware, {"kind": "media_cut", "value": 50})
    with pytest.raises(httpx.RemoteProtocolError):
        await http.get(item["imageURL"])
    await plan_faults(http, runware, {"kind": "gone"}, {"kind": "media_503"})
    assert [(await http.get(item["imageURL"])).status_code for _ in range(3)] == [404, 503, 200]


async def test_a_task_can_end_badly_or_never(
    http: httpx.AsyncClient, runware: LocalRunware
) -> None:
    await plan_faults(http, runware, {"kind": "fail"}, {"kind": "moderate"}, {"kind": "never"})
    assert (await submit_task(http, runware))["errors"][0]["code"] == "timeoutProvider"
    partly = await submit_task(http, runware, numberResults=2)
    assert (len(partly["data"]), len(partly["errors"])) == (1, 1)
    with pytest.raises(httpx.ReadTimeout):
        await http.post(
            runware.base_url, json=[build_wire_task(deliveryMethod="sync")], timeout=0.2
        )


async def test_a_fault_can_wait_its_turn_and_be_for_one_task_alone(
    http: httpx.AsyncClient, runware: LocalRunware
) -> None:
    chosen = build_wire_task()
    await plan_faults(
        http, runware, {"kind": "busy", "task": chosen["taskUUID"], "times": 2, "skip": 1}
    )
    statuses = [
        (await http.post(runware.base_url, json=[task])).status_code
        for task in (build_wire_task(), chosen, chosen, build_wire_task(), chosen, chosen)
    ]
    assert statuses == [200, 200, 429, 200, 429, 400]


async def test_the_journal_and_the_list_name_faults(
    http: httpx.AsyncClient, runware: LocalRunware
) -> None:
    task = build_wire_task()
    await plan_faults(http, runware, {"kind": "unavailable", "times": 2})
    await http.post(runware.base_url, json=[task])
    (struck,) = (await http.get(f"{runware.control}/journal")).json()["faults"]
    assert (struck["kind"], struck["stage"]) == ("unavailable", "submit")
    assert struck["tasks"] == [task["taskUUID"]]
    listed = (await http.get(f"{runware.control}/faults")).json()
    assert listed["kinds"].keys() == KINDS.keys()
    assert [fault["kind"] for fault in listed["planned"]] == ["unavailable"]
    assert (await http.delete(f"{runware.control}/faults")).json() == {"planned": 0}
    assert (await http.post(runware.base_url, json=[task])).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        [{"kind": "storm"}],
        [{"kind": "cut", "value": "x"}],
        [{"kind": "price", "value": -1}],
        [{"kind": "cut", "stage": "media"}],
        [{"kind": "gone", "times": -1}],
        [{"kind": "gone", "times": True}],
        [{"kind": "gone", "task": "7"}],
        [{"kind": "gone", "colour": 1}],
        [5],
        {"seed": "x"},
        {"seed": 1, "rate": 2},
        {"seed": 1, "kinds": ["storm"]},
        {"seed": 1, "kinds": []},
        "x",
    ],
    ids=str,
)
async def test_a_plan_that_makes_no_sense_is_refused(
    http: httpx.AsyncClient, runware: LocalRunware, wrong: Any
) -> None:
    answer = await http.post(f"{runware.control}/faults", json=wrong)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert runware.service_state.faults.planned_faults == []


async def test_a_seeded_plan_is_set_through_the_control_api_and_repeats_itself(
    http: httpx.AsyncClient, runware: LocalRunware
) -> None:
    await http.post(f"{runware.control}/faults", json={"seed": 3, "rate": 0.5, "kinds": ["busy"]})
    same = SeededRunwareFaults(3, 0.5, ("busy",))
    for task in [build_wire_task() for _ in range(20)]:
        drawn = same.draw_fault(UUID(task["taskUUID"]))
        refused = any(fault.stage is RunwareStage.SUBMIT for fault in drawn)
        response = await http.post(runware.base_url, json=[task])
        assert response.status_code == (429 if refused else 200)


def test_a_seeded_plan_draws_every_kind_and_only_where_it_may_strike() -> None:
    drawn = [
        fault for _ in range(2000) for fault in SeededRunwareFaults(1, 0.7).draw_fault(uuid4())
    ]
    assert {fault.kind for fault in drawn} == set(KINDS) - WRONG_PICTURES
    assert all(fault.stage in KINDS[fault.kind][0] for fault in drawn)


def test_a_fault_needs_no_stage_where_its_kind_has_but_one() -> None:
    assert RunwareFault.from_json({"kind": "gone"}).stage is RunwareStage.MEDIA
