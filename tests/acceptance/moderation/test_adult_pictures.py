"""A picture from an age-restricted channel reaches no ordinary one, by any route."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.domain.gallery import GalleryMode
from bot.domain.ids import UserId
from bot.domain.job import JobState
from sandbox.discord.model.faults import DiscordFault
from sandbox.discord.model.permissions import Permission
from sandbox.discord.model.records import Upload
from tests.acceptance.guilds.test_gallery import set_guild_settings
from tests.acceptance.members.test_member_pages import open_history
from tests.acceptance.moderation.test_reports import report_result
from tests.acceptance.orders.test_spoilers import PICTURE
from tests.support.app.adult_channels import DEN, add_adult_channel
from tests.support.app.card_controls import expand_picture, list_labels, press_button
from tests.support.app.held_jobs import HOLD_IN_STATE, release_jobs
from tests.support.app.moderators import (
    get_ben,
    list_moderator_cards,
    read_private_answer,
    set_moderators_channel,
)
from tests.support.app.shown_pictures import (
    SHARE,
    compare_picture,
    list_public_pictures,
    list_spoilers,
    share_comparison,
    shows_private_picture,
)
from tests.support.app_fixture import (
    AppFixture,
    is_ephemeral,
    list_media,
    wait_until,
)

Json = dict[str, Any]
REFUSED = "from an age-restricted channel"
MENU = {"direction": "up", "pixels": "64"}


async def expand_in_den(app_fixture: AppFixture) -> Json:
    add_adult_channel(app_fixture)
    return await expand_picture(app_fixture, channel=DEN)


async def send_again(app_fixture: AppFixture, channel: str) -> Json:
    """Open the last order from the history in a channel; return its pictures, sent in private."""
    _, card = await open_history(app_fixture, channel=channel)
    return await press_button(app_fixture.ana, card, "Send again").message(shows_private_picture)


async def send_shared(app_fixture: AppFixture, picture: Json) -> str:
    """Compare a picture and try to show that to everybody; return the answer."""
    made = await compare_picture(app_fixture.ana, picture)
    return await read_private_answer(press_button(app_fixture.ana, made, SHARE))


async def submit_menu(app_fixture: AppFixture, message: Json, **values: Any) -> str:
    form = await app_fixture.ana.menu("Expand image", message).modal()
    return await read_private_answer(await app_fixture.ana.submit(form, {**MENU, **values}))


@pytest.mark.parametrize("label", ["→", "Zoom out 1.5×", "Another try"])
async def test_what_was_sent_again_elsewhere_does_not_go_on_there(
    app_fixture: AppFixture, label: str
) -> None:
    await expand_in_den(app_fixture)
    again = await send_again(app_fixture, "studio")
    assert REFUSED in await read_private_answer(press_button(app_fixture.ana, again, label))
    assert list_public_pictures(app_fixture) == []
    assert app_fixture.billed_count == 1


async def test_it_goes_on_in_its_own_channel(app_fixture: AppFixture) -> None:
    result = await expand_in_den(app_fixture)
    further = await app_fixture.wait_for_result(press_button(app_fixture.ana, result, "→"))
    assert not is_ephemeral(further)


async def test_a_comparison_is_not_shared_once_the_channel_is_an_ordinary_one(
    app_fixture: AppFixture,
) -> None:
    result = await expand_in_den(app_fixture)
    made = await press_button(app_fixture.ana, result, "Compare").message(shows_private_picture)
    app_fixture.discord.guild.change_channel(DEN, nsfw=False)
    answer = await read_private_answer(press_button(app_fixture.ana, made, SHARE))
    assert REFUSED in answer
    assert [each["id"] for each in list_public_pictures(app_fixture, DEN)] == [result["id"]]


@pytest.mark.parametrize("label", ["Compare", "Details", "→"])
async def test_others_see_nothing_more_of_it_once_the_channel_is_an_ordinary_one(
    app_fixture: AppFixture, label: str
) -> None:
    result = await expand_in_den(app_fixture)
    app_fixture.discord.guild.change_channel(DEN, nsfw=False)
    answer = await read_private_answer(press_button(get_ben(app_fixture), result, label))
    assert REFUSED in answer


async def test_a_comparison_made_elsewhere_is_shown_only_to_its_author(
    app_fixture: AppFixture,
) -> None:
    await expand_in_den(app_fixture)
    assert REFUSED in await send_shared(app_fixture, await send_again(app_fixture, "studio"))
    assert list_public_pictures(app_fixture) == []


async def test_a_forwarded_result_stays_what_it_is(app_fixture: AppFixture) -> None:
    result = await expand_in_den(app_fixture)
    forward = app_fixture.ana.forward(result, channel="studio")
    assert REFUSED in await submit_menu(app_fixture, forward)
    assert list_public_pictures(app_fixture) == []


async def test_a_forward_from_where_the_bot_sees_nothing_stays_what_it_is(
    app_fixture: AppFixture,
) -> None:
    result = await expand_in_den(app_fixture)
    forward = app_fixture.ana.forward(result, channel="studio")
    app_fixture.discord.guild.overwrite(DEN, "Expanse", deny=int(Permission.VIEW_CHANNEL))
    assert REFUSED in await submit_menu(app_fixture, forward)


async def test_a_members_own_picture_forwarded_out_of_the_channel_is_refused(
    app_fixture: AppFixture,
) -> None:
    add_adult_channel(app_fixture)
    original = await get_ben(app_fixture).upload(Upload("a.png", PICTURE), channel=DEN)
    forward = app_fixture.ana.forward(original, channel="studio")
    assert REFUSED in await submit_menu(app_fixture, forward)
    assert REFUSED in await submit_menu(app_fixture, forward, options=["private"])


async def test_a_shared_comparison_is_known_wherever_it_is_forwarded(
    app_fixture: AppFixture,
) -> None:
    result = await expand_in_den(app_fixture)
    shared = await share_comparison(app_fixture.ana, result)
    forward = get_ben(app_fixture).forward(shared, channel="studio")
    assert REFUSED in await submit_menu(app_fixture, forward)
    assert list_public_pictures(app_fixture) == []


async def test_its_author_may_expand_it_in_private_anywhere(app_fixture: AppFixture) -> None:
    result = await expand_in_den(app_fixture)
    forward = app_fixture.ana.forward(result, channel="studio")
    form = await app_fixture.ana.menu("Expand image", forward).modal()
    call = await app_fixture.ana.submit(form, {**MENU, "options": ["private"]})
    mine = await app_fixture.wait_for_result(call)
    assert is_ephemeral(mine)
    await app_fixture.wait_for_job(call)
    again = await send_again(app_fixture, "studio")
    assert REFUSED in await send_shared(app_fixture, again)
    assert list_public_pictures(app_fixture) == []


async def test_a_draft_that_was_opened_before_is_checked_when_it_is_confirmed(
    app_fixture: AppFixture,
) -> None:
    result = await expand_in_den(app_fixture)
    await set_guild_settings(app_fixture, preview_above=0)
    preview = await press_button(app_fixture.ana, result, "→").message(shows_private_picture)
    app_fixture.discord.guild.change_channel(DEN, nsfw=False)
    confirm = next(each for each in list_labels(preview) if "$" in each)
    answer = await read_private_answer(press_button(app_fixture.ana, preview, confirm))
    assert REFUSED in answer
    assert app_fixture.billed_count == 1


async def test_the_gallery_refuses_it_also_when_its_channel_became_ordinary(
    app_fixture: AppFixture,
) -> None:
    await set_guild_settings(app_fixture, gallery_mode=GalleryMode.MANUAL)
    result = await expand_in_den(app_fixture)
    app_fixture.discord.guild.change_channel(DEN, nsfw=False)
    more = await press_button(app_fixture.ana, result, "More").message()
    answer = await read_private_answer(press_button(app_fixture.ana, more, "To the gallery"))
    assert "age-restricted" in answer
    assert list_public_pictures(app_fixture, "gallery") == []


async def test_a_result_whose_channel_became_ordinary_is_sent_to_its_member_only(
    app_fixture: AppFixture,
) -> None:
    add_adult_channel(app_fixture)
    call = await HOLD_IN_STATE[JobState.SUBMITTED](app_fixture, channel=DEN)
    app_fixture.discord.guild.change_channel(DEN, nsfw=False)
    await asyncio.sleep(0.2)
    await release_jobs(app_fixture)
    await app_fixture.wait_for_job(call)
    assert list_public_pictures(app_fixture, DEN) == []
    direct = [
        each for each in app_fixture.discord.guild.messages(app_fixture.ana.dm) if list_media(each)
    ]
    assert len(direct) == 1


@pytest.mark.parametrize("nsfw", [True, False])
async def test_it_can_be_reported_and_moderators_open_it_themselves(
    app_fixture: AppFixture, *, nsfw: bool
) -> None:
    await set_moderators_channel(app_fixture)
    result = await expand_in_den(app_fixture)
    app_fixture.discord.guild.change_channel(DEN, nsfw=nsfw)
    await read_private_answer(await report_result(app_fixture, get_ben(app_fixture), result))
    await wait_until(lambda: bool(list_moderator_cards(app_fixture)))
    assert set(list_spoilers(list_moderator_cards(app_fixture)[0])) == {True}


async def test_an_archived_thread_of_it_is_what_its_channel_is(app_fixture: AppFixture) -> None:
    add_adult_channel(app_fixture)
    thread = app_fixture.ana.start_thread("talk", channel=DEN)
    await expand_picture(app_fixture, channel=thread)
    app_fixture.discord.guild.archive(thread)
    again = await send_again(app_fixture, "studio")
    assert REFUSED in await read_private_answer(press_button(app_fixture.ana, again, "→"))


async def test_an_interaction_tells_what_a_lost_event_did_not(app_fixture: AppFixture) -> None:
    app_fixture.discord.faults.add(DiscordFault("lose", match="CHANNEL_UPDATE", times=0))
    app_fixture.discord.guild.change_channel("studio", nsfw=True)
    app_fixture.discord.guild.set_spoiler_channel("studio")
    result = await expand_picture(app_fixture)
    [job] = await app_fixture.core.archive.list_all_jobs(UserId(app_fixture.ana.id))
    assert job.order.age_restricted is True
    assert list_spoilers(result) == [True]
