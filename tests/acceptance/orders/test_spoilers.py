"""What is a spoiler on Discord is one in everything that is made from it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from bot.config.settings import PersonalSettings
from bot.domain.gallery import GalleryMode
from sandbox.discord.actors.member import MemberActor
from sandbox.discord.model.records import IS_SPOILER, Upload
from tests.acceptance.guilds.test_gallery import get_ben, list_gallery, set_guild_settings
from tests.support.app.card_controls import expand_picture, press_button
from tests.support.app.shown_pictures import SHARE, list_spoilers
from tests.support.app_fixture import (
    AppFixture,
    draw_photograph,
    encode_upload,
    is_ephemeral,
    list_media,
    read_text,
    wait_until,
)

Json = dict[str, Any]
PICTURE = encode_upload(draw_photograph()).data


async def expand_by_menu(app_fixture: AppFixture, message: Json) -> Json:
    form = await app_fixture.ana.menu("Expand image", message).modal()
    call = await app_fixture.ana.submit(form, {"direction": "up", "pixels": "64"})
    result = await app_fixture.wait_for_result(call)
    await app_fixture.wait_for_job(call)
    return result


async def expand_in(app_fixture: AppFixture, channel: str, **options: Any) -> Json:
    return await expand_picture(app_fixture, channel=channel, **options)


async def test_a_flag_is_a_spoiler_like_the_name(app_fixture: AppFixture) -> None:
    flagged = Upload("picture.png", PICTURE, spoiler=True)
    message = await app_fixture.ana.upload(flagged)
    assert [message["attachments"][0][name] for name in ("filename", "flags")] == [
        "picture.png",
        IS_SPOILER,
    ]
    assert list_spoilers(await expand_by_menu(app_fixture, message)) == [True]
    call = await app_fixture.ana.slash("expand", image=flagged, direction="up", pixels=64)
    assert list_spoilers(await app_fixture.wait_for_result(call)) == [True]
    forward = get_ben(app_fixture).forward(message)
    assert list_spoilers(await expand_by_menu(app_fixture, forward)) == [True]


def iter_texts(link: str, other: str) -> Iterator[tuple[str, bool]]:
    yield f"look ||{link}||", True
    yield f"look || a lake: {link} ||, nice", True
    yield f"||{link}|| and again {link}", True
    yield f"||two\nlines {link}||", True
    yield f"look {link}", False
    yield f"||a secret|| {link}", False
    yield f"||{other}|| {link}", False


async def test_a_link_between_bars_is_a_spoiler(app_fixture: AppFixture) -> None:
    ben = get_ben(app_fixture)
    files = [Upload("lake.png", PICTURE), Upload("notes.txt", b"words")]
    link, other = (each["url"] for each in (await ben.upload(*files))["attachments"])
    for text, hidden in iter_texts(link, other):
        message = ben.say(text)
        assert [embed["url"] for embed in message["embeds"]] == [link]
        assert list_spoilers(await expand_by_menu(app_fixture, message)) == [hidden], text


async def test_a_spoiler_channel_covers_results_previews_films_and_posts(
    app_fixture: AppFixture,
) -> None:
    app_fixture.discord.guild.set_spoiler_channel("studio")
    await set_guild_settings(app_fixture, gallery_mode=GalleryMode.EVERY)
    result = await expand_picture(app_fixture)
    assert list_spoilers(result) == [True]
    await wait_until(lambda: len(list_gallery(app_fixture)) == 1)
    assert list_spoilers(list_gallery(app_fixture)[0]) == [True]
    child = await app_fixture.wait_for_result(press_button(app_fixture.ana, result, "→"))
    assert list_spoilers(child) == [True]
    await check_films(app_fixture, child)
    call = await app_fixture.ana.slash(
        "expand", image=Upload("a.png", PICTURE), direction="up", pixels=64, preview=True
    )
    preview = await call.message(lambda message: bool(list_media(message)))
    assert list_spoilers(preview) == [True]
    app_fixture.discord.guild.add_channel("lounge")
    drawn = await (await get_ben(app_fixture).slash("gallery random", channel="lounge")).message(
        lambda message: bool(list_media(message))
    )
    assert list_spoilers(drawn) == [True]


async def check_films(app_fixture: AppFixture, child: Json) -> None:
    """Check that film and comparison of a result are behind a spoiler, also when shared."""

    def has_media(message: Json) -> bool:
        return is_ephemeral(message) and bool(list_media(message))

    more = await press_button(app_fixture.ana, child, "More").message()
    film = await press_button(app_fixture.ana, more, "Zoom-out film").message(has_media)
    comparison = await press_button(app_fixture.ana, child, "Compare").message(has_media)
    assert [list_spoilers(each) for each in (film, comparison)] == [[True], [True]]
    shared = await press_button(app_fixture.ana, film, SHARE).message(
        lambda message: not is_ephemeral(message) and bool(list_media(message))
    )
    assert list_spoilers(shared) == [True]


async def test_a_thread_has_its_channels_flag(app_fixture: AppFixture) -> None:
    thread = app_fixture.ana.start_thread("talk")
    assert list_spoilers(await expand_in(app_fixture, thread)) == [False]
    app_fixture.discord.guild.set_spoiler_channel("studio")
    assert list_spoilers(await expand_in(app_fixture, thread)) == [True]
    await app_fixture.restart()
    assert list_spoilers(await expand_in(app_fixture, thread)) == [True]
    app_fixture.discord.guild.set_spoiler_channel("studio", spoiler=False)
    assert list_spoilers(await expand_in(app_fixture, thread)) == [False]


@pytest.mark.parametrize("kind", ["forum", "media"])
async def test_a_post_has_its_forums_flag(app_fixture: AppFixture, kind: str) -> None:
    guild, ben = app_fixture.discord.guild, get_ben(app_fixture)
    guild.add_channel("plot-twists", kind=kind)
    guild.set_spoiler_channel("plot-twists")
    post = await ben.start_post("The end", Upload("a.png", PICTURE), channel="plot-twists")
    assert list_spoilers(await expand_by_menu(app_fixture, post)) == [True]
    assert list_spoilers(await expand_in(app_fixture, post["channel_id"])) == [True]
    guild.set_spoiler_channel("plot-twists", spoiler=False)
    assert list_spoilers(await expand_in(app_fixture, post["channel_id"])) == [False]


async def test_a_channel_added_later_is_known(app_fixture: AppFixture) -> None:
    guild = app_fixture.discord.guild
    guild.add_channel("plot-twists")
    assert list_spoilers(await expand_in(app_fixture, "plot-twists")) == [False]
    guild.set_spoiler_channel("plot-twists")
    assert list_spoilers(await expand_in(app_fixture, "plot-twists")) == [True]


async def test_what_became_a_spoiler_later_is_covered_where_it_is_shown_later(
    app_fixture: AppFixture,
) -> None:
    await set_guild_settings(app_fixture, gallery_mode=GalleryMode.MANUAL)
    result = await expand_picture(app_fixture)
    assert list_spoilers(result) == [False]
    app_fixture.discord.guild.set_spoiler_channel("studio")
    more = await press_button(app_fixture.ana, result, "More").message()
    await press_button(app_fixture.ana, more, "To the gallery").message()
    await wait_until(lambda: len(list_gallery(app_fixture)) == 1)
    post = list_gallery(app_fixture)[0]
    assert list_spoilers(post) == [True]
    comparison = await press_button(get_ben(app_fixture), post, "Compare").message(
        lambda message: is_ephemeral(message) and bool(list_media(message))
    )
    assert list_spoilers(comparison) == [True]


@pytest.mark.parametrize("name", ["ana", "mia"])
async def test_nobody_takes_a_spoiler_off_in_a_spoiler_channel(
    app_fixture: AppFixture, name: str
) -> None:
    app_fixture.discord.guild.set_spoiler_channel("studio")
    result = await expand_picture(app_fixture)
    member: MemberActor = app_fixture.discord.guild.member(name)
    more = await press_button(member, result, "More").message()
    refusal = await press_button(member, more, "Take the spoiler off").message(
        lambda message: "spoiler channel" in read_text(message)
    )
    assert is_ephemeral(refusal)
    assert list_spoilers(app_fixture.discord.guild.message(result)) == [True]


async def test_a_forward_from_a_spoiler_channel_is_a_spoiler(app_fixture: AppFixture) -> None:
    guild, ben = app_fixture.discord.guild, get_ben(app_fixture)
    guild.add_channel("plot-twists")
    guild.set_spoiler_channel("plot-twists")
    original = await ben.upload(Upload("a.png", PICTURE), channel="plot-twists")
    forward = ben.forward(original, channel="studio")
    assert list_spoilers(await expand_by_menu(app_fixture, forward)) == [True]


async def test_in_a_guild_without_the_bot_the_interaction_says_it(app_fixture: AppFixture) -> None:
    app_fixture.personal = PersonalSettings(month_usd=Decimal(1), results_per_day=9)
    await app_fixture.restart()
    app_fixture.ana.install()
    app_fixture.discord.guild.remove_bot()
    assert list_spoilers(await expand_picture(app_fixture)) == [False]
    assert list_spoilers(await expand_in(app_fixture, app_fixture.ana.dm)) == [False]
    thread = app_fixture.ana.start_thread("talk")
    assert list_spoilers(await expand_in(app_fixture, thread)) == [True], "its channel is unknown"
    app_fixture.discord.guild.set_spoiler_channel("studio")
    assert list_spoilers(await expand_picture(app_fixture)) == [True]
