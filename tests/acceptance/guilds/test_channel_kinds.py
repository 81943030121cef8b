"""What a channel allows binds its threads and posts, in every kind of channel."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.content import ChannelTolerance
from bot.domain.gallery import GalleryMode
from bot.domain.ids import ChannelId
from sandbox.discord.model import seed_data
from sandbox.discord.model.permissions import Permission
from tests.support.app.card_controls import expand_picture, press_button
from tests.support.app.moderators import read_private_answer, set_guild_settings
from tests.support.app_fixture import (
    AppFixture,
    draw_photograph,
    encode_upload,
    read_text,
    wait_until,
)

PARENTS = {
    "thread": "text",
    "private thread": "text",
    "announcement thread": "announcement",
    "forum post": "forum",
    "media post": "media",
}
CHANNELS = ("text", "announcement", "voice", "stage")
PLACES = (*PARENTS, *CHANNELS)


async def open_place(app_fixture: AppFixture, place: str, **room: Any) -> tuple[ChannelId, str]:
    """Add the channel #room and in it the place; return the channel's id and the place's."""
    guild, ana = app_fixture.discord.guild, app_fixture.ana
    kind = PARENTS.get(place, place)
    number = guild.add_channel("room", kind=kind, **room)
    allowed = Permission.CREATE_PRIVATE_THREADS | Permission.CREATE_PUBLIC_THREADS
    guild.overwrite("room", "@everyone", allow=allowed)
    if place not in PARENTS:
        return ChannelId(int(number)), number
    if kind in {"forum", "media"}:
        post = await ana.start_post("Ideas", content="mine", channel="room")
        return ChannelId(int(number)), str(post["channel_id"])
    thread = ana.start_thread("Ideas", channel="room", private=place == "private thread")
    return ChannelId(int(number)), thread


async def read_refusal(app_fixture: AppFixture, channel: str, **options: Any) -> str:
    image = encode_upload(draw_photograph())
    given = {"direction": "right", "pixels": 64, "image": image, **options}
    return await read_private_answer(app_fixture.ana.invoke("expand", given, channel=channel))


async def expand_in(app_fixture: AppFixture, channel: str, **options: Any) -> int:
    """Expand a picture in a channel; return the level that it was made with."""
    call = await app_fixture.ana.slash(
        "expand",
        image=encode_upload(draw_photograph()),
        direction="right",
        pixels=64,
        channel=channel,
        **options,
    )
    await app_fixture.wait_for_result(call)
    return (await app_fixture.wait_for_job(call)).order.tolerance_level


@pytest.mark.parametrize("place", PLACES)
async def test_a_channels_ceiling_binds_every_order_in_it(
    app_fixture: AppFixture, place: str
) -> None:
    room, there = await open_place(app_fixture, place)
    await set_guild_settings(app_fixture, channel_tolerance=(ChannelTolerance(room, 0),))
    assert "allowed here: 0" in await read_refusal(app_fixture, there, tolerance=2)
    assert app_fixture.billed_count == 0
    assert await expand_in(app_fixture, there) == 0
    assert await expand_in(app_fixture, "studio") == 2


@pytest.mark.parametrize("place", PLACES)
async def test_an_allowed_channel_allows_its_threads_and_nothing_else(
    app_fixture: AppFixture, place: str
) -> None:
    room, there = await open_place(app_fixture, place)
    await set_guild_settings(app_fixture, allowed_channels=(room,))
    assert await expand_in(app_fixture, there) == 2
    assert f"<#{room}>" in await read_refusal(app_fixture, "studio")
    await set_guild_settings(app_fixture, allowed_channels=(ChannelId(seed_data.GALLERY_ID),))
    assert f"<#{seed_data.GALLERY_ID}>" in await read_refusal(app_fixture, there)


