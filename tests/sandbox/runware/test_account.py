"""The usage by day, model and key agrees with the bills; the catalogue says what is live."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio

from bot.domain.money import MicroUsd
from sandbox.control.clock import VirtualClock
from sandbox.runware.api.server import LocalRunware
from sandbox.runware.journal import Bill
from tests.support.runware.caller import Caller, Json
from tests.support.runware.flat_renderer import FlatRenderer

DAY = 86_400.0
USAGE = {"taskType": "accountManagement", "operation": "getUsageActivity"}


@pytest_asyncio.fixture
async def clock() -> VirtualClock:
    return VirtualClock()


@pytest_asyncio.fixture
async def caller(clock: VirtualClock) -> AsyncIterator[Caller]:
    async with (
        LocalRunware.open(workers=FlatRenderer(), clock=clock) as runware,
        Caller.open(runware) as opened,
    ):
        yield opened


def format_day(clock: VirtualClock, days: int = 0) -> str:
    return (datetime.fromtimestamp(clock.now(), UTC) + timedelta(days=days)).date().isoformat()


def build_range(clock: VirtualClock, first: int, last: int, **fields: Any) -> Json:
    days = {"startDate": format_day(clock, first), "endDate": format_day(clock, last)}
    return USAGE | days | fields


async def test_the_usage_of_each_day_is_what_was_billed_on_it(
    caller: Caller, clock: VirtualClock
) -> None:
    await caller.submit_task(numberResults=3)
    await caller.submit_task()
    clock.advance(2 * DAY)
    await caller.submit_task(numberResults=2)
    grouped = build_range(clock, -4, 0, groupBy=["date", "model", "apiKey"])
    ((item,), errors) = await caller.post_task(**grouped)
    rows = [
        {"date": format_day(clock, -2), "count": 2, "spend": 0.2},
        {"date": format_day(clock), "count": 1, "spend": 0.1},
    ]
    usage = item["usage"]
    assert not errors
    assert usage["timeseries"]["data"] == rows
    assert [row | {"model": "bfl:1@3", "modelName": "FLUX.1 Expand [pro]"} for row in rows] == (
        usage["model"]["data"]
    )
    assert [row | {"apiKey": "sandbox"} for row in rows] == usage["apiKey"]["data"]
    for group in usage.values():
        assert group["meta"] == {
            "totalRequests": 3,
            "totalResults": 6,
            "totalSpend": 0.3,
            "avgDailySpend": pytest.approx(0.06),
        }
    billed = sum(bill.cost for bill in caller.runware.journal.bills)
    assert billed == round(1e6 * usage["timeseries"]["meta"]["totalSpend"])


@pytest.mark.parametrize(
    ("wanted", "days"),
    [
        ({"models": ["bfl:1@3", "x:1@1"]}, 1),
        ({"models": ["x:1@1"]}, 0),
        ({"apiKeys": ["sandbox"]}, 1),
        ({"apiKeys": ["another"]}, 0),
    ],
)
async def test_usage_can_be_narrowed_to_models_and_keys(
    caller: Caller, clock: VirtualClock, wanted: Json, days: int
) -> None:
    await caller.submit_task()
    (item,), _ = await caller.post_task(**build_range(clock, 0, 0, **wanted))
    assert len(item["usage"]["timeseries"]["data"]) == days


async def test_each_model_has_rows_of_its_own(caller: Caller, clock: VirtualClock) -> None:
    await caller.submit_task()
    now = clock.now()
    other = Bill(now, uuid4(), uuid4(), MicroUsd(120_000), model="bfl:flux@outpainting")
    caller.runware.journal.record_bill(other)
    asked = build_range(clock, 0, 0, groupBy=["date", "model"])
    (item,), _ = await caller.post_task(**asked)
    spend = {row["model"]: row["spend"] for row in item["usage"]["model"]["data"]}
    assert spend == {"bfl:1@3": 0.05, "bfl:flux@outpainting": 0.12}
    assert [row["spend"] for row in item["usage"]["timeseries"]["data"]] == [0.17]


async def test_a_day_begins_at_midnight_of_the_time_zone(
    caller: Caller, clock: VirtualClock
) -> None:
    late = datetime(2026, 3, 1, 23, 30, tzinfo=UTC).timestamp()
    clock.advance(max(0.0, late - clock.now()))
    caller.runware.journal.record_bill(Bill(late, uuid4(), uuid4(), MicroUsd(70_000)))
    days = {"startDate": "2026-03-01", "endDate": "2026-03-02"}
    for zone, day in (("UTC", "2026-03-01"), ("Europe/Berlin", "2026-03-02")):
        (item,), _ = await caller.post_task(**USAGE, **days, timezone=zone)
        assert item["usage"]["timeseries"]["data"] == [{"date": day, "count": 1, "spend": 0.07}]


@pytest.mark.parametrize(("setting", "days"), [("used", 1), ("all", 5)])
async def test_usage_days(caller: Caller, clock: VirtualClock, setting: str, days: int) -> None:
    caller.set_switches(usage_days=setting)
    await caller.submit_task()
    (item,), _ = await caller.post_task(**build_range(clock, -4, 0))
    rows = item["usage"]["timeseries"]["data"]
    assert (len(rows), sum(row["spend"] for row in rows)) == (days, 0.05)


async def test_usage_late(caller: Caller, clock: VirtualClock) -> None:
    caller.set_switches(usage_late=900.0)
    await caller.submit_task()
    asked = build_range(clock, 0, 1)
    for seconds, days in ((0, 0), (899, 0), (1, 1)):
        clock.advance(seconds)
        (item,), _ = await caller.post_task(**asked)
        assert len(item["usage"]["timeseries"]["data"]) == days


DAYS = {"startDate": "2026-03-01", "endDate": "2026-03-02"}


@pytest.mark.parametrize(
    ("changed", "code", "parameter"),
    [
        ({"startDate": None}, "missingStartDate", "startDate"),
        ({"endDate": None}, "missingEndDate", "endDate"),
        ({"startDate": "2026-02-30"}, "invalidStartDate", "startDate"),
        ({"startDate": "20260301"}, "invalidStartDate", "startDate"),
        ({"endDate": "2026-03-02T00:00:00Z"}, "invalidEndDate", "endDate"),
        ({"endDate": 20260302}, "invalidEndDate", "endDate"),
        ({"endDate": "2026-02-28"}, "invalidDateRange", ["startDate", "endDate"]),
        ({"endDate": "2026-04-01"}, "invalidDateRange", ["startDate", "endDate"]),
        ({"groupBy": []}, "invalidGroupBy", "groupBy"),
        ({"groupBy": ["week"]}, "invalidGroupBy", "groupBy"),
        ({"timezone": "Mars/Olympus"}, "invalidTimezone", "timezone"),
        ({"timezone": 1}, "invalidTimezone", "timezone"),
        ({"models": "bfl:1@3"}, "invalidModels", "models"),
    ],
)
async def test_a_range_that_makes_no_sense_is_refused(
    caller: Caller, changed: Json, code: str, parameter: str | list[str]
) -> None:
    wanted: Json = USAGE | DAYS | changed
    wanted = {name: value for name, value in wanted.items() if value is not None}
    data, (error,) = await caller.post_task(**wanted)
    assert (data, error["code"], error["parameter"]) == ([], code, parameter)


async def test_a_month_to_the_day_is_not_too_long(caller: Caller) -> None:
    data, errors = await caller.post_task(**USAGE | DAYS | {"endDate": "2026-03-31"})
    assert (len(data), errors) == (1, [])


@pytest.mark.parametrize("status", ["live", "deprecated", "coming-soon", "unlisted"])
async def test_the_catalogue_says_whether_a_model_lives(caller: Caller, status: str) -> None:
    caller.set_switches(model_status=status)
    async with httpx.AsyncClient(trust_env=False) as anyone:
        model = (await anyone.get(f"{caller.runware.content_url}/models/bfl:1@3")).json()
    assert (model["air"], model["status"]) == ("bfl:1@3", status)
    assert model.get("replacedBy") == ("bfl:flux@outpainting" if status == "deprecated" else None)


async def test_the_catalogue_does_not_know_every_model(caller: Caller) -> None:
    content = caller.runware.content_url
    assert (await caller.http.get(f"{content}/models/bfl:9@9")).status_code == 404
    caller.set_switches(model_status="missing")
    assert (await caller.http.get(f"{content}/models/bfl:1@3")).status_code == 404
