"""A gallery post that was interrupted is decided about again, also if Discord had it already."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.gallery import EntryState, GalleryMode
from bot.domain.ids import ChannelId, JobId
from sandbox.discord.model import seed_data
from sandbox.discord.model.faults import DiscordFault
from tests.support.app.card_controls import expand_picture, press_button
from tests.support.app.moderators import (
    get_ben,
    get_mia,
    read_private_answer,
    run_command,
    set_guild_settings,
)
from tests.support.app.shown_pictures import list_public_pictures, list_spoilers
from tests.support.app_fixture import AppFixture, wait_until

Json = dict[str, Any]
POST = f"POST */channels/{seed_data.GALLERY_ID}/messages"
MADE, NOT_MADE = "accept_unavailable", "unavailable"
"""Whether Discord stored the post before its answer was lost."""


async def interrupt_post(app_fixture: AppFixture, fault: str, name: str = "ana") -> JobId:
    """Return the job of a result whose gallery post was not confirmed."""
    channel = ChannelId(seed_data.GALLERY_ID)
    await set_guild_settings(app_fixture, gallery_channel=channel, gallery_mode=GalleryMode.EVERY)
    app_fixture.discord.faults.add(DiscordFault(fault, POST, value=503))
    await expand_picture(app_fixture, app_fixture.discord.guild.member(name))
    await wait_until(lambda: not app_fixture.discord.faults.has_faults)
    (entry,) = await app_fixture.app.services.gallery.entries.list_unfinished(9)
    assert (entry.state, entry.shown_message) == (EntryState.POSTING, None)
    assert len(list_gallery(app_fixture)) == (fault == MADE)
    return entry.job


def list_gallery(app_fixture: AppFixture) -> list[Json]:
    return list_public_pictures(app_fixture, "gallery")


async def restart(app_fixture: AppFixture) -> None:
    """Restart the bot, and wait until it has resumed interrupted posts."""
    await app_fixture.restart()
    await app_fixture.app.services.gallery.finish_moves()


@pytest.mark.parametrize("fault", [MADE, NOT_MADE])
async def test_it_is_made_once(app_fixture: AppFixture, fault: str) -> None:
    await interrupt_post(app_fixture, fault)
    before = [each["id"] for each in list_gallery(app_fixture)]
    await restart(app_fixture)
    (post,) = list_gallery(app_fixture)
    assert [post["id"]] == (before or [post["id"]])
    assert list_spoilers(post) == [False]
    assert not await app_fixture.app.services.gallery.entries.list_unfinished(9)


@pytest.mark.parametrize("fault", [MADE, NOT_MADE])
async def test_it_is_covered_if_a_moderator_covers_its_picture_meanwhile(
    app_fixture: AppFixture, fault: str
) -> None:
    job = await interrupt_post(app_fixture, fault)
    await run_command(get_mia(app_fixture), "moderate spoiler", picture=job)
    await restart(app_fixture)
    assert [list_spoilers(each) for each in list_gallery(app_fixture)] == [[True]]


@pytest.mark.parametrize("fault", [MADE, NOT_MADE])
async def test_it_is_gone_when_its_picture_is_removed(app_fixture: AppFixture, fault: str) -> None:
    job = await interrupt_post(app_fixture, fault)
    answer = await run_command(get_mia(app_fixture), "moderate remove", picture=job)
    assert "1 result is removed: message, gallery, files" in answer
    assert not list_gallery(app_fixture)
    await restart(app_fixture)
    assert not list_gallery(app_fixture)


@pytest.mark.parametrize("fault", [MADE, NOT_MADE])
async def test_it_is_gone_when_its_author_wants_nothing_there(
    app_fixture: AppFixture, fault: str
) -> None:
    await interrupt_post(app_fixture, fault)
    call = await app_fixture.ana.slash("gallery visibility", shown=False)
    assert "Nothing of yours is shown" in await read_private_answer(call)
    assert not list_gallery(app_fixture)
    await restart(app_fixture)
    assert not list_gallery(app_fixture)


@pytest.mark.parametrize("fault", [MADE, NOT_MADE])
async def test_it_is_not_shown_of_a_member_who_was_blocked_meanwhile(
    app_fixture: AppFixture, fault: str
) -> None:
    ben = get_ben(app_fixture)
    await interrupt_post(app_fixture, fault, "ben")
    await run_command(get_mia(app_fixture), "moderate block", member=ben, reason="rude")
    await restart(app_fixture)
    assert not list_gallery(app_fixture)


@pytest.mark.parametrize("fault", [MADE, NOT_MADE])
async def test_it_is_not_shown_if_the_author_of_the_picture_before_keeps_theirs_meanwhile(
    app_fixture: AppFixture, fault: str
) -> None:
    ana = app_fixture.ana
    result = await expand_picture(app_fixture, ana)
    channel = ChannelId(seed_data.GALLERY_ID)
    await set_guild_settings(app_fixture, gallery_channel=channel, gallery_mode=GalleryMode.EVERY)
    app_fixture.discord.faults.add(DiscordFault(fault, POST, value=503))
    await app_fixture.wait_for_result(press_button(get_ben(app_fixture), result, "→"))
    await wait_until(lambda: not app_fixture.discord.faults.has_faults)
    page = await (await ana.slash("privacy")).message()
    await press_button(ana, page, "Keep my pictures").acknowledged()
    await restart(app_fixture)
    assert not list_gallery(app_fixture)
