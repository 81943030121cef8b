"""A server's lists of words and patterns, as they are when somebody acts."""

from __future__ import annotations

from typing import Any, Final

import pytest

from tests.support.app.card_controls import list_labels, press_button
from tests.support.app.moderators import (
    get_mia,
    read_private_answer,
    run_command,
    set_guild_settings,
)
from tests.support.app_fixture import AppFixture, draw_photograph, encode_upload

ORDER: Final[dict[str, Any]] = {"direction": "right", "pixels": 64}
FREEZING = tuple(rf"(?:\W?\w?){{{1000 - at}}}#" for at in range(25))
"""Patterns that version 0.1 accepted, and that took 10 to 30 seconds of the event loop."""


async def read_refusal(app_fixture: AppFixture, prompt: str) -> str:
    image = encode_upload(draw_photograph())
    call = await app_fixture.ana.slash("expand", image=image, prompt=prompt, **ORDER)
    return await read_private_answer(call)


@pytest.mark.parametrize(
    "prompt", ["a s.p.o.o.n", "a 5p00n", "sрооn", "S P O O N", "ｓｐ\u2060ｏｏｎ"]
)
async def test_a_disguised_word_is_refused_by_its_entry(
    app_fixture: AppFixture, prompt: str
) -> None:
    await set_guild_settings(app_fixture, banned_words=("Spoon",))
    assert "||Spoon||" in await read_refusal(app_fixture, prompt)
    assert app_fixture.billed_count == 0


async def test_patterns_that_cannot_be_checked_refuse_in_words_and_are_named_to_moderators(
    app_fixture: AppFixture,
) -> None:
    await set_guild_settings(app_fixture, banned_patterns=FREEZING)
    refusal = await read_refusal(app_fixture, "日本" * 1500)
    assert "25 of this server's patterns" in refusal
    assert "`/moderate words test`" in refusal
    tested = await run_command(get_mia(app_fixture), "moderate words test", prompt="a lake")
    assert "too large" in tested
    assert "{1000}" in tested
    for pattern in FREEZING:
        await run_command(get_mia(app_fixture), "moderate words remove-pattern", pattern=pattern)
    tested = await run_command(get_mia(app_fixture), "moderate words test", prompt="a lake")
    assert "passes" in tested
    assert app_fixture.billed_count == 0


async def test_an_old_prompt_is_judged_by_the_list_of_now(app_fixture: AppFixture) -> None:
    image = encode_upload(draw_photograph())
    call = await app_fixture.ana.slash("expand", image=image, prompt="a silver spoon", **ORDER)
    result = await app_fixture.wait_for_result(call)
    shown = await app_fixture.ana.slash(
        "expand", image=image, prompt="two spoons", preview=True, **ORDER
    )
    preview = await shown.message()
    await set_guild_settings(app_fixture, banned_words=("spoon", "spoons"))
    for label in ("Another try", "→"):
        assert "||spoon||" in await read_private_answer(
            press_button(app_fixture.ana, result, label)
        )
    confirm = next(each for each in list_labels(preview) if "$" in each)
    confirmed = press_button(app_fixture.ana, preview, confirm)
    assert "||spoons||" in await read_private_answer(confirmed)
    assert app_fixture.billed_count == 1
