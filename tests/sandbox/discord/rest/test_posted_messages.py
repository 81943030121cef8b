"""What members post beside text, as the bot reads it: Discord's shapes, and values by hand."""

from __future__ import annotations

from typing import Any

import aiohttp
import discord
import pytest

from sandbox.discord.model.errors import DiscordError
from sandbox.discord.model.records import IS_SPOILER, IS_SPOILER_CHANNEL, Upload
from sandbox.discord.server import LocalDiscord
from tests.support.discord.openapi import SpecificationChecker, load_specification
from tests.support.discord.server_fixture import (
    STUDIO,
    ExpandBot,
    RestClient,
    build_form,
    encode_picture,
    open_local_discord,
    run_bot,
)

Json = dict[str, Any]
STAR = "⭐"
REACTIONS = f"/reactions/{STAR}"


def check_parts(*parts: tuple[str, Any]) -> None:
    """Check parts of messages by the schemas of Discord's OpenAPI file."""
    judge = SpecificationChecker(load_specification())
    for name, body in parts:
        judge.check_schema(name, body)
    assert not judge.deviations


async def fetch_message(rest: RestClient, message: Json) -> Json:
    path = f"/channels/{message['channel_id']}/messages/{message['id']}"
    status, found = await rest("GET", path)
    assert status == 200
    return dict(found)


async def test_a_forward_shows_the_message_as_it_was() -> None:
    async with LocalDiscord.open() as local, aiohttp.ClientSession() as http:
        rest, ben, ana = (
            RestClient(local, http),
            local.guild.member("ben"),
            local.guild.member("ana"),
        )
        upload = Upload("lake.png", encode_picture(), spoiler=True)
        original = await ben.upload(upload, content="look", channel="gallery")
        forward = await fetch_message(rest, ana.forward(original, channel="studio"))
        assert (forward["content"], forward["attachments"], forward["flags"]) == ("", [], 1 << 14)
        assert forward["message_reference"] == {
            "type": 1,
            "channel_id": original["channel_id"],
            "message_id": original["id"],
            "guild_id": str(local.state.world.guild.id),
        }
        (snapshot,) = forward["message_snapshots"]
        check_parts(("MessageSnapshotResponse", snapshot))
        shown = snapshot["message"]
        assert (shown["content"], shown["attachments"][0]["flags"]) == ("look", IS_SPOILER)
        assert "author" not in shown
        again = await fetch_message(rest, ben.forward(forward))
        assert again["message_reference"] == forward["message_reference"]
        reply = ana.say("nice", reply_to=forward)
        assert reply["referenced_message"]["message_snapshots"] == [snapshot]
        local.state.world.bare_snapshots = True
        bare = (await fetch_message(rest, reply))["referenced_message"]["message_snapshots"][0]
        fields = ["attachments", "content", "edited_timestamp", "embeds", "flags", "timestamp"]
        assert sorted(bare["message"]) == fields


async def test_what_one_cannot_see_is_not_forwarded() -> None:
    async with LocalDiscord.open() as local:
        said = local.guild.member("mia").say("secret", channel="moderators")
        with pytest.raises(DiscordError, match="50035"):
            local.guild.member("ana").forward(said, channel="studio")


async def test_the_bot_may_forward_too() -> None:
    async with LocalDiscord.open() as local, aiohttp.ClientSession() as http:
        said = local.guild.member("ben").say("look")
        reference = {"type": 1, "channel_id": said["channel_id"], "message_id": said["id"]}
        path, body = f"/channels/{STUDIO}/messages", {"message_reference": reference}
        status, answer = await RestClient(local, http)("POST", path, json=body)
        assert status == 200
        assert answer["message_snapshots"][0]["message"]["content"] == "look"


async def test_ordinary_and_super_reactions_are_counted_and_listed_apart() -> None:
    async with open_local_discord() as (local, rest):
        ana, ben, mia = (local.guild.member(name) for name in ("ana", "ben", "mia"))
        message = ana.say("look")
        for member, burst in ((ana, False), (ana, True), (ben, True), (mia, True), (mia, True)):
            member.react(message, STAR, burst=burst)
        path = f"/channels/{STUDIO}/messages/{message['id']}"
        await rest("PUT", f"{path}{REACTIONS}/@me")
        (star,) = (await fetch_message(rest, message))["reactions"]
        check_parts(("MessageReactionResponse", star))
        assert star["count"] == 5
        assert star["count_details"] == {"burst": 3, "normal": 2}
        assert (star["me"], star["me_burst"]) == (True, False)
        assert all(len(color) == 7 and color.startswith("#") for color in star["burst_colors"])
        bot_id = local.state.world.bot.id
        for query, wanted in (
            ("", {ana.id, bot_id}),
            ("?type=0", {ana.id, bot_id}),
            ("?type=1", {ana.id, ben.id, mia.id}),
            (f"?type=1&after={ana.id}", {ben.id, mia.id}),
            ("?type=1&limit=1", {ana.id}),
        ):
            status, users = await rest("GET", f"{path}{REACTIONS}{query}")
            assert status == 200
            assert {int(user["id"]) for user in users} == wanted, query
        status, refusal = await rest("GET", f"{path}{REACTIONS}?type=2")
        assert (status, refusal["code"]) == (400, 50035)
        ana.unreact(message, STAR)
        assert (await fetch_message(rest, message))["reactions"][0]["count_details"] == {
            "burst": 3,
            "normal": 1,
        }
        await rest("DELETE", f"{path}{REACTIONS}")
        assert "reactions" not in await fetch_message(rest, message)


