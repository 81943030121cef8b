"""What the log of a running bot says when it starts, pauses, resumes, stops, or is shut out."""

from __future__ import annotations

import asyncio
import json
import tomllib
from pathlib import Path
from typing import Any

from sandbox.discord.gateway.codes import CloseCode
from tests.acceptance.operation.test_startup_checks import build_environment, start_bot
from tests.support.app_fixture import AppFixture
from tests.support.program import run_program

ROOT = Path(__file__).parents[3]


class RunningProgram:
    """A bot in a process of its own, and the lines of its log."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.lines: list[str] = []

    async def read_until(self, event: str) -> dict[str, Any]:
        """Return the first line of this event."""
        assert self.process.stderr is not None
        async with asyncio.timeout(100):
            while line := (await self.process.stderr.readline()).decode().rstrip():
                self.lines.append(line)
                entry: dict[str, Any] = json.loads(line) if line.startswith("{") else {}
                if str(entry.get("event", "")).startswith(event):
                    return entry
        raise AssertionError(self.lines)

    async def wait_for_end(self) -> int:
        _, rest = await asyncio.wait_for(self.process.communicate(), 60)
        self.lines += rest.decode().splitlines()
        assert self.process.returncode is not None
        return self.process.returncode


async def test_the_log_says_when_the_bot_starts_pauses_resumes_and_stops(
    app_fixture: AppFixture, tmp_path: Path
) -> None:
    await app_fixture.stop()
    environment = build_environment(app_fixture, tmp_path)
    settings = {name: each for name, each in environment.items() if name.startswith("EXPANSE_")}
    bot = RunningProgram(await start_bot(environment, tmp_path))
    started = await bot.read_until("starting")
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert (started["version"], started["open_jobs"]) == (version, 0)
    await bot.read_until("ready")
    assert (await run_program("pause", "tea", cwd=tmp_path, **settings)).code == 0
    paused = await bot.read_until("new orders are paused")
    assert (paused["level"], paused["by"]) == ("warning", "operator")
    assert (await run_program("resume", cwd=tmp_path, **settings)).out == ["Resumed."]
    assert (await bot.read_until("new orders are accepted again"))["level"] == "info"
    bot.process.terminate()
    await bot.read_until("stopping")
    await bot.read_until("stopped")
    assert await bot.wait_for_end() == 0


async def test_a_token_that_is_refused_later_is_an_error_and_ends_the_bot(
    app_fixture: AppFixture, tmp_path: Path
) -> None:
    await app_fixture.stop()
    bot = RunningProgram(await start_bot(build_environment(app_fixture, tmp_path), tmp_path))
    await bot.read_until("ready")
    await app_fixture.discord.gateway.close_sockets(CloseCode.AUTHENTICATION_FAILED)
    refused = await bot.read_until("Discord refuses the token")
    assert (refused["level"], refused["code"]) == ("error", 4004)
    assert await bot.wait_for_end() == 1
    assert bot.lines[-1] == "expanse: Discord refuses the token. Check discord.token."
