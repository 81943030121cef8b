"""What managers settle: by commands, by the panel, by presets; and that nobody else does."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.domain.content import ChannelTolerance, RoleTolerance
from bot.domain.gallery import GalleryMode
from bot.domain.guild import GuildSettings, MenuPolicy, RoleTier
from bot.domain.ids import ChannelId, RoleId
from bot.ui.texts.settings.table import TEXTS, get_command_path
from sandbox.discord.model import seed_data
from sandbox.discord.model.permissions import Permission
from tests.support.app.card_controls import find_button, list_controls, press_button
from tests.support.app.moderators import (
    GUILD,
    Json,
    deny_moderators,
    get_mia,
    read_private_answer,
    run_command,
    set_guild_settings,
)
from tests.support.app_fixture import AppFixture, read_text

STUDIO, GALLERY = str(seed_data.STUDIO_ID), str(seed_data.GALLERY_ID)
MODERATORS = str(seed_data.MODERATORS_ID)
ROLE = str(seed_data.MODERATOR_ROLE_ID)
Case = tuple[str, dict[str, Any], str, object]
COMMANDS: list[Case] = [
    ("safety tolerance", {"level": 1}, "tolerance", 1),
    ("safety adult-tolerance", {"level": 4}, "adult_tolerance", 4),
    (
        "safety channel",
        {"channel": STUDIO, "level": 0},
        "channel_tolerance",
        (ChannelTolerance(ChannelId(seed_data.STUDIO_ID), 0),),
    ),
    (
        "safety role",
        {"role": ROLE, "level": 1},
        "role_tolerance",
        (RoleTolerance(RoleId(seed_data.MODERATOR_ROLE_ID), 1),),
    ),
    ("safety second-check", {"on": True}, "check_content", True),
    ("safety approve-first", {"on": True}, "approve_first", True),
    ("safety ai-mark", {"on": True}, "mark_results", True),
    ("safety menu", {"who": "nobody"}, "menu_on_others", MenuPolicy.NOBODY),
    ("safety descriptions", {"on": True}, "use_descriptions", True),
    ("access channel", {"channel": STUDIO}, "allowed_channels", (seed_data.STUDIO_ID,)),
    ("access role", {"role": ROLE}, "allowed_roles", (seed_data.MODERATOR_ROLE_ID,)),
    ("amounts max-side", {"number": 2048}, "max_side", 2048),
    ("amounts per-command", {"number": 2}, "results_per_command", 2),
    ("amounts preview-above", {"dollars": "$0,10"}, "preview_above", 100_000),
    ("quotas daily", {"number": 5}, "results_per_user_day", 5),
    (
        "quotas tier",
        {"role": ROLE, "number": 9},
        "role_tiers",
        (RoleTier(RoleId(seed_data.MODERATOR_ROLE_ID), 9),),
    ),
    ("quotas monthly", {"dollars": "2"}, "usd_per_user_month", 2_000_000),
    ("quotas budget", {"dollars": "20.5"}, "usd_per_month", 20_500_000),
    ("gallery channel", {"channel": GALLERY}, "gallery_channel", seed_data.GALLERY_ID),
    ("gallery mode", {"how": "votes"}, "gallery_mode", GalleryMode.VOTES),
    ("gallery threshold", {"votes": 7, "lower": 5}, "gallery_lower", 5),
    ("gallery self-votes", {"on": True}, "gallery_self_votes", True),
    ("gallery voter-role", {"role": ROLE}, "gallery_voter_roles", (seed_data.MODERATOR_ROLE_ID,)),
    ("gallery voter-age", {"account-days": 3, "minutes": 2}, "gallery_account_days", 3),
    ("gallery freeze", {"on": True}, "gallery_frozen", True),
    ("gallery weekly", {"on": True}, "gallery_weekly", True),
    ("place language", {"language": "de"}, "language", "de"),
    ("place time-zone", {"zone": "Europe/Berlin"}, "time_zone", "Europe/Berlin"),
    ("place log-channel", {"channel": MODERATORS}, "log_channel", seed_data.MODERATORS_ID),
    ("place moderators-channel", {"channel": MODERATORS}, "moderators_channel", int(MODERATORS)),
]


async def read_settings(app_fixture: AppFixture) -> GuildSettings:
    return await app_fixture.core.guilds.get(GUILD)


async def test_every_command_changes_its_value_for_managers_alone(app_fixture: AppFixture) -> None:
    for command, options, name, value in COMMANDS:
        assert await run_command(get_mia(app_fixture), f"settings {command}", **options), command
        assert getattr(await read_settings(app_fixture), name) == value, command
    covered = {name for _, _, name, _ in COMMANDS}
    covered |= {"gallery_threshold", "gallery_message_minutes"}
    assert covered | {"banned_words", "banned_patterns"} == set(GuildSettings.__slots__)
    before = await read_settings(app_fixture)
    deny_moderators(app_fixture, Permission.MANAGE_GUILD)
    for command, options, _, _ in COMMANDS:
        refusal = await read_private_answer(
            get_mia(app_fixture).invoke(f"settings {command}", {**options})
        )
        assert "manage this server" in refusal, command
    for command in ("panel", "log"):
        assert "manage this server" in await run_command(
            get_mia(app_fixture), f"settings {command}"
        )
    assert await read_settings(app_fixture) == before


async def test_a_command_without_its_option_shows_the_value_and_reset_alone_clears_it(
    app_fixture: AppFixture,
) -> None:
    mia, names = get_mia(app_fixture), dict.fromkeys(command for command, *_ in COMMANDS)
    for command, options, _, _ in COMMANDS:
        await run_command(mia, f"settings {command}", **options)
    changed = await read_settings(app_fixture)
    for command in names:
        told = await run_command(mia, f"settings {command}")
        assert "Nothing was changed." in told, command
        assert "`reset: True`" in told, command
        shown = [TEXTS[name].name for name in changed_by(command)]
        assert all(f"**{name}:**" in told for name in shown), command
    assert await read_settings(app_fixture) == changed
    assert "2048" in await run_command(mia, "settings amounts max-side")
    for command in names:
        await run_command(mia, f"settings {command}", reset=True)
    assert await read_settings(app_fixture) == GuildSettings()


def changed_by(command: str) -> list[str]:
    path = f"settings {command}"
    return [name for name in TEXTS if TEXTS[name].command and get_command_path(name) == path]


async def test_one_of_two_values_changes_alone_and_an_entry_leaves_its_list(
    app_fixture: AppFixture,
) -> None:
    mia = get_mia(app_fixture)
    await run_command(mia, "settings gallery threshold", votes=7, lower=5)
    await run_command(mia, "settings gallery threshold", votes=8)
    levels = {STUDIO: 0, GALLERY: 1}
    for channel, level in levels.items():
        await run_command(mia, "settings safety channel", channel=channel, level=level)
    assert f"<#{STUDIO}>: 0" in await run_command(mia, "settings safety channel", channel=STUDIO)
    await run_command(mia, "settings safety channel", channel=STUDIO, reset=True)
    await run_command(mia, "settings access channel", channel=STUDIO)
    await run_command(mia, "settings access channel", channel=GALLERY)
    await run_command(mia, "settings access channel", channel=STUDIO, listed=False)
    found = await read_settings(app_fixture)
    assert (found.gallery_threshold, found.gallery_lower) == (8, 5)
    assert found.channel_tolerance == (ChannelTolerance(ChannelId(int(GALLERY)), 1),)
    assert found.allowed_channels == (seed_data.GALLERY_ID,)


@pytest.mark.parametrize(
    ("command", "options", "words"),
    [
        ("quotas monthly", {"dollars": "many"}, "a number"),
        ("quotas monthly", {"dollars": "-1"}, "from 0 to 1000000"),
        ("place time-zone", {"zone": "Middle/Earth"}, "such as Europe/Berlin"),
        ("gallery threshold", {"votes": 2, "lower": 2}, "less than the votes to come in"),
        ("amounts max-side", {"number": 512, "reset": True}, "a value or a reset, not both"),
        ("safety channel", {"level": 0}, "together with a channel or role"),
    ],
)
async def test_a_value_that_cannot_be_is_refused_in_words(
    app_fixture: AppFixture, command: str, options: Json, words: str
) -> None:
    assert words in await run_command(get_mia(app_fixture), f"settings {command}", **options)


async def test_a_channel_that_the_bot_cannot_use_is_named_with_what_lacks(
    app_fixture: AppFixture,
) -> None:
    guild = app_fixture.discord.guild
    for denied in (Permission.SEND_MESSAGES | Permission.ATTACH_FILES, Permission.VIEW_CHANNEL):
        guild.overwrite("gallery", "Expanse", deny=int(denied))
        await app_fixture.restart()
        warned = await run_command(
            get_mia(app_fixture), "settings gallery channel", channel=GALLERY
        )
        if denied is Permission.VIEW_CHANNEL:
            assert "I cannot see that channel" in warned
            assert "Nothing was changed" in warned
        else:
            assert f"may not post in <#{GALLERY}>" in warned
            assert "What it needs there: Send Messages, Attach Files." in warned
    panel = await open_section(app_fixture, "gallery")
    menu = next(part for part in list_controls(panel) if ".gallery-channel:" in part["custom_id"])
    unseen = get_mia(app_fixture).select(panel, menu["custom_id"], GALLERY)
    assert "I cannot see that channel" in await read_private_answer(unseen)
    guild.overwrite("gallery", "Expanse", deny=int(Permission.ATTACH_FILES))
    await app_fixture.restart()
    call = get_mia(app_fixture).select(panel, menu["custom_id"], GALLERY)
    warned = read_text(await call.message(lambda message: "may not post" in read_text(message)))
    assert "What it needs there: Attach Files." in warned


async def test_changes_are_on_record_and_posted_in_the_log_channel(app_fixture: AppFixture) -> None:
    await set_guild_settings(app_fixture, log_channel=ChannelId(seed_data.MODERATORS_ID))
    await run_command(get_mia(app_fixture), "settings safety tolerance", level=0)
    await run_command(
        get_mia(app_fixture), "moderate block", member=str(app_fixture.ana.id), reason="spam *now*"
    )
    record = await run_command(get_mia(app_fixture), "settings log")
    assert f"<@{seed_data.MIA_ID}> changed “Safety tolerance”: 2" in record
    assert f"blocked <@{app_fixture.ana.id}>: spam \\*now\\*" in record
    told = [read_text(message) for message in app_fixture.discord.guild.messages("moderators")]
    assert len(told) == 2
    assert "changed “Safety tolerance”" in told[0]


async def test_the_record_has_pages(app_fixture: AppFixture) -> None:
    for number in range(1, 13):
        await set_guild_settings(app_fixture, max_side=64 * number)
    page = await get_mia(app_fixture).invoke("settings log", {}).message()
    assert "Page 1" in read_text(page)
    older = await press_button(get_mia(app_fixture), page, "▶").message(
        lambda message: "Page 2" in read_text(message)
    )
    assert "left to the operator" in read_text(older)


@pytest.mark.parametrize("restart", [False, True])
async def test_the_panel_changes_values_by_menus_switches_and_forms(
    app_fixture: AppFixture, *, restart: bool
) -> None:
    safety = await open_section(app_fixture, "safety")
    if restart:
        await app_fixture.restart()
    await choose_value(app_fixture, safety, "tolerance", "0")
    await choose_value(app_fixture, safety, "adult-tolerance", "3")
    await choose_value(app_fixture, safety, "adult-tolerance", "none")
    await choose_value(app_fixture, safety, "menu-on-others", "moderators")
    await press_button(get_mia(app_fixture), safety, "Second content check").acknowledged()
    await wait_for_setting(app_fixture, "check_content", value=True)
    access = await open_section(app_fixture, "access")
    await choose_value(app_fixture, access, "allowed-channels", STUDIO)
    await choose_value(app_fixture, access, "allowed-roles", ROLE)
    quotas = await open_section(app_fixture, "quotas")
    form = await press_button(get_mia(app_fixture), quotas, "Change the numbers").modal()
    filled = {"results_per_user_day": "4", "usd_per_user_month": "1,5"}
    await (await get_mia(app_fixture).submit(form, filled)).acknowledged()
    await wait_for_setting(app_fixture, "usd_per_user_month", value=1_500_000)
    gallery = await open_section(app_fixture, "gallery")
    await choose_value(app_fixture, gallery, "gallery-channel", GALLERY)
    await choose_value(app_fixture, gallery, "gallery-mode", "every")
    place = await open_section(app_fixture, "place")
    await choose_value(app_fixture, place, "language", "fr")
    found = await read_settings(app_fixture)
    assert (found.tolerance, found.adult_tolerance) == (0, None)
    assert found.menu_on_others is MenuPolicy.MODERATORS
    assert found.allowed_channels == (seed_data.STUDIO_ID,)
    assert found.results_per_user_day == 4
    assert (found.gallery_mode, found.language) == (GalleryMode.EVERY, "fr")


async def open_section(app_fixture: AppFixture, section: str) -> Json:
    panel = await get_mia(app_fixture).invoke("settings panel", {}).message()
    assert "Safety tolerance" in read_text(panel)
    menu = next(part for part in list_controls(panel) if "section" in part["custom_id"])
    call = get_mia(app_fixture).select(panel, menu["custom_id"], section)
    return await call.message(lambda message: "Settings of" not in read_text(message))


async def choose_value(app_fixture: AppFixture, page: Json, key: str, value: str) -> None:
    """Choose in a menu, and wait until the page has been redrawn."""
    menu = next(part for part in list_controls(page) if f".{key}:" in part["custom_id"])
    before = await read_settings(app_fixture)
    await get_mia(app_fixture).select(page, menu["custom_id"], value).acknowledged()
    async with asyncio.timeout(5):
        while await read_settings(app_fixture) == before:  # noqa: ASYNC110 - another task writes it
            await asyncio.sleep(0.01)


async def wait_for_setting(app_fixture: AppFixture, name: str, *, value: object) -> None:
    async with asyncio.timeout(5):
        while getattr(await read_settings(app_fixture), name) != value:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.01)


async def test_a_form_with_a_number_that_cannot_be_changes_nothing(app_fixture: AppFixture) -> None:
    gallery = await open_section(app_fixture, "gallery")
    form = await press_button(get_mia(app_fixture), gallery, "Change the numbers").modal()
    values = {"gallery_threshold": "5", "gallery_account_days": "99999"}
    call = await get_mia(app_fixture).submit(form, values)
    refusal = await call.message(lambda message: "cannot have this value" in read_text(message))
    assert "from 0 to 3650" in read_text(refusal)
    assert (await read_settings(app_fixture)).gallery_threshold == 3


async def test_a_form_may_lower_both_thresholds_at_once(app_fixture: AppFixture) -> None:
    await set_guild_settings(app_fixture, gallery_threshold=10, gallery_lower=5)
    form = await press_button(
        get_mia(app_fixture), await open_section(app_fixture, "gallery"), "Change the numbers"
    ).modal()
    assert form["title"] == "Gallery"
    lowered = {"gallery_threshold": "3", "gallery_lower": "0"}
    await get_mia(app_fixture).submit(form, lowered)
    await wait_for_setting(app_fixture, "gallery_lower", value=0)
    assert (await read_settings(app_fixture)).gallery_threshold == 3


async def test_a_command_with_two_values_says_both(app_fixture: AppFixture) -> None:
    told = await run_command(get_mia(app_fixture), "settings gallery threshold", votes=4, lower=1)
    assert "**Votes to come in:** 4\n**Votes at which it leaves:** 1" in told


async def test_a_refusal_comes_in_the_answers_own_place(app_fixture: AppFixture) -> None:
    call = get_mia(app_fixture).invoke("settings place time-zone", {"zone": "Middle/Earth"})
    refusal = await call.message(lambda message: "cannot have this value" in read_text(message))
    assert refusal["id"] == (call.original or {})["id"]
    assert refusal["interaction"]["name"] == "settings place time-zone"


async def test_time_zones_are_offered_while_somebody_types(app_fixture: AppFixture) -> None:
    typed = get_mia(app_fixture).autocomplete("settings place time-zone", "zone", "new y")
    assert [each["value"] for each in await typed.choices()] == ["America/New_York"]


@pytest.mark.parametrize(
    ("kind", "level", "first"), [("family", 0, True), ("art", 4, False), ("adults", 5, False)]
)
async def test_a_preset_is_confirmed_and_held_under_the_operators_limit(
    app_fixture: AppFixture, kind: str, level: int, *, first: bool
) -> None:
    await app_fixture.stop()
    app_fixture.limits = app_fixture.limits.model_copy(update={"max_tolerance": 5})
    await app_fixture.start()
    asked = await get_mia(app_fixture).invoke("settings preset", {"kind": kind}).message()
    assert (await read_settings(app_fixture)).approve_first is False
    await press_button(get_mia(app_fixture), asked, "Yes").message(
        lambda message: "is settled" in read_text(message)
    )
    found = await read_settings(app_fixture)
    assert (found.adult_tolerance, found.approve_first) == (level, first)


async def test_a_level_above_the_operators_is_refused(app_fixture: AppFixture) -> None:
    await app_fixture.stop()
    app_fixture.limits = app_fixture.limits.model_copy(update={"max_tolerance": 3})
    await app_fixture.start()
    refusal = await run_command(get_mia(app_fixture), "settings safety adult-tolerance", level=4)
    assert "at most 3" in refusal
    assert (await read_settings(app_fixture)).adult_tolerance is None


async def test_a_switch_does_nothing_once_the_permission_is_gone(app_fixture: AppFixture) -> None:
    safety = await open_section(app_fixture, "safety")
    deny_moderators(app_fixture, Permission.MANAGE_GUILD)
    refusal = await read_private_answer(
        get_mia(app_fixture).press(safety, find_button(safety, "Second content check"))
    )
    assert "manage this server" in refusal
    assert not (await read_settings(app_fixture)).check_content
