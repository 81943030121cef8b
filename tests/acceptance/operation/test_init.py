"""`expanse init` on a terminal: it asks for the secrets, checks them, and gives the invite link."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from sandbox.discord.model.faults import DiscordFault
from tests.acceptance.operation.test_startup_checks import build_environment, find_free_address
from tests.support.app_fixture import AppFixture
from tests.support.program import converse, run_program
from tests.support.runware.server_fixture import open_tcp_server

TOKEN, KEY = "Discord token: ", "Runware API key: "
NEEDED = (1 << 6) + (1 << 10) + (1 << 11) + (1 << 15) + (1 << 16) + (1 << 38)
"""Add Reactions, View Channels, Send Messages, Attach Files, Read Message History and Send Messages
in Threads (Discord's API reference, "Permissions")."""


async def run_init(
    app_fixture: AppFixture, folder: Path, answers: Sequence[tuple[str, str]], **changes: str
) -> tuple[int, str]:
    """Run it on a terminal with the addresses of the local services in the environment."""
    environment = build_environment(app_fixture, folder, **changes)
    addresses = {
        name: value
        for name, value in environment.items()
        if name.startswith("EXPANSE_") and (name in changes or not name.endswith(("TOKEN", "KEY")))
    }
    return await asyncio.to_thread(converse, ["init"], answers, folder, addresses)


def read_config(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / "config.toml").read_text())


def read_link(shown: str) -> tuple[str, dict[str, list[str]]]:
    (line,) = [each for each in shown.splitlines() if each.startswith("Invite the bot")]
    link = urlsplit(line.partition(": ")[2])
    return f"{link.scheme}://{link.netloc}{link.path}", parse_qs(link.query)


async def test_both_secrets_are_checked_and_never_shown(
    app_fixture: AppFixture, tmp_path: Path
) -> None:
    token, key = app_fixture.discord.token, app_fixture.runware.api_key
    code, shown = await run_init(app_fixture, tmp_path, [(TOKEN, f" {token} "), (KEY, key)])
    assert code == 0, shown
    assert token not in shown
    assert key not in shown
    assert "Discord accepts the token of " in shown
    assert "Runware accepts the key: $" in shown
    place, query = read_link(shown)
    application = str(app_fixture.app.bot.client.application_id)
    assert place == "https://discord.com/oauth2/authorize"
    assert query == {
        "client_id": [application],
        "scope": ["bot applications.commands"],
        "permissions": [str(NEEDED)],
    }
    written = read_config(tmp_path)
    assert (written["discord"]["token"], written["runware"]["api_key"]) == (token, key)
    assert (tmp_path / "config.toml").stat().st_mode & 0o777 == 0o600
    assert app_fixture.runware.journal.bills == ()


async def test_a_refused_secret_is_asked_for_again(app_fixture: AppFixture, tmp_path: Path) -> None:
    token, key = app_fixture.discord.token, app_fixture.runware.api_key
    answers = [(TOKEN, "wr ong"), (TOKEN, "wrong"), (TOKEN, token), (KEY, "wrong"), (KEY, key)]
    code, shown = await run_init(app_fixture, tmp_path, answers)
    assert code == 0, shown
    assert "That isn't plain ASCII without spaces. Copy it again." in shown
    assert "Discord refuses this token.\nCopy it again, or press Enter to skip it." in shown
    assert "Runware refuses this key (invalidApiKey).\nCopy it again" in shown
    assert read_config(tmp_path)["discord"]["token"] == token


async def test_what_could_not_be_checked_is_said_and_saved(
    app_fixture: AppFixture, tmp_path: Path
) -> None:
    limited = DiscordFault("banned", match="GET /users/@me", times=9, value=1800)
    app_fixture.discord.faults.add(limited)
    nobody = f"http://{find_free_address()}/v1"
    answers = [(TOKEN, app_fixture.discord.token), (KEY, 'a"key\\')]
    code, shown = await run_init(app_fixture, tmp_path, answers, EXPANSE_RUNWARE__BASE_URL=nobody)
    assert code == 0, shown
    assert "Not checked. Discord limits this address. Wait 1800 s" in shown
    assert "Not checked. Runware: " in shown
    assert shown.count("It is saved as it is; expanse doctor checks it later.") == 2
    assert "To get the invite link: expanse doctor" in shown
    written = read_config(tmp_path)
    assert written["discord"]["token"] == app_fixture.discord.token
    assert written["runware"]["api_key"] == 'a"key\\'


async def test_a_service_that_never_answers_is_given_up_on(
    app_fixture: AppFixture, tmp_path: Path
) -> None:
    async def be_silent(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    answers = [(TOKEN, app_fixture.discord.token), (KEY, "")]
    async with open_tcp_server(be_silent) as port:
        base = f"http://127.0.0.1:{port}/api/v10"
        code, shown = await run_init(app_fixture, tmp_path, answers, EXPANSE_DISCORD__API_BASE=base)
    assert code == 0, shown
    assert "Not checked. Discord doesn't answer within 10 s." in shown
    assert "Skipped. Fill in runware.api_key later." in shown


async def test_a_secret_in_the_environment_is_checked_and_not_written(
    app_fixture: AppFixture, tmp_path: Path
) -> None:
    token = app_fixture.discord.token
    code, shown = await run_init(app_fixture, tmp_path, [(KEY, "")], EXPANSE_DISCORD__TOKEN=token)
    assert code == 0, shown
    assert "Discord token: EXPANSE_DISCORD__TOKEN is used.\nDiscord accepts the token" in shown
    assert read_config(tmp_path)["discord"]["token"] == ""


async def test_a_start_that_is_broken_off_leaves_nothing(
    app_fixture: AppFixture, tmp_path: Path
) -> None:
    code, shown = await run_init(app_fixture, tmp_path, [(TOKEN, "Ctrl-C")])
    assert code == 1, shown
    assert not (tmp_path / "config.toml").exists()


@pytest.mark.parametrize("path", ["config.toml", "bots/my.toml"])
async def test_without_a_terminal_nothing_is_asked(tmp_path: Path, path: str) -> None:
    ended = await run_program("init", path, cwd=tmp_path)
    assert (ended.code, ended.err) == (0, [])
    assert ended.out[0] == f"{path} is written, and only you can read it."
    (steps,) = ended.out[1:]
    assert steps == (
        f"Next: fill in discord.token and runware.api_key, then look at [limits] in {path}, then"
        " expanse doctor, then expanse run"
    )
    again = await run_program("init", path, cwd=tmp_path)
    told = f"expanse: {path} exists already and was left unchanged. To check it: expanse doctor"
    assert (again.code, again.err) == (1, [told])
