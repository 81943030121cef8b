"""Searching a guild's messages as Discord does it, and finding a message by its nonce."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.discord.model.faults import DiscordFault
from sandbox.discord.model.message_matching import count_matches, split_words
from sandbox.discord.model.permissions import Permission
from sandbox.discord.model.records import Upload
from tests.support.discord.server_fixture import (
    APPLICATION,
    STUDIO,
    build_form,
    encode_picture,
    open_local_discord,
)

if TYPE_CHECKING:
    from sandbox.discord.server import LocalDiscord
    from tests.support.discord.server_fixture import RestClient

GUILD = "1323820000000000001"
SEARCH = f"/guilds/{GUILD}/messages/search"
MESSAGES = f"/channels/{STUDIO}/messages"


async def search_contents(rest: RestClient, query: str = "") -> list[str]:
    """Return the texts of a page of hits, in their order."""
    status, answer = await rest("GET", f"{SEARCH}?{query}")
    assert status == 200, answer
    return [message["content"] for (message,) in answer["messages"]]


async def post_messages(local: LocalDiscord, rest: RestClient) -> dict[str, Any]:
    """Post one message of each kind, by two members, the bot and a webhook."""
    ana, mia = local.guild.member("ana"), local.guild.member("mia")
    first = ana.say("The quick brown fox")
    local.guild.member("mia").say("a fox, quick and brown", reply_to=first)
    await ana.upload(Upload("Sea.PNG", encode_picture()), content="a picture")
    await ana.upload(Upload("notes.txt", b"x"), content="some notes")
    mia.say(f"see https://pictures.example/1 <@{ana.id}>")
    body = {"content": "with an embed", "embeds": [{"image": {"url": "https://a.example/x.png"}}]}
    await rest("POST", MESSAGES, json=body)
    local.state.messages.set_pinned(
        local.state.messages.get(int(STUDIO), int(first["id"])), pinned=True
    )
    return first


@pytest.mark.parametrize(
    ("query", "texts"),
    [
        ("content=QUICK%20fox", ["The quick brown fox"]),
        ("content=quick%20fox&slop=0", []),
        ("content=quick%20brown", ["a fox, quick and brown", "The quick brown fox"]),
        ("pinned=true", ["The quick brown fox"]),
        ("content=fox&pinned=false", ["a fox, quick and brown"]),
        ("has=file", ["some notes", "a picture"]),
        ("has=image", ["with an embed", "a picture"]),
        ("has=file&has=-image", ["some notes"]),
        ("has=embed", ["with an embed"]),
        ("has=link&has=embed&sort_order=desc", ["with an embed", "see"]),
        ("has=sticker", []),
        ("link_hostname=Pictures.example", ["see"]),
        ("attachment_extension=png", ["a picture"]),
        ("attachment_filename=sea.png", ["a picture"]),
        ("author_type=bot", ["with an embed"]),
        ("author_type=-user", ["with an embed"]),
        (f"author_id={APPLICATION}&author_id=1", ["with an embed"]),
        (f"channel_id={STUDIO}&content=notes", ["some notes"]),
        ("channel_id=1", []),
        ("replied_to_user_id=1323820000000000021", ["a fox, quick and brown"]),
        ("mentions=1323820000000000021", ["see"]),
        ("mention_everyone=true", []),
        ("embed_type=gif", []),
        ("content=fox&sort_order=asc", ["The quick brown fox", "a fox, quick and brown"]),
        ("limit=2&offset=1&sort_order=asc", ["a fox, quick and brown", "a picture"]),
        ("limit=1&sort_by=timestamp", ["with an embed"]),
    ],
)
async def test_each_filter_finds_what_it_names(query: str, texts: list[str]) -> None:
    async with open_local_discord() as (local, rest):
        await post_messages(local, rest)
        hits = [text.partition(" https")[0] for text in await search_contents(rest, query)]
        assert hits == texts


async def test_a_hit_is_a_message_without_reactions_in_a_list_of_its_own() -> None:
    async with open_local_discord() as (local, rest):
        first = await post_messages(local, rest)
        local.guild.member("mia").react(first, "🎨")
        _, answer = await rest("GET", f"{SEARCH}?pinned=1&max_id={int(first['id']) + 1}")
        ((message,),) = answer["messages"]
        assert message["hit"]
        assert "reactions" not in message
        assert (answer["total_results"], answer["doing_deep_historical_index"]) == (1, False)
        assert await search_contents(rest, f"pinned=true&min_id={first['id']}") == []


async def test_the_best_hit_comes_first_by_relevance() -> None:
    async with open_local_discord() as (local, rest):
        for text in ("sea sea sea", "sea", "lake", "sea"):
            local.guild.member("ana").say(text)
        assert await search_contents(rest, "content=sea&sort_by=relevance") == [
            "sea sea sea",
            "sea",
            "sea",
        ]


async def test_a_search_goes_into_threads_and_names_them() -> None:
    async with open_local_discord() as (_, rest):
        _, thread = await rest(
            "POST", f"/channels/{STUDIO}/threads", json={"name": "t", "type": 11}
        )
        await rest("POST", f"/channels/{thread['id']}/messages", json={"content": "deep down"})
        _, answer = await rest("GET", f"{SEARCH}?content=deep")
        assert [each["id"] for each in answer["threads"]] == [thread["id"]]
        assert [each["id"] for each in answer["members"]] == [thread["id"]]


async def test_only_what_the_bot_may_read_is_found() -> None:
    async with open_local_discord() as (local, rest):
        local.guild.member("ana").say("here")
        local.guild.member("mia").say("there", channel="gallery")
        await rest.register_command(options=[])
        call = await local.guild.member("ana").slash("expand")
        note = {"type": 4, "data": {"content": "a secret note", "flags": 64}}
        await rest.send_callback(call.interaction, note)
        assert await search_contents(rest) == ["there", "here"]
        local.guild.overwrite("gallery", "Expanse", deny=Permission.READ_MESSAGE_HISTORY)
        assert await search_contents(rest) == ["here"]
        local.guild.overwrite("gallery", "Expanse", deny=Permission.VIEW_CHANNEL)
        assert await search_contents(rest) == ["here"]


async def test_age_restricted_channels_are_searched_on_request() -> None:
    async with open_local_discord() as (local, rest):
        local.guild.add_channel("late", nsfw=True)
        local.guild.member("ana").say("adults only", channel="late")
        assert await search_contents(rest) == []
        assert await search_contents(rest, "include_nsfw=true") == ["adults only"]


async def test_what_is_wrong_with_a_search_is_named_field_by_field() -> None:
    wrong = {
        *("limit=26", "limit=0", "offset=9976", "slop=101", "has=everything", "sort_by=size"),
        *("sort_order=up", "author_id=ana", "min_id=x", "pinned=perhaps", "author_type=cat"),
        *(f"content={'x' * 1025}", "channel_id=", f"link_hostname={'x' * 257}", "embed_type=rich"),
        "&".join(f"author_id={number}" for number in range(101)),
    }
    async with open_local_discord() as (_, rest):
        for query in wrong:
            status, answer = await rest("GET", f"{SEARCH}?{query}")
            assert (status, answer["code"]) == (400, 50035), query
            assert list(answer["errors"]) == [query.partition("=")[0]]
        _, answer = await rest("GET", f"{SEARCH}?limit=99&has=x&pinned=x")
        assert set(answer["errors"]) == {"limit", "has", "pinned"}


async def test_a_search_needs_the_guild_a_right_to_read_and_the_message_content_intent() -> None:
    async with open_local_discord() as (local, rest):
        assert (await rest("GET", SEARCH.replace(GUILD, "5")))[1]["code"] == 10004
        for channel in local.state.world.guild.channels.values():
            denied = Permission.READ_MESSAGE_HISTORY
            local.guild.overwrite(str(channel.id), "Expanse", deny=denied)
        assert (await rest("GET", SEARCH))[1]["code"] == 50013
        local.state.settings = local.state.settings.with_changes({"intents": []})
        assert (await rest("GET", SEARCH))[1]["code"] == 50001


async def test_a_guild_that_is_not_indexed_yet_is_a_fault() -> None:
    async with open_local_discord() as (local, rest):
        local.faults.add(DiscordFault("not_indexed", value=7))
        status, answer = await rest("GET", SEARCH)
        assert (status, answer["code"], answer["retry_after"]) == (202, 110000, 7)
        assert await search_contents(rest) == []
        assert [each.kind for each in local.journal.fault_entries] == ["not_indexed"]


def test_words_stand_in_their_order_with_few_others_between() -> None:
    text = split_words("One, two -- THREE four five.")
    assert count_matches(text, split_words("one three"), slop=1) == 1
    assert count_matches(text, split_words("one three"), slop=0) == 0
    assert count_matches(text, split_words("three one"), slop=100) == 0
    assert count_matches(text, (), slop=0) == 0
    assert count_matches(split_words("a b a x b b"), split_words("a b"), slop=1) == 2
    assert count_matches(split_words("sea sea sea"), split_words("sea sea"), slop=2) == 2


async def test_a_nonce_is_shown_to_its_author_alone() -> None:
    async with open_local_discord() as (local, rest):
        heard: list[Any] = []
        local.state.subscribe(heard.append)
        ana, mia = local.guild.member("ana"), local.guild.member("mia")
        said = ana.say("by ana", nonce="17")
        await rest("POST", MESSAGES, json={"content": "by the bot", "nonce": "job-7"})
        assert said["nonce"] == "17"
        seen = {each: [m.get("nonce") for m in each.sees()] for each in (ana, mia)}
        assert seen == {ana: ["17", None], mia: [None, None]}
        _, history = await rest("GET", MESSAGES)
        assert [each.get("nonce") for each in history] == ["job-7", None]
        assert [m.get("nonce") for (m,) in (await rest("GET", SEARCH))[1]["messages"]] == [
            "job-7",
            None,
        ]
        event = next(each for each in heard if each.name == "MESSAGE_CREATE")
        assert event.build_payload_for(ana.id)["nonce"] == "17"
        assert "nonce" not in event.build_payload_for(int(APPLICATION))


async def test_a_message_is_found_by_its_nonce_by_actors_and_over_the_control_api() -> None:
    async with open_local_discord() as (local, rest):
        body = {"content": "x", "nonce": 7}
        for _ in range(2):
            await rest("POST", MESSAGES, json=body)
        local.guild.member("ana").say("y", nonce="8")
        assert [each["content"] for each in local.guild.by_nonce("7")] == ["x", "x"]
        assert local.guild.by_nonce("7", channel="gallery") == []
        assert local.guild.by_nonce("") == []
        url = f"{local.control}/channels/{STUDIO}/messages?nonce=8"
        async with rest.http.get(url) as response:
            assert [each["content"] for each in await response.json()] == ["y"]
        asked = {"do": "by_nonce", "nonce": "8"}
        async with rest.http.post(f"{local.control}/act", json=asked) as response:
            assert len((await response.json())["messages"]) == 1


async def test_files_posted_by_the_bot_are_found_by_their_names() -> None:
    async with open_local_discord() as (_, rest):
        form = build_form('{"content": "out"}', ("a b.png", encode_picture()))
        await rest("POST", MESSAGES, data=form)
        assert await search_contents(rest, "attachment_filename=a_b.png") == ["out"]
