"""What an attacker's client may send: ids that are changed, replayed or from elsewhere, and
every way to a laxer content check. None has an effect, and each gets one polite answer."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from bot.domain.guild import MenuPolicy
from bot.domain.ids import ChannelId, RoleId
from bot.domain.tolerance import RoleCeiling
from bot.errors import PressRefused
from bot.ui.actions import Action
from bot.ui.seal import Seal
from sandbox.discord import world
from sandbox.discord.actors import MemberActor
from sandbox.discord.errors import DiscordError
from sandbox.discord.guild_actor import GuildActor
from tests.acceptance.gestures import button, expanded, press
from tests.acceptance.staff import (
    GUILD,
    Json,
    a_result,
    ben,
    commanded,
    mia,
    said,
    settle,
    with_quarters,
)
from tests.house import House, is_ephemeral, media, photograph, text, upload

FORGERIES = 10_000
ORDER: dict[str, Any] = {"direction": "right", "pixels": 64}
OWN = {Action.PAGE, Action.EXPORT, Action.ERASE, Action.ERASE_SURE, Action.OPT, Action.OPEN}
"""Actions about oneself: their rows name nothing that another could own."""
PICTURE_ACTS = [
    *(Action.AGAIN, Action.PROMPT_ASK, Action.PROMPT_FORM, Action.COMPARE, Action.DETAILS),
    *(Action.MORE, Action.PICK, Action.PARENT, Action.FILM, Action.FILE, Action.DELETE),
    *(Action.DELETE_SURE, Action.HANG, Action.UNHANG, Action.REPORT, Action.REPORT_FORM),
    *(Action.ZOOM_FORM, Action.CANCEL, Action.RESEND, Action.BLOCK_FORM),
]


def mutated(marks: list[str], chance: random.Random) -> Iterator[str]:
    """Change, cut, lengthen, mix and make up component ids without end."""
    letters = "abcxyzABC019.:-_+é "
    while True:
        mark, other = chance.choice(marks), chance.choice(marks)
        at = chance.randrange(len(mark))
        changed = [
            mark[:at] + chance.choice(letters) + mark[at + 1 :],
            mark[:at],
            mark + chance.choice(letters),
            mark[:at] + other[at:],
            mark.rpartition(":")[0] + ":" + other.rpartition(":")[2],
            "".join(chance.choices(letters, k=40)),
        ]
        made = chance.choice(changed)
        if made not in marks:
            yield made


def test_ten_thousand_forged_ids_are_never_read() -> None:
    seal, chance = Seal(bytes(32)), random.Random(7)  # noqa: S311 - to forge by
    marks = [seal.mark(action, f"job{number}", number) for number, action in enumerate(Action)]
    foreign = Seal(bytes(range(32)))
    forged = mutated(marks, chance)
    for number in range(FORGERIES):
        elsewhere = foreign.mark(chance.choice(list(Action)), "job1", number)
        with pytest.raises(PressRefused):
            seal.read(elsewhere if number % 5 == 0 else next(forged))


async def everything(house: House) -> list[Any]:
    """Return all that an attack could have changed."""
    tables = ("job", "guild_setting", "act", "report", "removal", "block", "gallery_entry")
    return [
        [tuple(row) for row in await house.app.database.reader.all(f"SELECT * FROM {table}")]  # noqa: S608
        for table in tables
    ]


async def test_changed_ids_over_the_wire_do_nothing(house: House) -> None:
    result, _ = await a_result(house)
    marks = [button(result, label) for label in ("←", "More", "Another try")]
    before, forged = await everything(house), mutated(marks, random.Random(11))  # noqa: S311 - as above
    for number in range(100):
        member = (house.ana, ben(house), mia(house))[number % 3]
        call = member.forge(result, next(forged)[:100] or "x", kind=2 + number % 2)
        message = await call.message()
        assert is_ephemeral(message)
        assert "Nothing was charged" in text(message)
    assert await everything(house) == before
    assert house.billed == 1


def rows(job: str, draft: str) -> Iterator[tuple[Any, ...]]:
    """Write the row of every action that names something of one guild."""
    guild = world.GUILD_ID
    yield from ((action, job, 0) for action in PICTURE_ACTS)
    yield from ((Action.PAN, job, 0, "left"), (Action.ZOOM, job, 0, "15"))
    yield Action.SPOILER, job, 0, 1
    kinds = ("approve", "decline", "remove", "spoiler", "block", "refund", "dismiss")
    yield from ((Action.ACT, job, kind) for kind in kinds)
    yield from ((Action.SECTION, guild), (Action.SET, guild, "tolerance", 0))
    yield from ((Action.SET, guild, "approve-first", 1), (Action.SETTINGS_ASK, guild, "quotas"))
    yield from ((Action.SETTINGS_FORM, guild, "quotas"), (Action.PRESET, guild, "adults"))
    yield Action.LOG, guild, 0
    yield from ((Action.NUDGE, draft, "left", 1), (Action.RATIO, draft), (Action.DRAFT_ASK, draft))
    yield from ((Action.CONFIRM, draft), (Action.DROP, draft), (Action.DRAFT_FORM, draft))
    yield Action.SHARE, draft


async def test_genuine_ids_of_one_guild_do_nothing_in_another(house: House) -> None:
    await with_quarters(house)
    _, job = await a_result(house)
    preview = await previewed(house)
    draft = button(preview, "Cancel").split(":")[2]
    second = house.discord.add_guild("Second", "mia", "ana")
    before, seal = await everything(house), house.app.bot.desk.seal
    for action, *row in rows(job.id, draft):
        message = await pressed_in(second, "mia", seal.mark(action, *row))
        assert is_ephemeral(message), action
        assert "Nothing was cha" in text(message), action
        assert not media(message), action
    assert await everything(house) == before
    assert house.billed == 1


async def previewed(house: House) -> Json:
    call = await house.ana.slash("expand", image=upload(photograph()), preview=True, **ORDER)
    return await call.message(lambda message: bool(media(message)))


async def pressed_in(guild: GuildActor, name: str, mark: str) -> Json:
    member = guild.member(name)
    there = member.say("look")
    return await member.forge(there, mark).message()


async def test_commands_of_another_guild_reach_nothing_here(house: House) -> None:
    _, job = await a_result(house)
    second = house.discord.add_guild("Second", "mia")
    before = await everything(house)
    for command in ("remove", "spoiler", "refund", "cancel"):
        call = second.member("mia").invoke(f"moderate {command}", {"picture": job.id})
        assert "no such picture" in await said(call)
    record = await commanded(second.member("mia"), "settings log")
    assert "Nothing yet" in record
    assert await everything(house) == before


async def test_a_used_preview_cannot_be_confirmed_again(house: House) -> None:
    preview = await previewed(house)
    mark = button(preview, "Confirm")
    await house.job(await confirmed(house, preview, mark))
    refusal = await house.ana.forge(preview, mark).message(
        lambda message: "used already" in text(message)
    )
    assert is_ephemeral(refusal)
    assert house.billed == 1


async def confirmed(house: House, preview: Json, mark: str) -> Any:
    call = house.ana.press(preview, mark)
    await call.acknowledged()
    return call


async def levels(house: House) -> set[int]:
    """Return the levels of all jobs that were accepted."""
    found = await house.app.database.reader.all("SELECT id FROM job")
    jobs = [await house.app.jobs.get(row["id"]) for row in found]
    return {job.order.level for job in jobs if job is not None}


async def expand(member: MemberActor, channel: str | None = None, **options: Any) -> Any:
    return await member.slash(
        "expand", image=upload(photograph()), channel=channel, **ORDER, **options
    )


async def test_no_command_raises_the_tolerance_and_any_may_lower_it(house: House) -> None:
    await settle(house, tolerance=1)
    for level in range(2, 7):
        refusal = await said(await expand(house.ana, tolerance=level))
        assert f"of {level} is laxer than what is allowed here: 1" in refusal
    assert await levels(house) == set()
    await house.job(await expand(house.ana, tolerance=0))
    assert await levels(house) == {0}
    await house.job(await expand(house.ana))
    assert await levels(house) == {0, 1}


async def test_a_manager_raises_nothing_above_what_a_setting_can_be(house: House) -> None:
    panel = await mia(house).invoke("settings panel", {}).message()
    seal = house.app.bot.desk.seal
    for value in ("3", "6", "99", "-1", "x", ""):
        mark = seal.mark(Action.SET, GUILD, "tolerance")
        await said(mia(house).forge(panel, mark, values=(value,), kind=3))
    with pytest.raises(DiscordError, match="50035"):
        mia(house).invoke("settings safety tolerance", {"level": 3})
    assert (await house.app.bot.desk.rules.guilds.get(GUILD)).tolerance == 2


async def test_members_settle_nothing_by_ids_that_they_have_seen(house: House) -> None:
    result, _ = await a_result(house)
    seal = house.app.bot.desk.seal
    marks = [
        (seal.mark(Action.SET, GUILD, "adult-tolerance"), ("6",)),
        (seal.mark(Action.SETTINGS_FORM, GUILD, "quotas"), ()),
        (seal.mark(Action.PRESET, GUILD, "adults"), ()),
    ]
    for mark, values in marks:
        refusal = await said(house.ana.forge(result, mark, values=values, kind=3))
        assert "manage this server" in refusal
    assert await house.app.bot.desk.rules.guilds.changes(GUILD, 9) == []


async def test_a_role_that_is_lost_counts_at_the_click(house: House) -> None:
    adults = house.discord.guild.add_channel("adults", nsfw=True)
    await settle(
        house,
        adult_tolerance=6,
        role_tolerance=(
            RoleCeiling(RoleId(world.MODERATOR_ROLE_ID), 6),
            RoleCeiling(RoleId(world.GUILD_ID), 0),
        ),
    )
    call = await expand(mia(house), adults)
    result = await house.posted(call)
    assert (await house.job(call)).order.level == 6
    state, guild = house.discord.state, house.discord.state.world.guild
    state.roster.change_member(guild, replace(guild.members[world.MIA_ID], role_ids=()))
    further = press(mia(house), result, "→")
    assert (await house.job(further)).order.level <= 2


async def test_a_picture_made_for_adults_goes_on_elsewhere_by_the_rules_there(
    house: House,
) -> None:
    adults = house.discord.guild.add_channel("adults", nsfw=True)
    await settle(house, adult_tolerance=6)
    call = await expand(house.ana, adults)
    result = await house.posted(call)
    job = await house.job(call)
    assert job.order.level == 6
    mark = house.app.bot.desk.seal.mark(Action.PAN, job.id, 0, "left")
    here = house.ana.say("look")
    elsewhere = house.ana.forge(here, mark)
    assert (await house.job(elsewhere)).order.level == 2
    form = await house.ana.menu("Expand image", result).modal()
    filled = await house.ana.submit(form, {"direction": "up", "pixels": "64"})
    assert (await house.job(filled)).order.level == 6


async def test_a_preview_from_among_adults_is_confirmed_by_the_rules_of_where_it_is(
    house: House,
) -> None:
    adults = house.discord.guild.add_channel("adults", nsfw=True)
    await settle(house, adult_tolerance=6)
    call = await expand(house.ana, adults, preview=True, tolerance=6)
    preview = await call.message(lambda message: bool(media(message)))
    mark = button(preview, "Confirm")
    refusal = await house.ana.forge(house.ana.say("look"), mark).message()
    assert "laxer than what is allowed" in text(refusal)
    assert await levels(house) == set()


@pytest.mark.parametrize(("who", "allowed"), [("moderators", "mia"), ("nobody", None)])
async def test_the_menu_on_others_is_asked_again_when_its_form_is_sent(
    house: House, who: str, allowed: str | None
) -> None:
    result, _ = await a_result(house, ben(house))
    form = await house.ana.menu("Expand image", result).modal()
    await settle(house, menu_on_others=MenuPolicy(who))
    late = await house.ana.submit(form, {"direction": "up", "pixels": "64"})
    assert "does not let you" in await said(late)
    assert "does not let you" in await said(house.ana.menu("Expand image", result))
    assert await ben(house).menu("Expand image", result).modal()
    asked = mia(house).menu("Expand image", result)
    if allowed is None:
        assert "does not let you" in await said(asked)
    else:
        assert await asked.modal()


async def test_places_and_sizes_hold_for_buttons_too(house: House) -> None:
    result = await expanded(house)
    await settle(house, max_side=400)
    assert "this server allows 400" in await said(press(house.ana, result, "→"))
    await settle(house, max_side=None, allowed_channels=(ChannelId(world.GALLERY_ID),))
    assert f"<#{world.GALLERY_ID}>" in await said(press(house.ana, result, "→"))
    assert house.billed == 1
