"""Bad input: answered in three parts, nothing held, nothing paid, the bot alive."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from bot.config.settings import ImageSettings, LimitSettings
from bot.domain.job import JobState
from bot.domain.ledger import LedgerUnit, format_global_day_scope
from sandbox.discord.model.errors import DiscordError
from sandbox.discord.model.records import Upload
from tests.support.app_fixture import (
    AppFixture,
    draw_photograph,
    encode_upload,
    is_ephemeral,
    read_text,
)

NOTHING_TAKEN = "Nothing was charged"


async def assert_untouched_and_alive(app_fixture: AppFixture) -> None:
    assert app_fixture.billed_count == 0
    assert await app_fixture.core.ledger.find_imbalances() == []
    day = await app_fixture.core.ledger.get_account(
        format_global_day_scope(app_fixture.core.clock.now().date()), LedgerUnit.MICRO_USD
    )
    assert (day.held, day.spent) == (0, 0)
    call = await app_fixture.ana.slash(
        "expand", image=encode_upload(draw_photograph()), direction="right", pixels=64
    )
    assert (await app_fixture.wait_for_job(call)).state is JobState.SETTLED


def encode_jpeg(size: tuple[int, int] = (320, 240)) -> bytes:
    out = io.BytesIO()
    draw_photograph(*size).save(out, "JPEG")
    return out.getvalue()


REFUSED_BY_BYTES = {
    "text named png": (Upload("a.png", b"not a picture at all"), "not a picture"),
    "svg named jpg": (Upload("a.jpg", b"<svg onload=alert(1)>"), "not a picture"),
    "truncated": (Upload("a.jpg", encode_jpeg()[:4000]), "damaged"),
    "truncated to its magic": (Upload("a.png", b"\x89PNG\r\n\x1a\n"), "damaged or cut off"),
}


@pytest.mark.parametrize("case", REFUSED_BY_BYTES)
async def test_a_file_that_is_no_whole_picture_changes_the_card_into_a_refusal(
    app_fixture: AppFixture, case: str
) -> None:
    image, words = REFUSED_BY_BYTES[case]
    call = await app_fixture.ana.slash("expand", image=image, direction="right", pixels=64)
    message = await call.message(lambda message: NOTHING_TAKEN in read_text(message))
    assert words in read_text(message)
    assert "code " in read_text(message)
    assert (await app_fixture.wait_for_job(call)).state is JobState.FAILED
    await assert_untouched_and_alive(app_fixture)


REFUSED_AT_ONCE: dict[str, tuple[Upload, dict[str, Any], str]] = {
    "a text file": (Upload("a.txt", b"words"), {}, "not a picture"),
    "one pixel": (encode_upload(Image.new("RGB", (1, 1))), {}, "too small: 1x1"),
    "too many pixels": (encode_upload(draw_photograph(500, 400)), {}, "500x400"),
    "too many bytes": (Upload("a.png", bytes(70_000)), {}, "too large"),
    "canvas too large": (
        encode_upload(draw_photograph()),
        {"direction": "all", "pixels": 2048},
        "would fit",
    ),
}


@pytest.mark.parametrize("case", REFUSED_AT_ONCE)
async def test_what_discord_declares_wrong_is_refused_at_once_and_in_private(
    app_fixture: AppFixture, case: str
) -> None:
    await app_fixture.stop()
    app_fixture.images = ImageSettings(
        max_bytes=65_536, max_pixels=150_000, max_canvas_pixels=2_000_000
    )
    await app_fixture.start()
    image, options, words = REFUSED_AT_ONCE[case]
    call = await app_fixture.ana.slash(
        "expand", image=image, **{"direction": "right", "pixels": 64, **options}
    )
    message = await call.message()
    assert is_ephemeral(message)
    assert words in read_text(message)
    assert NOTHING_TAKEN in read_text(message)
    await assert_untouched_and_alive(app_fixture)


@pytest.mark.parametrize("pixels", [0, -64, 2049, "many", 1.5, True])
async def test_pixels_that_make_no_sense_never_reach_the_provider(
    app_fixture: AppFixture, pixels: object
) -> None:
    with pytest.raises(DiscordError, match="50035"):
        await app_fixture.ana.slash(
            "expand", image=encode_upload(draw_photograph()), direction="right", pixels=pixels
        )
    await assert_untouched_and_alive(app_fixture)


@pytest.mark.parametrize("prompt", ["x", "x" * 3001])
async def test_a_prompt_outside_its_bounds_is_refused(app_fixture: AppFixture, prompt: str) -> None:
    with pytest.raises(DiscordError, match="50035"):
        await app_fixture.ana.slash(
            "expand",
            image=encode_upload(draw_photograph()),
            direction="right",
            pixels=64,
            prompt=prompt,
        )
    await assert_untouched_and_alive(app_fixture)


async def test_a_prompt_that_is_empty_once_cleaned_is_refused_in_private(
    app_fixture: AppFixture,
) -> None:
    call = await app_fixture.ana.slash(
        "expand",
        image=encode_upload(draw_photograph()),
        direction="right",
        pixels=64,
        prompt="\u200b \u202e",
    )
    message = await call.message()
    assert is_ephemeral(message)
    assert "The prompt has 0 characters" in read_text(message)
    await assert_untouched_and_alive(app_fixture)


async def test_a_ratio_that_is_none_is_refused_in_private(app_fixture: AppFixture) -> None:
    call = await app_fixture.ana.slash(
        "expand-ratio", image=encode_upload(draw_photograph()), ratio="very *wide*"
    )
    message = await call.message()
    assert is_ephemeral(message)
    assert "very \\*wide\\*" in read_text(message)
    await assert_untouched_and_alive(app_fixture)


async def test_a_shape_that_the_picture_has_already_is_refused(app_fixture: AppFixture) -> None:
    call = await app_fixture.ana.slash(
        "expand-ratio", image=encode_upload(draw_photograph()), ratio="4:3"
    )
    assert "Nothing would be added" in read_text(await call.message())
    await assert_untouched_and_alive(app_fixture)


async def test_the_day_of_a_member_ends_at_the_quota_and_others_go_on(
    app_fixture: AppFixture,
) -> None:
    await app_fixture.stop()
    app_fixture.limits = LimitSettings(results_per_user_day=2)
    await app_fixture.start()
    order: dict[str, Any] = {
        "image": encode_upload(draw_photograph()),
        "direction": "right",
        "pixels": 64,
    }
    first = await app_fixture.ana.slash("expand", **order)
    await app_fixture.wait_for_result(first)
    second = await app_fixture.ana.slash("expand", results=2, **order)
    message = await second.message()
    assert is_ephemeral(message)
    assert "used 1 of your 2 pictures today, and this needs 2 more" in read_text(message)
    ben = await app_fixture.discord.guild.member("ben").slash("expand", **order)
    await app_fixture.wait_for_result(ben)
    assert app_fixture.billed_count == 2


async def test_the_budget_of_all_is_never_passed(app_fixture: AppFixture) -> None:
    await app_fixture.stop()
    app_fixture.limits = LimitSettings.model_validate({"usd_per_day": "0.09"})
    await app_fixture.start()
    order: dict[str, Any] = {
        "image": encode_upload(draw_photograph()),
        "direction": "right",
        "pixels": 64,
    }
    calls = [
        await app_fixture.discord.guild.member(name).slash("expand", **order)
        for name in ("ana", "ben", "mia")
    ]
    messages = [await call.message() for call in calls]
    refused = [message for message in messages if is_ephemeral(message)]
    assert len(refused) == 2
    assert all("$0.05 of $0.09" in read_text(message) for message in refused)
