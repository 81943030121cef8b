"""Operators are told once a day what needs attention; the ledger is compared with the bill."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.composition.provider import build_provider_checks, build_reconciliation, open_provider
from bot.domain.money import MicroUsd
from bot.errors import ProviderUnavailable, Transient
from bot.services.billing.provider_watch import ProviderWatch
from bot.services.billing.reconciliation import Reconciliation
from bot.services.ports.provider import ProviderReading, SpendReading
from bot.storage.repositories.key_values import KeyValueStore
from bot.storage.sqlite.row_mapping import to_ms
from bot.ui.texts.provider import describe_reading, list_spend_lines
from tests.support.runware.scripted_provider import (
    MODEL,
    ScriptedProvider,
    build_error,
    build_usage,
)
from tests.support.services.acceptance_harness import AcceptanceHarness, ManualClock

TODAY = ManualClock().current_time
"""2026-11-22 12:00 UTC, so that the latest complete day is the 21st."""


@dataclass(slots=True)
class RecordingOperators:
    """Record what operators are told; `fails` makes Discord unavailable."""

    told: list[ProviderReading] = field(default_factory=list)
    fails: bool = False

    async def send_notice(self, reading: ProviderReading) -> None:
        if self.fails:
            raise Transient("discord is down")
        self.told.append(reading)

    def list_names(self) -> list[str]:
        names = [reading.name for reading in self.told]
        self.told.clear()
        return names


@dataclass(slots=True)
class WatchHarness:
    orders: AcceptanceHarness
    provider: ScriptedProvider
    operators: RecordingOperators
    watch: ProviderWatch
    reconciliation: Reconciliation

    async def spend(self, at: datetime, cost: int | None) -> None:
        """Have a job submitted at a time and ended at a cost; None leaves it open."""
        self.orders.clock.current_time = at
        job = await self.orders.accept_order()
        async with self.orders.database.write() as tx:
            await tx.execute(
                """
                INSERT INTO job_event (job_id, source, target, epoch, at)
                VALUES (:id, 'prepared', 'submitting', 1, :at)
                """,
                {"id": job.id, "at": to_ms(at + timedelta(seconds=1))},
            )
        if cost is not None:
            await self.orders.settle_job(job, cost=cost)
        self.orders.clock.current_time = TODAY

    async def compare(self, first: int, last: int) -> list[tuple[int, int, int, int, bool]]:
        """Compare days of November: day, ledger, held, provider, and whether that is explained."""
        reading = await self.reconciliation.compare_days(
            date(2026, 11, first), date(2026, 11, last)
        )
        return [
            (day.day.day, day.ledger, day.held, day.provider, day.is_explained)
            for day in reading.days
        ]


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[WatchHarness]:
    async with AsyncExitStack() as stack:
        orders = await stack.enter_async_context(
            AcceptanceHarness.open(tmp_path, usd_per_ten_minutes=100, queue=500)
        )
        scripted = await stack.enter_async_context(ScriptedProvider.open())
        settings = scripted.build_settings()
        opened = await stack.enter_async_context(open_provider(settings))
        client, clock = opened.client, orders.clock
        statements = orders.services.core.statements
        checks = build_provider_checks(settings, client, opened.catalog)
        reconciliation = build_reconciliation(settings, client, statements, clock)
        operators = RecordingOperators()
        values = KeyValueStore(orders.database)
        watch = ProviderWatch(checks, reconciliation, operators, values, clock)
        yield WatchHarness(orders, scripted, operators, watch, reconciliation)


async def test_a_provider_that_is_as_expected_is_not_talked_about(harness: WatchHarness) -> None:
    await harness.watch.check_provider()
    assert harness.operators.told == []


async def test_each_finding_is_told_once_a_day_even_after_a_restart(harness: WatchHarness) -> None:
    provider, watch = harness.provider, harness.watch
    provider.details = (200, {"balance": 3.12})
    provider.dry_run = (200, {"cost": 0.06})
    provider.model = (200, {"status": "deprecated", "replacedBy": "bfl:flux@outpainting"})
    await watch.check_provider()
    assert [describe_reading(each) for each in harness.operators.told] == [
        "$3.12 left, less than $5.00 (runware.low_balance_usd). Top up the account.",
        (
            "Runware's price is $0.06 a picture; Expanse holds $0.05."
            " Set limits.usd_per_result = 0.06."
        ),
        (
            f"{MODEL} is deprecated at Runware; its successor is bfl:flux@outpainting."
            " Before it stops working, update Expanse or choose another runware.model."
        ),
    ]
    harness.operators.told.clear()
    await watch.check_provider()
    restarted = ProviderWatch(
        watch.checks,
        watch.reconciliation,
        watch.operators,
        KeyValueStore(harness.orders.database),
        watch.clock,
    )
    await restarted.check_provider()
    assert harness.operators.list_names() == []
    harness.orders.clock.current_time += timedelta(days=1)
    await restarted.check_provider()
    assert harness.operators.list_names() == ["balance", "price", "model"]


async def test_a_notice_that_did_not_get_through_is_sent_again(harness: WatchHarness) -> None:
    harness.provider.details = (200, {"balance": 0})
    harness.operators.fails = True
    await harness.watch.check_provider()
    harness.operators.fails = False
    await harness.watch.check_provider()
    await harness.watch.check_provider()
    assert harness.operators.list_names() == ["balance"]


@pytest.mark.parametrize(
    ("cost", "names"),
    [
        (0.05, []),
        (0, ["price"]),
        (-1, ["price"]),
        (float("nan"), ["price"]),
        (float("inf"), ["price"]),
        (10**40, ["price"]),
        ("0.05", []),
        (None, []),
    ],
)
async def test_an_odd_price_is_told_and_breaks_nothing(
    harness: WatchHarness, cost: Any, names: list[str]
) -> None:
    harness.provider.dry_run = (200, {"cost": cost})
    await harness.watch.check_provider()
    assert harness.operators.list_names() == names


@pytest.mark.parametrize("answer", [(400, build_error("invalidModel")), (200, "<html>"), (503, "")])
async def test_what_cannot_be_checked_keeps_nothing_else_from_being_told(
    harness: WatchHarness, answer: tuple[int, Any]
) -> None:
    harness.provider.dry_run = harness.provider.usage = answer
    harness.provider.details = (200, {"balance": 1})
    await harness.watch.check_provider()
    assert harness.operators.list_names() == ["balance"]


async def test_a_key_that_is_refused_later_is_told(harness: WatchHarness) -> None:
    harness.provider.details = harness.provider.dry_run = (401, build_error("tokenExpired"))
    await harness.watch.check_provider()
    assert [describe_reading(each) for each in harness.operators.told] == [
        "Runware refuses the API key (tokenExpired). Check runware.api_key."
    ]


async def test_a_key_that_may_not_read_the_account_is_no_finding(harness: WatchHarness) -> None:
    harness.provider.details = harness.provider.usage = (403, build_error("permissionDenied"))
    await harness.watch.check_provider()
    assert harness.operators.told == []


async def test_the_ledger_is_compared_by_the_day_of_submission(harness: WatchHarness) -> None:
    # accepted before midnight, submitted after it: the provider counts it on the second day
    await harness.spend(datetime(2026, 11, 19, 23, 59, 59, 500_000, UTC), 50_000)
    await harness.spend(datetime(2026, 11, 20, 8, tzinfo=UTC), 37_500)
    await harness.spend(datetime(2026, 11, 20, 9, tzinfo=UTC), 0)
    await harness.spend(datetime(2026, 11, 21, 9, tzinfo=UTC), None)
    harness.provider.usage = (
        200,
        build_usage(("2026-11-20", 0.0875), ("2026-11-21T00:00:00Z", 0.05)),
    )
    assert await harness.compare(18, 21) == [
        (18, 0, 0, 0, True),
        (19, 0, 0, 0, True),
        (20, 87_500, 0, 87_500, True),
        (21, 0, 50_000, 50_000, True),
    ]
    asked = harness.provider.tasks[-1]
    assert {name: asked[name] for name in asked if name != "taskUUID"} == {
        "taskType": "accountManagement",
        "operation": "getUsageActivity",
        "startDate": "2026-11-18",
        "endDate": "2026-11-21",
        "models": [MODEL],
        "groupBy": ["date"],
        "timezone": "UTC",
    }


@pytest.mark.parametrize(
    ("billed", "explained"),
    [
        (0.1, True),
        (0.15, True),  # the open job's hold may have been billed
        (0.1000000000000001, True),
        (0.1005, True),
        (0.151, False),
        (0.099, False),
        (0, False),
    ],
)
async def test_a_difference_beyond_open_holds_is_not_explained(
    harness: WatchHarness, billed: float, *, explained: bool
) -> None:
    await harness.spend(datetime(2026, 11, 21, 8, tzinfo=UTC), 100_000)
    await harness.spend(datetime(2026, 11, 21, 9, tzinfo=UTC), None)
    harness.provider.usage = (200, build_usage(("2026-11-21", billed)))
    ((_, ledger, held, _, is_explained),) = await harness.compare(21, 21)
    assert (ledger, held, is_explained) == (100_000, 50_000, explained)


async def test_a_difference_is_told_with_its_day_and_each_day_once(harness: WatchHarness) -> None:
    await harness.spend(datetime(2026, 11, 20, 8, tzinfo=UTC), 50_000)
    harness.provider.usage = (200, build_usage(("2026-11-20", 0.2), ("2026-11-21", 0.03)))
    await harness.watch.check_provider()
    (told,) = harness.operators.told
    assert isinstance(told, SpendReading)
    assert [day.day.day for day in told.days] == [15, 16, 17, 18, 19, 20, 21]
    assert told.total_difference == MicroUsd(180_000)
    assert list_spend_lines(told)[:3] == [
        "The ledger and Runware's bill differ (days in UTC):",
        "2026-11-20: ledger $0.05, Runware $0.20 (+$0.15)",
        "2026-11-21: ledger $0.00, Runware $0.03 (+$0.03)",
    ]
    harness.operators.told.clear()
    await harness.watch.check_provider()
    harness.orders.clock.current_time = datetime(2026, 11, 23, 5, 59, tzinfo=UTC)
    await harness.watch.check_provider()
    assert harness.operators.told == []  # the 22nd is not complete yet
    harness.provider.usage = (200, build_usage(("2026-11-22", 0.01)))
    harness.orders.clock.current_time = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
    await harness.watch.check_provider()
    (told,) = harness.operators.told
    assert isinstance(told, SpendReading)
    assert [day.day.day for day in told.days] == [22]


async def test_after_a_long_pause_at_most_thirty_days_are_compared(harness: WatchHarness) -> None:
    await harness.watch.check_provider()
    harness.orders.clock.current_time = datetime(2027, 3, 1, 12, tzinfo=UTC)
    await harness.watch.check_provider()
    asked = harness.provider.tasks[-1]
    assert (asked["startDate"], asked["endDate"]) == ("2027-01-30", "2027-02-28")


ROW = {"date": "2026-11-21", "count": 1, "spend": 0.05}


@pytest.mark.parametrize(
    ("usage", "spend"),
    [
        ({"timeseries": {"data": [ROW], "meta": {}}}, 50_000),
        ({"timeseries": {"data": [ROW, ROW]}}, 100_000),
        ({"model": {"data": [ROW | {"model": "a"}, ROW | {"model": "b"}]}}, 100_000),
        ({"timeseries": {"data": []}, "model": {"data": [ROW]}}, 0),
        ({"timeseries": {"data": [ROW | {"date": "2026-11-21 00:00", "extra": {}}]}}, 50_000),
        ({}, None),
        ({"timeseries": {}}, None),
        ({"timeseries": [ROW]}, None),
        ({"timeseries": {"data": {"2026-11-21": 0.05}}}, None),
        ({"timeseries": {"data": [ROW, {"date": "2026-11-20"}]}}, None),
        ({"timeseries": {"data": [ROW | {"spend": "0.05"}]}}, None),
        ({"timeseries": {"data": [ROW | {"spend": -0.05}]}}, None),
        ({"timeseries": {"data": [ROW | {"spend": float("nan")}]}}, None),
        ({"timeseries": {"data": [ROW | {"date": 20261121}]}}, None),
        ({"timeseries": {"data": [ROW | {"date": "yesterday"}]}}, None),
        ({"timeseries": {"data": [ROW, None]}}, None),
        ([], None),
        (None, None),
    ],
)
async def test_a_bill_of_no_known_shape_is_not_guessed(
    harness: WatchHarness, usage: Any, spend: int | None
) -> None:
    harness.provider.usage = (200, {"usage": usage})
    if spend is None:
        with pytest.raises(ProviderUnavailable, match="makes no sense"):
            await harness.compare(21, 21)
    else:
        assert (await harness.compare(21, 21))[0][3] == spend
