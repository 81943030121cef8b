"""Pictures in messages of Discord's shape: their links, names and spoilers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import urlsplit

import discord
import pytest
import pytest_asyncio

from bot.config.settings import DiscordSettings
from bot.domain.geometry import Size
from bot.domain.order import Attachment
from bot.ui.interactions.message_pictures import find_pictures

Json = dict[str, Any]
Reader = Callable[..., list[Attachment]]
LINK = "https://example.org/lake.png"
PROXY = "https://images-ext-1.discordapp.net/external/q1W_e/https/example.org/lake.png"
CDN = "https://cdn.discordapp.com/attachments/1/2/a.png?ex=6&is=5&hm=4&"
MEDIA = "https://media.discordapp.net/attachments/1/2/a.png?ex=6&is=5&hm=4&"
SIZE = {"width": 320, "height": 240}
LINKED: Json = {
    "type": "image",
    "url": LINK,
    "thumbnail": {"url": LINK, "proxy_url": PROXY, **SIZE},
}
POSTED: Json = {"type": "rich", "image": {"url": CDN, "proxy_url": MEDIA, **SIZE}}
ELSEWHERE: Json = {
    "type": 12,
    "id": 1,
    "items": [{"media": {"id": "0", "url": LINK, "proxy_url": PROXY, **SIZE}, "spoiler": False}],
}
THEIRS: Json = {
    "type": 11,
    "id": 2,
    "spoiler": False,
    "media": {"id": "3", "url": CDN, "proxy_url": MEDIA, "content_type": "image/png", **SIZE},
}
SECTION: Json = {"type": 9, "id": 3, "components": [], "accessory": THEIRS}


@pytest_asyncio.fixture
async def read() -> AsyncIterator[Reader]:
    async with discord.Client(intents=discord.Intents.none()) as client:

        def read_pictures(content: str = "", **fields: Any) -> list[Attachment]:
            author = {"id": "5", "username": "ben", "discriminator": "0", "avatar": None}
            message: Json = {
                "id": "7",
                "channel_id": "8",
                "type": 0,
                "author": author,
                "content": content,
                "timestamp": "2026-11-30T12:00:00+00:00",
                "edited_timestamp": None,
                "tts": False,
                "mention_everyone": False,
                "mentions": [],
                "mention_roles": [],
                "attachments": [],
                "embeds": [],
                "components": [],
                "pinned": False,
                "flags": 0,
            } | fields
            state, channel = client._connection, client.get_partial_messageable(8)
            return find_pictures(discord.Message(state=state, channel=channel, data=message))  # type: ignore[arg-type] # as it does

        yield read_pictures


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ({"embeds": [LINKED]}, ["lake.png"]),
        ({"embeds": [POSTED]}, ["a.png"]),
        ({"components": [ELSEWHERE]}, ["lake.png"]),
        ({"components": [SECTION]}, ["a.png"]),
        ({"components": [{"type": 17, "id": 4, "components": [SECTION, ELSEWHERE]}]}, None),
        ({"embeds": [POSTED], "components": [SECTION]}, ["a.png"]),
    ],
)
def test_each_link_is_on_a_host_that_may_be_fetched(
    read: Reader, fields: Json, names: list[str] | None
) -> None:
    found, settings = read(**fields), DiscordSettings()
    hosts = {urlsplit(settings.cdn_base).hostname, *settings.proxy_hosts}
    assert {urlsplit(picture.url).hostname for picture in found} <= hosts
    assert [picture.filename for picture in found] == (names or ["a.png", "lake.png"])


@pytest.mark.parametrize("text", ["a lake at dusk", ""])
def test_an_attachment_keeps_its_alt_text(read: Reader, text: str) -> None:
    posted = {
        "id": "1",
        "filename": "a.png",
        "size": 10,
        "url": CDN,
        "proxy_url": MEDIA,
        "content_type": "image/png",
        "width": 640,
        "height": 480,
    }
    described = posted | {"description": text} if text else posted
    assert read(attachments=[described]) == [
        Attachment(CDN, "a.png", 10, "image/png", Size(640, 480), description=text)
    ]


@pytest.mark.parametrize(
    ("content", "hidden"),
    [
        (f"||{LINK}||", True),
        (f"|| {LINK} ||", True),
        (f"|| a lake\n{LINK}, isn't it?||", True),
        (f"||({LINK})||", True),
        (f"||{LINK}|| {LINK}", True),
        ("||https://EXAMPLE.org/lake.png||", True),
        ("||https://example.org/lake.png/||", True),
        ("||https://short.example/x||", True),  # what it leads to is not known
        (f"||https://short.example/x|| {LINK}", False),
        (f"||a secret|| {LINK}", False),
        (f"{LINK} || ", False),
        (LINK, False),
        ("", False),
    ],
)
def test_an_embed_is_hidden_with_its_link(read: Reader, content: str, *, hidden: bool) -> None:
    (picture,) = read(content, embeds=[LINKED])
    assert picture.spoiler is hidden


def test_a_hidden_link_leaves_files_as_they_are(read: Reader) -> None:
    file = {"id": "2", "filename": "b.png", "size": 9, "url": CDN, "proxy_url": MEDIA}
    found = read(f"||{LINK}||", attachments=[file | {"content_type": "image/png"}], embeds=[LINKED])
    assert [(each.filename, each.spoiler) for each in found] == [
        ("b.png", False),
        ("lake.png", True),
    ]


def test_one_picture_in_two_places_is_hidden_if_it_is_in_one(read: Reader) -> None:
    found = read(components=[SECTION, SECTION | {"accessory": THEIRS | {"spoiler": True}}])
    assert [(each.filename, each.spoiler) for each in found] == [("a.png", True)]


def test_no_more_are_found_than_a_menu_has_options(read: Reader) -> None:
    items = [
        {"media": {"id": "0", "url": f"{LINK}/{number}.png", "proxy_url": f"{PROXY}/{number}.png"}}
        for number in range(40)
    ]
    found = read(components=[ELSEWHERE | {"items": items}])
    assert [each.filename for each in found] == [f"{number}.png" for number in range(25)]
