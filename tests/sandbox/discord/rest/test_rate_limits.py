"""Rate limits: what the answers say of them, and what comes above them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import aiohttp
import discord

from sandbox.control.clock import VirtualClock
from sandbox.discord.model.faults import DiscordFault
from sandbox.discord.model.limits import DiscordLimits
from sandbox.discord.server import LocalDiscord
from tests.support.discord.server_fixture import (
    MODERATORS,
    STUDIO,
    WAIT_S,
    ExpandBot,
    Image,
    Interaction,
    RestClient,
    open_local_discord,
    run_bot,
)

POST = f"/channels/{STUDIO}/messages"


async def send_request(
    rest: RestClient, method: str, path: str, **kwargs: Any
) -> tuple[int, Any, Any]:
    """Return status, headers and JSON."""
    headers = {"Authorization": f"Bot {rest.local.token}"}
    url = rest.local.api_base + path
    async with rest.http.request(method, url, headers=headers, **kwargs) as response:
        is_json = response.content_type == "application/json"
        return response.status, response.headers, await response.json() if is_json else None


async def test_a_bucket_runs_out_and_fills_again() -> None:
    clock = VirtualClock()
    async with open_local_discord(clock) as (local, rest):
        local.state.settings = DiscordLimits.strict()
        for left in (4, 3, 2, 1, 0):
            status, headers, _ = await send_request(rest, "POST", POST, json={"content": "x"})
            assert (status, headers["X-RateLimit-Remaining"]) == (200, str(left))
        clock.advance(2)
        status, headers, body = await send_request(rest, "POST", POST, json={"content": "x"})
        assert status == 429
        assert body == {
            "message": "You are being rate limited.",
            "retry_after": 3.0,
            "global": False,
        }
        assert headers["Retry-After"] == "3"
        assert headers["X-RateLimit-Scope"] == "user"
        assert headers["Via"]
        other = f"/channels/{MODERATORS}/messages"
        status, elsewhere, _ = await send_request(rest, "POST", other, json={"content": "x"})
        assert status == 200
        assert elsewhere["X-RateLimit-Bucket"] == headers["X-RateLimit-Bucket"]
        clock.advance(3)
        assert (await send_request(rest, "POST", POST, json={"content": "x"}))[0] == 200
        assert len(local.guild.messages()) == 6


async def test_the_bots_own_limit_is_global_and_spares_answers_to_interactions() -> None:
    async with open_local_discord(VirtualClock()) as (local, rest):
        await rest.register_command(options=[])
        local.state.settings = replace(DiscordLimits(), global_requests=2)
        assert (await rest("GET", "/users/@me"))[0] == 200
        status, headers, body = await send_request(rest, "GET", "/users/@me")
        assert (status, body["global"], headers["X-RateLimit-Global"]) == (429, True, "true")
        call = await local.guild.member("ana").slash("expand")
        assert (await rest.send_callback(call.interaction, {"type": 5}))[0] == 200
        path = "/messages/@original"
        edit = await rest.call_webhook("PATCH", call.interaction, path, json={"content": "x"})
        assert edit[0] == 200


async def test_the_callback_route_has_no_bucket() -> None:
    async with open_local_discord() as (local, rest):
        await rest.register_command(options=[])
        call = await local.guild.member("ana").slash("expand")
        path = f"/interactions/{call.id}/{call.interaction.token}/callback"
        status, headers, _ = await send_request(rest, "POST", path, json={"type": 5})
        assert status == 204
        assert not [name for name in headers if name.lower().startswith("x-ratelimit")]


async def test_too_many_invalid_requests_shut_the_address_out() -> None:
    clock = VirtualClock()
    async with open_local_discord(clock) as (local, rest):
        local.state.settings = replace(DiscordLimits(), invalid_requests=3)
        local.faults.add(DiscordFault("rate_limited_shared", times=2))
        for _ in range(2):
            assert (await rest("GET", "/users/@me"))[0] == 429  # not counted: others caused it
        for _ in range(3):
            assert (await rest("GET", "/users/@me", headers={"Authorization": "x"}))[0] == 401
        status, headers, body = await send_request(rest, "GET", "/users/@me")
        assert (status, body, headers.get("Via")) == (429, None, None)
        assert headers["Retry-After"] == "600"
        clock.advance(600)
        assert (await rest("GET", "/users/@me"))[0] == 200


async def test_the_library_waits_for_a_bucket_and_loses_nothing() -> None:
    async def answer(interaction: Interaction, image: Image) -> None:
        assert isinstance(interaction.channel, discord.TextChannel)
        await asyncio.gather(*(interaction.channel.send(str(number)) for number in range(5)))

    async with LocalDiscord.open() as local, run_bot(local, ExpandBot(answer)) as bot:
        local.state.settings = replace(DiscordLimits(), route_requests=3, route_seconds=0.3)
        local.faults.add(
            DiscordFault("rate_limited", match="POST /channels/*/messages", value=0.05)
        )
        await local.guild.member("ana").slash("expand")
        await asyncio.wait_for(bot.done, WAIT_S)
        said = sorted(message["content"] for message in local.guild.messages())
        assert said == ["0", "1", "2", "3", "4"]
        assert [strike.kind for strike in local.journal.fault_entries] == ["rate_limited"]


async def test_limits_are_set_over_the_control_api() -> None:
    async with LocalDiscord.open() as local, aiohttp.ClientSession(local.control + "/") as control:
        async with control.post("settings", json={"preset": "strict"}) as response:
            assert (await response.json())["route_requests"] == 5
        assert local.state.settings == DiscordLimits.strict()
        async with control.post("settings", json={"route_requests": "many"}) as response:
            assert response.status == 400
        async with control.get("settings") as response:
            assert (await response.json())["global_requests"] == 50
