"""Spoilers on results in threads that are archived, which Discord lets nobody edit."""

from __future__ import annotations

import pytest

from bot.domain.ids import UserId
from tests.support.app.card_controls import expand_picture, press_button
from tests.support.app.moderators import get_mia, run_command
from tests.support.app.shown_pictures import list_spoilers
from tests.support.app_fixture import AppFixture


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
