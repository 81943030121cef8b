"""What cannot start says so in one plain line and exits with 1."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from pathlib import Path

import pytest

from tests.house import House


async def run(house: House, cwd: Path, **changes: str) -> tuple[int, str]:
    """Run `expanse run` to its end, and return its exit code and standard error."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("EXPANSE_")},
        "EXPANSE_DISCORD__TOKEN": house.discord.token,
        "EXPANSE_DISCORD__API_BASE": house.discord.api_base,
        "EXPANSE_DISCORD__GATEWAY_URL": house.discord.gateway_url,
        "EXPANSE_RUNWARE__API_KEY": house.runware.api_key,
        "EXPANSE_RUNWARE__BASE_URL": house.runware.base_url,
        "EXPANSE_STORAGE__DATA_DIR": str(cwd / "own"),
        **changes,
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "run"),
        env=environment,
        cwd=cwd,
        stderr=asyncio.subprocess.PIPE,
    )
    _, error = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode is not None
    return process.returncode, error.decode()


def nobody() -> str:
    """Return a loopback address on which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{free.getsockname()[1]}"


CASES = {
    "wrong token": ({"EXPANSE_DISCORD__TOKEN": "a.wrong.token"}, "discord.token"),
    "no token": ({"EXPANSE_DISCORD__TOKEN": ""}, "discord.token"),
    "wrong api base": (
        {"EXPANSE_DISCORD__API_BASE": f"http://{nobody()}/api/v10"},
        "discord.api_base",
    ),
    "wrong gateway": ({"EXPANSE_DISCORD__GATEWAY_URL": f"ws://{nobody()}"}, "discord.gateway_url"),
    "wrong key": ({"EXPANSE_RUNWARE__API_KEY": "wrong"}, "runware.api_key"),
    "wrong base url": ({"EXPANSE_RUNWARE__BASE_URL": f"http://{nobody()}/v1"}, "runware.base_url"),
    "no url at all": ({"EXPANSE_RUNWARE__BASE_URL": "runware"}, "runware.base_url"),
    "unknown setting": ({"EXPANSE_DISCORD__TOKN": "x"}, "Did you mean discord.token?"),
}


@pytest.mark.parametrize("case", CASES)
async def test_a_wrong_setting_is_one_plain_line(house: House, tmp_path: Path, case: str) -> None:
    changes, words = CASES[case]
    code, error = await run(house, tmp_path, **changes)
    assert code == 1
    *logged, last = error.splitlines()
    assert words in last
    assert last.startswith("expanse: ")
    assert all(json.loads(line)["level"] == "info" for line in logged), error
    assert house.discord.token not in error


async def test_a_second_process_on_the_same_folder_names_the_first(
    house: House, tmp_path: Path
) -> None:
    code, error = await run(house, tmp_path, EXPANSE_STORAGE__DATA_DIR=str(house.data_dir))
    assert code == 1
    assert f"process {os.getpid()}" in error
    assert len(error.splitlines()) == 1
