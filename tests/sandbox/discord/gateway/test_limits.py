"""What the gateway holds a bot to, and how it tells a bot that it broke a rule."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
import zstandard

from sandbox.control.clock import VirtualClock
from sandbox.discord.model.intents import Intent
from sandbox.discord.model.limits import DiscordLimits
from sandbox.discord.server import LocalDiscord
from tests.support.discord.gateway_client import CONTENT, GUILDS, MEMBERS, MESSAGES, GatewaySocket
from tests.support.discord.server_fixture import WAIT_S, ExpandBot, open_local_discord, run_bot


async def test_a_bot_that_sends_no_heartbeats_is_a_zombie() -> None:
    async with open_local_discord() as (local, rest):
        local.state.settings = DiscordLimits(heartbeat_seconds=0.4)
        async with rest.http.ws_connect(local.gateway_url) as raw:
            socket = GatewaySocket(raw)
            await socket.identify(local.token)
            for _ in range(2):
                await socket.send(1, socket.sequence)
                while (await socket.receive_next())["op"] != 11:
                    pass
            talking = asyncio.create_task(send_chatter(socket))
            assert await socket.wait_for_close() == 4009
            talking.cancel()


async def send_chatter(socket: GatewaySocket) -> None:
    """Send what is no heartbeat."""
    while not socket.socket.closed:
        await socket.send(3, {})
        await asyncio.sleep(0.01)


async def test_an_acknowledgement_takes_as_long_as_a_way_over_the_network() -> None:
    async with (
        open_local_discord() as (local, rest),
        rest.http.ws_connect(local.gateway_url) as raw,
    ):
        socket = GatewaySocket(raw)
        await socket.receive_next()
        loop = asyncio.get_running_loop()
        sent = loop.time()
        await socket.send(1)
        assert (await socket.receive_next())["op"] == 11
        assert 0.09 < loop.time() - sent < WAIT_S


async def test_a_hundred_and_twenty_frames_a_minute_are_all() -> None:
    async with (
        open_local_discord() as (local, rest),
        rest.http.ws_connect(local.gateway_url) as raw,
    ):
        socket = GatewaySocket(raw)
        await socket.identify(local.token)
        for _ in range(120):
            await socket.send(3, {})
        assert await socket.wait_for_close() == 4008


async def test_a_frame_above_4096_bytes_closes() -> None:
    async with (
        open_local_discord() as (local, rest),
        rest.http.ws_connect(local.gateway_url) as raw,
    ):
        socket = GatewaySocket(raw)
        await socket.identify(local.token)
        await socket.send(3, {"activities": ["ä" * 700]})
        assert await socket.wait_for_close() == 4002


@pytest.mark.parametrize(
    ("settings", "identify", "code"),
    [
        (DiscordLimits(intents=0), {"intents": CONTENT}, 4014),
        (DiscordLimits(intents=CONTENT), {"intents": CONTENT | MEMBERS}, 4014),
        (DiscordLimits(least_shards=2), {"intents": GUILDS}, 4011),
        (DiscordLimits(), {"intents": GUILDS, "shard": [True, 2]}, 4010),
    ],
)
async def test_what_a_bot_may_not_ask_for_closes(
    settings: DiscordLimits, identify: dict[str, Any], code: int
) -> None:
    async with open_local_discord() as (local, rest):
        local.state.settings = settings
        async with rest.http.ws_connect(local.gateway_url) as raw:
            await GatewaySocket(raw).send(2, {"token": local.token} | identify)
            assert await GatewaySocket(raw).wait_for_close() == code


async def test_only_json_is_spoken() -> None:
    async with open_local_discord() as (local, rest):
        url = f"{local.gateway_url}?v=10&encoding=etf"
        async with rest.http.ws_connect(url) as raw:
            assert await GatewaySocket(raw).wait_for_close() == 4002


async def test_a_zstd_stream_is_one_stream_over_all_frames() -> None:
    async with open_local_discord() as (local, rest):
        url = f"{local.gateway_url}?v=10&encoding=json&compress=zstd-stream"
        async with rest.http.ws_connect(url) as raw:
            inflate = zstandard.ZstdDecompressor().decompressobj()
            await raw.send_json({"op": 2, "d": {"token": local.token, "intents": GUILDS}})
            seen = []
            for _ in range(3):
                frame = json.loads(inflate.decompress((await raw.receive(timeout=WAIT_S)).data))
                seen.append(frame["t"] or frame["op"])
            assert seen == [10, "READY", "GUILD_CREATE"]


async def test_shards_of_one_concurrency_key_identify_five_seconds_apart() -> None:
    clock = VirtualClock()
    async with open_local_discord(clock) as (local, rest):
        local.state.settings = replace(DiscordLimits.strict(), max_concurrency=2, identifies=4)
        shown = await read_limits(rest)
        assert (shown["max_concurrency"], shown["total"], shown["remaining"]) == (2, 4, 4)
        assert await identify_shards(local, rest.http, (0, 1, 2)) == ["READY", "READY", 9]
        clock.advance(5)
        assert await identify_shards(local, rest.http, (2, 3)) == ["READY", "READY"]
        assert (await read_limits(rest))["remaining"] == 0
        clock.advance(5)
        assert await identify_shards(local, rest.http, (0,)) == [9]
        clock.advance(86_400)
        assert (await read_limits(rest))["remaining"] == 4


async def read_limits(rest: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await rest("GET", "/gateway/bot"))[1]["session_start_limit"]
    return found


async def identify_shards(
    local: LocalDiscord, http: aiohttp.ClientSession, shards: tuple[int, ...]
) -> list[Any]:
    answers = []
    for shard in shards:
        async with http.ws_connect(local.gateway_url) as raw:
            socket = GatewaySocket(raw)
            await socket.receive_next()
            await socket.send(2, {"token": local.token, "intents": 0, "shard": [shard, 4]})
            frame = await socket.receive_next()
            answers.append(frame["t"] or frame["op"])
    return answers


async def test_an_invalid_session_that_may_be_resumed_is_resumed_on_the_same_socket() -> None:
    async with (
        open_local_discord() as (local, rest),
        rest.http.ws_connect(local.gateway_url) as raw,
    ):
        socket = GatewaySocket(raw)
        ready = await socket.identify(local.token, MESSAGES | CONTENT)
        local.gateway.invalidate_sessions(resumable=True)
        assert await socket.receive_next() == {"op": 9, "d": True, "s": None, "t": None}
        local.guild.member("ana").say("meanwhile")
        resume = {"token": local.token, "session_id": ready["session_id"], "seq": socket.sequence}
        await socket.send(6, resume)
        assert (await socket.receive_next())["d"]["content"] == "meanwhile"
        assert (await socket.receive_next())["t"] == "RESUMED"


async def test_a_session_that_is_resumed_elsewhere_leaves_its_old_socket() -> None:
    async with (
        open_local_discord() as (local, rest),
        rest.http.ws_connect(local.gateway_url) as first,
    ):
        old = GatewaySocket(first)
        ready = await old.identify(local.token)
        async with rest.http.ws_connect(local.gateway_url) as second:
            new = GatewaySocket(second)
            await new.receive_next()
            resume = {"token": local.token, "session_id": ready["session_id"], "seq": 1}
            await new.send(6, resume)
            assert await old.wait_for_close() == 4000
            assert (await new.receive_next())["t"] == "GUILD_CREATE"
            assert (await new.receive_next())["t"] == "RESUMED"
            assert local.state.sessions == 1


@pytest.mark.parametrize("how", ["op 9", "close 4009"])
async def test_the_library_resumes_after(how: str) -> None:
    async with LocalDiscord.open() as local, run_bot(local, ExpandBot()) as bot:
        before = local.gateway.sessions
        if how == "op 9":
            local.gateway.invalidate_sessions(resumable=True)
        else:
            await local.gateway.close_sockets(4009)
        await asyncio.wait_for(bot.resumed.wait(), WAIT_S)
        assert local.gateway.sessions == before


def test_settings_are_read_from_names_and_nonsense_is_refused() -> None:
    strict = DiscordLimits().with_changes({"preset": "strict", "intents": ["GUILD_MEMBERS"]})
    assert strict == replace(DiscordLimits.strict(), intents=int(Intent.GUILD_MEMBERS))
    assert strict.to_json()["intents"] == ["GUILD_MEMBERS"]
    for wrong in ({"speed": 1}, {"route_requests": 0}, {"route_requests": 1.5}, {"intents": [1]}):
        with pytest.raises(ValueError, match=r"setting|number|intents"):
            DiscordLimits().with_changes(wrong)
    with pytest.raises(ValueError, match="presets"):
        DiscordLimits().with_changes({"preset": "none"})
