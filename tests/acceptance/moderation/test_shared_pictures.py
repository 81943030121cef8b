"""Every share is a fresh decision, and what was shared is reached by what is decided later."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.domain.gallery import GalleryMode
from bot.domain.guild import MenuPolicy
from bot.domain.ids import ChannelId, MessageId, UserId
from sandbox.discord.model import seed_data
from sandbox.discord.model.faults import DiscordFault
from sandbox.discord.model.permissions import Permission
from tests.acceptance.members.test_member_pages import open_history
from tests.support.app.card_controls import expand_picture, press_button
from tests.support.app.moderators import (
    create_result,
    get_ben,
    get_mia,
    read_private_answer,
    run_command,
    set_guild_settings,
)
from tests.support.app.shown_pictures import (
    SHARE,
    compare_picture,
    list_public_pictures,
    list_spoilers,
    share_file,
    shows_private_picture,
)
from tests.support.app_fixture import DEADLINE, AppFixture, list_media, read_text, wait_until

Json = dict[str, Any]
NOT_SHARED = "may not be shown to everybody"
MENU = {"direction": "up", "pixels": "64"}


async def compare(app_fixture: AppFixture, result: Json, name: str = "ben") -> Json:
    member = app_fixture.discord.guild.member(name)
    return await compare_picture(member, result)


async def share(app_fixture: AppFixture, made: Json, name: str = "ben") -> Json:
    member = app_fixture.discord.guild.member(name)
    return await share_file(member, made)


async def is_share_refused(app_fixture: AppFixture, made: Json, words: str) -> bool:
    """Press the button and return whether the answer has these words and nothing is shown."""
    before = len(list_public_pictures(app_fixture, "studio"))
    answer = await read_private_answer(press_button(get_ben(app_fixture), made, SHARE))
    return words in answer and len(list_public_pictures(app_fixture, "studio")) == before


async def opt_out(app_fixture: AppFixture) -> None:
    page = await (await app_fixture.ana.slash("privacy")).message()
    await press_button(app_fixture.ana, page, "Keep my pictures").acknowledged()


async def test_the_picture_of_who_opted_out_is_not_shared_by_others(
    app_fixture: AppFixture,
) -> None:
    made = await compare(app_fixture, await expand_picture(app_fixture))
    await opt_out(app_fixture)
    assert await is_share_refused(app_fixture, made, NOT_SHARED)


@pytest.mark.parametrize("who", ["ana", "ben"])
async def test_a_block_keeps_pictures_from_being_shared(app_fixture: AppFixture, who: str) -> None:
    made = await compare(app_fixture, await expand_picture(app_fixture))
    member = app_fixture.discord.guild.member(who)
    await run_command(get_mia(app_fixture), "moderate block", member=member, reason="rude")
    words = NOT_SHARED if who == "ana" else "blocked you"
    assert await is_share_refused(app_fixture, made, words)


async def test_a_share_keeps_to_the_channels_of_the_guild(app_fixture: AppFixture) -> None:
    made = await compare(app_fixture, await expand_picture(app_fixture))
    allowed = (ChannelId(seed_data.GALLERY_ID),)
    await set_guild_settings(app_fixture, allowed_channels=allowed)
    assert await is_share_refused(app_fixture, made, f"<#{seed_data.GALLERY_ID}>")


async def test_nothing_is_shared_where_the_bot_may_not_write(app_fixture: AppFixture) -> None:
    made = await compare(app_fixture, await expand_picture(app_fixture))
    denied = int(Permission.SEND_MESSAGES)
    app_fixture.discord.guild.overwrite("studio", "Expanse", deny=denied)
    assert await is_share_refused(app_fixture, made, "can't show pictures to everybody here")


async def test_a_refused_share_can_be_made_later(app_fixture: AppFixture) -> None:
    made = await compare(app_fixture, await expand_picture(app_fixture))
    await set_guild_settings(app_fixture, allowed_channels=(ChannelId(seed_data.GALLERY_ID),))
    await read_private_answer(press_button(get_ben(app_fixture), made, SHARE))
    await set_guild_settings(app_fixture, allowed_channels=())
    assert list_media(await share(app_fixture, made))


async def make_film(app_fixture: AppFixture) -> tuple[Json, Json, Json]:
    """Return a first result, one from it by another member, and that one's film."""
    first = await expand_picture(app_fixture)
    second = await app_fixture.wait_for_result(press_button(get_ben(app_fixture), first, "→"))
    await wait_until(lambda: app_fixture.billed_count == 2)
    more = await press_button(get_ben(app_fixture), second, "More").message()
    call = press_button(get_ben(app_fixture), more, "Zoom-out film")
    return first, second, await call.message(shows_private_picture)


