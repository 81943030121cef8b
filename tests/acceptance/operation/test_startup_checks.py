"""What cannot start says so in one plain line and exits with 1."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from pathlib import Path

import pytest

from bot.errors import StartError
from bot.ui.bot_account import fetch_account
from sandbox.discord.model.faults import DiscordFault
from tests.support.app_fixture import AppFixture
from tests.support.logs import LOG_WATCH


def build_environment(app_fixture: AppFixture, cwd: Path, **changes: str) -> dict[str, str]:
    """Return the environment of a bot on the local services, with a data folder of its own."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("EXPANSE_")},
        "EXPANSE_DISCORD__TOKEN": app_fixture.discord.token,
        "EXPANSE_DISCORD__API_BASE": app_fixture.discord.api_base,
        "EXPANSE_DISCORD__GATEWAY_URL": app_fixture.discord.gateway_url,
        "EXPANSE_DISCORD__CDN_BASE": app_fixture.discord.cdn_base,
        "EXPANSE_RUNWARE__API_KEY": app_fixture.runware.api_key,
        "EXPANSE_RUNWARE__BASE_URL": app_fixture.runware.base_url,
        "EXPANSE_STORAGE__DATA_DIR": str(cwd / "own"),
        **changes,
    }


async def start_bot(environment: dict[str, str], cwd: Path) -> asyncio.subprocess.Process:
    """Start `expanse run` with its log on a pipe."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "run"),
        env=environment,
        cwd=cwd,
        stderr=asyncio.subprocess.PIPE,
    )


async def run_bot(app_fixture: AppFixture, cwd: Path, **changes: str) -> tuple[int, str]:
    """Run `expanse run` to its end, and return its exit code and standard error."""
    process = await start_bot(build_environment(app_fixture, cwd, **changes), cwd)
    _, error = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode is not None
    return process.returncode, error.decode()


def find_free_address() -> str:
    """Return a loopback address on which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{free.getsockname()[1]}"


CASES = {
    "wrong token": ({"EXPANSE_DISCORD__TOKEN": "a.wrong.token"}, "discord.token"),
    "no token": ({"EXPANSE_DISCORD__TOKEN": ""}, "discord.token"),
    "wrong api base": (
        {"EXPANSE_DISCORD__API_BASE": f"http://{find_free_address()}/api/v10"},
        "discord.api_base",
    ),
    "wrong gateway": (
        {"EXPANSE_DISCORD__GATEWAY_URL": f"ws://{find_free_address()}"},
        "discord.gateway_url",
    ),
    "wrong key": ({"EXPANSE_RUNWARE__API_KEY": "wrong"}, "runware.api_key"),
    "neither secret": (
        {"EXPANSE_DISCORD__TOKEN": "", "EXPANSE_RUNWARE__API_KEY": ""},
        "discord.token and runware.api_key",
    ),
    "no url at all": ({"EXPANSE_RUNWARE__BASE_URL": "runware"}, "runware.base_url"),
    "unknown setting": ({"EXPANSE_DISCORD__TOKN": "x"}, "Did you mean discord.token?"),
}


@pytest.mark.parametrize("case", CASES)
async def test_a_wrong_setting_is_one_plain_line(
    app_fixture: AppFixture, tmp_path: Path, case: str
) -> None:
    changes, words = CASES[case]
    code, error = await run_bot(app_fixture, tmp_path, **changes)
    assert code == 1
    *logged, last = error.splitlines()
    assert words in last
    assert last.startswith("expanse: ")
    lines = [json.loads(line) for line in logged]
    errors = [line["event"] for line in lines if line["level"] != "info"]
    refused = ["Discord refuses the token: nothing is sent any more"]
    assert errors == (refused if case == "wrong token" else []), error
    assert app_fixture.discord.token not in error


async def test_a_used_port_for_supervisors_names_its_setting(
    app_fixture: AppFixture, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
        code, error = await run_bot(app_fixture, tmp_path, EXPANSE_TELEMETRY__PORT=port)
    assert code == 1
    assert error.splitlines()[-1] == (
        f"expanse: Port {port} is in use. Choose another with telemetry.port; 0 serves none."
    )


async def test_a_second_process_on_the_same_folder_names_the_first(
    app_fixture: AppFixture, tmp_path: Path
) -> None:
    code, error = await run_bot(
        app_fixture, tmp_path, EXPANSE_STORAGE__DATA_DIR=str(app_fixture.data_dir)
    )
    assert code == 1
    assert f"process {os.getpid()}" in error
    assert len(error.splitlines()) == 1


async def test_a_start_while_discord_limits_the_address_waits_as_told(
    app_fixture: AppFixture, tmp_path: Path
) -> None:
    await app_fixture.stop()
    limited = DiscordFault("banned", match="GET /users/@me", times=2, value=1)
    app_fixture.discord.faults.add(limited)
    process = await start_bot(build_environment(app_fixture, tmp_path), tmp_path)
    async with asyncio.timeout(40):
        while not app_fixture.discord.state.is_bot_online:
            assert process.returncode is None
            await asyncio.sleep(0.05)
    process.terminate()
    _, error = await asyncio.wait_for(process.communicate(), 20)
    logged = [json.loads(line) for line in error.decode().splitlines()]
    told = [line for line in logged if "limits this address" in line["event"]]
    assert [(line["level"], line["seconds"]) for line in told] == [("warning", 1.0)] * 2


async def test_a_start_waits_as_told_when_its_commands_are_looked_up(
    app_fixture: AppFixture,
) -> None:
    await app_fixture.stop()
    limited = DiscordFault("banned", match="GET /applications/*/commands", times=2, value=1)
    app_fixture.discord.faults.add(limited)
    await app_fixture.start()
    logged = [json.loads(line) for line in LOG_WATCH.text.splitlines()]
    waits = [line["seconds"] for line in logged if "limits this address" in line["event"]]
    assert waits == [1.0, 1.0]


async def test_the_doctor_says_that_discord_limits_the_address(app_fixture: AppFixture) -> None:
    await app_fixture.stop()
    limited = DiscordFault("banned", match="GET /users/@me", times=1, value=1800)
    app_fixture.discord.faults.add(limited)
    with pytest.raises(StartError) as refused:
        await fetch_account(app_fixture.build_settings().discord)
    assert str(refused.value) == (
        "Discord limits this address. Wait 1800 s, and start nothing else meanwhile."
    )
