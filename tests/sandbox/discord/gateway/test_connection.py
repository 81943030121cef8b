"""The gateway, frame by frame."""

from __future__ import annotations

import json
import zlib

import pytest

from sandbox.control.clock import VirtualClock
from tests.support.discord.gateway_client import CONTENT, GUILDS, MEMBERS, MESSAGES, GatewaySocket
from tests.support.discord.server_fixture import WAIT_S, open_local_discord


async def test_a_session_begins_with_hello_ready_and_the_guild() -> None:
    async with (
        open_local_discord() as (local, rest),
        rest.http.ws_connect(local.gateway_url) as raw,
    ):
        socket = GatewaySocket(raw)
        ready = await socket.identify(local.token)
        assert ready["resume_gateway_url"] == local.gateway_url
        assert ready["guilds"] == [{"id": str(local.state.world.guild.id), "unavailable": True}]
        guild = (await socket.receive_next())["d"]
        assert [each["name"] for each in guild["channels"]] == ["studio", "gallery", "moderators"]
        assert [each["user"]["username"] for each in guild["members"]] == ["expanse"]
        assert local.state.is_bot_online


async def test_heartbeats_are_acknowledged_in_text_and_in_binary_before_identify() -> None:
    async with (
        open_local_discord() as (local, rest),
        rest.http.ws_connect(local.gateway_url) as raw,
    ):
        socket = GatewaySocket(raw)
        await socket.receive_next()
        await socket.send(1, None)
        assert (await socket.receive_next())["op"] == 11
        await raw.send_bytes(b'{"op":1,"d":null}')
        assert (await socket.receive_next())["op"] == 11


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ('{"op":2,"d":{"token":"sandbox.no.no","intents":1}}', 4004),
        ('{"op":2,"d":{"token":"TOKEN","intents":"all"}}', 4013),
        ('{"op":2,"d":{"token":"TOKEN","intents":1,"shard":[2,2]}}', 4010),
        ('{"op":8,"d":{}}', 4003),
        ("[]", 4002),
        ("{", 4002),
        ("[" * 3000, 4002),
        ('{"op":6,"d":{"token":"wrong"}}', 4004),
    ],
)
async def test_a_wrong_frame_closes_with_discords_code(frame: str, code: int) -> None:
    async with (
        open_local_discord() as (local, rest),
        rest.http.ws_connect(local.gateway_url) as raw,
    ):
        await raw.send_str(frame.replace("TOKEN", local.token))
        assert await GatewaySocket(raw).wait_for_close() == code


async def test_identifying_twice_and_unknown_opcodes_close() -> None:
    async with open_local_discord() as (local, rest):
        for op, code in ((2, 4005), (42, 4001)):
            async with rest.http.ws_connect(local.gateway_url) as raw:
                socket = GatewaySocket(raw)
                await socket.identify(local.token)
                await socket.send(op, {"token": local.token, "intents": 1})
                assert await socket.wait_for_close() == code


async def test_an_old_version_of_the_gateway_is_refused() -> None:
    async with (
        open_local_discord() as (local, rest),
        rest.http.ws_connect(f"{local.gateway_url}?v=6") as raw,
    ):
        assert await GatewaySocket(raw).wait_for_close() == 4012


async def test_a_zlib_stream_is_one_stream_over_all_frames() -> None:
    async with open_local_discord() as (local, rest):
        url = f"{local.gateway_url}?v=10&encoding=json&compress=zlib-stream"
        async with rest.http.ws_connect(url) as raw:
            inflate = zlib.decompressobj()
            identify = {"token": local.token, "intents": GUILDS}
            await raw.send_json({"op": 2, "d": identify})
            seen = []
            for _ in range(3):
                block = (await raw.receive(timeout=WAIT_S)).data
                assert block.endswith(b"\x00\x00\xff\xff")
                frame = json.loads(inflate.decompress(block))
                seen.append(frame["t"] or frame["op"])
            assert seen == [10, "READY", "GUILD_CREATE"]


async def test_a_resume_replays_what_was_missed_and_only_that() -> None:
    async with open_local_discord() as (local, rest):
        intents = GUILDS | MESSAGES | CONTENT
        async with rest.http.ws_connect(local.gateway_url) as raw:
            socket = GatewaySocket(raw)
            session = (await socket.identify(local.token, intents))["session_id"]
            await socket.receive_next()
            local.guild.member("ana").say("seen")
            await socket.receive_next()
            last = socket.sequence
            await raw.close(code=4000)
        local.guild.member("ana").say("missed")
        async with rest.http.ws_connect(local.gateway_url) as raw:
            socket = GatewaySocket(raw)
            await socket.receive_next()
            resume = {"token": local.token, "session_id": session, "seq": last}
            await socket.send(6, resume)
            assert (await socket.receive_next())["d"]["content"] == "missed"
            assert (await socket.receive_next())["t"] == "RESUMED"


