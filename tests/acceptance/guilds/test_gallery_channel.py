"""The gallery's channel shows everybody only what was chosen for it."""

from __future__ import annotations

from typing import Any

from bot.domain.gallery import GalleryMode
from bot.domain.ids import ChannelId
from sandbox.discord.model import seed_data
from sandbox.discord.model.records import Upload
from tests.support.app.card_controls import expand_picture, press_button
from tests.support.app.moderators import get_ben, read_private_answer, set_guild_settings
from tests.support.app.shown_pictures import (
    SHARE,
    compare_picture,
    list_public_pictures,
    shows_private_picture,
)
from tests.support.app_fixture import (
    AppFixture,
    draw_photograph,
    encode_upload,
    read_text,
    wait_until,
)

Json = dict[str, Any]
REFUSED = "The gallery shows only what is chosen for it"
MENU = {"direction": "up", "pixels": "64"}


def draw_upload() -> Upload:
    return encode_upload(draw_photograph())


async def fill_gallery(app_fixture: AppFixture) -> Json:
    """Return the gallery's post of a result of Ana's."""
    channel = ChannelId(seed_data.GALLERY_ID)
    await set_guild_settings(app_fixture, gallery_channel=channel, gallery_mode=GalleryMode.EVERY)
    await expand_picture(app_fixture)
    await wait_until(lambda: bool(list_public_pictures(app_fixture, "gallery")))
    return list_public_pictures(app_fixture, "gallery")[0]


async def test_no_order_puts_a_picture_into_the_gallerys_channel(app_fixture: AppFixture) -> None:
    post, ben = await fill_gallery(app_fixture), get_ben(app_fixture)
    billed = app_fixture.billed_count
    options = {"image": draw_upload(), "direction": "right", "pixels": 64}
    for more in ({}, {"preview": True}):
        call = await ben.slash("expand", channel="gallery", **options, **more)
        assert REFUSED in await read_private_answer(call)
    form = await ben.menu("Expand image", post).modal()
    assert REFUSED in await read_private_answer(await ben.submit(form, MENU))
    assert app_fixture.billed_count == billed
    assert list_public_pictures(app_fixture, "gallery") == [post]


async def test_a_private_result_of_a_picture_in_the_gallery_is_its_members_alone(
    app_fixture: AppFixture,
) -> None:
    post, ben = await fill_gallery(app_fixture), get_ben(app_fixture)
    form = await ben.menu("Expand image", post).modal()
    call = await ben.submit(form, MENU | {"options": ["private"]})
    await call.message(shows_private_picture)
    assert list_public_pictures(app_fixture, "gallery") == [post]


async def test_no_shared_file_is_shown_in_the_gallerys_channel(app_fixture: AppFixture) -> None:
    post, ben = await fill_gallery(app_fixture), get_ben(app_fixture)
    compared = await compare_picture(ben, post)
    assert REFUSED in await read_private_answer(press_button(ben, compared, SHARE))
    assert list_public_pictures(app_fixture, "gallery") == [post]


async def test_a_picture_drawn_in_the_gallerys_channel_is_named_and_not_shown_twice(
    app_fixture: AppFixture,
) -> None:
    post, ben = await fill_gallery(app_fixture), get_ben(app_fixture)
    drawn = await (await ben.slash("gallery random", channel="gallery")).message(has_text)
    assert f"<@{seed_data.ANA_ID}>" in read_text(drawn)
    assert list_public_pictures(app_fixture, "gallery") == [post]


def has_text(message: Json) -> bool:
    return bool(read_text(message))


async def test_a_result_that_was_there_before_is_no_way_into_the_gallerys_channel(
    app_fixture: AppFixture,
) -> None:
    ana = app_fixture.ana
    call = await ana.slash(
        "expand", channel="gallery", image=draw_upload(), direction="right", pixels=64
    )
    result = await app_fixture.wait_for_result(call)
    await fill_gallery(app_fixture)
    shown = len(list_public_pictures(app_fixture, "gallery"))
    for label in ("→", "Another try"):
        assert REFUSED in await read_private_answer(press_button(ana, result, label))
    assert len(list_public_pictures(app_fixture, "gallery")) == shown


async def test_a_thread_of_the_gallerys_channel_is_a_place_for_results(
    app_fixture: AppFixture,
) -> None:
    await fill_gallery(app_fixture)
    thread = app_fixture.ana.start_thread("how it was made", channel="gallery")
    call = await app_fixture.ana.slash(
        "expand", channel=thread, image=draw_upload(), direction="right", pixels=64
    )
    await app_fixture.wait_for_result(call)


async def test_who_wants_nothing_in_the_gallery_is_in_no_message_of_its_channel(
    app_fixture: AppFixture,
) -> None:
    post, ana = await fill_gallery(app_fixture), app_fixture.ana
    form = await get_ben(app_fixture).menu("Expand image", post).modal()
    await read_private_answer(await get_ben(app_fixture).submit(form, MENU))
    answer = await read_private_answer(await ana.slash("gallery visibility", shown=False))
    assert "Nothing of yours is shown in this server's gallery any more" in answer
    assert not list_public_pictures(app_fixture, "gallery")
