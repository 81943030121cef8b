"""The operator's commands, beside a bot that runs and on their own."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bot.cli import finance as finance_commands
from bot.cli import main as cli
from bot.cli import maintenance
from bot.domain.job import JobState
from bot.errors import StartError
from bot.services.orders.admission import KILL_SWITCH_FILE
from bot.storage.sqlite import backups
from sandbox.discord.actors.invocation import TrackedInvocation
from tests.acceptance.operation.test_startup_checks import build_environment
from tests.support.app_fixture import (
    AppFixture,
    draw_photograph,
    encode_upload,
    is_ephemeral,
    read_text,
)

Run = Callable[..., Result]
ORDER: dict[str, Any] = {"direction": "right", "pixels": 64}


@pytest.fixture(scope="session", autouse=True)
def register_commands() -> None:
    finance_commands.register_commands(cli.app)
    maintenance.register_commands(cli.app)


@pytest.fixture
def run_cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("EXPANSE_STORAGE__DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)

    def invoke(*words: str) -> Result:
        return CliRunner().invoke(cli.app, list(words))

    return invoke


async def read_json(run_cli: Run, *words: str) -> dict[str, Any]:
    """Run a command beside the test's loop and return the JSON that it printed."""
    result = await asyncio.to_thread(run_cli, *words, "--json")
    assert result.exit_code == 0, (result.output, result.exception)
    return parse_printed(result)


def parse_printed(result: Result) -> dict[str, Any]:
    """Return the JSON at the end: in this process the log goes to the same stream."""
    told: dict[str, Any] = json.loads(result.stdout[result.stdout.index("{") :])
    return told


async def send_expand(app_fixture: AppFixture) -> TrackedInvocation:
    return await app_fixture.ana.slash("expand", image=encode_upload(draw_photograph()), **ORDER)


async def test_what_was_spent_is_reported_and_proved_while_the_bot_runs(
    app_fixture: AppFixture, run_cli: Run
) -> None:
    job = await app_fixture.wait_for_job(await send_expand(app_fixture))
    assert job.state is JobState.SETTLED
    costs = await read_json(run_cli, "costs", "--audit")
    assert costs["audit"]["balanced"]
    assert [day["spent_usd"] for day in costs["days"]] == [0.05]
    assert costs["jobs"] == {"settled": 1}
    listed = await read_json(run_cli, "jobs", "list", "--state", "settled")
    assert [each["id"] for each in listed["jobs"]] == [job.id]
    shown = await read_json(run_cli, "jobs", "show", job.id)
    assert shown["cost_usd"] == 0.05
    assert {entry["kind"] for entry in shown["entries"]} == {"hold", "settle"}
    assert shown["events"][-1]["target"] == "settled"


@pytest.mark.parametrize("way", ["command", "file"])
async def test_the_kill_switch_works_within_a_second(
    app_fixture: AppFixture, run_cli: Run, way: str
) -> None:
    assert (
        await app_fixture.wait_for_job(await send_expand(app_fixture))
    ).state is JobState.SETTLED
    if way == "command":
        result = await asyncio.to_thread(run_cli, "pause", "a strange bill")
        assert result.exit_code == 0
    else:
        (app_fixture.data_dir / KILL_SWITCH_FILE).write_text("a strange bill")
    async with asyncio.timeout(1.0):
        while not await app_fixture.core.admission.is_kill_switch_on():  # noqa: ASYNC110 - a state in the books
            await asyncio.sleep(0.02)
    message = await (await send_expand(app_fixture)).message()
    assert is_ephemeral(message)
    assert "paused: a strange bill" in read_text(message)
    assert (await asyncio.to_thread(run_cli, "resume")).stdout.endswith("Resumed.\n")
    await asyncio.sleep(0.6)
    assert (
        await app_fixture.wait_for_job(await send_expand(app_fixture))
    ).state is JobState.SETTLED


async def test_why_explains_a_refusal_without_spending(
    app_fixture: AppFixture, run_cli: Run
) -> None:
    job = await app_fixture.wait_for_job(await send_expand(app_fixture))
    guild, user = str(job.origin.guild_id), str(job.origin.user_id)
    why = await read_json(run_cli, "why", "--guild", guild, "--user", user, "--results", "20")
    limits = {cap["cap"]: cap for cap in why["caps"]}
    day, command = limits["user_day"], limits["command"]
    assert (day["used"], day["limit"], day["refuses"]) == (1, 20, True)
    assert (command["asked"], command["limit"], command["refuses"]) == (20, 4, True)
    assert (why["accepted"], why["refusals"]) == (False, [])
    assert (await read_json(run_cli, "costs"))["days"][0]["held_usd"] == 0


async def test_a_backup_beside_a_running_bot_comes_back_when_it_is_stopped(
    app_fixture: AppFixture, run_cli: Run
) -> None:
    job = await app_fixture.wait_for_job(await send_expand(app_fixture))
    assert (await asyncio.to_thread(run_cli, "backup")).exit_code == 0
    refused = await asyncio.to_thread(run_cli, "restore", "--newest")
    assert isinstance(refused.exception, StartError)
    await app_fixture.stop()
    database = app_fixture.data_dir / "expanse.db"
    database.write_bytes(b"gone")
    assert (await asyncio.to_thread(run_cli, "restore", "--newest")).exit_code == 0
    await app_fixture.start()
    kept = await app_fixture.core.jobs.get(job.id)
    assert kept is not None
    assert kept.state is JobState.SETTLED
    assert list((app_fixture.data_dir / backups.BACKUP_FOLDER).glob("replaced-*"))


