"""Large pictures are rendered at the model's best size, or unscaled where a member asks for it."""

from __future__ import annotations

from typing import Any

import pytest
from PIL import ImageChops, ImageStat

from bot.domain.geometry import Margins, Size
from bot.domain.job import Job
from bot.domain.order import Detail
from tests.support.app.card_controls import Json, list_labels, press_button
from tests.support.app_fixture import (
    AppFixture,
    draw_photograph,
    encode_upload,
    list_media,
    read_text,
)
from tests.support.runware.sent_requests import fetch_request, read_seed_size

WIDE = (2000, 700)
"""With 256 more 1.58 megapixels; at 96 % of its size, whose shape is exact, and 192 more 1.42."""
REDUCED, REDUCED_LINE = Size(1920, 672), "Rendered at 2112x672, then scaled up."


async def order_wide(app_fixture: AppFixture, **options: Any) -> tuple[Job, Json]:
    call = await app_fixture.ana.slash(
        "expand",
        image=encode_upload(draw_photograph(*WIDE)),
        **{"direction": "right", "pixels": 200, "format": "PNG", **options},
    )
    result = await app_fixture.wait_for_result(call)
    return await app_fixture.wait_for_job(call), result


async def test_a_large_picture_is_sent_smaller_and_comes_back_as_asked(
    app_fixture: AppFixture,
) -> None:
    job, result = await order_wide(app_fixture)
    plan = job.prepared_plan
    assert (plan.sent_seed, plan.delivered) == (REDUCED, Margins(right=200))
    sent = await fetch_request(app_fixture.runware, job)
    assert read_seed_size(sent) == REDUCED
    assert sent["outpaint"] == plan.rendered.get_by_side()
    text = read_text(result)
    assert "2000x700 → 2200x700" in text
    assert REDUCED_LINE in text
    picture = app_fixture.read_picture(result).convert("RGB")
    assert picture.size == (2200, 700)
    original = picture.crop((0, 0, *WIDE))
    assert ImageChops.difference(original, draw_photograph(*WIDE)).getbbox() is None
    assert max(ImageStat.Stat(picture.crop((2000, 0, 2200, 700))).stddev) > 0
    details = read_text(await press_button(app_fixture.ana, result, "Details").message())
    assert "**Rendered:** at 2112x672, then scaled up" in details
    assert "**Detail:** automatic" in details


async def test_native_detail_is_sent_unscaled_and_so_are_small_pictures(
    app_fixture: AppFixture,
) -> None:
    job, result = await order_wide(app_fixture, detail="native")
    assert job.order.detail is Detail.NATIVE
    assert job.prepared_plan.reduced_seed is None
    assert read_seed_size(await fetch_request(app_fixture.runware, job)) == Size(*WIDE)
    assert "then scaled up" not in read_text(result)
    details = read_text(await press_button(app_fixture.ana, result, "Details").message())
    assert "**Rendered:** right 256" in details
    assert "**Detail:** native" in details


@pytest.mark.parametrize("restart", [False, True])
async def test_a_preview_says_the_size_and_switches_it(
    app_fixture: AppFixture, *, restart: bool
) -> None:
    call = await app_fixture.ana.slash(
        "expand",
        image=encode_upload(draw_photograph(*WIDE)),
        direction="right",
        pixels=200,
        preview=True,
    )
    preview = await call.message(lambda message: bool(list_media(message)))
    assert REDUCED_LINE in read_text(preview)
    if restart:
        await app_fixture.restart()
    switched = await press_button(app_fixture.ana, preview, "Render unscaled").message(
        lambda message: "Detail: native" in read_text(message)
    )
    assert "Rendered as right 256, then cropped." in read_text(switched)
    back = await press_button(app_fixture.ana, switched, "Render at best size").message(
        lambda message: REDUCED_LINE in read_text(message)
    )
    again = await press_button(app_fixture.ana, back, "Render unscaled").message(
        lambda message: "Detail: native" in read_text(message)
    )
    confirmed = press_button(app_fixture.ana, again, "Confirm")
    await app_fixture.wait_for_result(confirmed)
    job = await app_fixture.wait_for_job(confirmed)
    assert read_seed_size(await fetch_request(app_fixture.runware, job)) == Size(*WIDE)


async def test_a_small_pictures_preview_has_nothing_to_switch(app_fixture: AppFixture) -> None:
    call = await app_fixture.ana.slash(
        "expand",
        image=encode_upload(draw_photograph()),
        direction="right",
        pixels=64,
        preview=True,
    )
    preview = await call.message(lambda message: bool(list_media(message)))
    assert not [label for label in list_labels(preview) if label.startswith("Render")]
