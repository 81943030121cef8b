"""The message menu: a picture is taken from where it already is."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.geometry import Margins
from tests.acceptance.gestures import expanded, press
from tests.house import House, is_ephemeral, media, photograph, text, upload


async def form_about(house: House, message: dict[str, Any]) -> dict[str, Any]:
    return await house.ana.menu("Expand image", message).modal()


@pytest.mark.parametrize("restart", [False, True])
async def test_a_picture_of_any_message_is_expanded(house: House, *, restart: bool) -> None:
    ben = house.discord.guild.member("ben")
    message = await ben.upload(upload(photograph()), content="look")
    form = await form_about(house, message)
    if restart:
        await house.restart()
    filled = {"direction": "right", "pixels": "100", "prompt": "a lake"}
    call = await house.ana.submit(form, filled)
    result = await house.posted(call)
    job = await house.job(call)
    assert job.prepared_plan.delivered == Margins(right=100)
    assert job.order.prompt == "a lake"
    assert "asked by Ana" in text(result)


async def test_of_several_pictures_one_is_chosen_and_its_spoiler_is_kept(house: House) -> None:
    files = (upload(photograph(160, 120)), upload(photograph(320, 240)))
    message = await house.ana.upload(*files, spoiler=True)
    form = await form_about(house, message)
    call = await house.ana.submit(form, {"picture": "1", "direction": "up", "pixels": "64"})
    result = await house.posted(call)
    assert "320x240 → 320x304" in text(result)
    assert "'spoiler': True" in str(result["components"])


async def test_a_result_of_the_bot_can_be_taken_too(house: House) -> None:
    form = await form_about(house, await expanded(house))
    call = await house.ana.submit(form, {"direction": "down", "pixels": "64"})
    assert "384x240 → 384x304" in text(await house.posted(call))


@pytest.mark.parametrize(
    "fields", [{"pixels": "many"}, {"pixels": "0"}, {"pixels": "9999"}, {"pixels": "٦٤"}]
)
async def test_an_amount_that_cannot_be_is_refused(house: House, fields: dict[str, str]) -> None:
    form = await form_about(house, await house.ana.upload(upload(photograph())))
    refusal = await (await house.ana.submit(form, fields)).message()
    assert is_ephemeral(refusal)
    assert house.billed == 0


async def test_a_message_without_a_picture_is_refused(house: House) -> None:
    message = await house.ana.menu("Expand image", house.ana.say("only words")).message()
    assert is_ephemeral(message)
    assert "no picture in that message" in text(message)


async def test_who_has_opted_out_is_left_alone(house: House) -> None:
    ben = house.discord.guild.member("ben")
    page = await (await ben.slash("privacy")).message()
    await press(ben, page, "Keep my pictures").acknowledged()
    message = await ben.upload(upload(photograph()))
    refusal = await house.ana.menu("Expand image", message).message()
    assert "does not want others" in text(refusal)
    form = await ben.menu("Expand image", message).modal()
    call = await ben.submit(form, {"direction": "up", "pixels": "64"})
    assert media(await house.posted(call))


async def test_amounts_and_shapes_are_suggested_with_their_use(house: House) -> None:
    typed = house.ana.autocomplete("expand-ratio", "ratio", "ban")
    names = [choice["name"] for choice in await typed.choices()]
    assert names == ["1500x500 banner of a profile", "960x540 banner of a Discord server"]
    house.ana.speaks("ja")
    for command, option in (("expand", "pixels"), ("expand-sides", "top")):
        typed = house.ana.autocomplete(command, option, 2)
        values = [choice["value"] for choice in await typed.choices()]
        assert values == [2, 256, 2048]
