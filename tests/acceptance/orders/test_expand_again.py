"""Going on from a result: by arrows, zooms, another try; also after a restart."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.domain.geometry import Margins
from bot.domain.ids import GuildId, UserId
from bot.domain.job import JobState
from bot.images.pixel_diff import count_changed_pixels
from tests.support.app.card_controls import expand_picture, find_button, list_labels, press_button
from tests.support.app_fixture import AppFixture, is_ephemeral, list_media, read_text

WAYS = [
    ("←", Margins(left=64)),
    ("↑", Margins(top=64)),
    ("↓", Margins(bottom=64)),
    ("→", Margins(right=64)),
    ("Zoom out 1.5×", Margins(top=60, right=96, bottom=60, left=96)),
    ("Zoom out 2×", Margins(top=120, right=192, bottom=120, left=192)),
]


@pytest.mark.parametrize(("label", "margins"), WAYS)
async def test_a_result_is_gone_on_from_with_its_own_pixels_inside(
    app_fixture: AppFixture, label: str, margins: Margins
) -> None:
    result = await expand_picture(app_fixture)
    call = press_button(app_fixture.ana, result, label)
    further = await app_fixture.wait_for_result(call)
    job = await app_fixture.wait_for_job(call)
    assert further["id"] != result["id"]
    assert job.prepared_plan.delivered == margins
    assert str(job.prepared_plan.seed) == "384x240"
    assert app_fixture.read_picture(further).size == (
        384 + margins.left + margins.right,
        240 + margins.top + margins.bottom,
    )
    parent = job.order.parent
    assert parent is not None
    before = app_fixture.discord.read_attachment(list_media(result)[0])
    assert (
        count_changed_pixels(app_fixture.core.files.get_path(job.stored_seed), before, Margins())
        == 0
    )
    links = await app_fixture.app.interactions.pictures.lineage.list_ancestors(job.id)
    assert [(link.parent, link.x, link.y) for link in links] == [
        (parent, margins.left, margins.top)
    ]


async def test_another_try_is_made_from_the_same_seed_image(app_fixture: AppFixture) -> None:
    result = await expand_picture(app_fixture)
    call = press_button(app_fixture.ana, result, "Another try")
    again = await app_fixture.wait_for_result(call)
    job = await app_fixture.wait_for_job(call)
    assert app_fixture.read_picture(again).size == app_fixture.read_picture(result).size
    assert job.order.parent is None
    assert app_fixture.billed_count == 2


async def test_buttons_work_after_a_restart_and_without_the_first_link(
    app_fixture: AppFixture,
) -> None:
    result = await expand_picture(app_fixture)
    shown = app_fixture.discord.state.messages.find(int(result["id"]))
    assert shown is not None
    app_fixture.discord.state.messages.delete(shown)
    other = await expand_picture(app_fixture)
    await app_fixture.restart()
    call = press_button(app_fixture.ana, other, "→")
    assert list_media(await app_fixture.wait_for_result(call))
    assert (await app_fixture.wait_for_job(call)).state is JobState.SETTLED


async def test_another_member_may_go_on_and_pays_with_their_own_quota(
    app_fixture: AppFixture,
) -> None:
    result = await expand_picture(app_fixture)
    ben = app_fixture.discord.guild.member("ben")
    further = await app_fixture.wait_for_result(press_button(ben, result, "→"))
    assert "asked by Ben" in read_text(further)
    assert "19 of 20 left today" in read_text(further)


async def test_of_several_pictures_each_has_a_button_that_opens_its_own_controls(
    app_fixture: AppFixture,
) -> None:
    result = await expand_picture(app_fixture, results=2)
    assert list_labels(result)[:2] == ["Picture 1", "Picture 2"]
    bench = await press_button(app_fixture.ana, result, "Picture 2").message()
    assert is_ephemeral(bench)
    (picked,), (_, second) = list_media(bench), list_media(result)
    assert [picked[key] for key in ("url", "width", "height")] == [
        second[key] for key in ("url", "width", "height")
    ], "the one that was picked is shown whole"
    call = press_button(app_fixture.ana, bench, "↑")
    await app_fixture.wait_for_result(call)
    parent = (await app_fixture.wait_for_job(call)).order.parent
    assert parent is not None
    assert parent.ordinal == 1


async def test_the_way_back_to_the_picture_before_is_open_and_branches(
    app_fixture: AppFixture,
) -> None:
    first = await expand_picture(app_fixture)
    second = await app_fixture.wait_for_result(press_button(app_fixture.ana, first, "→"))
    more = await press_button(app_fixture.ana, second, "More").message()
    back = await press_button(app_fixture.ana, more, "Back to the picture before").message()
    assert first["id"] in read_text(back)
    call = press_button(app_fixture.ana, back, "↓")
    await app_fixture.wait_for_result(call)
    assert str((await app_fixture.wait_for_job(call)).prepared_plan.seed) == "384x240"


FORGERIES: dict[str, Callable[[str], str]] = {
    "another seal": lambda genuine: genuine[:-1] + ("A" if genuine[-1] != "A" else "B"),
    "another action": lambda genuine: genuine.replace("pan", "zoom"),
    "another version": lambda genuine: genuine.replace("x1:", "x9:"),
    "no seal": lambda _: "something else entirely",
}


@pytest.mark.parametrize("forgery", FORGERIES)
async def test_a_forged_button_does_nothing_but_say_so(
    app_fixture: AppFixture, forgery: str
) -> None:
    result = await expand_picture(app_fixture)
    forged = FORGERIES[forgery](find_button(result, "←"))
    message = await app_fixture.ana.forge(result, forged).message()
    assert is_ephemeral(message)
    assert "Nothing was charged" in read_text(message)
    assert app_fixture.billed_count == 1


@pytest.mark.parametrize("restart", [False, True])
async def test_a_factor_of_ones_own_is_asked_for_by_a_form(
    app_fixture: AppFixture, *, restart: bool
) -> None:
    result = await expand_picture(app_fixture)
    form = await press_button(app_fixture.ana, result, "Own factor").modal()
    if restart:
        await app_fixture.restart()
    call = await app_fixture.ana.submit(form, {"factor": "1,25"})
    further = await app_fixture.wait_for_result(call)
    assert "384x240 → 480x300" in read_text(further)


@pytest.mark.parametrize("typed", ["", "many", "9", "0.5", "1e3", "١٫٥"])
async def test_a_factor_that_cannot_be_is_refused(app_fixture: AppFixture, typed: str) -> None:
    result = await expand_picture(app_fixture)
    form = await press_button(app_fixture.ana, result, "Own factor").modal()
    refusal = await (await app_fixture.ana.submit(form, {"factor": typed or " "})).message()
    assert is_ephemeral(refusal)
    assert app_fixture.billed_count == 1


async def test_the_same_picture_is_tried_with_a_new_prompt(app_fixture: AppFixture) -> None:
    result = await expand_picture(app_fixture, prompt="a lake")
    form = await press_button(app_fixture.ana, result, "New prompt").modal()
    assert "a lake" in str(form["components"])
    call = await app_fixture.ana.submit(form, {"prompt": "a forest"})
    await app_fixture.wait_for_result(call)
    assert (await app_fixture.wait_for_job(call)).order.prompt == "a forest"


async def test_a_card_speaks_the_language_of_who_asked(app_fixture: AppFixture) -> None:
    app_fixture.ana.speaks("de")
    result = await expand_picture(app_fixture)
    assert "angefragt von Ana" in read_text(result)
    assert "0,05" in read_text(result)
    ben = app_fixture.discord.guild.member("ben")
    assert "asked by Ben" in read_text(
        await app_fixture.wait_for_result(press_button(ben, result, "→ 64"))
    )


async def test_a_public_card_speaks_the_language_that_the_guild_has_set(
    app_fixture: AppFixture,
) -> None:
    desk, guild = app_fixture.app.interactions, GuildId(app_fixture.discord.guild.id)
    who = UserId(app_fixture.ana.id)
    await app_fixture.core.guilds.set_value(guild, "language", "fr", who, desk.clock.now())
    assert "demandé par Ana" in read_text(await expand_picture(app_fixture))
    assert "asked by Ana" in read_text(await expand_picture(app_fixture, private=True))


async def test_who_keeps_pictures_from_others_is_heeded_by_the_buttons(
    app_fixture: AppFixture,
) -> None:
    result = await expand_picture(app_fixture)
    page = await (await app_fixture.ana.slash("privacy")).message()
    turned = press_button(app_fixture.ana, page, "Keep my pictures from others")
    assert await turned.acknowledged() < 3000
    ben = app_fixture.discord.guild.member("ben")
    refusal = await press_button(ben, result, "→").message()
    assert "does not want others" in read_text(refusal)
    assert list_media(await app_fixture.wait_for_result(press_button(app_fixture.ana, result, "→")))
