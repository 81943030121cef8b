"""What operators read in Discord about the provider, and the ledger beside the local bill."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bot.cli import finance as finance_commands
from bot.cli import main as cli
from bot.cli import maintenance
from bot.domain.job import JobState
from bot.domain.money import MicroUsd
from bot.services.ports.provider import SpendDay
from sandbox.runware.faults import RunwareFault, RunwareStage
from tests.acceptance.operation.test_startup_checks import build_environment
from tests.support.app_fixture import AppFixture, draw_photograph, encode_upload, wait_until
from tests.support.clocks import ScaledClock
from tests.support.runware.scripted_provider import MODEL, ScriptedProvider, build_usage
from tests.support.runware.server_fixture import build_task


@pytest.fixture(scope="module", autouse=True)
def register_commands() -> None:
    finance_commands.register_commands(cli.app)
    maintenance.register_commands(cli.app)


async def start_with_operator(app_fixture: AppFixture) -> None:
    await app_fixture.stop()
    app_fixture.operators = (app_fixture.discord.guild.member("mia").id,)
    await app_fixture.start()


def list_notices(app_fixture: AppFixture) -> list[str]:
    """Return what the operator was told, without the heading."""
    operator = app_fixture.discord.guild.member("mia")
    contents = [message["content"] for message in app_fixture.discord.guild.messages(operator.dm)]
    heading = "**Expanse: Runware needs your attention**\n"
    assert all(content.startswith(heading) for content in contents)
    return [content.removeprefix(heading) for content in contents]


def set_switches(app_fixture: AppFixture, **changes: Any) -> None:
    state = app_fixture.runware.service_state
    state.switches = state.switches.with_changes(changes)


async def test_the_operator_is_told_once_a_day_in_a_direct_message(
    app_fixture: AppFixture,
) -> None:
    await start_with_operator(app_fixture)
    app_fixture.runware.service_state.wallet.balance = 3_120_000
    set_switches(app_fixture, model_status="deprecated", http_ping="unknown")
    await app_fixture.app.services.periodic_tasks.provider_watch.check_provider()
    told = [
        "$3.12 left, less than $5.00 (runware.low_balance_usd). Top up the account.",
        (
            f"{MODEL} is deprecated at Runware; its successor is bfl:flux@outpainting."
            " Before it stops working, update Expanse or choose another runware.model."
        ),
    ]
    assert list_notices(app_fixture) == told
    await app_fixture.restart()
    await app_fixture.app.services.periodic_tasks.provider_watch.check_provider()
    assert list_notices(app_fixture) == told


async def test_the_watch_begins_by_itself_a_minute_after_the_start(
    app_fixture: AppFixture,
) -> None:
    clock = ScaledClock()
    clock.set_pace(60.0)
    app_fixture.clock = clock
    app_fixture.runware.service_state.wallet.balance = 0
    await start_with_operator(app_fixture)
    await wait_until(lambda: bool(list_notices(app_fixture)))
    assert list_notices(app_fixture)[0].startswith("$0.00 left")


@pytest.mark.parametrize("price", ["fixed", "varies"])
async def test_the_ledger_agrees_with_the_bill_to_the_cent(
    app_fixture: AppFixture, price: str
) -> None:
    set_switches(app_fixture, price=price)
    for results in (1, 3, 4):
        call = await app_fixture.ana.slash(
            "expand",
            image=encode_upload(draw_photograph()),
            direction="right",
            pixels=64,
            results=results,
        )
        assert (await app_fixture.wait_for_job(call)).state is JobState.SETTLED
    billed = MicroUsd(sum(bill.cost for bill in app_fixture.runware.journal.bills))
    assert (billed == 8 * 50_000) is (price == "fixed")
    today = datetime.now(UTC).date()
    reconciliation = app_fixture.app.services.periodic_tasks.provider_watch.reconciliation
    reading = await reconciliation.compare_days(today, today)
    assert reading.days == (SpendDay(today, billed, MicroUsd(0), billed),)
    assert not reading.needs_attention
    assert (await app_fixture.core.auditor.audit_ledger()).is_balanced
    assert not await app_fixture.core.admission.is_kill_switch_on()


async def test_what_another_program_spends_is_a_difference(app_fixture: AppFixture) -> None:
    await app_fixture.app.client.submit([build_task(number_results=2)])
    await wait_until(lambda: app_fixture.billed_count == 2)
    today = datetime.now(UTC).date()
    reconciliation = app_fixture.app.services.periodic_tasks.provider_watch.reconciliation
    reading = await reconciliation.compare_days(today, today)
    assert reading.needs_attention
    assert reading.total_difference == MicroUsd(100_000)


async def test_a_price_above_the_hold_is_settled_and_pauses_nothing(
    app_fixture: AppFixture,
) -> None:
    app_fixture.runware.service_state.faults.add(
        RunwareFault("price", RunwareStage.TASK, value=0.4)
    )
    call = await app_fixture.ana.slash(
        "expand", image=encode_upload(draw_photograph()), direction="right", pixels=64
    )
    job = await app_fixture.wait_for_job(call)
    assert (job.state, job.cost) == (JobState.SETTLED, MicroUsd(400_000))
    assert (await app_fixture.core.auditor.audit_ledger()).is_balanced
    assert not await app_fixture.core.admission.is_kill_switch_on()


async def run_costs(*words: str) -> tuple[int, str, str]:
    """Run `expanse costs --reconcile` and return its exit code, output and error."""
    command = ("costs", "--reconcile", *words)
    result = await asyncio.to_thread(CliRunner().invoke, cli.app, list(command))
    return result.exit_code, result.stdout, str(result.exception or "")


async def test_costs_show_the_ledger_beside_the_bill(
    app_fixture: AppFixture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with ScriptedProvider.open() as provider:
        environment = build_environment(
            app_fixture,
            tmp_path,
            EXPANSE_RUNWARE__BASE_URL=provider.url,
            EXPANSE_RUNWARE__API_KEY="key",
            EXPANSE_STORAGE__DATA_DIR=str(app_fixture.data_dir),
        )
        for name, value in environment.items():
            if name.startswith("EXPANSE_"):
                monkeypatch.setenv(name, value)
        code, shown, _ = await run_costs("--days", "3")
        assert code == 0
        lines = shown[: shown.index("The ledger agrees with Runware's bill.")].splitlines()
        table = [[cell for cell in line.split("  ") if cell] for line in lines[-4:]]
        assert [cell.strip() for cell in table[0]] == [
            "day (UTC)",
            "ledger",
            "on hold",
            "Runware's bill",
        ]
        assert [[cell.strip() for cell in row[1:]] for row in table[1:]] == [["$0.00"] * 3] * 3
        last = provider.tasks[-1]["endDate"]
        provider.usage = (200, build_usage((last, 0.25)))
        code, shown, _ = await run_costs("--json")
        assert code == 1
        report = json.loads(shown[shown.index("{") :])["reconciliation"]
        assert report["agrees"] is False
        assert len(report["days"]) == 7
        assert report["days"][-1] == {
            "day": last,
            "ledger_usd": 0.0,
            "held_usd": 0.0,
            "provider_usd": 0.25,
            "difference_usd": 0.25,
            "explained": False,
        }
        provider.usage = (200, "<html>")
        code, _, error = await run_costs()
        assert code == 1
        assert error == "Runware's bill can't be read: HTTP 200 without an error object."
