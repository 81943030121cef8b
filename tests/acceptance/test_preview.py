"""Before paying: the canvas is drawn, changed, confirmed once or dropped."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.geometry import Margins
from bot.domain.ids import GuildId, UserId
from bot.domain.job import JobState
from bot.domain.money import MicroUsd
from sandbox.discord.calls import Call
from tests.acceptance.gestures import Json, controls, menu, press
from tests.house import House, is_ephemeral, media, photograph, text, upload


async def previewed(house: House, **options: Any) -> Json:
    given: Json = {"direction": "right", "pixels": 100, "preview": True, **options}
    call = await house.ana.slash("expand", image=upload(photograph()), **given)
    message = await call.message(lambda message: bool(media(message)))
    assert is_ephemeral(message)
    return message


async def changed(call: Call, wanted: str) -> Json:
    return await call.message(lambda message: wanted in text(message))


async def held(house: House) -> int:
    jobs = await house.app.bot.desk.history.archive.all_of(UserId(house.ana.id))
    return len(jobs)


async def test_a_preview_shows_canvas_price_and_quota_and_holds_nothing(house: House) -> None:
    message = await previewed(house)
    assert house.picture(message).format == "JPEG"
    assert "320x240 → 420x240" in text(message)
    assert "Price: $0.05" in text(message)
    assert "20 of 20 left today" in text(message)
    still = [part["label"] for part in controls(message) if part.get("disabled")]
    assert still == ["← −64", "↑ −64", "↓ −64"], "a side that does not grow cannot shrink"
    assert await held(house) == house.billed == 0


async def test_a_preview_is_nudged_shaped_and_worded_before_it_is_confirmed(house: House) -> None:
    message = await previewed(house)
    await changed(press(house.ana, message, "→ +64"), "320x240 → 448x240")
    await changed(press(house.ana, message, "→ −64"), "320x240 → 384x240")
    message = await changed(press(house.ana, message, "↑ +64"), "320x240 → 384x304")
    form = await press(house.ana, message, "Prompt").modal()
    worded = await house.ana.submit(form, {"prompt": "a red door"})
    await changed(worded, "Prompt: a red door")
    call = press(house.ana, message, "Confirm: $0.05")
    result = await house.posted(call)
    job = await house.job(call)
    assert not is_ephemeral(result)
    assert job.prepared_plan.delivered == Margins(top=64, right=64)
    assert (job.order.prompt, job.state, house.billed) == ("a red door", JobState.SETTLED, 1)


async def test_a_shape_is_chosen_from_the_menu(house: House) -> None:
    message = await previewed(house)
    shapes = menu(message)
    assert "16:9 wide, for screens" in [each["label"] for each in shapes["options"]]
    await changed(house.ana.select(message, shapes["custom_id"], "16:9"), "320x240 → 427x240")


@pytest.mark.parametrize("restart", [False, True])
async def test_a_preview_is_confirmed_once_also_after_a_restart(
    house: House, *, restart: bool
) -> None:
    message = await previewed(house)
    if restart:
        await house.restart()
    first = press(house.ana, message, "Confirm")
    shown = house.discord.state.messages.find(int(message["id"]))
    assert shown is not None
    before = shown.content
    await house.posted(first)
    shown.content = before
    second = await press(house.ana, message, "Confirm").message()
    assert is_ephemeral(second)
    assert "has expired" in text(second)
    assert (await held(house), house.billed) == (1, 1)


async def test_a_dropped_preview_costs_nothing(house: House) -> None:
    message = await previewed(house)
    dropped = await changed(press(house.ana, message, "Cancel"), "Dropped")
    assert dropped["id"] == message["id"]
    assert await held(house) == house.billed == 0


async def test_a_price_above_the_guilds_is_shown_first_without_being_asked_for(
    house: House,
) -> None:
    desk = house.app.bot.desk
    guild, who = GuildId(house.discord.guild.id), UserId(house.ana.id)
    price = MicroUsd(60_000)
    await desk.previews.guilds.set(guild, "preview_above", price, who, desk.clock.now())
    message = await previewed(house, preview=False, results=2)
    assert "Price: $0.10" in text(message)
    call = await house.ana.slash("expand", image=upload(photograph()), direction="up", pixels=64)
    assert media(await house.posted(call))


async def test_what_the_preview_finds_wrong_is_refused_and_nothing_is_held(house: House) -> None:
    call = await house.ana.slash(
        "expand", image=upload(photograph(16, 16)), direction="up", pixels=64, preview=True
    )
    assert "too small" in text(await call.message())
    message = await previewed(house, direction="right", pixels=64)
    refusal = await press(house.ana, message, "→ −64").message(
        lambda message: "Nothing would be added" in text(message)
    )
    assert is_ephemeral(refusal)
