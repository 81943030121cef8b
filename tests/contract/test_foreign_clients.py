"""discord.js and hikari, unmodified, run the flow on the local Discord."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PIL import Image

from sandbox.discord.model.records import Upload
from sandbox.discord.server import LocalDiscord
from tests.support.discord.openapi import SpecificationChecker, load_specification
from tests.support.discord_clients.environments import DISCORD_JS, HIKARI, install_modules
from tests.support.provider_clients.environments import UnreachableError, install_package

CLIENTS = Path(__file__).parents[1] / "support" / "discord_clients"
WAIT_S = 20.0
Command = Callable[[dict[str, str]], list[str]]
# a client may have to be installed first
pytestmark = pytest.mark.timeout(300)


def discord_js(spec: dict[str, str]) -> list[str]:
    modules = install_modules(DISCORD_JS)
    node = shutil.which("node") or "node"
    return [node, str(CLIENTS / "discordjs.mjs"), json.dumps(spec | {"modules": str(modules)})]


def hikari(spec: dict[str, str]) -> list[str]:
    return [str(install_package(HIKARI)), str(CLIENTS / "hikari_flow.py"), json.dumps(spec)]


@asynccontextmanager
async def run_client(command: Command, local: LocalDiscord) -> AsyncIterator[str]:
    """Run a client until the block ends, once it says that it is ready; skip if there is none."""
    spec = {"token": local.token, "api": f"{local.origin}/api"}
    try:
        words = await asyncio.to_thread(command, spec)
    except UnreachableError as error:
        pytest.skip(f"{command.__name__} cannot be installed here: {error}")
    environment = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    process = await asyncio.create_subprocess_exec(
        *words,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None
    try:
        line, said = b"", b""
        async with asyncio.timeout(WAIT_S):
            while not line.startswith(b"ready"):
                line = await process.stdout.readline()
                said += line
                assert line, f"{command.__name__} ended at its start: {said.decode()}"
        yield line.decode().strip()
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            said, _ = await asyncio.wait_for(process.communicate(), WAIT_S)
        except TimeoutError:
            process.kill()
            said, _ = await process.communicate()
        print(said.decode())  # noqa: T201 - pytest shows it with a failure


def encode_picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (96, 48), (40, 90, 160)).save(out, "PNG")
    return out.getvalue()


async def run_flow(local: LocalDiscord) -> None:
    ana = local.guild.member("ana")
    sent = encode_picture()
    call = await ana.slash("expand", image=Upload("a.png", sent), pixels=100)
    assert await call.acknowledged() < 3000
    shown = await call.message(lambda each: each["content"] == "100 px, 96 wide")
    assert local.read_attachment(shown["attachments"][0]) == sent
    assert not shown["flags"]
    posted = await call.message(lambda each: each["content"] == "posted")
    after = await call.message(lambda each: each["content"] == "afterwards")
    assert after["flags"] == 64
    press = ana.press(shown, "more")
    secret = await press.message(lambda each: each["content"] == "only you")
    assert secret["flags"] == 64
    assert "only you" not in json.dumps(local.guild.member("ben").sees())
    await call.message(lambda each: each["id"] == shown["id"] and not each["components"])
    (reaction,) = next(each for each in local.guild.messages() if each["id"] == posted["id"])[
        "reactions"
    ]
    assert reaction["emoji"]["name"] == "🎨"


@pytest.mark.parametrize("client", [discord_js, hikari], ids=lambda client: client.__name__)
async def test_a_foreign_client_runs_the_flow(client: Command) -> None:
    judge = SpecificationChecker(load_specification())
    async with LocalDiscord.open(middlewares=[judge.build_middleware()]) as local:
        async with run_client(client, local) as line:
            assert line == "ready expanse 1"
            await run_flow(local)
        refused = [entry for entry in local.journal.entries if entry.status >= 400]
        assert not refused
    assert not judge.deviations
