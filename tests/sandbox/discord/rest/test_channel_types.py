"""Channels of every type over REST and the gateway, as Discord's reference has them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import discord
import pytest

from sandbox.control.clock import VirtualClock
from sandbox.discord.model.errors import DiscordError
from sandbox.discord.model.permissions import Permission
from sandbox.discord.server import LocalDiscord
from tests.support.discord.server_fixture import (
    STUDIO,
    ExpandBot,
    RestClient,
    open_local_discord,
    run_bot,
)

TYPES = {
    "text": 0,
    "voice": 2,
    "category": 4,
    "announcement": 5,
    "stage": 13,
    "forum": 15,
    "media": 16,
}


@asynccontextmanager
async def _open_unchecked() -> AsyncIterator[tuple[LocalDiscord, RestClient]]:
    async with LocalDiscord.open() as local, aiohttp.ClientSession() as http:
        yield local, RestClient(local, http)


async def send(rest: RestClient, method: str, path: str, **body: Any) -> tuple[int, int, Any]:
    status, answer = await rest(method, path, json=body)
    return status, answer.get("code", 0), answer


@pytest.mark.parametrize("kind", TYPES)
async def test_each_type_takes_messages_and_threads_as_the_reference_says(kind: str) -> None:
    # Discord's specification of 2026-07 does not list media channels; its documentation does
    opened = _open_unchecked() if kind == "media" else open_local_discord()
    async with opened as (local, rest):
        room = local.guild.add_channel("room", kind=kind)
        _, answer = await rest("GET", f"/channels/{room}")
        assert answer["type"] == TYPES[kind]
        posted = await send(rest, "POST", f"/channels/{room}/messages", content="hello")
        takes = kind in {"text", "announcement", "voice", "stage"}
        assert posted[:2] == ((200, 0) if takes else (400, 50008))
        local.guild.overwrite("room", "@everyone", allow=int(Permission.CREATE_PRIVATE_THREADS))
        message = {"content": "first"}
        status, code, thread = await send(
            rest, "POST", f"/channels/{room}/threads", name="Talk", message=message
        )
        made = {"text": 12, "announcement": 10, "forum": 11, "media": 11}.get(kind)
        assert (status, code) == ((201, 0) if made else (400, 50024))
        if made:
            assert (thread["type"], thread["parent_id"]) == (made, room)
            assert "nsfw" not in thread
        if made == 11:
            assert thread["message"]["id"] == thread["id"]
            assert thread["message"]["content"] == "first"


async def test_a_post_needs_a_message_and_a_private_thread_a_text_channel() -> None:
    async with open_local_discord() as (local, rest):
        local.guild.add_channel("board", kind="forum")
        board = local.guild.channel_id("board")
        assert (await send(rest, "POST", f"/channels/{board}/threads", name="x"))[:2] == (
            400,
            50035,
        )
        news = local.guild.add_channel("news", kind="announcement")
        wrong = await send(rest, "POST", f"/channels/{news}/threads", name="x", type=12)
        assert wrong[:2] == (400, 50035)
        with pytest.raises(DiscordError):
            local.guild.member("olu").start_thread("x", channel="news", private=True)
        with pytest.raises(DiscordError):
            local.guild.member("ana").say("hello", channel="board")


async def test_a_channel_is_made_in_a_category_and_converted_to_announcements() -> None:
    async with open_local_discord() as (local, rest):
        local.guild.overwrite("studio", "Expanse", allow=int(Permission.MANAGE_CHANNELS))
        category = local.guild.add_channel("Rooms", kind="category")
        studio = f"/channels/{STUDIO}"
        status, _, changed = await send(rest, "PATCH", studio, type=5, parent_id=category)
        assert (status, changed["type"], changed["parent_id"]) == (200, 5, category)
        assert (await send(rest, "PATCH", studio, type=2))[:2] == (400, 50035)
        assert (await send(rest, "PATCH", studio, parent_id=STUDIO))[:2] == (400, 50035)
        local.guild.delete_channel("Rooms")
        assert (await send(rest, "PATCH", studio, type=0))[2]["parent_id"] is None


async def test_a_private_thread_is_seen_by_its_members_and_who_manages_threads() -> None:
    async with open_local_discord() as (local, rest):
        local.guild.overwrite("studio", "@everyone", allow=int(Permission.CREATE_PRIVATE_THREADS))
        thread = local.guild.member("ana").start_thread("Secret", private=True)
        path = f"/channels/{thread}/messages"
        assert (await send(rest, "POST", path, content="hi"))[:2] == (403, 50001)
        with pytest.raises(DiscordError):
            local.guild.member("ben").say("hi", channel=thread)
        local.guild.overwrite("studio", "Expanse", allow=int(Permission.MANAGE_THREADS))
        assert (await send(rest, "POST", path, content="hi"))[0] == 200


async def test_a_locked_thread_takes_messages_of_who_manages_threads_alone() -> None:
    async with open_local_discord() as (local, rest):
        ana = local.guild.member("ana")
        thread = ana.start_thread("Talk")
        local.guild.archive(thread)
        ana.say("it wakes", channel=thread)
        assert not local.state.get_channel(int(thread)).archived
        local.guild.archive(thread, locked=True)
        with pytest.raises(DiscordError):
            ana.say("hello", channel=thread)
        posted = await send(rest, "POST", f"/channels/{thread}/messages", content="hi")
        assert posted[:2] == (400, 160005)
        local.guild.member("olu").say("hello", channel=thread)


async def test_options_and_time_outs_are_held_to_the_types_and_the_time() -> None:
    clock = VirtualClock(1_800_000_000)
    async with open_local_discord(clock) as (local, rest):
        option = {"type": 7, "name": "room", "description": "Where", "channel_types": [2, 13]}
        await rest.register_command(options=[option])
        voice = local.guild.add_channel("voice", kind="voice")
        mia = local.guild.member("mia")
        with pytest.raises(DiscordError):
            mia.invoke("expand", {"room": STUDIO})
        mia.invoke("expand", {"room": voice})
        local.guild.time_out("mia", 60)
        with pytest.raises(DiscordError):
            mia.invoke("expand", {"room": voice})
        clock.advance(61)
        mia.invoke("expand", {"room": voice})


async def test_the_library_reads_every_type_and_no_thread_that_the_bot_cannot_see() -> None:
    async with LocalDiscord.open() as local:
        ana, seen = local.guild.member("ana"), {}
        for kind in TYPES:
            seen[kind] = int(local.guild.add_channel(f"a-{kind}", kind=kind))
        local.guild.overwrite("a-text", "@everyone", allow=int(Permission.CREATE_PRIVATE_THREADS))
        hidden = ana.start_thread("Secret", channel="a-text", private=True)
        old = ana.start_thread("Old", channel="a-text")
        local.guild.archive(old)
        public = ana.start_thread("Open", channel="a-announcement")
        post = await ana.start_post("Idea", content="look", channel="a-media")
        async with run_bot(local, ExpandBot()) as bot:
            guild = bot.guilds[0]
            found = {kind: guild.get_channel(number) for kind, number in seen.items()}
            assert {kind: each.type.value for kind, each in found.items() if each} == TYPES
            assert isinstance(found["media"], discord.ForumChannel)
            threads = {str(each.id) for each in guild.threads}
            assert threads == {public, post["channel_id"]}
            assert hidden not in threads
