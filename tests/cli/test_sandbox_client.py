"""The client of the local Discord tells a refusal, as Discord words it, from a slow answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from bot.cli.sandbox_client import CommandRefused, SandboxClient
from sandbox.discord.server import LocalDiscord

TOO_SMALL = {
    "code": 50035,
    "message": "Invalid Form Body",
    "errors": {"data": {"options": {"1": {"value": {"_errors": [{"message": "At least 1."}]}}}}},
}


def build_client(answer: Callable[[httpx.Request], httpx.Response]) -> SandboxClient:
    transport = httpx.MockTransport(answer)
    return SandboxClient(httpx.AsyncClient(base_url="http://local.test", transport=transport))


@pytest.mark.parametrize(
    ("response", "refusal"),
    [
        ({"json": TOO_SMALL}, ("discord_50035", "pixels: At least 1.")),
        ({"json": {"code": 10004, "message": "Unknown Guild"}}, ("discord_10004", "Unknown Guild")),
        ({"text": "no JSON"}, ("http_400", "Bad Request")),
        ({"json": {"error": "no code"}}, ("http_400", "Bad Request")),
    ],
)
async def test_a_refusal_has_its_code_and_words(
    response: dict[str, Any], refusal: tuple[str, str]
) -> None:
    client = build_client(lambda _: httpx.Response(400, **response))
    with pytest.raises(CommandRefused) as caught:
        await client.invoke_command("ana", "expand", {"direction": "left", "pixels": 0})
    assert (caught.value.code, caught.value.message) == refusal


async def test_a_late_answer_is_a_timeout() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("late", request=request)

    with pytest.raises(TimeoutError):
        await build_client(answer).list_guilds()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "caf\udce9"])
async def test_values_outside_json_and_unicode_reach_the_local_discord(value: object) -> None:
    bodies: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        bodies.append(request.content)
        return httpx.Response(200, json={"interaction_id": 5})

    assert await build_client(answer).invoke_command("ana", "expand", {"factor": value}) == "5"
    body = {"as": "ana", "do": "invoke", "command": "expand", "options": {"factor": value}}
    assert bodies == [json.dumps(body).encode()]


async def test_a_file_and_the_control_api_are_reached_by_one_client() -> None:
    async with (
        LocalDiscord.open() as local,
        SandboxClient.open(local.control) as client,
    ):
        assert await client.list_guilds() == [local.state.world.guild.id]
        assert not await client.wait_until_ready(0)
        with pytest.raises(CommandRefused) as caught:
            await client.fetch_file(f"{local.origin}/cdn/attachments/1/2/none.png")
        assert caught.value.code.startswith("http_404")