async def test_the_doctor_looks_at_both_services(
    app_fixture: AppFixture, run_cli: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in build_environment(app_fixture, app_fixture.data_dir.parent).items():
        if name.startswith("EXPANSE_") and not name.endswith("DATA_DIR"):
            monkeypatch.setenv(name, value)
    found = (await read_json(run_cli, "doctor"))["findings"]
    assert [each["what"] for each in found] == [
        *("secrets", "data folder", "database", "backups", "Discord"),
        *("Runware key", "Runware balance", "Runware price", "Runware model"),
    ]
    assert {each["level"] for each in found} == {"ok"}
    beside = next(each["detail"] for each in found if each["what"] == "data folder")
    assert beside.endswith(f"Expanse (process {os.getpid()}) is running on it")
    assert app_fixture.discord.token not in json.dumps(found)
    assert app_fixture.runware.journal.bills == ()
    app_fixture.runware.service_state.wallet.balance = 4_000_000
    warned = await asyncio.to_thread(run_cli, "doctor")
    assert warned.exit_code == 0
    assert "WARN Runware balance: $4.00 left, less than $5.00" in warned.stdout
    monkeypatch.setenv("EXPANSE_RUNWARE__API_KEY", "wrong")
    result = await asyncio.to_thread(run_cli, "doctor")
    assert result.exit_code == 1
    assert "FAIL Runware key: Runware refuses the API key (invalidApiKey)" in result.stdout
    monkeypatch.setenv("EXPANSE_RUNWARE__API_KEY", "")
    monkeypatch.setenv("EXPANSE_DISCORD__TOKEN", "")
    result = await asyncio.to_thread(run_cli, "doctor")
    assert "FAIL secrets: Not set: discord.token and runware.api_key." in result.stdout


@pytest.mark.parametrize("kind", ["below a file", "not writable", "database elsewhere"])
def test_the_doctor_names_a_folder_that_it_could_not_use_and_makes_none(
    run_cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    if kind == "below a file":
        (tmp_path / "plain").write_text("a file")
        folder, words = tmp_path / "plain" / "data", "is a file, not a folder"
    else:
        # no permission holds root, but nobody makes files among the processes
        folder, words = Path("/proc/self/expanse"), "can't be written to"
    if kind == "database elsewhere":
        monkeypatch.setenv("EXPANSE_STORAGE__URL", f"sqlite:///{folder}/expanse.db")
    else:
        monkeypatch.setenv("EXPANSE_STORAGE__DATA_DIR", str(folder))
    result = run_cli("doctor")
    assert result.exit_code == 1
    (line,) = [each for each in result.stdout.splitlines() if "data folder" in each]
    assert line.startswith("FAIL data folder: ")
    assert words in line
    assert not folder.exists()


async def test_a_persons_data_is_written_out_and_forgotten(
    app_fixture: AppFixture, run_cli: Run
) -> None:
    job = await app_fixture.wait_for_job(await send_expand(app_fixture))
    user = str(job.origin.user_id)
    exported = await asyncio.to_thread(run_cli, "export", "--user", user)
    assert [each["id"] for each in parse_printed(exported)["records"]["orders"]] == [job.id]
    assert (await asyncio.to_thread(run_cli, "forget", "--user", user, "--yes")).exit_code == 0
    kept = await app_fixture.core.jobs.get(job.id)
    assert kept is not None
    assert kept.origin.user_name == ""
    assert (await read_json(run_cli, "costs", "--audit"))["audit"]["balanced"]


def test_a_fresh_installation_is_made_step_by_step(
    run_cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = run_cli("costs")
    assert isinstance(missing.exception, StartError)
    assert "expanse migrate" in str(missing.exception)
    assert run_cli("init").exit_code == 0
    assert (tmp_path / "config.toml").stat().st_mode & 0o077 == 0
    assert isinstance(run_cli("init").exception, StartError)
    assert "at version" in run_cli("migrate").stdout
    assert parse_printed(run_cli("costs", "--audit", "--json"))["audit"]["balanced"]
    monkeypatch.setenv("EXPANSE_DISCORD__TOKEN", "a.secret.token")
    shown = run_cli("config").stdout
    assert "discord.token" in shown
    assert "a.secret.token" not in shown
    parked = run_cli("jobs", "release", "none")
    assert "isn't parked" in str(parked.exception)
    assert "would be accepted" in run_cli("why", "--guild", "1", "--user", "2").stdout
    assert run_cli("jobs", "settle", "none", "--usd", "lots").exit_code == 2
    (tmp_path / "data" / "words.db").write_bytes(b"words")
    assert "no usable backup" in str(
        run_cli("restore", str(tmp_path / "data" / "words.db")).exception
    )