@pytest.mark.parametrize("place", PLACES)
async def test_age_restriction_of_a_channel_is_that_of_its_threads_at_the_act(
    app_fixture: AppFixture, place: str
) -> None:
    _, there = await open_place(app_fixture, place, nsfw=True)
    await set_guild_settings(
        app_fixture,
        adult_tolerance=5,
        gallery_channel=ChannelId(seed_data.GALLERY_ID),
        gallery_mode=GalleryMode.EVERY,
    )
    assert await expand_in(app_fixture, there) == 5
    app_fixture.discord.guild.change_channel("room", nsfw=False)
    assert await expand_in(app_fixture, there) == 2
    # a picture from a private thread that the bot cannot see stays out as well
    shown = 0 if place == "private thread" else 1
    await wait_until(lambda: len(list_gallery(app_fixture)) >= shown)
    assert len(list_gallery(app_fixture)) == shown


def list_gallery(app_fixture: AppFixture) -> list[dict[str, Any]]:
    return app_fixture.discord.guild.messages("gallery")


@pytest.mark.parametrize("place", PARENTS)
async def test_buttons_and_drafts_in_a_thread_are_held_to_the_rules_at_the_click(
    app_fixture: AppFixture, place: str
) -> None:
    room, there = await open_place(app_fixture, place)
    ana = app_fixture.ana
    image = encode_upload(draw_photograph())
    options = {"image": image, "direction": "right", "pixels": 64}
    made = await app_fixture.wait_for_result(ana.invoke("expand", options, channel=there))
    draft = await ana.invoke("expand", {**options, "preview": True}, channel=there).message()
    await set_guild_settings(app_fixture, channel_tolerance=(ChannelTolerance(room, 1),))
    again = press_button(ana, made, "→")
    await app_fixture.wait_for_result(again)
    assert (await app_fixture.wait_for_job(again)).order.tolerance_level == 1
    await set_guild_settings(app_fixture, allowed_channels=(ChannelId(seed_data.STUDIO_ID),))
    billed = app_fixture.billed_count
    for card, button in ((made, "→"), (draft, "Confirm")):
        assert f"<#{seed_data.STUDIO_ID}>" in await read_private_answer(
            press_button(ana, card, button)
        )
    assert app_fixture.billed_count == billed


async def test_a_converted_channel_keeps_its_ceiling_and_a_category_has_none(
    app_fixture: AppFixture,
) -> None:
    guild = app_fixture.discord.guild
    category = ChannelId(int(guild.add_channel("Rooms", kind="category")))
    room, thread = await open_place(app_fixture, "thread", category="Rooms")
    await set_guild_settings(app_fixture, channel_tolerance=(ChannelTolerance(category, 0),))
    assert [await expand_in(app_fixture, each) for each in ("room", thread)] == [2, 2]
    await set_guild_settings(app_fixture, channel_tolerance=(ChannelTolerance(room, 1),))
    guild.change_channel("room", kind="announcement")
    assert [await expand_in(app_fixture, each) for each in ("room", thread)] == [1, 1]


async def test_a_thread_of_a_channel_that_the_bot_cannot_see_gets_the_stricter_limits(
    app_fixture: AppFixture,
) -> None:
    room, thread = await open_place(app_fixture, "thread", nsfw=True)
    app_fixture.discord.guild.overwrite("room", "Expanse", deny=int(Permission.VIEW_CHANNEL))
    await app_fixture.restart()
    await set_guild_settings(app_fixture, adult_tolerance=5)
    assert await expand_in(app_fixture, thread) == 2
    await set_guild_settings(app_fixture, channel_tolerance=(ChannelTolerance(room, 1),))
    assert await expand_in(app_fixture, thread) == 1


async def test_the_gallery_knows_a_thread_that_was_archived_and_forgotten(
    app_fixture: AppFixture,
) -> None:
    _, thread = await open_place(app_fixture, "thread", nsfw=True)
    made = await expand_picture(app_fixture, channel=thread)
    app_fixture.discord.guild.archive(thread)
    await app_fixture.restart()
    await set_guild_settings(
        app_fixture,
        gallery_channel=ChannelId(seed_data.GALLERY_ID),
        gallery_mode=GalleryMode.MANUAL,
    )
    more = await press_button(app_fixture.ana, made, "More").message()
    told = await press_button(app_fixture.ana, more, "To the gallery").message(
        lambda message: "age" in read_text(message)
    )
    assert "age-restricted" in read_text(told)
    assert not list_gallery(app_fixture)