async def test_a_film_asks_for_every_picture_of_its_chain(app_fixture: AppFixture) -> None:
    _, _, film = await make_film(app_fixture)
    await opt_out(app_fixture)
    assert await is_share_refused(app_fixture, film, NOT_SHARED)


async def test_a_film_is_covered_as_any_picture_of_its_chain(app_fixture: AppFixture) -> None:
    first, _, film = await make_film(app_fixture)
    assert list_spoilers(film) == [False]
    await run_command(get_mia(app_fixture), "moderate spoiler", picture=first["id"])
    assert list_spoilers(await share(app_fixture, film)) == [True]


async def test_a_removal_reaches_what_was_shared_of_it(app_fixture: AppFixture) -> None:
    first, _, film = await make_film(app_fixture)
    shared = [await share(app_fixture, film)]
    shared.append(await share(app_fixture, await compare(app_fixture, first)))
    answer = await run_command(get_mia(app_fixture), "moderate remove", picture=first["id"])
    assert "2" in answer
    assert list_public_pictures(app_fixture, "studio") == []
    for each in shared:
        with pytest.raises(LookupError):
            app_fixture.discord.guild.message(each)


async def test_an_author_who_deletes_a_result_deletes_what_others_shared_of_it(
    app_fixture: AppFixture,
) -> None:
    result = await expand_picture(app_fixture)
    await share(app_fixture, await compare(app_fixture, result))
    more = await press_button(app_fixture.ana, result, "More").message()
    question = await press_button(app_fixture.ana, more, "Delete").message()
    await press_button(app_fixture.ana, question, "Yes, delete it").acknowledged()
    await wait_until(lambda: list_public_pictures(app_fixture, "studio") == [])


@pytest.mark.parametrize("who", ["ana", "mia"])
async def test_a_spoiler_reaches_what_was_shared_before(app_fixture: AppFixture, who: str) -> None:
    result = await expand_picture(app_fixture)
    shared = await share(app_fixture, await compare(app_fixture, result))
    assert list_spoilers(shared) == [False]
    if who == "mia":
        await run_command(get_mia(app_fixture), "moderate spoiler", picture=result["id"])
    else:
        more = await press_button(app_fixture.ana, result, "More").message()
        await press_button(app_fixture.ana, more, "Put behind a spoiler").acknowledged()
    guild = app_fixture.discord.guild
    await wait_until(lambda: list_spoilers(guild.message(shared)) == [True])
    after = guild.message(shared)
    assert app_fixture.discord.read_attachment(list_media(after)[0])
    assert len(after["attachments"]) == len(shared["attachments"])


async def test_what_discord_does_not_delete_now_is_deleted_later(app_fixture: AppFixture) -> None:
    result, job = await create_result(app_fixture)
    shared = await share(app_fixture, await compare(app_fixture, result))
    path = f"DELETE /channels/*/messages/{shared['id']}"
    app_fixture.discord.faults.add(DiscordFault("unavailable", match=path, times=0))
    answer = await run_command(get_mia(app_fixture), "moderate remove", picture=job.id)
    assert "could not" in answer or "not deleted" in answer or "stay" in answer
    app_fixture.discord.faults.clear()
    await app_fixture.restart()
    await wait_until(lambda: list_public_pictures(app_fixture, "studio") == [])


async def test_a_share_is_on_record_before_it_is_seen(app_fixture: AppFixture) -> None:
    result, job = await create_result(app_fixture)
    made = await compare(app_fixture, result)
    edit = DiscordFault("slow", match="PATCH /webhooks/*", value=1.0)
    app_fixture.discord.faults.add(edit)
    press_button(get_ben(app_fixture), made, SHARE)
    shared = app_fixture.core.shared
    async with asyncio.timeout(5):
        while not await shared.list_by_job(job.id):  # noqa: ASYNC110 - the database has no event
            await asyncio.sleep(0.02)
    assert len(list_public_pictures(app_fixture, "studio")) == 1
    await app_fixture.restart()
    await run_command(get_mia(app_fixture), "moderate remove", picture=job.id)
    await asyncio.sleep(1.2)
    assert list_public_pictures(app_fixture, "studio") == []