async def test_a_session_ends_with_a_goodbye_or_after_some_minutes() -> None:
    clock = VirtualClock()
    async with open_local_discord(clock) as (local, rest):
        for code, seconds in ((1000, 0), (4000, 181)):
            async with rest.http.ws_connect(local.gateway_url) as raw:
                session = (await GatewaySocket(raw).identify(local.token))["session_id"]
                await raw.close(code=code)
            while local.state.is_bot_online:
                await local.state.changes.wait_for_change(
                    (0,), since=local.state.changes.get_version(0), timeout=1
                )
            clock.advance(seconds)
            async with rest.http.ws_connect(local.gateway_url) as raw:
                socket = GatewaySocket(raw)
                await socket.receive_next()
                resume = {"token": local.token, "session_id": session, "seq": 1}
                await socket.send(6, resume)
                assert await socket.receive_next() == {"op": 9, "d": False, "s": None, "t": None}


async def test_a_sequence_from_the_future_is_refused() -> None:
    async with (
        open_local_discord() as (local, rest),
        rest.http.ws_connect(local.gateway_url) as raw,
    ):
        session = (await GatewaySocket(raw).identify(local.token))["session_id"]
        async with rest.http.ws_connect(local.gateway_url) as second:
            resume = {"token": local.token, "session_id": session, "seq": 999}
            await GatewaySocket(second).send(6, resume)
            assert await GatewaySocket(second).wait_for_close() == 4007


async def test_intents_really_filter() -> None:
    async with (
        open_local_discord() as (local, rest),
        rest.http.ws_connect(local.gateway_url) as raw,
    ):
        socket = GatewaySocket(raw)
        await socket.identify(local.token, GUILDS)
        await socket.receive_next()
        local.guild.member("ana").say("not for this bot")
        await rest.register_command(options=[])
        await local.guild.member("ana").slash("expand")
        frame = await socket.receive_next()
        assert frame["t"] == "INTERACTION_CREATE"
        assert frame["d"]["context"] == 0
        assert frame["d"]["member"]["user"]["username"] == "ana"


async def test_message_content_is_hidden_without_its_intent_unless_the_bot_is_mentioned() -> None:
    async with (
        open_local_discord() as (local, rest),
        rest.http.ws_connect(local.gateway_url) as raw,
    ):
        socket = GatewaySocket(raw)
        await socket.identify(local.token, MESSAGES)
        bot_id = local.state.world.bot.id
        local.guild.member("ana").say("hidden")
        local.guild.member("ana").say(f"<@{bot_id}> shown")
        assert (await socket.receive_next())["d"]["content"] == ""
        assert (await socket.receive_next())["d"]["content"] == f"<@{bot_id}> shown"


async def test_another_shard_hears_nothing_of_the_guild() -> None:
    async with (
        open_local_discord() as (local, rest),
        rest.http.ws_connect(local.gateway_url) as raw,
    ):
        socket = GatewaySocket(raw)
        mine = (local.state.world.guild.id >> 22) % 2
        ready = await socket.identify(local.token, GUILDS | MESSAGES, shard=[1 - mine, 2])
        assert ready["guilds"] == []
        local.guild.member("ana").say("elsewhere")
        await socket.send(1)
        assert (await socket.receive_next())["op"] == 11


async def test_members_are_sent_on_request() -> None:
    async with (
        open_local_discord() as (local, rest),
        rest.http.ws_connect(local.gateway_url) as raw,
    ):
        socket = GatewaySocket(raw)
        await socket.identify(local.token, MEMBERS)
        guild_id = str(local.state.world.guild.id)
        await socket.send(8, {"guild_id": guild_id, "query": "a", "limit": 5, "nonce": "n"})
        chunk = (await socket.receive_next())["d"]
        assert [each["user"]["username"] for each in chunk["members"]] == ["ana"]
        assert chunk["nonce"] == "n"


async def test_invalidating_a_session_says_so() -> None:
    async with (
        open_local_discord() as (local, rest),
        rest.http.ws_connect(local.gateway_url) as raw,
    ):
        socket = GatewaySocket(raw)
        await socket.identify(local.token, MEMBERS)
        local.gateway.invalidate_sessions()
        assert await socket.receive_next() == {"op": 9, "d": False, "s": None, "t": None}
