"""Cases D9 and D10: what members type in their own script and way arrives as they meant it."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from bot.domain.geometry import Margins
from bot.domain.request import ToRatio, ZoomOut
from tests.support.app.card_controls import expand_picture, press_button
from tests.support.app.moderators import GUILD, get_mia, set_guild_settings
from tests.support.app_fixture import AppFixture, draw_photograph, encode_upload, read_text
from tests.support.runware.sent_requests import fetch_request

ZWNJ, ZWJ = "\N{ZERO WIDTH NON-JOINER}", "\N{ZERO WIDTH JOINER}"
WALES = "\U0001f3f4" + "".join(chr(0xE0000 + ord(letter)) for letter in "gbwls") + "\U000e007f"
PROMPT = f"می{ZWNJ}خواهم، باغ‌ها، 👩🏽{ZWJ}🚀 {WALES}"


async def test_a_prompt_reaches_the_provider_with_its_half_spaces_emoji_and_flags(
    app_fixture: AppFixture,
) -> None:
    call = await app_fixture.ana.slash(
        "expand",
        image=encode_upload(draw_photograph()),
        direction="right",
        pixels=64,
        prompt=f"\u202e{PROMPT}\u200b\u2066",
    )
    result = await app_fixture.wait_for_result(call)
    job = await app_fixture.wait_for_job(call)
    assert job.order.prompt == PROMPT
    assert (await fetch_request(app_fixture.runware, job))["positivePrompt"] == PROMPT
    details = await press_button(app_fixture.ana, result, "Details").message()
    assert PROMPT in read_text(details)


async def test_a_card_shows_a_name_as_its_owner_wrote_it(app_fixture: AppFixture) -> None:
    name = f"علی{ZWNJ}رضا 👩🏽{ZWJ}🚀"
    state = app_fixture.discord.state
    ana = state.world.guild.members[app_fixture.ana.id]
    state.guild_registry.update_member(state.world.guild, replace(ana, nick=f"\u202e{name}"))
    assert f"asked by {name} ·" in read_text(await expand_picture(app_fixture))


@pytest.mark.parametrize(
    ("typed", "ratio"),
    [
        ("16：9", Fraction(16, 9)),
        ("１６：９", Fraction(16, 9)),
        ("16X9", Fraction(16, 9)),
        ("1,5", Fraction(3, 2)),
        ("1,5:1", Fraction(3, 2)),
    ],
)
async def test_a_ratio_is_understood_as_members_type_it(
    app_fixture: AppFixture, typed: str, ratio: Fraction
) -> None:
    call = await app_fixture.ana.slash(
        "expand-ratio", image=encode_upload(draw_photograph()), ratio=typed
    )
    assert (await app_fixture.wait_for_job(call)).order.request == ToRatio(ratio)


async def test_a_ratio_typed_full_width_is_found_among_the_suggestions(
    app_fixture: AppFixture,
) -> None:
    offered = await app_fixture.ana.autocomplete("expand-ratio", "ratio", "１６：９").choices()
    assert [choice["value"] for choice in offered] == ["16:9"]


@pytest.mark.parametrize("typed", ["１．８", "1,8", "１，８Ｘ", " 1.8 × "])
async def test_a_factor_is_understood_as_members_type_it(
    app_fixture: AppFixture, typed: str
) -> None:
    result = await expand_picture(app_fixture)
    form = await press_button(app_fixture.ana, result, "Own factor").modal()
    call = await app_fixture.ana.submit(form, {"factor": typed})
    job = await app_fixture.wait_for_job(call)
    assert job.order.request == ZoomOut(Fraction(9, 5))


async def test_pixels_and_numbers_of_settings_are_understood_full_width(
    app_fixture: AppFixture,
) -> None:
    message = await app_fixture.ana.upload(encode_upload(draw_photograph()))
    form = await app_fixture.ana.menu("Expand image", message).modal()
    call = await app_fixture.ana.submit(form, {"direction": "up", "pixels": "１００"})
    job = await app_fixture.wait_for_job(call)
    assert job.prepared_plan.delivered == Margins(top=100)
    mia = get_mia(app_fixture)
    await (await mia.slash("settings quotas monthly", dollars="＄１，５")).message()
    settings = await app_fixture.core.guilds.get(GUILD)
    assert settings.usd_per_user_month == 1_500_000


async def test_a_description_joins_the_prompt_where_the_server_allows_it(
    app_fixture: AppFixture,
) -> None:
    prompts = []
    for allowed, banned in ((False, ()), (True, ()), (True, ("lake",))):
        await set_guild_settings(app_fixture, use_descriptions=allowed, banned_words=banned)
        message = await app_fixture.ana.upload(
            encode_upload(draw_photograph()), content="A lake\nat dusk\u202e"
        )
        prompts.append(await take_picture(app_fixture, message))
    ben = app_fixture.discord.guild.member("ben")
    await set_guild_settings(app_fixture, banned_words=())
    others = await ben.upload(encode_upload(draw_photograph()), content="our secret")
    prompts.append(await take_picture(app_fixture, others))
    result = await expand_picture(app_fixture)
    prompts.append(await take_picture(app_fixture, result))
    told = [prompt.endswith(". The picture shows: A lake at dusk") for prompt in prompts]
    assert told == [False, True, False, False, False]
    assert {prompt.partition(". The")[0] for prompt in prompts} == {prompts[0]}
    assert "The same scene continues naturally to the right" in prompts[0]


async def take_picture(app_fixture: AppFixture, message: dict[str, object]) -> str:
    """Expand a message's picture by the menu without a prompt; return the prompt that was sent."""
    form = await app_fixture.ana.menu("Expand image", message).modal()
    call = await app_fixture.ana.submit(form, {"direction": "right", "pixels": "64"})
    job = await app_fixture.wait_for_job(call)
    request = await fetch_request(app_fixture.runware, job)
    return str(request["positivePrompt"])
