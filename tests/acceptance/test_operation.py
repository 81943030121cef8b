"""The operator's commands, beside a bot that runs and on their own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bot import cli, cli_books, cli_data
from bot.domain.job import JobState
from bot.errors import StartError
from bot.services.intake import FILE
from bot.storage import backups
from sandbox.discord.calls import Call
from tests.house import House, is_ephemeral, photograph, text, upload

Run = Callable[..., Result]
ORDER: dict[str, Any] = {"direction": "right", "pixels": 64}


@pytest.fixture(scope="session", autouse=True)
def commands() -> None:
    cli_books.register(cli.app)
    cli_data.register(cli.app)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("EXPANSE_STORAGE__DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)

    def invoke(*words: str) -> Result:
        return CliRunner().invoke(cli.app, list(words))

    return invoke


async def said(run: Run, *words: str) -> dict[str, Any]:
    """Run a command beside the test's loop and return the JSON that it printed."""
    result = await asyncio.to_thread(run, *words, "--json")
    assert result.exit_code == 0, (result.output, result.exception)
    return printed(result)


def printed(result: Result) -> dict[str, Any]:
    """Return the JSON at the end: in this process the log goes to the same stream."""
    told: dict[str, Any] = json.loads(result.stdout[result.stdout.index("{") :])
    return told


async def expand(house: House) -> Call:
    return await house.ana.slash("expand", image=upload(photograph()), **ORDER)


async def test_what_was_spent_is_told_and_proved_while_the_bot_runs(house: House, run: Run) -> None:
    job = await house.job(await expand(house))
    assert job.state is JobState.SETTLED
    costs = await said(run, "costs", "--audit")
    assert costs["audit"]["balanced"]
    assert [day["spent_usd"] for day in costs["days"]] == [0.05]
    assert costs["jobs"] == {"settled": 1}
    listed = await said(run, "jobs", "list", "--state", "settled")
    assert [each["id"] for each in listed["jobs"]] == [job.id]
    shown = await said(run, "jobs", "show", job.id)
    assert shown["cost_usd"] == 0.05
    assert {entry["kind"] for entry in shown["entries"]} == {"hold", "settle"}
    assert shown["events"][-1]["target"] == "settled"


@pytest.mark.parametrize("way", ["command", "file"])
async def test_the_kill_switch_works_within_a_second(house: House, run: Run, way: str) -> None:
    assert (await house.job(await expand(house))).state is JobState.SETTLED
    if way == "command":
        result = await asyncio.to_thread(run, "pause", "a strange bill")
        assert result.exit_code == 0
    else:
        (house.data_dir / FILE).write_text("a strange bill")
    async with asyncio.timeout(1.0):
        while not await house.app.office.intake.stopped():  # noqa: ASYNC110 - a state in the books
            await asyncio.sleep(0.02)
    message = await (await expand(house)).message()
    assert is_ephemeral(message)
    assert "paused: a strange bill" in text(message)
    assert (await asyncio.to_thread(run, "resume")).stdout.endswith("Resumed.\n")
    await asyncio.sleep(0.6)
    assert (await house.job(await expand(house))).state is JobState.SETTLED


async def test_why_explains_a_refusal_without_spending(house: House, run: Run) -> None:
    job = await house.job(await expand(house))
    guild, user = str(job.origin.guild_id), str(job.origin.user_id)
    why = await said(run, "why", "--guild", guild, "--user", user, "--results", "20")
    day = next(cap for cap in why["caps"] if cap["cap"] == "user_day")
    assert (day["used"], day["limit"], day["refuses"]) == (1, 20, True)
    assert why["door"] is None
    assert (await said(run, "costs"))["days"][0]["held_usd"] == 0


async def test_a_backup_beside_a_running_bot_comes_back_when_it_is_stopped(
    house: House, run: Run
) -> None:
    job = await house.job(await expand(house))
    assert (await asyncio.to_thread(run, "backup")).exit_code == 0
    refused = await asyncio.to_thread(run, "restore", "--newest")
    assert isinstance(refused.exception, StartError)
    await house.stop()
    database = house.data_dir / "expanse.db"
    database.write_bytes(b"gone")
    assert (await asyncio.to_thread(run, "restore", "--newest")).exit_code == 0
    await house.start()
    kept = await house.app.jobs.get(job.id)
    assert kept is not None
    assert kept.state is JobState.SETTLED
    assert list((house.data_dir / backups.FOLDER).glob("replaced-*"))


async def test_the_doctor_looks_at_both_services(
    house: House, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "DISCORD__TOKEN": house.discord.token,
        "DISCORD__API_BASE": house.discord.api_base,
        "DISCORD__GATEWAY_URL": house.discord.gateway_url,
        "RUNWARE__API_KEY": house.runware.api_key,
        "RUNWARE__BASE_URL": house.runware.base_url,
    }.items():
        monkeypatch.setenv(f"EXPANSE_{name}", value)
    found = (await said(run, "doctor"))["findings"]
    assert [each["what"] for each in found if not each["good"]] == []
    assert house.discord.token not in json.dumps(found)
    monkeypatch.setenv("EXPANSE_RUNWARE__API_KEY", "wrong")
    result = await asyncio.to_thread(run, "doctor")
    assert result.exit_code == 1
    assert "FAIL Runware" in result.stdout


async def test_a_persons_data_is_written_out_and_forgotten(house: House, run: Run) -> None:
    job = await house.job(await expand(house))
    user = str(job.origin.user_id)
    exported = await asyncio.to_thread(run, "export", "--user", user)
    assert [each["id"] for each in printed(exported)["jobs"]] == [job.id]
    assert (await asyncio.to_thread(run, "forget", "--user", user, "--yes")).exit_code == 0
    kept = await house.app.jobs.get(job.id)
    assert kept is not None
    assert kept.origin.user_name == ""
    assert (await said(run, "costs", "--audit"))["audit"]["balanced"]


def test_a_fresh_installation_is_made_step_by_step(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = run("costs")
    assert isinstance(missing.exception, StartError)
    assert "expanse migrate" in str(missing.exception)
    assert run("init").exit_code == 0
    assert (tmp_path / "config.toml").stat().st_mode & 0o077 == 0
    assert isinstance(run("init").exception, StartError)
    assert "at version" in run("migrate").stdout
    assert printed(run("costs", "--audit", "--json"))["audit"]["balanced"]
    monkeypatch.setenv("EXPANSE_DISCORD__TOKEN", "a.secret.token")
    shown = run("config").stdout
    assert "discord.token" in shown
    assert "a.secret.token" not in shown
    parked = run("jobs", "release", "none")
    assert "not parked" in str(parked.exception)
    assert "door is open" in run("why", "--guild", "1", "--user", "2").stdout
    assert run("jobs", "settle", "none", "--usd", "lots").exit_code == 2
    (tmp_path / "data" / "words.db").write_bytes(b"words")
    assert "no usable backup" in str(run("restore", str(tmp_path / "data" / "words.db")).exception)
