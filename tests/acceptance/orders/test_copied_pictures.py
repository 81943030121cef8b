"""Copies of the bot's pictures that Discord makes: links, forwards, posts of followed channels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from bot.domain.ids import UserId
from sandbox.discord.model.records import Upload
from sandbox.discord.model.seed_data import STUDIO_ID
from sandbox.discord.state.messages import NewMessage
from sandbox.discord.validation.message_content import MessageComposer
from sandbox.discord.validation.request_bodies import Body
from tests.support.app.adult_channels import add_adult_channel
from tests.support.app.card_controls import expand_picture, press_button
from tests.support.app.moderators import get_ben, get_mia, load_job, run_command
from tests.support.app.shown_pictures import list_spoilers
from tests.support.app_fixture import (
    GALLERY,
    AppFixture,
    draw_photograph,
    encode_upload,
    is_ephemeral,
    list_media,
    read_text,
)

Json = dict[str, Any]
COMPONENTS_V2 = 1 << 15
Copy = Callable[[AppFixture, Json], Json]


def link_picture(app_fixture: AppFixture, message: Json) -> Json:
    """Let Ana post the link of a message's first picture in the ordinary channel."""
    url = list_media(message)[0]["url"]
    return app_fixture.ana.say(url)


def forward_twice(app_fixture: AppFixture, message: Json) -> Json:
    app_fixture.discord.state.world.chained_forwards = True
    return app_fixture.ana.forward(app_fixture.ana.forward(message, channel="studio"))


def publish_elsewhere(app_fixture: AppFixture, message: Json) -> Json:
    """Post a message's files as the webhook of a channel that follows another does."""
    state, name = app_fixture.discord.state, read_file_name(message)
    file = Upload(name, app_fixture.discord.read_attachment(list_media(message)[0]))
    item = {"media": {"url": f"attachment://{name}"}}
    parts = [{"type": GALLERY, "items": [item]}]
    body = Body({"flags": COMPONENTS_V2, "components": parts}, {0: file})
    content = MessageComposer(state, STUDIO_ID).compose_new(body)
    posted = state.messages.create(NewMessage(STUDIO_ID, get_mia(app_fixture).id, content))
    return state.payloads.build_message(posted)


def read_file_name(message: Json) -> str:
    return urlsplit(list_media(message)[0]["url"]).path.rpartition("/")[2]


COPIES = pytest.mark.parametrize("copy", [link_picture, forward_twice, publish_elsewhere])


async def read_refusal(app_fixture: AppFixture, message: Json) -> str:
    answer = await app_fixture.ana.menu("Expand image", message).message()
    assert is_ephemeral(answer)
    return read_text(answer)


async def submit_menu(app_fixture: AppFixture, message: Json, **fields: Any) -> Any:
    form = await app_fixture.ana.menu("Expand image", message).modal()
    return await app_fixture.ana.submit(form, {"direction": "up", "pixels": "64", **fields})


@COPIES
async def test_a_copy_does_not_get_around_the_authors_wish(
    app_fixture: AppFixture, copy: Copy
) -> None:
    ben = get_ben(app_fixture)
    result = await expand_picture(app_fixture, ben)
    page = await (await ben.slash("privacy")).message()
    await press_button(ben, page, "Keep my pictures").acknowledged()
    assert "does not want others" in await read_refusal(app_fixture, copy(app_fixture, result))


@COPIES
async def test_a_copy_brings_no_adult_picture_into_an_ordinary_channel(
    app_fixture: AppFixture, copy: Copy
) -> None:
    result = await expand_picture(app_fixture, channel=add_adult_channel(app_fixture))
    before = app_fixture.billed_count
    call = await submit_menu(app_fixture, copy(app_fixture, result))
    assert "age-restricted" in read_text(await call.message())
    assert app_fixture.billed_count == before


@COPIES
async def test_a_copy_of_a_covered_picture_is_covered(app_fixture: AppFixture, copy: Copy) -> None:
    result = await expand_picture(app_fixture, get_ben(app_fixture))
    copied = copy(app_fixture, result)
    job = (await app_fixture.core.archive.list_all_jobs(UserId(get_ben(app_fixture).id)))[0]
    await run_command(get_mia(app_fixture), "moderate spoiler", picture=job.id)
    call = await submit_menu(app_fixture, copied)
    assert set(list_spoilers(await app_fixture.wait_for_result(call))) == {True}


@COPIES
async def test_a_copy_of_a_removed_picture_is_not_offered(
    app_fixture: AppFixture, copy: Copy
) -> None:
    result = await expand_picture(app_fixture, get_ben(app_fixture))
    copied = copy(app_fixture, result)
    job = (await app_fixture.core.archive.list_all_jobs(UserId(get_ben(app_fixture).id)))[0]
    await run_command(get_mia(app_fixture), "moderate remove", picture=job.id)
    assert "no longer kept" in await read_refusal(app_fixture, copied)


@COPIES
async def test_a_removal_reaches_what_was_made_from_a_copy(
    app_fixture: AppFixture, copy: Copy
) -> None:
    result = await expand_picture(app_fixture, get_ben(app_fixture))
    made = await app_fixture.wait_for_job(await submit_menu(app_fixture, copy(app_fixture, result)))
    job = (await app_fixture.core.archive.list_all_jobs(UserId(get_ben(app_fixture).id)))[0]
    assert made.order.sources == (job.id,)
    assert made.order.source_author == UserId(get_ben(app_fixture).id)
    await run_command(get_mia(app_fixture), "moderate remove", picture=job.id)
    assert await app_fixture.core.archive.is_removed((await load_job(app_fixture, made.id)).id)


async def test_a_link_to_a_members_file_has_the_properties_of_its_channel(
    app_fixture: AppFixture,
) -> None:
    upload = encode_upload(draw_photograph())
    posted = await app_fixture.ana.upload(upload, channel=add_adult_channel(app_fixture))
    linked = app_fixture.ana.say(posted["attachments"][0]["url"])
    call = await submit_menu(app_fixture, linked)
    assert "age-restricted" in read_text(await call.message())
    app_fixture.discord.guild.add_channel("surprises")
    app_fixture.discord.guild.set_spoiler_channel("surprises")
    posted = await app_fixture.ana.upload(upload, channel="surprises")
    call = await submit_menu(app_fixture, app_fixture.ana.say(posted["attachments"][0]["url"]))
    assert set(list_spoilers(await app_fixture.wait_for_result(call))) == {True}


async def test_a_link_to_ones_own_picture_goes_on(app_fixture: AppFixture) -> None:
    result = await expand_picture(app_fixture)
    call = await submit_menu(app_fixture, link_picture(app_fixture, result))
    assert (await app_fixture.wait_for_job(call)).order.source_author is None
    assert set(list_spoilers(await app_fixture.wait_for_result(call))) == {False}
