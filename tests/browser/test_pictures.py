"""Hundreds of odd pictures, shown by a real browser: what the bot keeps has the same values."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.async_api import Browser

from bot.errors import ImageRefused
from bot.images.validation import normalise_seed_image
from tests.images.test_as_shown import FOLDER, SHOWN
from tests.support.browser.picture_reader import read_picture
from tests.support.images.comparison import describe_difference
from tests.support.images.corpus import LIMITS
from tests.support.images.shown import colours, damage, frames, keys, orientations

pytestmark = pytest.mark.asyncio


def build_cases() -> Iterator[tuple[str, bytes]]:
    yield from ((name, (FOLDER / name).read_bytes()) for name in SHOWN)


FAMILIES: dict[str, Callable[[], Iterator[tuple[str, bytes]]]] = {
    "cases": build_cases,
    "gamma": colours.build_gamma_variants,
    "code points": colours.build_code_point_variants,
    "profiles": colours.build_profile_variants,
    "precedence": colours.build_precedence_variants,
    "keys": keys.build_key_variants,
    "orientation": orientations.build_orientation_variants,
    "gif": frames.build_gif_variants,
    "apng": frames.build_apng_variants,
    "webp": frames.build_webp_variants,
    "ends": damage.build_end_variants,
    "png damage": damage.build_png_damage,
    "jpeg": damage.build_jpeg_variants,
}


def describe_mistake(name: str, data: bytes, shown: NDArray[np.uint8]) -> str | None:
    """Return what is wrong with what is kept of a picture, given the pixels a browser shows."""
    try:
        seed = normalise_seed_image(data, LIMITS)
    except ImageRefused as refusal:
        return f"{name}: refused: {refusal.reason} {refusal.found}"
    with Image.open(io.BytesIO(seed.data)) as kept:
        difference = describe_difference(kept, shown)
    return difference and f"{name}: {difference}"


@pytest.mark.parametrize("family", FAMILIES)
async def test_a_picture_is_kept_as_a_browser_shows_it(family: str, browser: Browser) -> None:
    page = await browser.new_page()
    mistakes = []
    for name, data in FAMILIES[family]():
        shown = await read_picture(page, name, data)
        assert shown is not None, f"{name} is not shown"
        mistakes.append(describe_mistake(name, data, shown))
    await page.close()
    assert mistakes
    assert [each for each in mistakes if each] == []