class ReactionListener(ExpandBot):
    """Record raw reaction events."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents.all())
        self.heard: list[tuple[str, Any]] = []

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        if event.startswith("raw_reaction"):
            self.heard.append((event, args[0]))
        super().dispatch(event, *args, **kwargs)


async def test_events_say_which_kind_was_given_and_what_was_cleared() -> None:
    async with LocalDiscord.open() as local, run_bot(local, ReactionListener()) as bot:
        ana, mia = local.guild.member("ana"), local.guild.member("mia")
        message, sent = ana.say("look"), list[Json]()
        local.state.subscribe(lambda event: sent.append(event.payload))
        ana.react(message, STAR, burst=True)
        ana.unreact(message, STAR, burst=True)
        mia.react(message, STAR)
        mia.clear_reactions(message, emoji=STAR)
        mia.react(message, STAR, burst=True)
        mia.clear_reactions(message)
        with pytest.raises(DiscordError, match="50013"):
            ana.clear_reactions(message)
        while len(bot.heard) < 6:
            await bot.wait_for("socket_event_type", timeout=5)
        names = [name.removeprefix("raw_reaction_") for name, _ in bot.heard]
        assert names == ["add", "remove", "add", "clear_emoji", "add", "clear"]
        added, removed, ordinary = (event for _, event in bot.heard[:3])
        assert (added.burst, added.message_author_id) == (True, ana.id)
        assert (removed.burst, removed.message_author_id) == (True, None)
        assert not ordinary.burst
        # the library reads the colours by another name
        colors = [len(event.get("burst_colors", ())) for event in sent[:3]]
        assert (colors, [event["type"] for event in sent[:3]]) == ([2, 0, 0], [1, 1, 0])


async def test_files_may_lack_type_and_size_and_are_marked_by_flag() -> None:
    async with LocalDiscord.open() as local, aiohttp.ClientSession() as http:
        data, rest = encode_picture(), RestClient(local, http)
        uploads = [
            Upload("a.png", data),
            Upload("b.png", data, content_type="", measured=False),
            Upload("c.png", data, content_type="application/octet-stream"),
            Upload("d.png", data, spoiler=True),
            Upload("SPOILER_e.png", data),
        ]
        message = await local.guild.member("ana").upload(*uploads)
        fields = ("content_type", "width", "height", "flags")
        files = (await fetch_message(rest, message))["attachments"]
        check_parts(*(("MessageAttachmentResponse", file) for file in files))
        assert [tuple(file.get(name) for name in fields) for file in files] == [
            ("image/png", 64, 48, None),
            (None, None, None, None),
            ("application/octet-stream", 64, 48, None),
            ("image/png", 64, 48, IS_SPOILER),
            ("image/png", 64, 48, IS_SPOILER),
        ]


async def test_a_bot_may_mark_its_files_too() -> None:
    async with open_local_discord() as (_, rest):
        path = f"/channels/{STUDIO}/messages"
        for value, wanted in (("true", (200, IS_SPOILER)), ("7", (400, None))):
            listed = f'{{"attachments": [{{"id": "0", "is_spoiler": {value}}}]}}'
            form = build_form(listed, ("a.png", encode_picture()))
            status, answer = await rest("POST", path, data=form)
            flags = answer["attachments"][0]["flags"] if status == 200 else None
            assert (status, flags) == wanted


async def test_linked_pictures_stickers_and_polls_have_discords_shapes() -> None:
    async with LocalDiscord.open() as local, aiohttp.ClientSession() as http:
        ben, rest = local.guild.member("ben"), RestClient(local, http)
        files = await ben.upload(Upload("a.png", encode_picture()), Upload("b.txt", b"words"))
        picture, text = (each["url"] for each in files["attachments"])
        said = await fetch_message(rest, ben.say(f"||{picture}|| {text} <{picture}x>"))
        (embed,) = said["embeds"]
        assert (embed["type"], embed["url"], embed["thumbnail"]["width"]) == ("image", picture, 64)
        assert ben.say(f"<{picture}>")["embeds"] == []
        sticker = await fetch_message(rest, ben.sticker("Wave", format_type=4))
        (item,) = sticker["sticker_items"]
        assert (item["name"], item["format_type"], sticker["content"]) == ("Wave", 4, "")
        voted = await ben.poll("Which?", "left", "right", files=[Upload("a.png", encode_picture())])
        poll = (await fetch_message(rest, voted))["poll"]
        assert [each["poll_media"]["text"] for each in poll["answers"]] == ["left", "right"]
        assert len(voted["attachments"]) == 1
        check_parts(
            ("MessageEmbedResponse", embed),
            ("MessageStickerItemResponse", item),
            ("PollResponse", poll),
            ("MessageResponse", sticker),
            ("MessageResponse", said),
        )


async def test_a_spoiler_channel_is_a_flag_of_the_channel_not_of_its_threads() -> None:
    async with open_local_discord() as (local, rest):
        local.guild.set_spoiler_channel("studio")
        status, channel = await rest("GET", f"/channels/{STUDIO}")
        assert (status, channel["flags"]) == (200, IS_SPOILER_CHANNEL)
        said = local.guild.member("ana").say("look")
        path = f"/channels/{STUDIO}/messages/{said['id']}/threads"
        status, thread = await rest("POST", path, json={"name": "talk"})
        assert (status, thread["flags"]) == (201, 0)
        local.guild.set_spoiler_channel("studio", spoiler=False)
        assert (await rest("GET", f"/channels/{STUDIO}"))[1]["flags"] == 0
