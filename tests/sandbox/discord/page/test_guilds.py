"""Several guilds on one page: each person gets their own, and of the others nothing at all."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest

from sandbox.discord.model.events import Event
from sandbox.discord.model.permissions import Permission
from sandbox.discord.model.records import Content, Guild
from sandbox.discord.page.feed import UNKNOWN_VIEWER
from sandbox.discord.state.messages import NewMessage
from tests.sandbox.discord.page.test_messages import send_request
from tests.support.discord.page_client import (
    DEADLINE_S,
    EXPAND,
    Json,
    PageClient,
    build_expand_data,
)

SECRET = "only for neighbours"
ONLY_HERE: Json = {"name": "only", "description": "Of one guild"}
INSPECT: Json = {"name": "Inspect", "type": 3}


async def add_guild(page: PageClient, who: str = "ana", name: str = "Neighbours") -> Guild:
    """Add a guild as a person does in the panel."""
    status, body = await send_request(page, "POST", "guilds", who, json={"name": name})
    assert status == 201
    return page.discord.state.world.guilds[int(body["id"])]


def list_values(listed: list[Json], key: str = "name") -> list[str]:
    return [each[key] for each in listed]


async def test_a_guild_that_is_added_comes_with_people_channels_and_the_bot(
    page: PageClient,
) -> None:
    state, heard = page.discord.state, list[Event]()
    me = state.world.bot.id
    state.subscribe(lambda event: heard.append(event) if event.is_visible_to(me) else None)
    guild = await add_guild(page)
    assert list_values([event.payload for event in heard if event.name == "CHANNEL_CREATE"]) == [
        "moderators"
    ]
    joined = heard[0]
    assert (joined.name, joined.payload["id"]) == ("GUILD_CREATE", str(guild.id))
    assert list_values(joined.payload["channels"]) == ["studio", "gallery"]
    assert list_values(joined.payload["roles"]) == ["@everyone", "Moderator", "Expanse"]
    assert [each.user.username for each in guild.members.values()] == [
        *("eva", "tom", "ana", "expanse")
    ]
    owner = state.world.people[guild.owner_id].username
    for who, seen in (("eva", 3), ("tom", 2), ("ana", 2)):
        async with page.open_viewer(who) as (_, snapshot):
            mine = next(each for each in snapshot["guilds"] if each["id"] == str(guild.id))
            assert len(mine["channels"]) == seen
            assert list_values(mine["commands"]) == (
                ["expand", "operator"] if who == owner else ["expand"]
            )
    second = await add_guild(page, "ben", "  Further on  ")
    assert second.name == "Further on"
    assert [each.user.username for each in second.members.values()][:2] == ["ivo", "noa"]


@pytest.mark.parametrize("name", [None, 7, "", " x ", "y" * 101])
async def test_a_guilds_name_has_2_to_100_characters(page: PageClient, name: Any) -> None:
    status, body = await send_request(page, "POST", "guilds", "ana", json={"name": name})
    assert (status, body["code"]) == (400, 50035)
    assert len(page.discord.state.world.guilds) == 1


async def test_who_joins_a_guild_has_it_at_once_and_loses_it_with_their_membership(
    page: PageClient,
) -> None:
    state = page.discord.state
    async with page.open_viewer("ana") as (ana, snapshot), page.open_viewer("ben") as (ben, _):
        assert list_values(snapshot["guilds"]) == ["Expanse Studio"]
        guild = await add_guild(page)
        place = await ana.wait_for_frame("GUILDS", lambda d: len(d["guilds"]) == 2)
        assert list_values(place["guilds"]) == ["Expanse Studio", "Neighbours"]
        state.guild_registry.remove_member(guild, int(ana.id))
        left = await ana.wait_for_frame("GUILDS", lambda d: len(d["guilds"]) == 1)
        assert list_values(left["guilds"]) == ["Expanse Studio"]
        state.guild_registry.remove_member(state.world.guild, int(ben.id))
        assert (await ben.wait_for_frame("GUILDS"))["guilds"] == []
        assert all("Neighbours" not in json.dumps(frame) for frame in ben.seen)


async def test_nothing_of_a_guild_reaches_the_feed_of_another(page: PageClient) -> None:
    guild = await add_guild(page)
    studio = next(iter(guild.channels))
    async with page.open_viewer("tom") as (tom, inside), page.open_viewer("ben") as (ben, outside):
        assert list_values(inside["guilds"]) == ["Neighbours"]
        assert list_values(outside["guilds"]) == ["Expanse Studio"]
        assert set(inside["messages"]).isdisjoint(outside["messages"])
        body = {"channel_id": str(studio), "content": SECRET}
        assert (await page.post_action("messages", tom.id, json=body)).status == 204
        assert (await page.post_action(f"channels/{studio}/typing", tom.id)).status == 204
        assert (await tom.wait_for_frame("TYPING_START"))["guild_id"] == str(guild.id)
        await ben.send_message("marker")
        await ben.wait_for_frame("MESSAGE_CREATE", lambda d: d["content"] == "marker")
        assert str(guild.id) not in json.dumps(ben.seen)
        await tom.socket.close()
    async with page.open_viewer("tom") as (_, snapshot):
        assert "marker" not in json.dumps(snapshot)


def post_within(page: PageClient, guild: Guild) -> tuple[str, str]:
    """Let the bot post a button in a guild; return the ids of channel and message."""
    state, channel = page.discord.state, next(iter(guild.channels))
    button = {"type": 2, "style": 1, "label": "Go", "custom_id": "go", "id": 2}
    row = {"type": 1, "id": 1, "components": [button]}
    content = Content(text=SECRET, components=(row,))
    message = state.messages.create(NewMessage(channel, state.world.bot.id, content))
    return str(channel), str(message.id)


async def test_every_route_of_a_foreign_guild_is_refused(page: PageClient) -> None:
    guild = await add_guild(page)
    page.discord.state.commands.replace_scope(None, [EXPAND, INSPECT])
    channel, message = post_within(page, guild)
    emoji = "reactions/%F0%9F%94%A5"
    before = json.dumps(page.discord.guild.message({"id": message}))
    for method, path, how, refusal in (
        ("GET", f"channels/{channel}/messages", {}, (403, 50001)),
        ("POST", f"channels/{channel}/typing", {}, (403, 50001)),
        ("POST", "messages", {"channel_id": channel, "content": "x"}, (403, 50001)),
        ("DELETE", f"messages/{message}", {}, (404, 10008)),
        ("PUT", f"messages/{message}/{emoji}", {}, (404, 10008)),
        ("DELETE", f"messages/{message}/{emoji}", {}, (404, 10008)),
        ("POST", f"messages/{message}/thread", {"name": "x"}, (404, 10008)),
        ("GET", f"panel?guild={guild.id}", {}, (404, 10004)),
    ):
        status, body = await send_request(page, method, path, "ben", json=how or None)
        assert (status, body["code"]) == refusal, (method, path)
        assert SECRET not in json.dumps(body)
    assert json.dumps(page.discord.guild.message({"id": message})) == before


async def test_nothing_is_invoked_on_what_is_in_a_foreign_guild(page: PageClient) -> None:
    guild = await add_guild(page)
    page.discord.state.commands.replace_scope(None, [EXPAND, INSPECT])
    channel, message = post_within(page, guild)
    component: Json = {"component_type": 2, "custom_id": "go"}
    press: Json = {"message_id": message, "data": component}
    menu: Json = {"data": {"name": "Inspect", "type": 3, "target_id": message}}
    ben = page.user_id("ben")
    for kind, there, payload, refusal in (
        (2, channel, {"data": build_expand_data()}, (403, 50001)),
        (4, channel, {"data": build_expand_data()}, (403, 50001)),
        (3, channel, press, (403, 50001)),
        (2, channel, menu, (403, 50001)),
        (3, page.studio, press, (404, 10008)),
        (2, page.studio, menu, (404, 10008)),
    ):
        files = {"a.png": b"x"} if payload["data"].get("attachments") else None
        payload |= {"type": kind, "channel_id": there}
        status, body = await page.send_interaction(ben, payload, files)
        assert (status, body["code"]) == refusal, (there, payload)
    assert page.discord.state.interactions.list_ids() == set()


async def test_everybody_is_named_once_those_of_the_open_guild_first(page: PageClient) -> None:
    guild = await add_guild(page)
    page.discord.state.guild_registry.add_person("zoe")
    _, body = await send_request(page, "GET", f"people?guild={guild.id}", "ana")
    assert [(each["username"], each["detail"]) for each in body["people"]] == [
        ("eva", "Moderator"),
        ("tom", "Member"),
        ("ana", "Member"),
        ("ben", "Member · Expanse Studio"),
        ("mia", "Moderator · Expanse Studio"),
        ("olu", "Operator · Expanse Studio"),
        ("zoe", "In no guild"),
    ]
    async with page.open_viewer("zoe") as (_, snapshot):
        assert (snapshot["guilds"], snapshot["direct"]) == ([], [])


async def test_a_guilds_own_command_is_offered_there_and_none_where_the_bot_is_not(
    page: PageClient,
) -> None:
    guild, state = await add_guild(page), page.discord.state
    state.commands.replace_scope(guild.id, [ONLY_HERE])
    async with page.open_viewer("ana") as (ana, snapshot):
        home, away = snapshot["guilds"]
        assert list_values(home["commands"]) == ["expand"]
        assert list_values(away["commands"]) == ["expand", "only"]
        state.guild_registry.remove_bot(guild)
        home, away = (await ana.wait_for_frame("GUILDS"))["guilds"]
        assert (list_values(home["commands"]), away["commands"]) == (["expand"], [])


async def test_in_a_direct_message_typing_names_no_guild(page: PageClient) -> None:
    members = page.discord.guild
    dm = members.member("ana").together("ben")
    async with page.open_viewer("ben") as (ben, snapshot):
        assert list_values(snapshot["direct"], "id") == [dm]
        assert await send_request(page, "POST", f"channels/{dm}/typing", "ana") == (204, None)
        assert "guild_id" not in await ben.wait_for_frame("TYPING_START")


async def test_a_page_of_somebody_unknown_is_refused(page: PageClient) -> None:
    url = f"{page.origin}/_page/ws?user=12"
    async with page.http.ws_connect(url) as socket:
        message = await socket.receive(timeout=DEADLINE_S)
        assert (message.type, message.data) == (aiohttp.WSMsgType.CLOSE, UNKNOWN_VIEWER)


async def test_what_the_bot_may_do_in_a_channel_is_turned_off_and_on(page: PageClient) -> None:
    state, channel = page.discord.state, page.discord.guild.channel_id("studio")
    bot = state.world.bot.id
    place = {"guild": str(state.world.guild.id), "channel": channel}
    turn = {"channel": channel, "name": "Attach files"}
    for on in (False, True):
        status, _ = await send_request(page, "POST", "panel/permission", "ana", json=turn)
        assert status == 204
        assert bool(state.get_permissions(bot, int(channel)) & Permission.ATTACH_FILES) is on
        status, body = await send_request(page, "GET", "panel?" + urlencode(place), "ana")
        assert {"name": "Attach files", "on": on} in body["may"]
        assert sum(not each["on"] for each in body["may"]) == (not on)


async def test_who_does_not_see_a_channel_turns_nothing_in_it(page: PageClient) -> None:
    guild = await add_guild(page)
    studio = str(next(iter(guild.channels)))
    for asked, code in (
        ({"channel": studio, "name": "Send messages"}, 10003),
        ({"channel": "1", "name": "Send messages"}, 10003),
        ({"channel": page.discord.guild.channel_id("studio"), "name": "Ban"}, 50035),
    ):
        _, body = await send_request(page, "POST", "panel/permission", "ben", json=asked)
        assert body["code"] == code
