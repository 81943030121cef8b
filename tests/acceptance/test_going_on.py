"""Going on from a result: by arrows, zooms, another try; also after a restart."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.domain.geometry import Margins
from bot.domain.ids import GuildId, UserId
from bot.domain.job import JobState
from bot.images.measure import changed_pixels
from tests.acceptance.gestures import button, expanded, labels, press
from tests.house import House, is_ephemeral, media, text

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
    house: House, label: str, margins: Margins
) -> None:
    result = await expanded(house)
    call = press(house.ana, result, label)
    further = await house.posted(call)
    job = await house.job(call)
    assert further["id"] != result["id"]
    assert job.prepared_plan.delivered == margins
    assert str(job.prepared_plan.seed) == "384x240"
    assert house.picture(further).size == (
        384 + margins.left + margins.right,
        240 + margins.top + margins.bottom,
    )
    parent = job.order.parent
    assert parent is not None
    before = house.discord.read(media(result)[0])
    assert changed_pixels(house.app.files.path(job.stored_seed), before, Margins()) == 0
    links = await house.app.bot.desk.pictures.lineage.ancestors(job.id)
    assert [(link.parent, link.x, link.y) for link in links] == [
        (parent, margins.left, margins.top)
    ]


async def test_another_try_is_made_from_the_same_seed_image(house: House) -> None:
    result = await expanded(house)
    call = press(house.ana, result, "Another try")
    again = await house.posted(call)
    job = await house.job(call)
    assert house.picture(again).size == house.picture(result).size
    assert job.order.parent is None
    assert house.billed == 2


async def test_buttons_work_after_a_restart_and_without_the_first_link(house: House) -> None:
    result = await expanded(house)
    shown = house.discord.state.messages.find(int(result["id"]))
    assert shown is not None
    house.discord.state.messages.delete(shown)
    other = await expanded(house)
    await house.restart()
    call = press(house.ana, other, "→")
    assert media(await house.posted(call))
    assert (await house.job(call)).state is JobState.SETTLED


async def test_another_member_may_go_on_and_pays_with_their_own_quota(house: House) -> None:
    result = await expanded(house)
    ben = house.discord.guild.member("ben")
    further = await house.posted(press(ben, result, "→"))
    assert "asked by Ben" in text(further)
    assert "19 of 20 left today" in text(further)


async def test_of_several_pictures_each_has_a_button_that_opens_its_own_controls(
    house: House,
) -> None:
    result = await expanded(house, results=2)
    assert labels(result)[:2] == ["Picture 1", "Picture 2"]
    bench = await press(house.ana, result, "Picture 2").message()
    assert is_ephemeral(bench)
    (picked,), (_, second) = media(bench), media(result)
    assert [picked[key] for key in ("url", "width", "height")] == [
        second[key] for key in ("url", "width", "height")
    ], "the one that was picked is shown whole"
    call = press(house.ana, bench, "↑")
    await house.posted(call)
    parent = (await house.job(call)).order.parent
    assert parent is not None
    assert parent.ordinal == 1


async def test_the_way_back_to_the_picture_before_is_open_and_branches(house: House) -> None:
    first = await expanded(house)
    second = await house.posted(press(house.ana, first, "→"))
    more = await press(house.ana, second, "More").message()
    back = await press(house.ana, more, "Back to the picture before").message()
    assert first["id"] in text(back)
    call = press(house.ana, back, "↓")
    await house.posted(call)
    assert str((await house.job(call)).prepared_plan.seed) == "384x240"


FORGERIES: dict[str, Callable[[str], str]] = {
    "another seal": lambda genuine: genuine[:-1] + ("A" if genuine[-1] != "A" else "B"),
    "another action": lambda genuine: genuine.replace("pan", "zoom"),
    "another version": lambda genuine: genuine.replace("x1:", "x9:"),
    "no seal": lambda _: "something else entirely",
}


@pytest.mark.parametrize("forgery", FORGERIES)
async def test_a_forged_button_does_nothing_but_say_so(house: House, forgery: str) -> None:
    result = await expanded(house)
    forged = FORGERIES[forgery](button(result, "←"))
    message = await house.ana.forge(result, forged).message()
    assert is_ephemeral(message)
    assert "Nothing was charged" in text(message)
    assert house.billed == 1


@pytest.mark.parametrize("restart", [False, True])
async def test_a_factor_of_ones_own_is_asked_for_by_a_form(house: House, *, restart: bool) -> None:
    result = await expanded(house)
    form = await press(house.ana, result, "Own factor").modal()
    if restart:
        await house.restart()
    call = await house.ana.submit(form, {"factor": "1,25"})
    further = await house.posted(call)
    assert "384x240 → 480x300" in text(further)


@pytest.mark.parametrize("typed", ["", "many", "9", "0.5", "1e3", "١٫٥"])
async def test_a_factor_that_cannot_be_is_refused(house: House, typed: str) -> None:
    result = await expanded(house)
    form = await press(house.ana, result, "Own factor").modal()
    refusal = await (await house.ana.submit(form, {"factor": typed or " "})).message()
    assert is_ephemeral(refusal)
    assert house.billed == 1


async def test_the_same_picture_is_tried_with_a_new_prompt(house: House) -> None:
    result = await expanded(house, prompt="a lake")
    form = await press(house.ana, result, "New prompt").modal()
    assert "a lake" in str(form["components"])
    call = await house.ana.submit(form, {"prompt": "a forest"})
    await house.posted(call)
    assert (await house.job(call)).order.prompt == "a forest"


async def test_a_card_speaks_the_language_of_who_asked(house: House) -> None:
    house.ana.speaks("de")
    result = await expanded(house)
    assert "angefragt von Ana" in text(result)
    assert "0,05" in text(result)
    ben = house.discord.guild.member("ben")
    assert "asked by Ben" in text(await house.posted(press(ben, result, "→ 64")))


async def test_a_public_card_speaks_the_language_that_the_guild_has_set(house: House) -> None:
    desk, guild = house.app.bot.desk, GuildId(house.discord.guild.id)
    who = UserId(house.ana.id)
    await desk.previews.guilds.set(guild, "language", "fr", who, desk.clock.now())
    assert "demandé par Ana" in text(await expanded(house))
    assert "asked by Ana" in text(await expanded(house, private=True))


async def test_who_keeps_pictures_from_others_is_heeded_by_the_buttons(house: House) -> None:
    result = await expanded(house)
    page = await (await house.ana.slash("privacy")).message()
    turned = press(house.ana, page, "Keep my pictures from others")
    assert await turned.acknowledged() < 3000
    ben = house.discord.guild.member("ben")
    refusal = await press(ben, result, "→").message()
    assert "does not want others" in text(refusal)
    assert media(await house.posted(press(house.ana, result, "→")))
