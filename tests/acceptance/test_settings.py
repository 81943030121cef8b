"""What managers settle: by commands, by the panel, by presets; and that nobody else does."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.domain.gallery import GalleryMode
from bot.domain.guild import GuildSettings, MenuPolicy, RoleTier
from bot.domain.ids import ChannelId, RoleId
from bot.domain.tolerance import ChannelCeiling, RoleCeiling
from sandbox.discord import world
from sandbox.discord.permissions import Permission
from tests.acceptance.gestures import button, controls, press
from tests.acceptance.staff import GUILD, Json, commanded, mia, said, settle, take_away
from tests.house import House, text

STUDIO, GALLERY = str(world.STUDIO_ID), str(world.GALLERY_ID)
MODERATORS = str(world.MODERATORS_ID)
ROLE = str(world.MODERATOR_ROLE_ID)
Case = tuple[str, dict[str, Any], str, object]
COMMANDS: list[Case] = [
    ("safety tolerance", {"level": 1}, "tolerance", 1),
    ("safety adult-tolerance", {"level": 4}, "adult_tolerance", 4),
    (
        "safety channel",
        {"channel": STUDIO, "level": 0},
        "channel_tolerance",
        (ChannelCeiling(ChannelId(world.STUDIO_ID), 0),),
    ),
    (
        "safety role",
        {"role": ROLE, "level": 1},
        "role_tolerance",
        (RoleCeiling(RoleId(world.MODERATOR_ROLE_ID), 1),),
    ),
    ("safety second-check", {"on": True}, "check_content", True),
    ("safety approve-first", {"on": True}, "approve_first", True),
    ("safety menu", {"who": "nobody"}, "menu_on_others", MenuPolicy.NOBODY),
    ("access channel", {"channel": STUDIO}, "allowed_channels", (world.STUDIO_ID,)),
    ("access role", {"role": ROLE}, "allowed_roles", (world.MODERATOR_ROLE_ID,)),
    ("amounts max-side", {"number": 2048}, "max_side", 2048),
    ("amounts per-command", {"number": 2}, "results_per_command", 2),
    ("amounts preview-above", {"dollars": "$0,10"}, "preview_above", 100_000),
    ("quotas daily", {"number": 5}, "results_per_user_day", 5),
    (
        "quotas tier",
        {"role": ROLE, "number": 9},
        "role_tiers",
        (RoleTier(RoleId(world.MODERATOR_ROLE_ID), 9),),
    ),
    ("quotas monthly", {"dollars": "2"}, "usd_per_user_month", 2_000_000),
    ("quotas budget", {"dollars": "20.5"}, "usd_per_month", 20_500_000),
    ("gallery channel", {"channel": GALLERY}, "gallery_channel", world.GALLERY_ID),
    ("gallery mode", {"how": "votes"}, "gallery_mode", GalleryMode.VOTES),
    ("gallery threshold", {"votes": 7, "lower": 5}, "gallery_lower", 5),
    ("gallery self-votes", {"on": True}, "gallery_self_votes", True),
    ("gallery voter-role", {"role": ROLE}, "gallery_voter_roles", (world.MODERATOR_ROLE_ID,)),
    ("gallery voter-age", {"account-days": 3, "minutes": 2}, "gallery_account_days", 3),
    ("gallery freeze", {"on": True}, "gallery_frozen", True),
    ("gallery weekly", {"on": True}, "gallery_weekly", True),
    ("place language", {"language": "de"}, "language", "de"),
    ("place time-zone", {"zone": "Europe/Berlin"}, "time_zone", "Europe/Berlin"),
    ("place log-channel", {"channel": MODERATORS}, "log_channel", world.MODERATORS_ID),
    ("place moderators-channel", {"channel": MODERATORS}, "moderators_channel", int(MODERATORS)),
]


async def settings(house: House) -> GuildSettings:
    return await house.app.bot.desk.rules.guilds.get(GUILD)


async def test_every_command_changes_its_value_for_managers_alone(house: House) -> None:
    for command, options, name, value in COMMANDS:
        assert await commanded(mia(house), f"settings {command}", **options), command
        assert getattr(await settings(house), name) == value, command
    covered = {name for _, _, name, _ in COMMANDS}
    covered |= {"gallery_threshold", "gallery_message_minutes"}
    assert covered | {"banned_words", "banned_patterns"} == set(GuildSettings.__slots__)
    before = await settings(house)
    take_away(house, Permission.MANAGE_GUILD)
    for command, options, _, _ in COMMANDS:
        refusal = await said(mia(house).invoke(f"settings {command}", {**options}))
        assert "manage this server" in refusal, command
    for command in ("panel", "log"):
        assert "manage this server" in await commanded(mia(house), f"settings {command}")
    assert await settings(house) == before


async def test_what_is_left_out_goes_back_to_the_operators(house: House) -> None:
    await settle(house, max_side=512, log_channel=ChannelId(world.MODERATORS_ID))
    assert "operator" in await commanded(mia(house), "settings amounts max-side")
    await commanded(mia(house), "settings place log-channel")
    found = await settings(house)
    assert (found.max_side, found.log_channel) == (None, None)


@pytest.mark.parametrize(
    ("command", "options", "words"),
    [
        ("quotas monthly", {"dollars": "many"}, "a number"),
        ("quotas monthly", {"dollars": "-1"}, "from 0 to 1000000"),
        ("place time-zone", {"zone": "Middle/Earth"}, "such as Europe/Berlin"),
        ("gallery threshold", {"votes": 2, "lower": 2}, "less than the votes to come in"),
    ],
)
async def test_a_value_that_cannot_be_is_refused_in_words(
    house: House, command: str, options: Json, words: str
) -> None:
    assert words in await commanded(mia(house), f"settings {command}", **options)


async def test_a_channel_that_the_bot_cannot_use_is_named_with_what_lacks(house: House) -> None:
    guild = house.discord.guild
    for denied in (Permission.SEND_MESSAGES | Permission.ATTACH_FILES, Permission.VIEW_CHANNEL):
        guild.overwrite("gallery", "Expanse", deny=int(denied))
        await house.restart()
        warned = await commanded(mia(house), "settings gallery channel", channel=GALLERY)
        if denied is Permission.VIEW_CHANNEL:
            assert "I cannot see that channel" in warned
            assert "Nothing was changed" in warned
        else:
            assert f"may not post in <#{GALLERY}>" in warned
            assert "What it needs there: Send Messages, Attach Files." in warned
    panel = await opened(house, "gallery")
    menu = next(part for part in controls(panel) if ".gallery-channel:" in part["custom_id"])
    unseen = mia(house).select(panel, menu["custom_id"], GALLERY)
    assert "I cannot see that channel" in await said(unseen)
    guild.overwrite("gallery", "Expanse", deny=int(Permission.ATTACH_FILES))
    await house.restart()
    call = mia(house).select(panel, menu["custom_id"], GALLERY)
    warned = text(await call.message(lambda message: "may not post" in text(message)))
    assert "What it needs there: Attach Files." in warned


async def test_changes_are_on_record_and_told_in_the_log_channel(house: House) -> None:
    await settle(house, log_channel=ChannelId(world.MODERATORS_ID))
    await commanded(mia(house), "settings safety tolerance", level=0)
    await commanded(mia(house), "moderate block", member=str(house.ana.id), reason="spam *now*")
    record = await commanded(mia(house), "settings log")
    assert f"<@{world.MIA_ID}> changed “Safety tolerance”: 2" in record
    assert f"blocked <@{house.ana.id}>: spam \\*now\\*" in record
    told = [text(message) for message in house.discord.guild.messages("moderators")]
    assert len(told) == 2
    assert "changed “Safety tolerance”" in told[0]


async def test_the_record_has_pages(house: House) -> None:
    for number in range(1, 13):
        await settle(house, max_side=64 * number)
    page = await mia(house).invoke("settings log", {}).message()
    assert "Page 1" in text(page)
    older = await press(mia(house), page, "▶").message(lambda message: "Page 2" in text(message))
    assert "left to the operator" in text(older)


@pytest.mark.parametrize("restart", [False, True])
async def test_the_panel_changes_values_by_menus_switches_and_forms(
    house: House, *, restart: bool
) -> None:
    safety = await opened(house, "safety")
    if restart:
        await house.restart()
    await chosen(house, safety, "tolerance", "0")
    await chosen(house, safety, "adult-tolerance", "3")
    await chosen(house, safety, "adult-tolerance", "none")
    await chosen(house, safety, "menu-on-others", "moderators")
    await press(mia(house), safety, "Second content check").acknowledged()
    await until_settled(house, "check_content", value=True)
    access = await opened(house, "access")
    await chosen(house, access, "allowed-channels", STUDIO)
    await chosen(house, access, "allowed-roles", ROLE)
    quotas = await opened(house, "quotas")
    form = await press(mia(house), quotas, "Change the numbers").modal()
    filled = {"results_per_user_day": "4", "usd_per_user_month": "1,5"}
    await (await mia(house).submit(form, filled)).acknowledged()
    await until_settled(house, "usd_per_user_month", value=1_500_000)
    gallery = await opened(house, "gallery")
    await chosen(house, gallery, "gallery-channel", GALLERY)
    await chosen(house, gallery, "gallery-mode", "every")
    place = await opened(house, "place")
    await chosen(house, place, "language", "fr")
    found = await settings(house)
    assert (found.tolerance, found.adult_tolerance) == (0, None)
    assert found.menu_on_others is MenuPolicy.MODERATORS
    assert found.allowed_channels == (world.STUDIO_ID,)
    assert found.results_per_user_day == 4
    assert (found.gallery_mode, found.language) == (GalleryMode.EVERY, "fr")


async def opened(house: House, section: str) -> Json:
    panel = await mia(house).invoke("settings panel", {}).message()
    assert "Safety tolerance" in text(panel)
    menu = next(part for part in controls(panel) if "section" in part["custom_id"])
    call = mia(house).select(panel, menu["custom_id"], section)
    return await call.message(lambda message: "Settings of" not in text(message))


async def chosen(house: House, page: Json, key: str, value: str) -> None:
    """Choose in a menu, and wait until the page has been written anew."""
    menu = next(part for part in controls(page) if f".{key}:" in part["custom_id"])
    before = await settings(house)
    await mia(house).select(page, menu["custom_id"], value).acknowledged()
    async with asyncio.timeout(5):
        while await settings(house) == before:  # noqa: ASYNC110 - another task writes it
            await asyncio.sleep(0.01)


async def until_settled(house: House, name: str, *, value: object) -> None:
    async with asyncio.timeout(5):
        while getattr(await settings(house), name) != value:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.01)


async def test_a_form_with_a_number_that_cannot_be_changes_nothing(house: House) -> None:
    gallery = await opened(house, "gallery")
    form = await press(mia(house), gallery, "Change the numbers").modal()
    values = {"gallery_threshold": "5", "gallery_account_days": "99999"}
    call = await mia(house).submit(form, values)
    refusal = await call.message(lambda message: "cannot have this value" in text(message))
    assert "from 0 to 3650" in text(refusal)
    assert (await settings(house)).gallery_threshold == 3


async def test_a_form_may_lower_both_thresholds_at_once(house: House) -> None:
    await settle(house, gallery_threshold=10, gallery_lower=5)
    form = await press(mia(house), await opened(house, "gallery"), "Change the numbers").modal()
    assert form["title"] == "Gallery"
    lowered = {"gallery_threshold": "3", "gallery_lower": "0"}
    await mia(house).submit(form, lowered)
    await until_settled(house, "gallery_lower", value=0)
    assert (await settings(house)).gallery_threshold == 3


async def test_a_command_with_two_values_says_both(house: House) -> None:
    told = await commanded(mia(house), "settings gallery threshold", votes=4, lower=1)
    assert "**Votes to come in:** 4\n**Votes at which it leaves:** 1" in told


async def test_a_refusal_comes_in_the_answers_own_place(house: House) -> None:
    call = mia(house).invoke("settings place time-zone", {"zone": "Middle/Earth"})
    refusal = await call.message(lambda message: "cannot have this value" in text(message))
    assert refusal["id"] == (call.original or {})["id"]
    assert refusal["interaction"]["name"] == "settings place time-zone"


async def test_time_zones_are_offered_while_somebody_types(house: House) -> None:
    typed = mia(house).autocomplete("settings place time-zone", "zone", "new y")
    assert [each["value"] for each in await typed.choices()] == ["America/New_York"]


@pytest.mark.parametrize(
    ("kind", "level", "first"), [("family", 0, True), ("art", 4, False), ("adults", 5, False)]
)
async def test_a_preset_is_confirmed_and_stays_under_the_operators_limit(
    house: House, kind: str, level: int, *, first: bool
) -> None:
    await house.stop()
    house.limits = house.limits.model_copy(update={"max_tolerance": 5})
    await house.start()
    asked = await mia(house).invoke("settings preset", {"kind": kind}).message()
    assert (await settings(house)).approve_first is False
    await press(mia(house), asked, "Yes").message(lambda message: "is settled" in text(message))
    found = await settings(house)
    assert (found.adult_tolerance, found.approve_first) == (level, first)


async def test_a_level_above_the_operators_is_refused(house: House) -> None:
    await house.stop()
    house.limits = house.limits.model_copy(update={"max_tolerance": 3})
    await house.start()
    refusal = await commanded(mia(house), "settings safety adult-tolerance", level=4)
    assert "at most 3" in refusal
    assert (await settings(house)).adult_tolerance is None


async def test_a_switch_does_nothing_once_the_permission_is_gone(house: House) -> None:
    safety = await opened(house, "safety")
    take_away(house, Permission.MANAGE_GUILD)
    refusal = await said(mia(house).press(safety, button(safety, "Second content check")))
    assert "manage this server" in refusal
    assert not (await settings(house)).check_content
