"""The message menu: a picture is taken from where it already is."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.geometry import Margins
from tests.support.app.card_controls import expand_picture, press_button
from tests.support.app_fixture import (
    AppFixture,
    draw_photograph,
    encode_upload,
    is_ephemeral,
    list_media,
    read_text,
)


async def open_form(app_fixture: AppFixture, message: dict[str, Any]) -> dict[str, Any]:
    return await app_fixture.ana.menu("Expand image", message).modal()


@pytest.mark.parametrize("restart", [False, True])
async def test_a_picture_of_any_message_is_expanded(
    app_fixture: AppFixture, *, restart: bool
) -> None:
    ben = app_fixture.discord.guild.member("ben")
    message = await ben.upload(encode_upload(draw_photograph()), content="look")
    form = await open_form(app_fixture, message)
    if restart:
        await app_fixture.restart()
    filled = {"direction": "right", "pixels": "100", "prompt": "a lake"}
    call = await app_fixture.ana.submit(form, filled)
    result = await app_fixture.wait_for_result(call)
    job = await app_fixture.wait_for_job(call)
    assert job.prepared_plan.delivered == Margins(right=100)
    assert job.order.prompt == "a lake"
    assert "asked by Ana" in read_text(result)


async def test_of_several_pictures_one_is_chosen_and_its_spoiler_is_preserved(
    app_fixture: AppFixture,
) -> None:
    files = (encode_upload(draw_photograph(160, 120)), encode_upload(draw_photograph(320, 240)))
    message = await app_fixture.ana.upload(*files, spoiler=True)
    form = await open_form(app_fixture, message)
    call = await app_fixture.ana.submit(form, {"picture": "1", "direction": "up", "pixels": "64"})
    result = await app_fixture.wait_for_result(call)
    assert "320x240 → 320x304" in read_text(result)
    assert "'spoiler': True" in str(result["components"])


async def test_a_result_of_the_bot_can_be_taken_too(app_fixture: AppFixture) -> None:
    form = await open_form(app_fixture, await expand_picture(app_fixture))
    call = await app_fixture.ana.submit(form, {"direction": "down", "pixels": "64"})
    assert "384x240 → 384x304" in read_text(await app_fixture.wait_for_result(call))


@pytest.mark.parametrize(
    "fields", [{"pixels": "many"}, {"pixels": "0"}, {"pixels": "9999"}, {"pixels": "٦٤"}]
)
async def test_an_amount_that_cannot_be_is_refused(
    app_fixture: AppFixture, fields: dict[str, str]
) -> None:
    form = await open_form(
        app_fixture, await app_fixture.ana.upload(encode_upload(draw_photograph()))
    )
    refusal = await (await app_fixture.ana.submit(form, fields)).message()
    assert is_ephemeral(refusal)
    assert app_fixture.billed_count == 0


async def test_a_message_without_a_picture_is_refused(app_fixture: AppFixture) -> None:
    message = await app_fixture.ana.menu(
        "Expand image", app_fixture.ana.say("only words")
    ).message()
    assert is_ephemeral(message)
    assert "no picture in that message" in read_text(message)


async def test_who_has_opted_out_is_left_alone(app_fixture: AppFixture) -> None:
    ben = app_fixture.discord.guild.member("ben")
    page = await (await ben.slash("privacy")).message()
    await press_button(ben, page, "Keep my pictures").acknowledged()
    message = await ben.upload(encode_upload(draw_photograph()))
    refusal = await app_fixture.ana.menu("Expand image", message).message()
    assert "does not want others" in read_text(refusal)
    form = await ben.menu("Expand image", message).modal()
    call = await ben.submit(form, {"direction": "up", "pixels": "64"})
    assert list_media(await app_fixture.wait_for_result(call))


async def test_amounts_and_shapes_are_suggested_with_their_use(app_fixture: AppFixture) -> None:
    typed = app_fixture.ana.autocomplete("expand-ratio", "ratio", "ban")
    names = [choice["name"] for choice in await typed.choices()]
    assert names == ["1500x500 banner of a profile", "960x540 banner of a Discord server"]
    app_fixture.ana.speaks("ja")
    for command, option in (("expand", "pixels"), ("expand-sides", "top")):
        typed = app_fixture.ana.autocomplete(command, option, 2)
        values = [choice["value"] for choice in await typed.choices()]
        assert values == [2, 256, 2048]
