"""Before paying: the canvas is drawn, changed, confirmed once or dropped."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.geometry import Margins
from bot.domain.ids import GuildId, UserId
from bot.domain.job import JobState
from bot.domain.money import MicroUsd
from sandbox.discord.actors.invocation import TrackedInvocation
from tests.support.app.card_controls import Json, find_menu, list_controls, press_button
from tests.support.app_fixture import (
    AppFixture,
    draw_photograph,
    encode_upload,
    is_ephemeral,
    list_media,
    read_text,
)


async def open_preview(app_fixture: AppFixture, **options: Any) -> Json:
    given: Json = {"direction": "right", "pixels": 100, "preview": True, **options}
    call = await app_fixture.ana.slash("expand", image=encode_upload(draw_photograph()), **given)
    message = await call.message(lambda message: bool(list_media(message)))
    assert is_ephemeral(message)
    return message


async def wait_for_change(call: TrackedInvocation, wanted: str) -> Json:
    return await call.message(lambda message: wanted in read_text(message))


async def read_held(app_fixture: AppFixture) -> int:
    jobs = await app_fixture.core.archive.list_all_jobs(UserId(app_fixture.ana.id))
    return len(jobs)


async def test_a_preview_shows_canvas_price_and_quota_and_holds_nothing(
    app_fixture: AppFixture,
) -> None:
    message = await open_preview(app_fixture)
    assert app_fixture.read_picture(message).format == "JPEG"
    assert "320x240 → 420x240" in read_text(message)
    assert "Price: $0.05" in read_text(message)
    assert "20 of 20 left today" in read_text(message)
    still = [part["label"] for part in list_controls(message) if part.get("disabled")]
    assert still == ["← −64", "↑ −64", "↓ −64"], "a side that does not grow cannot shrink"
    assert await read_held(app_fixture) == app_fixture.billed_count == 0


async def test_a_preview_is_nudged_shaped_and_worded_before_it_is_confirmed(
    app_fixture: AppFixture,
) -> None:
    message = await open_preview(app_fixture)
    await wait_for_change(press_button(app_fixture.ana, message, "→ +64"), "320x240 → 448x240")
    await wait_for_change(press_button(app_fixture.ana, message, "→ −64"), "320x240 → 384x240")
    message = await wait_for_change(
        press_button(app_fixture.ana, message, "↑ +64"), "320x240 → 384x304"
    )
    form = await press_button(app_fixture.ana, message, "Prompt").modal()
    worded = await app_fixture.ana.submit(form, {"prompt": "a red door"})
    await wait_for_change(worded, "Prompt: a red door")
    call = press_button(app_fixture.ana, message, "Confirm: $0.05")
    result = await app_fixture.wait_for_result(call)
    job = await app_fixture.wait_for_job(call)
    assert not is_ephemeral(result)
    assert job.prepared_plan.delivered == Margins(top=64, right=64)
    assert (job.order.prompt, job.state, app_fixture.billed_count) == (
        "a red door",
        JobState.SETTLED,
        1,
    )


async def test_a_shape_is_chosen_from_the_menu(app_fixture: AppFixture) -> None:
    message = await open_preview(app_fixture)
    shapes = find_menu(message)
    assert "16:9 wide, for screens" in [each["label"] for each in shapes["options"]]
    await wait_for_change(
        app_fixture.ana.select(message, shapes["custom_id"], "16:9"), "320x240 → 427x240"
    )


@pytest.mark.parametrize("restart", [False, True])
async def test_a_preview_is_confirmed_once_also_after_a_restart(
    app_fixture: AppFixture, *, restart: bool
) -> None:
    message = await open_preview(app_fixture)
    if restart:
        await app_fixture.restart()
    first = press_button(app_fixture.ana, message, "Confirm")
    shown = app_fixture.discord.state.messages.find(int(message["id"]))
    assert shown is not None
    before = shown.content
    await app_fixture.wait_for_result(first)
    shown.content = before
    second = await press_button(app_fixture.ana, message, "Confirm").message()
    assert is_ephemeral(second)
    assert "has expired" in read_text(second)
    assert (await read_held(app_fixture), app_fixture.billed_count) == (1, 1)


async def test_a_dropped_preview_costs_nothing(app_fixture: AppFixture) -> None:
    message = await open_preview(app_fixture)
    dropped = await wait_for_change(press_button(app_fixture.ana, message, "Cancel"), "Dropped")
    assert dropped["id"] == message["id"]
    assert await read_held(app_fixture) == app_fixture.billed_count == 0


async def test_a_price_above_the_guilds_is_shown_first_without_being_asked_for(
    app_fixture: AppFixture,
) -> None:
    desk = app_fixture.app.interactions
    guild, who = GuildId(app_fixture.discord.guild.id), UserId(app_fixture.ana.id)
    price = MicroUsd(60_000)
    await app_fixture.core.guilds.set_value(guild, "preview_above", price, who, desk.clock.now())
    message = await open_preview(app_fixture, preview=False, results=2)
    assert "Price: $0.10" in read_text(message)
    call = await app_fixture.ana.slash(
        "expand", image=encode_upload(draw_photograph()), direction="up", pixels=64
    )
    assert list_media(await app_fixture.wait_for_result(call))


async def test_what_the_preview_finds_wrong_is_refused_and_nothing_is_held(
    app_fixture: AppFixture,
) -> None:
    call = await app_fixture.ana.slash(
        "expand",
        image=encode_upload(draw_photograph(16, 16)),
        direction="up",
        pixels=64,
        preview=True,
    )
    assert "too small" in read_text(await call.message())
    message = await open_preview(app_fixture, direction="right", pixels=64)
    refusal = await press_button(app_fixture.ana, message, "→ −64").message(
        lambda message: "Nothing would be added" in read_text(message)
    )
    assert is_ephemeral(refusal)
