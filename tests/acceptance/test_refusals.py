"""Bad input: answered in three parts, nothing held, nothing paid, the bot alive."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from bot.config import ImageSettings, LimitSettings
from bot.domain.job import JobState
from bot.domain.ledger import Unit, global_day_scope
from sandbox.discord.errors import DiscordError
from sandbox.discord.models import Upload
from tests.house import House, is_ephemeral, photograph, text, upload

NOTHING_TAKEN = "Nothing was charged"


async def assert_untouched_and_alive(house: House) -> None:
    assert house.billed == 0
    assert await house.app.ledger.audit() == []
    day = await house.app.ledger.account(
        global_day_scope(house.app.clock.now().date()), Unit.MICRO_USD
    )
    assert (day.held, day.spent) == (0, 0)
    call = await house.ana.slash("expand", image=upload(photograph()), direction="right", pixels=64)
    assert (await house.job(call)).state is JobState.SETTLED


def jpeg(size: tuple[int, int] = (320, 240)) -> bytes:
    out = io.BytesIO()
    photograph(*size).save(out, "JPEG")
    return out.getvalue()


REFUSED_BY_BYTES = {
    "text named png": (Upload("a.png", b"not a picture at all"), "not a picture"),
    "svg named jpg": (Upload("a.jpg", b"<svg onload=alert(1)>"), "not a picture"),
    "truncated": (Upload("a.jpg", jpeg()[:4000]), "damaged"),
    "truncated to its magic": (Upload("a.png", b"\x89PNG\r\n\x1a\n"), "not a picture"),
}


@pytest.mark.parametrize("case", REFUSED_BY_BYTES)
async def test_a_file_that_is_no_whole_picture_changes_the_card_into_a_refusal(
    house: House, case: str
) -> None:
    image, words = REFUSED_BY_BYTES[case]
    call = await house.ana.slash("expand", image=image, direction="right", pixels=64)
    message = await call.message(lambda message: NOTHING_TAKEN in text(message))
    assert words in text(message)
    assert "code " in text(message)
    assert (await house.job(call)).state is JobState.FAILED
    await assert_untouched_and_alive(house)


REFUSED_AT_ONCE: dict[str, tuple[Upload, dict[str, Any], str]] = {
    "a text file": (Upload("a.txt", b"words"), {}, "not a picture"),
    "one pixel": (upload(Image.new("RGB", (1, 1))), {}, "too small: 1x1"),
    "too many pixels": (upload(photograph(500, 400)), {}, "500x400"),
    "too many bytes": (Upload("a.png", bytes(70_000)), {}, "too large"),
    "canvas too large": (upload(photograph()), {"direction": "all", "pixels": 2048}, "would fit"),
}


@pytest.mark.parametrize("case", REFUSED_AT_ONCE)
async def test_what_discord_declares_wrong_is_refused_at_once_and_in_private(
    house: House, case: str
) -> None:
    await house.stop()
    house.images = ImageSettings(max_bytes=65_536, max_pixels=150_000, max_canvas_pixels=2_000_000)
    await house.start()
    image, options, words = REFUSED_AT_ONCE[case]
    call = await house.ana.slash(
        "expand", image=image, **{"direction": "right", "pixels": 64, **options}
    )
    message = await call.message()
    assert is_ephemeral(message)
    assert words in text(message)
    assert NOTHING_TAKEN in text(message)
    await assert_untouched_and_alive(house)


@pytest.mark.parametrize("pixels", [0, -64, 2049, "many", 1.5, True])
async def test_pixels_that_make_no_sense_never_reach_the_provider(
    house: House, pixels: object
) -> None:
    with pytest.raises(DiscordError, match="50035"):
        await house.ana.slash(
            "expand", image=upload(photograph()), direction="right", pixels=pixels
        )
    await assert_untouched_and_alive(house)


@pytest.mark.parametrize("prompt", ["x", "x" * 3001])
async def test_a_prompt_outside_its_bounds_is_refused(house: House, prompt: str) -> None:
    with pytest.raises(DiscordError, match="50035"):
        await house.ana.slash(
            "expand", image=upload(photograph()), direction="right", pixels=64, prompt=prompt
        )
    await assert_untouched_and_alive(house)


async def test_a_prompt_that_is_empty_once_cleaned_is_refused_in_private(house: House) -> None:
    call = await house.ana.slash(
        "expand", image=upload(photograph()), direction="right", pixels=64, prompt="\u200b \u202e"
    )
    message = await call.message()
    assert is_ephemeral(message)
    assert "The prompt has 0 characters" in text(message)
    await assert_untouched_and_alive(house)


async def test_a_ratio_that_is_none_is_refused_in_private(house: House) -> None:
    call = await house.ana.slash("expand-ratio", image=upload(photograph()), ratio="very *wide*")
    message = await call.message()
    assert is_ephemeral(message)
    assert "very \\*wide\\*" in text(message)
    await assert_untouched_and_alive(house)


async def test_a_shape_that_the_picture_has_already_is_refused(house: House) -> None:
    call = await house.ana.slash("expand-ratio", image=upload(photograph()), ratio="4:3")
    assert "Nothing would be added" in text(await call.message())
    await assert_untouched_and_alive(house)


async def test_the_day_of_a_member_ends_at_the_quota_and_others_go_on(house: House) -> None:
    await house.stop()
    house.limits = LimitSettings(results_per_user_day=2)
    await house.start()
    order: dict[str, Any] = {"image": upload(photograph()), "direction": "right", "pixels": 64}
    first = await house.ana.slash("expand", **order)
    await house.posted(first)
    second = await house.ana.slash("expand", results=2, **order)
    message = await second.message()
    assert is_ephemeral(message)
    assert "used 1 of your 2 pictures today, and this needs 2 more" in text(message)
    ben = await house.discord.guild.member("ben").slash("expand", **order)
    await house.posted(ben)
    assert house.billed == 2


async def test_the_budget_of_all_is_never_passed(house: House) -> None:
    await house.stop()
    house.limits = LimitSettings.model_validate({"usd_per_day": "0.09"})
    await house.start()
    order: dict[str, Any] = {"image": upload(photograph()), "direction": "right", "pixels": 64}
    calls = [
        await house.discord.guild.member(name).slash("expand", **order)
        for name in ("ana", "ben", "mia")
    ]
    messages = [await call.message() for call in calls]
    refused = [message for message in messages if is_ephemeral(message)]
    assert len(refused) == 2
    assert all("$0.05 of $0.09" in text(message) for message in refused)
