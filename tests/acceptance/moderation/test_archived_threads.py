"""Spoilers on pictures in archived threads, whose messages Discord lets nobody edit."""

from __future__ import annotations

import pytest

from bot.domain.gallery import GalleryMode
from bot.domain.ids import ChannelId, UserId
from sandbox.discord.model import seed_data
from tests.support.app.card_controls import expand_picture, press_button
from tests.support.app.moderators import get_mia, run_command, set_guild_settings
from tests.support.app.shown_pictures import (
    list_public_pictures,
    list_spoilers,
    shows_public_picture,
)
from tests.support.app_fixture import AppFixture, wait_until


# in a locked thread Discord lets members press nothing
@pytest.mark.parametrize(("locked", "is_by_button"), [(False, True), (False, False), (True, False)])
async def test_a_result_in_an_archived_thread_is_covered_or_deleted(
    app_fixture: AppFixture, *, locked: bool, is_by_button: bool
) -> None:
    guild, thread = app_fixture.discord.guild, app_fixture.ana.start_thread("talk")
    result = await expand_picture(app_fixture, channel=thread)
    more = await press_button(get_mia(app_fixture), result, "More").message()
    guild.archive(thread, locked=locked)
    if is_by_button:
        await press_button(get_mia(app_fixture), more, "Put behind a spoiler").message()
    else:
        job = (await app_fixture.core.archive.list_all_jobs(UserId(app_fixture.ana.id)))[0]
        await run_command(get_mia(app_fixture), "moderate spoiler", picture=job.id)
    # Discord lets the bot open a thread that is archived, not one that is locked
    left = [each for each in guild.messages(thread) if each["id"] == result["id"]]
    assert [set(list_spoilers(each)) for each in left] == ([] if locked else [{True}])


@pytest.mark.parametrize("locked", [False, True])
async def test_a_shared_file_in_an_archived_thread_is_treated_like_a_result(
    app_fixture: AppFixture, *, locked: bool
) -> None:
    guild, gallery = app_fixture.discord.guild, ChannelId(seed_data.GALLERY_ID)
    await set_guild_settings(app_fixture, gallery_channel=gallery, gallery_mode=GalleryMode.EVERY)
    result = await expand_picture(app_fixture)
    await wait_until(lambda: bool(list_public_pictures(app_fixture, "gallery")))
    thread = app_fixture.ana.start_thread("talk")
    drawn = await app_fixture.ana.slash("gallery random", channel=thread)
    shared = await drawn.message(shows_public_picture)
    guild.archive(thread, locked=locked)
    job = (await app_fixture.core.archive.list_all_jobs(UserId(app_fixture.ana.id)))[0]
    await run_command(get_mia(app_fixture), "moderate spoiler", picture=job.id)
    assert list_spoilers(guild.message(result)) == [True]
    left = [each for each in guild.messages(thread) if each["id"] == shared["id"]]
    assert [list_spoilers(each) for each in left] == ([] if locked else [[True]])
