"""The message menu finds pictures wherever Discord puts them, and says why where there are none."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.domain.ids import UserId
from bot.domain.job import JobState
from sandbox.discord.actors.member import MemberActor
from sandbox.discord.model.records import Upload
from sandbox.discord.model.seed_data import STUDIO_ID
from sandbox.discord.state.messages import NewMessage
from sandbox.discord.validation.message_content import MessageComposer
from sandbox.discord.validation.request_bodies import Body
from tests.support.app.card_controls import expand_picture, press_button
from tests.support.app_fixture import (
    AppFixture,
    draw_photograph,
    encode_upload,
    is_ephemeral,
    read_text,
)

Json = dict[str, Any]
PICTURE = encode_upload(draw_photograph()).data
COMPONENTS_V2 = 1 << 15
GENERIC = "application/octet-stream"


def get_ben(app_fixture: AppFixture) -> MemberActor:
    return app_fixture.discord.guild.member("ben")


def post_components(app_fixture: AppFixture, *components: Json, count: int = 1) -> Json:
    """Post a message of components with pictures a0.png, a1.png, ..., as a webhook of Ben's."""
    state, ben = app_fixture.discord.state, get_ben(app_fixture)
    files = {at: Upload(f"a{at}.png", PICTURE) for at in range(count)}
    body = Body({"flags": COMPONENTS_V2, "components": list(components)}, files)
    content = MessageComposer(state, STUDIO_ID).compose_new(body)
    message = state.messages.create(NewMessage(STUDIO_ID, ben.id, content))
    return state.payloads.build_message(message)


async def expand_by_menu(app_fixture: AppFixture, message: Json, **fields: str) -> Json:
    """Expand a message's picture upwards by 64 and return the result's message."""
    form = await app_fixture.ana.menu("Expand image", message).modal()
    call = await app_fixture.ana.submit(form, {"direction": "up", "pixels": "64", **fields})
    result = await app_fixture.wait_for_result(call)
    assert (await app_fixture.wait_for_job(call)).state is JobState.SETTLED
    return result


async def read_refusal(app_fixture: AppFixture, message: Json) -> str:
    answer = await app_fixture.ana.menu("Expand image", message).message()
    assert is_ephemeral(answer)
    assert app_fixture.billed_count == 0
    return read_text(answer)


async def test_a_forwarded_picture_is_expanded_and_remains_its_authors(
    app_fixture: AppFixture,
) -> None:
    original = await get_ben(app_fixture).upload(Upload("a.png", PICTURE), channel="gallery")
    forward = app_fixture.discord.guild.member("mia").forward(original, channel="studio")
    form = await app_fixture.ana.menu("Expand image", forward).modal()
    call = await app_fixture.ana.submit(form, {"direction": "up", "pixels": "64"})
    result = await app_fixture.wait_for_result(call)
    assert "320x240 → 320x304" in read_text(result)
    job = await app_fixture.wait_for_job(call)
    assert job.order.source_author == UserId(get_ben(app_fixture).id), "not Mia, who forwarded it"


async def test_a_forward_does_not_get_around_the_authors_wish(app_fixture: AppFixture) -> None:
    ben = get_ben(app_fixture)
    page = await (await ben.slash("privacy")).message()
    await press_button(ben, page, "Keep my pictures").acknowledged()
    original = await ben.upload(Upload("a.png", PICTURE))
    forward = app_fixture.ana.forward(original)
    assert "does not want others" in await read_refusal(app_fixture, forward)


async def test_a_forwarded_result_belongs_to_who_ordered_it(app_fixture: AppFixture) -> None:
    result = await expand_picture(app_fixture, get_ben(app_fixture))
    forward = app_fixture.ana.forward(result)
    form = await app_fixture.ana.menu("Expand image", forward).modal()
    call = await app_fixture.ana.submit(form, {"direction": "up", "pixels": "64"})
    job = await app_fixture.wait_for_job(call)
    assert job.order.source_author == UserId(get_ben(app_fixture).id)


async def test_a_reply_to_a_forward_without_type_harms_nothing(app_fixture: AppFixture) -> None:
    app_fixture.discord.state.world.bare_snapshots = True
    original = await get_ben(app_fixture).upload(Upload("a.png", PICTURE))
    reply = app_fixture.ana.say("nice", reply_to=app_fixture.ana.forward(original))
    forwarded = reply["referenced_message"]["message_snapshots"][0]["message"]
    assert "type" not in forwarded, "as issue 7814 of discord-api-docs shows it"
    await asyncio.sleep(0.2)
    assert app_fixture.discord.state.is_bot_online
    assert "no picture in that message" in await read_refusal(app_fixture, reply)


