"""The control API: what a test in any language, or the program, does with the local Discord."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import aiohttp
import pytest

from sandbox.discord.server import LocalDiscord
from tests.support.discord.server_fixture import (
    ExpandBot,
    Image,
    Interaction,
    RestClient,
    encode_picture,
    open_local_discord,
    run_bot,
)

SLASH = {"as": "ana", "do": "slash", "command": "expand"}


class ControlClient:
    def __init__(self, local: LocalDiscord, http: aiohttp.ClientSession) -> None:
        self.base = local.control
        self.http = http

    async def get(self, path: str) -> Any:
        async with self.http.get(self.base + path) as response:
            return await response.json()

    async def post(self, path: str, body: Any = None) -> tuple[int, Any]:
        async with self.http.post(self.base + path, json=body) as response:
            return response.status, await response.json() if response.status != 204 else None


async def test_health_waits_for_a_bot_with_its_commands() -> None:
    async with LocalDiscord.open() as local, aiohttp.ClientSession() as http:
        remote = ControlClient(local, http)
        assert await remote.get("/health") == {"ready": False, "sessions": 0, "commands": 0}
        waiting = asyncio.create_task(remote.get("/health?wait=5"))
        async with run_bot(local, ExpandBot()):
            assert await waiting == {"ready": True, "sessions": 1, "commands": 1}


async def test_a_remote_actor_sends_a_picture_and_follows_the_record() -> None:
    go_on = asyncio.Event()

    async def answer(interaction: Interaction, image: Image) -> None:
        await interaction.response.defer()
        await go_on.wait()
        assert image is not None
        await interaction.edit_original_response(content=f"{image.width} px")

    async with (
        LocalDiscord.open() as local,
        aiohttp.ClientSession() as http,
        run_bot(local, ExpandBot(answer)),
    ):
        remote = ControlClient(local, http)
        image = {"filename": "a.png", "data": base64.b64encode(encode_picture(96)).decode()}
        act = {"as": "ana", "do": "slash", "channel": "studio", "command": "expand"}
        _, done = await remote.post("/act", act | {"options": {"image": image, "pixels": 64}})
        path = f"/interactions/{done['interaction_id']}"
        record = await remote.get(path)
        while record["state"] == "sent":
            record = await remote.get(f"{path}?wait=5&since={record['version']}")
        assert record["message"]["flags"] == 1 << 7
        waiting = asyncio.create_task(remote.get(f"{path}?wait=5&since={record['version']}"))
        go_on.set()
        record = await waiting
        assert (record["message"]["content"], record["edits"]) == ("96 px", 1)
        assert record["ack_ms"] < 3000
        assert (await remote.get("/channels/studio/messages"))[0]["content"] == "96 px"
        journal = (await remote.get("/journal"))["entries"]
        assert journal[-1]["method"] == "PATCH"
        assert journal[-1]["path"].endswith("/{token}/messages/@original")


async def test_a_reset_forgets_messages_and_journal_but_not_the_commands() -> None:
    async with open_local_discord() as (local, rest):
        remote = ControlClient(local, rest.http)
        await rest.register_command()
        status, said = await remote.post("/act", {"as": "ben", "do": "message", "content": "hello"})
        assert (status, list(said)) == (200, ["message_id"])
        assert await remote.post("/reset") == (204, None)
        assert await remote.get("/channels/studio/messages") == []
        assert (await remote.get("/journal"))["entries"] == []
        assert (await remote.get("/health"))["commands"] == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 404),
        ({"as": "nobody", "do": "message"}, 404),
        ({"as": "ana", "do": "message"}, 400),
        ({"as": "ana", "do": "message", "content": "x", "channel": "none"}, 404),
        ({"as": "ana", "do": "message", "content": "x", "channel": "moderators"}, 403),
        ({"as": "ana", "do": "dance"}, 400),
        ({"as": "ana", "do": "slash"}, 400),
        ({"as": "ana", "do": "slash", "command": "none"}, 404),
        (SLASH | {"options": []}, 400),
        (SLASH | {"options": {"image": {}}}, 400),
        (
            SLASH | {"options": {"image": {"data": "é"}}},
            400,
        ),
        (SLASH | {"options": {"pixels": 0}}, 400),
        ({"as": "ana", "do": "press", "message_id": "1", "custom_id": "x"}, 400),
        ([], 400),
    ],
)
async def test_what_no_member_could_do_is_refused(body: Any, status: int) -> None:
    async with open_local_discord() as (local, rest):
        await rest.register_command()
        answered, refusal = await ControlClient(local, rest.http).post("/act", body)
        assert answered == status
        assert set(refusal) >= {"message", "code"}


async def test_an_unknown_interaction_and_a_foolish_wait_are_refused() -> None:
    async with open_local_discord() as (local, rest):
        remote = ControlClient(local, rest.http)
        assert (await remote.get("/interactions/1"))["code"] == 10062
        assert (await remote.get("/interactions/x"))["code"] == 10062
        assert (await remote.get("/health?wait=soon"))["code"] == 50035
        assert (await remote.get("/health?wait=nan"))["ready"] is False


async def test_the_plain_helper_has_the_bots_authority() -> None:
    async with open_local_discord() as (local, rest):
        assert isinstance(rest, RestClient)
        status, me = await rest("GET", "/users/@me")
        assert (status, me["id"]) == (200, str(local.state.world.bot.id))