async def test_an_expansion_of_what_was_shared_is_its_authors_and_goes_with_it(
    app_fixture: AppFixture,
) -> None:
    result, job = await create_result(app_fixture)
    shared = await share(app_fixture, await compare(app_fixture, result))
    form = await get_ben(app_fixture).menu("Expand image", shared).modal()
    call = await get_ben(app_fixture).submit(form, MENU)
    await app_fixture.wait_for_result(call)
    made = await app_fixture.wait_for_job(call)
    assert made.order.source_author == app_fixture.ana.id
    assert made.order.sources == (job.id,)
    await opt_out(app_fixture)
    menu = get_ben(app_fixture).menu("Expand image", shared)
    assert "does not want others" in await read_private_answer(menu)
    await run_command(get_mia(app_fixture), "moderate remove", picture=job.id)
    assert list_public_pictures(app_fixture, "studio") == []


async def test_the_menu_on_an_erased_result_offers_nothing(
    app_fixture: AppFixture,
) -> None:
    result, job = await create_result(app_fixture)
    await app_fixture.core.erasure.erase_job(job)
    menu = get_ben(app_fixture).menu("Expand image", result)
    assert "no longer kept" in await read_private_answer(menu)


async def test_a_moderators_cover_is_not_taken_off_a_copy(app_fixture: AppFixture) -> None:
    result, job = await create_result(app_fixture)
    await run_command(get_mia(app_fixture), "moderate spoiler", picture=job.id)
    await set_guild_settings(app_fixture, menu_on_others=MenuPolicy.EVERYONE)
    form = await get_ben(app_fixture).menu("Expand image", result).modal()
    call = await get_ben(app_fixture).submit(form, MENU)
    copy = await app_fixture.wait_for_result(call)
    assert list_spoilers(copy) == [True]
    await app_fixture.wait_for_job(call)
    again = press_button(get_ben(app_fixture), copy, "Another try")
    for each, one in ((copy, call), (await app_fixture.wait_for_result(again), again)):
        await app_fixture.wait_for_job(one)
        more = await press_button(get_ben(app_fixture), each, "More").message()
        off = press_button(get_ben(app_fixture), more, "Take the spoiler off")
        assert "A moderator of this server put this behind" in await read_private_answer(off)
        assert list_spoilers(app_fixture.discord.guild.message(each)) == [True]


async def test_what_was_sent_again_is_known_and_covered(app_fixture: AppFixture) -> None:
    _, job = await create_result(app_fixture)
    await run_command(get_mia(app_fixture), "moderate spoiler", picture=job.id)
    _, card = await open_history(app_fixture)
    again = await press_button(app_fixture.ana, card, "Send again").message(shows_private_picture)
    assert list_spoilers(again) == [True]
    number = MessageId(int(again["id"]))
    # it is recorded right after it is sent
    async with asyncio.timeout(DEADLINE):
        while not (known := await app_fixture.core.shared.find_jobs(number)):  # noqa: ASYNC110 - a row
            await asyncio.sleep(0.01)
    assert known == [job.id]


async def test_who_wants_nothing_in_the_gallery_is_asked_for_all_that_it_shows(
    app_fixture: AppFixture,
) -> None:
    channel = ChannelId(seed_data.GALLERY_ID)
    await set_guild_settings(app_fixture, gallery_channel=channel, gallery_mode=GalleryMode.EVERY)
    result = await expand_picture(app_fixture)
    further = await app_fixture.wait_for_result(press_button(get_ben(app_fixture), result, "→"))
    await app_fixture.wait_for_result(press_button(get_mia(app_fixture), further, "→"))
    await wait_until(lambda: len(list_public_pictures(app_fixture, "gallery")) == 3)
    await run_command(get_ben(app_fixture), "gallery visibility", shown=False)
    left = list_public_pictures(app_fixture, "gallery")
    assert ["Ben" in read_text(each) or "Mia" in read_text(each) for each in left] == [False]


@pytest.mark.parametrize("is_by_button", [True, False])
async def test_a_moderators_spoiler_reaches_what_was_made_before_it(
    app_fixture: AppFixture, *, is_by_button: bool
) -> None:
    result = await expand_picture(app_fixture)
    child = await app_fixture.wait_for_result(press_button(get_ben(app_fixture), result, "→"))
    if is_by_button:
        more = await press_button(get_mia(app_fixture), result, "More").message()
        await press_button(get_mia(app_fixture), more, "Put behind a spoiler").message()
    else:
        job = (await app_fixture.core.archive.list_all_jobs(UserId(app_fixture.ana.id)))[0]
        await run_command(get_mia(app_fixture), "moderate spoiler", picture=job.id)

    def list_covers() -> set[bool]:
        shown = (app_fixture.discord.guild.message(each) for each in (result, child))
        return {covered for message in shown for covered in list_spoilers(message)}

    await wait_until(lambda: list_covers() == {True})
