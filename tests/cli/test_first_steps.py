"""What an operator meets first: the version, a file that is missing, a port that is in use."""

from __future__ import annotations

import platform
import socket
import tomllib
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.support.program import run_program

ROOT = Path(__file__).parents[2]


@pytest.fixture
def used_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield int(listener.getsockname()[1])


async def test_the_version_is_the_projects_with_what_a_report_needs(tmp_path: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    ended = await run_program("--version", cwd=tmp_path)
    running = f"Python {platform.python_version()}, discord.py {version('discord.py')}"
    assert (ended.code, ended.out) == (0, [f"expanse {project['version']} ({running})"])


@pytest.mark.parametrize("command", ["run", "costs", "doctor"])
async def test_a_missing_file_is_made_with_init(tmp_path: Path, command: str) -> None:
    ended = await run_program(command, "--config", "bots/my.toml", cwd=tmp_path)
    told = ["expanse: There is no file bots/my.toml. To create it: expanse init bots/my.toml"]
    assert (ended.code, ended.out, ended.err) == (1, [], told)


async def test_without_any_configuration_init_is_named(tmp_path: Path) -> None:
    ended = await run_program("run", cwd=tmp_path)
    told = (
        "expanse: Not set: discord.token and runware.api_key. Use config.toml (expanse init creates"
        " it), or EXPANSE_DISCORD__TOKEN and EXPANSE_RUNWARE__API_KEY."
    )
    assert (ended.code, ended.out, ended.err) == (1, [], [told])


async def test_the_demo_on_a_used_port_names_its_option(tmp_path: Path, used_port: int) -> None:
    ended = await run_program("demo", "--no-open", "--port", str(used_port), cwd=tmp_path)
    told = (
        f"expanse: Port {used_port} is in use. Choose another with --port, or any free one with"
        " --port 0."
    )
    assert (ended.code, ended.out, ended.err) == (1, [], [told])


@pytest.mark.parametrize("option", ["--discord-port", "--runware-port"])
async def test_the_sandbox_on_a_used_port_names_its_option(
    tmp_path: Path, used_port: int, option: str
) -> None:
    ended = await run_program("sandbox", option, str(used_port), cwd=tmp_path)
    told = f"Port {used_port} is in use. Choose another with {option}, or any free one with 0."
    assert (ended.code, ended.out, ended.err) == (1, [], [told])
