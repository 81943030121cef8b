"""Several guilds on one page: each person gets their own, and of the others nothing at all."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest

from sandbox.discord.events import Event
from sandbox.discord.messages import Draft
from sandbox.discord.models import Content, Guild
from sandbox.discord.page_feed import NOBODY
from sandbox.discord.permissions import Permission
from tests.sandbox.page.bed import DEADLINE_S, EXPAND, Json, Page, expand_data
from tests.sandbox.page.test_messages import ask

SECRET = "only for neighbours"
ONLY_HERE: Json = {"name": "only", "description": "Of one guild"}
INSPECT: Json = {"name": "Inspect", "type": 3}


async def add(page: Page, who: str = "ana", name: str = "Neighbours") -> Guild:
    """Add a guild as a person does in the panel."""
    status, body = await ask(page, "POST", "guilds", who, json={"name": name})
    assert status == 201
    return page.discord.state.world.guilds[int(body["id"])]


def names(listed: list[Json], key: str = "name") -> list[str]:
    return [each[key] for each in listed]


async def test_a_guild_that_is_added_comes_with_people_channels_and_the_bot(page: Page) -> None:
    state, heard = page.discord.state, list[Event]()
    me = state.world.bot.id
    state.subscribe(lambda event: heard.append(event) if event.reaches(me) else None)
    guild = await add(page)
    assert names([event.payload for event in heard if event.name == "CHANNEL_CREATE"]) == [
        "moderators"
    ]
    joined = heard[0]
    assert (joined.name, joined.payload["id"]) == ("GUILD_CREATE", str(guild.id))
    assert names(joined.payload["channels"]) == ["studio", "gallery"]
    assert names(joined.payload["roles"]) == ["@everyone", "Moderator", "Expanse"]
    assert [each.user.username for each in guild.members.values()] == [
        *("eva", "tom", "ana", "expanse")
    ]
    owner = state.world.people[guild.owner_id].username
    for who, seen in (("eva", 3), ("tom", 2), ("ana", 2)):
        async with page.viewer(who) as (_, snapshot):
            mine = next(each for each in snapshot["guilds"] if each["id"] == str(guild.id))
            assert len(mine["channels"]) == seen
            assert names(mine["commands"]) == (
                ["expand", "operator"] if who == owner else ["expand"]
            )
    second = await add(page, "ben", "  Further on  ")
    assert second.name == "Further on"
    assert [each.user.username for each in second.members.values()][:2] == ["ivo", "noa"]


@pytest.mark.parametrize("name", [None, 7, "", " x ", "y" * 101])
async def test_a_guilds_name_has_2_to_100_characters(page: Page, name: Any) -> None:
    status, body = await ask(page, "POST", "guilds", "ana", json={"name": name})
    assert (status, body["code"]) == (400, 50035)
    assert len(page.discord.state.world.guilds) == 1


async def test_who_joins_a_guild_has_it_at_once_and_loses_it_with_their_membership(
    page: Page,
) -> None:
    state = page.discord.state
    async with page.viewer("ana") as (ana, snapshot), page.viewer("ben") as (ben, _):
        assert names(snapshot["guilds"]) == ["Expanse Studio"]
        guild = await add(page)
        place = await ana.frame("GUILDS", lambda d: len(d["guilds"]) == 2)
        assert names(place["guilds"]) == ["Expanse Studio", "Neighbours"]
        state.roster.remove_member(guild, int(ana.id))
        left = await ana.frame("GUILDS", lambda d: len(d["guilds"]) == 1)
        assert names(left["guilds"]) == ["Expanse Studio"]
        state.roster.remove_member(state.world.guild, int(ben.id))
        assert (await ben.frame("GUILDS"))["guilds"] == []
        assert all("Neighbours" not in json.dumps(frame) for frame in ben.seen)


async def test_nothing_of_a_guild_reaches_the_feed_of_another(page: Page) -> None:
    guild = await add(page)
    studio = next(iter(guild.channels))
    async with page.viewer("tom") as (tom, inside), page.viewer("ben") as (ben, outside):
        assert names(inside["guilds"]) == ["Neighbours"]
        assert names(outside["guilds"]) == ["Expanse Studio"]
        assert set(inside["messages"]).isdisjoint(outside["messages"])
        body = {"channel_id": str(studio), "content": SECRET}
        assert (await page.post("messages", tom.id, json=body)).status == 204
        assert (await page.post(f"channels/{studio}/typing", tom.id)).status == 204
        assert (await tom.frame("TYPING_START"))["guild_id"] == str(guild.id)
        await ben.say("marker")
        await ben.frame("MESSAGE_CREATE", lambda d: d["content"] == "marker")
        assert str(guild.id) not in json.dumps(ben.seen)
        await tom.socket.close()
    async with page.viewer("tom") as (_, snapshot):
        assert "marker" not in json.dumps(snapshot)


def post_within(page: Page, guild: Guild) -> tuple[str, str]:
    """Let the bot post a button in a guild; return the ids of channel and message."""
    state, channel = page.discord.state, next(iter(guild.channels))
    button = {"type": 2, "style": 1, "label": "Go", "custom_id": "go", "id": 2}
    row = {"type": 1, "id": 1, "components": [button]}
    content = Content(text=SECRET, components=(row,))
    message = state.messages.create(Draft(channel, state.world.bot.id, content))
    return str(channel), str(message.id)


async def test_every_door_of_a_foreign_guild_is_shut(page: Page) -> None:
    guild = await add(page)
    page.discord.state.commands.replace(None, [EXPAND, INSPECT])
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
        status, body = await ask(page, method, path, "ben", json=how or None)
        assert (status, body["code"]) == refusal, (method, path)
        assert SECRET not in json.dumps(body)
    assert json.dumps(page.discord.guild.message({"id": message})) == before


async def test_nothing_is_invoked_on_what_is_in_a_foreign_guild(page: Page) -> None:
    guild = await add(page)
    page.discord.state.commands.replace(None, [EXPAND, INSPECT])
    channel, message = post_within(page, guild)
    component: Json = {"component_type": 2, "custom_id": "go"}
    press: Json = {"message_id": message, "data": component}
    menu: Json = {"data": {"name": "Inspect", "type": 3, "target_id": message}}
    ben = page.user_id("ben")
    for kind, there, payload, refusal in (
        (2, channel, {"data": expand_data()}, (403, 50001)),
        (4, channel, {"data": expand_data()}, (403, 50001)),
        (3, channel, press, (403, 50001)),
        (2, channel, menu, (403, 50001)),
        (3, page.studio, press, (404, 10008)),
        (2, page.studio, menu, (404, 10008)),
    ):
        files = {"a.png": b"x"} if payload["data"].get("attachments") else None
        payload |= {"type": kind, "channel_id": there}
        status, body = await page.interact(ben, payload, files)
        assert (status, body["code"]) == refusal, (there, payload)
    assert page.discord.state.interactions.ids() == set()


async def test_everybody_is_named_once_those_of_the_open_guild_first(page: Page) -> None:
    guild = await add(page)
    page.discord.state.roster.add_person("zoe")
    _, body = await ask(page, "GET", f"people?guild={guild.id}", "ana")
    assert [(each["username"], each["detail"]) for each in body["people"]] == [
        ("eva", "Moderator"),
        ("tom", "Member"),
        ("ana", "Member"),
        ("ben", "Member · Expanse Studio"),
        ("mia", "Moderator · Expanse Studio"),
        ("olu", "Operator · Expanse Studio"),
        ("zoe", "In no guild"),
    ]
    async with page.viewer("zoe") as (_, snapshot):
        assert (snapshot["guilds"], snapshot["direct"]) == ([], [])


async def test_a_guilds_own_command_is_offered_there_and_none_where_the_bot_is_not(
    page: Page,
) -> None:
    guild, state = await add(page), page.discord.state
    state.commands.replace(guild.id, [ONLY_HERE])
    async with page.viewer("ana") as (ana, snapshot):
        home, away = snapshot["guilds"]
        assert names(home["commands"]) == ["expand"]
        assert names(away["commands"]) == ["expand", "only"]
        state.roster.remove_bot(guild)
        home, away = (await ana.frame("GUILDS"))["guilds"]
        assert (names(home["commands"]), away["commands"]) == (["expand"], [])


async def test_in_a_direct_message_typing_names_no_guild(page: Page) -> None:
    members = page.discord.guild
    dm = members.member("ana").together("ben")
    async with page.viewer("ben") as (ben, snapshot):
        assert names(snapshot["direct"], "id") == [dm]
        assert await ask(page, "POST", f"channels/{dm}/typing", "ana") == (204, None)
        assert "guild_id" not in await ben.frame("TYPING_START")


async def test_a_page_of_somebody_unknown_is_told_so(page: Page) -> None:
    url = f"{page.origin}/_page/ws?user=12"
    async with page.http.ws_connect(url) as socket:
        message = await socket.receive(timeout=DEADLINE_S)
        assert (message.type, message.data) == (aiohttp.WSMsgType.CLOSE, NOBODY)


async def test_what_the_bot_may_do_in_a_channel_is_turned_off_and_on(page: Page) -> None:
    state, channel = page.discord.state, page.discord.guild.channel_id("studio")
    bot = state.world.bot.id
    place = {"guild": str(state.world.guild.id), "channel": channel}
    turn = {"channel": channel, "name": "Attach files"}
    for on in (False, True):
        status, _ = await ask(page, "POST", "panel/permission", "ana", json=turn)
        assert status == 204
        assert bool(state.permissions(bot, int(channel)) & Permission.ATTACH_FILES) is on
        status, body = await ask(page, "GET", "panel?" + urlencode(place), "ana")
        assert {"name": "Attach files", "on": on} in body["may"]
        assert sum(not each["on"] for each in body["may"]) == (not on)


async def test_who_does_not_see_a_channel_turns_nothing_in_it(page: Page) -> None:
    guild = await add(page)
    studio = str(next(iter(guild.channels)))
    for asked, code in (
        ({"channel": studio, "name": "Send messages"}, 10003),
        ({"channel": "1", "name": "Send messages"}, 10003),
        ({"channel": page.discord.guild.channel_id("studio"), "name": "Ban"}, 50035),
    ):
        _, body = await ask(page, "POST", "panel/permission", "ben", json=asked)
        assert body["code"] == code
