"""What became a spoiler, or was removed, after it was shown: nothing made from it leaks it."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.gallery import GalleryMode
from sandbox.discord.model.records import Upload
from tests.acceptance.guilds.test_gallery import get_ben, get_mia, list_gallery, set_guild_settings
from tests.acceptance.members.test_member_pages import open_history
from tests.acceptance.moderation.test_reports import report_result
from tests.acceptance.orders.test_message_pictures import read_refusal
from tests.acceptance.orders.test_spoilers import PICTURE, expand_by_menu
from tests.support.app.card_controls import expand_picture, press_button
from tests.support.app.moderators import (
    list_moderator_cards,
    read_private_answer,
    run_command,
    set_moderators_channel,
)
from tests.support.app.shown_pictures import SHARE, compare_picture, list_spoilers, share_file
from tests.support.app_fixture import AppFixture, list_media, wait_until

Json = dict[str, Any]


def has_media(message: Json) -> bool:
    return bool(list_media(message))


async def test_a_comparison_made_before_the_spoiler_is_shared_behind_it(
    app_fixture: AppFixture,
) -> None:
    result = await expand_picture(app_fixture)
    made = await compare_picture(app_fixture.ana, result)
    assert list_spoilers(made) == [False]
    await run_command(get_mia(app_fixture), "moderate spoiler", picture=result["id"])
    assert list_spoilers(await share_file(app_fixture.ana, made)) == [True]


async def test_a_comparison_of_a_removed_result_is_not_shared(app_fixture: AppFixture) -> None:
    result = await expand_picture(app_fixture)
    made = await compare_picture(app_fixture.ana, result)
    await run_command(get_mia(app_fixture), "moderate remove", picture=result["id"])
    answer = await read_private_answer(press_button(app_fixture.ana, made, SHARE))
    assert "gone" in answer or "removed" in answer


async def test_a_picture_sent_again_elsewhere_goes_on_behind_its_channels_spoiler(
    app_fixture: AppFixture,
) -> None:
    await expand_picture(app_fixture)
    app_fixture.discord.guild.set_spoiler_channel("studio")
    _, card = await open_history(app_fixture, channel="gallery")
    again = await press_button(app_fixture.ana, card, "Send again").message(has_media)
    further = await app_fixture.wait_for_result(press_button(app_fixture.ana, again, "→"))
    assert list_spoilers(further) == [True]


async def test_a_report_of_a_picture_from_a_spoiler_channel_is_covered(
    app_fixture: AppFixture,
) -> None:
    await set_moderators_channel(app_fixture)
    result = await expand_picture(app_fixture)
    app_fixture.discord.guild.set_spoiler_channel("studio")
    await read_private_answer(await report_result(app_fixture, get_ben(app_fixture), result))
    assert set(list_spoilers(list_moderator_cards(app_fixture)[0])) == {True}


@pytest.mark.parametrize("spoiler", [False, True])
async def test_an_archived_thread_is_what_its_channel_is(
    app_fixture: AppFixture, *, spoiler: bool
) -> None:
    guild, thread = app_fixture.discord.guild, app_fixture.ana.start_thread("talk")
    await set_guild_settings(app_fixture, gallery_mode=GalleryMode.MANUAL)
    result = await expand_picture(app_fixture, channel=thread)
    guild.set_spoiler_channel("studio", spoiler=spoiler)
    guild.archive(thread)
    more = await press_button(app_fixture.ana, result, "More").message()
    await press_button(app_fixture.ana, more, "To the gallery").message()
    await wait_until(lambda: len(list_gallery(app_fixture)) == 1)
    assert list_spoilers(list_gallery(app_fixture)[0]) == [spoiler]


async def test_a_forward_from_an_archived_thread_of_a_spoiler_channel_is_a_spoiler(
    app_fixture: AppFixture,
) -> None:
    guild, ben = app_fixture.discord.guild, get_ben(app_fixture)
    guild.add_channel("plot-twists")
    guild.set_spoiler_channel("plot-twists")
    thread = ben.start_thread("talk", channel="plot-twists")
    original = await ben.upload(Upload("a.png", PICTURE), channel=thread)
    forward = ben.forward(original, channel="studio")
    guild.archive(thread)
    assert list_spoilers(await expand_by_menu(app_fixture, forward)) == [True]


async def test_an_archived_thread_does_not_get_around_the_authors_wish(
    app_fixture: AppFixture,
) -> None:
    guild, ben = app_fixture.discord.guild, get_ben(app_fixture)
    thread = ben.start_thread("talk")
    original = await ben.upload(Upload("a.png", PICTURE), channel=thread)
    forward = app_fixture.ana.forward(original, channel="studio")
    guild.archive(thread)
    page = await (await ben.slash("privacy")).message()
    await press_button(ben, page, "Keep my pictures").acknowledged()
    assert "does not want others" in await read_refusal(app_fixture, forward)