@pytest.mark.parametrize(
    "upload",
    [
        Upload("photo.png", PICTURE, content_type=""),
        Upload("photo.PNG", PICTURE, content_type="", measured=False),
        Upload("photo.jpeg", PICTURE, content_type=GENERIC, measured=False),
        Upload("unknown", PICTURE, content_type=GENERIC),
        Upload("unknown", PICTURE, content_type=""),
        Upload("photo.png", PICTURE, content_type="image/png; charset=binary"),
    ],
)
async def test_a_picture_without_a_type_is_known_by_its_size_or_name(
    app_fixture: AppFixture, upload: Upload
) -> None:
    result = await expand_by_menu(app_fixture, await get_ben(app_fixture).upload(upload))
    assert "320x240 → 320x304" in read_text(result)
    call = await app_fixture.ana.slash("expand", image=upload, direction="up", pixels=64)
    assert "320x240 → 320x304" in read_text(await app_fixture.wait_for_result(call))


@pytest.mark.parametrize(
    "upload",
    [
        Upload("notes.txt", PICTURE, content_type="", measured=False),
        Upload("clip.mp4", PICTURE, content_type=""),
        Upload("clip.mp4", PICTURE, content_type="video/mp4"),
        Upload("photo.png", PICTURE, content_type="text/plain"),
    ],
)
async def test_what_is_no_picture_is_not_offered(app_fixture: AppFixture, upload: Upload) -> None:
    message = await get_ben(app_fixture).upload(upload)
    assert "no picture in that message" in await read_refusal(app_fixture, message)


THUMBNAIL: Json = {"type": 11, "media": {"url": "attachment://a0.png"}}
SECTION: Json = {
    "type": 9,
    "components": [{"type": 10, "content": "a lake"}],
    "accessory": THUMBNAIL,
}
GALLERY = {"type": 12, "items": [{"media": {"url": "attachment://a1.png"}}]}
FILE = {"type": 13, "file": {"url": "attachment://a0.png"}}


@pytest.mark.parametrize("component", [SECTION, FILE, {"type": 17, "components": [SECTION]}])
async def test_a_picture_in_a_component_is_expanded(
    app_fixture: AppFixture, component: Json
) -> None:
    result = await expand_by_menu(app_fixture, post_components(app_fixture, component))
    assert "320x240 → 320x304" in read_text(result)
    assert "'spoiler': True" not in str(result["components"])


async def test_of_thumbnail_and_gallery_one_is_chosen(app_fixture: AppFixture) -> None:
    message = post_components(app_fixture, SECTION, GALLERY, count=2)
    form = await app_fixture.ana.menu("Expand image", message).modal()
    menu = form["components"][0]["component"]
    assert [each["label"] for each in menu["options"]] == ["1. a0.png", "2. a1.png"]


@pytest.mark.parametrize(
    "component",
    [
        SECTION | {"accessory": THUMBNAIL | {"spoiler": True}},
        {"type": 17, "spoiler": True, "components": [SECTION]},
    ],
)
async def test_a_components_spoiler_is_preserved(app_fixture: AppFixture, component: Json) -> None:
    result = await expand_by_menu(app_fixture, post_components(app_fixture, component))
    assert "'spoiler': True" in str(result["components"])


@pytest.mark.parametrize("format_type", [1, 2, 3, 4])
async def test_a_sticker_is_refused_by_name(app_fixture: AppFixture, format_type: int) -> None:
    sticker = get_ben(app_fixture).sticker("Wave", format_type=format_type)
    assert "A sticker can't be expanded" in await read_refusal(app_fixture, sticker)
    forward = get_ben(app_fixture).forward(sticker)
    assert "A sticker can't be expanded" in await read_refusal(app_fixture, forward)


async def test_a_polls_picture_is_expanded_and_a_poll_alone_refused(
    app_fixture: AppFixture,
) -> None:
    ben = get_ben(app_fixture)
    bare = await ben.poll("Which one?", "left", "right")
    assert "no picture in that message" in await read_refusal(app_fixture, bare)
    poll = await ben.poll("Which one?", "left", "right", files=[Upload("a.png", PICTURE)])
    assert "320x240 → 320x304" in read_text(await expand_by_menu(app_fixture, poll))
