"""What an attacker's client may send: ids that are changed, replayed or from elsewhere, and
every way to a laxer content check. None has an effect, and each gets one polite answer."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from bot.domain.content import RoleTolerance
from bot.domain.guild import MenuPolicy, Preset
from bot.domain.ids import ChannelId, DraftId, GuildId, JobId, RoleId
from bot.domain.moderation import ActionKind
from bot.domain.order import PictureRef
from bot.domain.request import Direction
from bot.domain.settings_table import Section
from bot.errors import ComponentRefused
from bot.ui.actions import Action
from bot.ui.views.custom_ids import CustomIdCodec
from bot.ui.views.payloads import (
    CasePayload,
    PanPayload,
    PresetPayload,
    SectionPayload,
    SettingPayload,
)
from sandbox.discord.actors.guild import GuildActor
from sandbox.discord.actors.member import MemberActor
from sandbox.discord.model import seed_data
from sandbox.discord.model.errors import DiscordError
from tests.support.app.card_controls import expand_picture, find_button, press_button
from tests.support.app.moderators import (
    GUILD,
    Json,
    create_result,
    get_ben,
    get_mia,
    read_private_answer,
    run_command,
    set_guild_settings,
    set_moderators_channel,
)
from tests.support.app.payloads import build_payload
from tests.support.app_fixture import (
    AppFixture,
    draw_photograph,
    encode_upload,
    is_ephemeral,
    list_media,
    read_text,
)

FORGERIES = 10_000
ORDER: dict[str, Any] = {"direction": "right", "pixels": 64}
OWN = {
    Action.PAGE,
    Action.EXPORT,
    Action.ERASE,
    Action.ERASE_CONFIRM,
    Action.SET_SHARING,
    Action.OPEN,
    Action.ORDER_ASK,
    Action.ORDER_FORM,
    Action.ORDER_POST,
}
"""Actions about oneself: their rows name nothing that another could own."""
ADULT = "from an age-restricted channel"


def mutate_ids(marks: list[str], chance: random.Random) -> Iterator[str]:
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
    seal, chance = CustomIdCodec(bytes(32)), random.Random(7)  # noqa: S311 - to forge by
    marks = [seal.encode(each, build_payload(each, number)) for number, each in enumerate(Action)]
    foreign = CustomIdCodec(bytes(range(32)))
    forged = mutate_ids(marks, chance)
    for number in range(FORGERIES):
        action = chance.choice(list(Action))
        elsewhere = foreign.encode(action, build_payload(action, number))
        with pytest.raises(ComponentRefused):
            seal.decode(elsewhere if number % 5 == 0 else next(forged))


async def read_everything(app_fixture: AppFixture) -> list[Any]:
    """Return all that an attack could have changed."""
    tables = ("job", "guild_setting", "act", "report", "removal", "block", "gallery_entry")
    return [
        [
            tuple(row)
            for row in await app_fixture.core.database.reader.fetch_all(
                f"SELECT * FROM {table}"  # noqa: S608 - our own names
            )
        ]
        for table in tables
    ]


async def test_changed_ids_over_the_wire_do_nothing(app_fixture: AppFixture) -> None:
    result, _ = await create_result(app_fixture)
    marks = [find_button(result, label) for label in ("←", "More", "Another try")]
    before, forged = await read_everything(app_fixture), mutate_ids(marks, random.Random(11))  # noqa: S311 - as above
    for number in range(100):
        member = (app_fixture.ana, get_ben(app_fixture), get_mia(app_fixture))[number % 3]
        call = member.forge(result, next(forged)[:100] or "x", kind=2 + number % 2)
        message = await call.message()
        assert is_ephemeral(message)
        assert "Nothing was charged" in read_text(message)
    assert await read_everything(app_fixture) == before
    assert app_fixture.billed_count == 1


def list_payloads(job_id: JobId, draft: DraftId) -> Iterator[tuple[Action, Any]]:
    """Make the payloads of every action that names something of one guild."""
    ids = {JobId: job_id, DraftId: draft, GuildId: GUILD}
    apart = {Action.ZOOM_ASK, Action.MENU_FORM, Action.CASE_ACTION, Action.SET}
    for action in Action:
        if action not in OWN | apart:
            yield action, build_payload(action, 0, ids)
    for kind in ("approve", "decline", "remove", "spoiler", "block", "refund", "dismiss"):
        yield Action.CASE_ACTION, CasePayload(job_id, ActionKind(kind))
    yield Action.SET, SettingPayload(GUILD, "tolerance", "0")
    yield Action.SET, SettingPayload(GUILD, "approve-first", "1")


async def test_genuine_ids_of_one_guild_do_nothing_in_another(app_fixture: AppFixture) -> None:
    await set_moderators_channel(app_fixture)
    _, job = await create_result(app_fixture)
    preview = await open_preview(app_fixture)
    draft = DraftId(find_button(preview, "Cancel").split(":")[2])
    second = app_fixture.discord.add_guild("Second", "mia", "ana")
    before, seal = await read_everything(app_fixture), app_fixture.app.interactions.codec
    for action, payload in list_payloads(job.id, draft):
        message = await press_in_guild(second, "mia", seal.encode(action, payload))
        assert is_ephemeral(message), action
        assert "Nothing was cha" in read_text(message), action
        assert not list_media(message), action
    assert await read_everything(app_fixture) == before
    assert app_fixture.billed_count == 1


async def open_preview(app_fixture: AppFixture) -> Json:
    call = await app_fixture.ana.slash(
        "expand", image=encode_upload(draw_photograph()), preview=True, **ORDER
    )
    return await call.message(lambda message: bool(list_media(message)))


async def press_in_guild(guild: GuildActor, name: str, mark: str) -> Json:
    member = guild.member(name)
    there = member.say("look")
    return await member.forge(there, mark).message()


async def test_commands_of_another_guild_reach_nothing_here(app_fixture: AppFixture) -> None:
    _, job = await create_result(app_fixture)
    second = app_fixture.discord.add_guild("Second", "mia")
    before = await read_everything(app_fixture)
    for command in ("remove", "spoiler", "refund", "cancel"):
        call = second.member("mia").invoke(f"moderate {command}", {"picture": job.id})
        assert "no such picture" in await read_private_answer(call)
    record = await run_command(second.member("mia"), "settings log")
    assert "Nothing yet" in record
    assert await read_everything(app_fixture) == before


async def test_a_used_preview_cannot_be_confirmed_again(app_fixture: AppFixture) -> None:
    preview = await open_preview(app_fixture)
    mark = find_button(preview, "Confirm")
    await app_fixture.wait_for_job(await confirm_preview(app_fixture, preview, mark))
    refusal = await app_fixture.ana.forge(preview, mark).message(
        lambda message: "used already" in read_text(message)
    )
    assert is_ephemeral(refusal)
    assert app_fixture.billed_count == 1


async def confirm_preview(app_fixture: AppFixture, preview: Json, mark: str) -> Any:
    call = app_fixture.ana.press(preview, mark)
    await call.acknowledged()
    return call


async def read_levels(app_fixture: AppFixture) -> set[int]:
    """Return the levels of all jobs that were accepted."""
    found = await app_fixture.core.database.reader.fetch_all("SELECT id FROM job")
    jobs = [await app_fixture.core.jobs.get(row["id"]) for row in found]
    return {job.order.tolerance_level for job in jobs if job is not None}


async def send_expand(member: MemberActor, channel: str | None = None, **options: Any) -> Any:
    return await member.slash(
        "expand", image=encode_upload(draw_photograph()), channel=channel, **ORDER, **options
    )


async def test_no_command_raises_the_tolerance_and_any_may_lower_it(
    app_fixture: AppFixture,
) -> None:
    await set_guild_settings(app_fixture, tolerance=1)
    for level in range(2, 7):
        refusal = await read_private_answer(await send_expand(app_fixture.ana, tolerance=level))
        assert f"of {level} is laxer than what is allowed here: 1" in refusal
    assert await read_levels(app_fixture) == set()
    await app_fixture.wait_for_job(await send_expand(app_fixture.ana, tolerance=0))
    assert await read_levels(app_fixture) == {0}
    await app_fixture.wait_for_job(await send_expand(app_fixture.ana))
    assert await read_levels(app_fixture) == {0, 1}


async def test_a_manager_raises_nothing_above_what_a_setting_can_be(
    app_fixture: AppFixture,
) -> None:
    panel = await get_mia(app_fixture).invoke("settings panel", {}).message()
    seal = app_fixture.app.interactions.codec
    for value in ("3", "6", "99", "-1", "x", ""):
        mark = seal.encode(Action.SET, SettingPayload(GUILD, "tolerance"))
        await read_private_answer(get_mia(app_fixture).forge(panel, mark, values=(value,), kind=3))
    with pytest.raises(DiscordError, match="50035"):
        get_mia(app_fixture).invoke("settings safety tolerance", {"level": 3})
    assert (await app_fixture.core.guilds.get(GUILD)).tolerance == 2


async def test_members_change_no_settings_by_ids_that_they_have_seen(
    app_fixture: AppFixture,
) -> None:
    result, _ = await create_result(app_fixture)
    seal = app_fixture.app.interactions.codec
    marks = [
        (seal.encode(Action.SET, SettingPayload(GUILD, "adult-tolerance")), ("6",)),
        (seal.encode(Action.SETTINGS_FORM, SectionPayload(GUILD, Section.QUOTAS)), ()),
        (seal.encode(Action.PRESET, PresetPayload(GUILD, Preset.ADULTS)), ()),
    ]
    for mark, values in marks:
        refusal = await read_private_answer(
            app_fixture.ana.forge(result, mark, values=values, kind=3)
        )
        assert "manage this server" in refusal
    assert await app_fixture.core.guilds.list_changes(GUILD, 9) == []


async def test_a_role_that_is_lost_counts_at_the_click(app_fixture: AppFixture) -> None:
    adults = app_fixture.discord.guild.add_channel("adults", nsfw=True)
    await set_guild_settings(
        app_fixture,
        adult_tolerance=6,
        role_tolerance=(
            RoleTolerance(RoleId(seed_data.MODERATOR_ROLE_ID), 6),
            RoleTolerance(RoleId(seed_data.GUILD_ID), 0),
        ),
    )
    call = await send_expand(get_mia(app_fixture), adults)
    result = await app_fixture.wait_for_result(call)
    assert (await app_fixture.wait_for_job(call)).order.tolerance_level == 6
    state, guild = app_fixture.discord.state, app_fixture.discord.state.world.guild
    state.guild_registry.update_member(guild, replace(guild.members[seed_data.MIA_ID], role_ids=()))
    further = press_button(get_mia(app_fixture), result, "→")
    assert (await app_fixture.wait_for_job(further)).order.tolerance_level <= 2


async def test_a_picture_made_for_adults_goes_on_elsewhere_by_the_rules_there(
    app_fixture: AppFixture,
) -> None:
    adults = app_fixture.discord.guild.add_channel("adults", nsfw=True)
    await set_guild_settings(app_fixture, adult_tolerance=6)
    call = await send_expand(app_fixture.ana, adults)
    result = await app_fixture.wait_for_result(call)
    job = await app_fixture.wait_for_job(call)
    assert job.order.tolerance_level == 6
    mark = app_fixture.app.interactions.codec.encode(
        Action.PAN, PanPayload(PictureRef(job.id, 0), Direction.LEFT)
    )
    here = app_fixture.ana.say("look")
    elsewhere = app_fixture.ana.forge(here, mark)
    assert ADULT in await read_private_answer(elsewhere)
    forward = app_fixture.ana.forward(result, channel="studio")
    form = await app_fixture.ana.menu("Expand image", forward).modal()
    values = {"direction": "up", "pixels": "64", "options": ["private"]}
    alone = await app_fixture.ana.submit(form, values)
    assert (await app_fixture.wait_for_job(alone)).order.tolerance_level == 2
    form = await app_fixture.ana.menu("Expand image", result).modal()
    filled = await app_fixture.ana.submit(form, {"direction": "up", "pixels": "64"})
    assert (await app_fixture.wait_for_job(filled)).order.tolerance_level == 6


async def test_a_preview_from_among_adults_is_confirmed_by_the_rules_of_where_it_is(
    app_fixture: AppFixture,
) -> None:
    adults = app_fixture.discord.guild.add_channel("adults", nsfw=True)
    await set_guild_settings(app_fixture, adult_tolerance=6)
    call = await send_expand(app_fixture.ana, adults, preview=True, tolerance=6)
    preview = await call.message(lambda message: bool(list_media(message)))
    mark = find_button(preview, "Confirm")
    refusal = await app_fixture.ana.forge(app_fixture.ana.say("look"), mark).message()
    assert ADULT in read_text(refusal)
    call = await send_expand(app_fixture.ana, adults, preview=True, tolerance=6, private=True)
    preview = await call.message(lambda message: bool(list_media(message)))
    mark = find_button(preview, "Confirm")
    refusal = await app_fixture.ana.forge(app_fixture.ana.say("look"), mark).message()
    assert "laxer than what is allowed" in read_text(refusal)
    assert await read_levels(app_fixture) == set()


@pytest.mark.parametrize(("who", "allowed"), [("moderators", "mia"), ("nobody", None)])
async def test_the_menu_on_others_is_asked_again_when_its_form_is_sent(
    app_fixture: AppFixture, who: str, allowed: str | None
) -> None:
    result, _ = await create_result(app_fixture, get_ben(app_fixture))
    form = await app_fixture.ana.menu("Expand image", result).modal()
    await set_guild_settings(app_fixture, menu_on_others=MenuPolicy(who))
    late = await app_fixture.ana.submit(form, {"direction": "up", "pixels": "64"})
    assert "does not let you" in await read_private_answer(late)
    assert "does not let you" in await read_private_answer(
        app_fixture.ana.menu("Expand image", result)
    )
    assert await get_ben(app_fixture).menu("Expand image", result).modal()
    asked = get_mia(app_fixture).menu("Expand image", result)
    if allowed is None:
        assert "does not let you" in await read_private_answer(asked)
    else:
        assert await asked.modal()


async def test_places_and_sizes_hold_for_buttons_too(app_fixture: AppFixture) -> None:
    result = await expand_picture(app_fixture)
    await set_guild_settings(app_fixture, max_side=400)
    assert "this server allows 400" in await read_private_answer(
        press_button(app_fixture.ana, result, "→")
    )
    await set_guild_settings(
        app_fixture, max_side=None, allowed_channels=(ChannelId(seed_data.GALLERY_ID),)
    )
    assert f"<#{seed_data.GALLERY_ID}>" in await read_private_answer(
        press_button(app_fixture.ana, result, "→")
    )
    assert app_fixture.billed_count == 1
