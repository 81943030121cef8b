"""The moderators' cards, forms and commands in every language, and in one that stretches."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import Any

import pytest
from discord import app_commands, ui

from bot.domain.gallery import GalleryMode
from bot.domain.guild import GuildSettings, MenuPolicy, RoleTier
from bot.domain.ids import ChannelId, GuildId, JobId, RoleId, UserId
from bot.domain.moderation import Act, ActKind, GuildChange, Stage, still_possible
from bot.domain.money import MicroUsd
from bot.domain.presets import Preset
from bot.domain.tolerance import ChannelCeiling, RoleCeiling
from bot.services.quarters import Case
from bot.services.rules import Record
from bot.ui import cards, cards_moderation, cards_settings, modals
from bot.ui import wording_moderation as moderation
from bot.ui import wording_panel as panel
from bot.ui import wording_settings as words
from bot.ui.speech import LANGUAGES, TONGUES, speech
from bot.ui.wording_settings import Section
from cogs.moderation import Moderate
from cogs.settings import Settings
from tests.storage.jobs import NOW
from tests.ui.test_pseudo_locale import (
    CONTROLS,
    HOSTILE,
    LIMITS,
    MOST_PARTS,
    MOST_TEXT,
    SAY,
    done,
    outside,
    parts,
    picture,
    shown,
    texts,
)

GUILD, MIA, ANA = GuildId(10**19), UserId(10**19), UserId(10**18)
NAME_SHAPE = re.compile(r"[-_'\w]{1,32}")
FULL = GuildSettings(
    tolerance=1,
    adult_tolerance=4,
    channel_tolerance=tuple(ChannelCeiling(ChannelId(10**18 + n), 1) for n in range(25)),
    role_tolerance=tuple(RoleCeiling(RoleId(10**18 + n), 1) for n in range(25)),
    check_content=True,
    allowed_channels=tuple(ChannelId(10**18 + n) for n in range(25)),
    allowed_roles=tuple(RoleId(10**18 + n) for n in range(25)),
    max_side=2048,
    menu_on_others=MenuPolicy.NOBODY,
    banned_words=tuple(f"{n}" for n in range(100)),
    banned_patterns=("1+",),
    moderators_channel=ChannelId(1),
    gallery_channel=ChannelId(2),
    gallery_mode=GalleryMode.VOTES,
    usd_per_month=MicroUsd(10**12),
    role_tiers=tuple(RoleTier(RoleId(10**18 + n), 10**6) for n in range(25)),
    language="de",
)
OPERATORS = {"results_per_user_day": (20, 100), "usd_per_month": (10**12, 10**9)}
ACTS = [Act(GUILD, MIA, NOW, kind, ANA, JobId("job1"), "9") for kind in ActKind]
CHANGES = [
    GuildChange(name, MIA, NOW, "null", "null")
    for name in (field.name for field in fields(GuildSettings))
]
PICTURES = [picture(n) for n in range(9)]


def case(stage: Stage, *reasons: str) -> Case:
    """Return a case with all that it can hold."""
    left = still_possible(stage, ())
    return Case(done(), PICTURES, b"", [done()] * 5, stage, reasons, tuple(ACTS), left)


CARDS: dict[str, Callable[[], ui.LayoutView]] = {
    "overview": lambda: cards_settings.overview(CONTROLS, GUILD, FULL, OPERATORS),
    **{
        f"section {section}": lambda section=section: cards_settings.section(  # type: ignore[misc] # bound now
            CONTROLS, GUILD, FULL, section, OPERATORS
        )
        for section in Section
    },
    **{
        f"preset {preset}": lambda preset=preset: cards_settings.preset(  # type: ignore[misc] # bound now
            CONTROLS, GUILD, preset
        )
        for preset in Preset
    },
    **{
        f"case {stage}": lambda stage=stage: cards_moderation.case(  # type: ignore[misc] # bound now
            CONTROLS, case(stage, *("9" * 500,) * 9)
        )
        for stage in Stage
    },
    "acts": lambda: cards_moderation.log(CONTROLS, GUILD, Record(ACTS, 0, has_more=True)),
    "changes": lambda: cards_moderation.log(
        CONTROLS, GUILD, Record(CHANGES[:10], 1, has_more=False)
    ),
    "waits": lambda: cards.note(moderation.waits(SAY, done())),
    "declined": lambda: cards.note(moderation.declined(SAY, done())),
    "lists": lambda: cards.note(moderation.words(SAY, [], [])),
}


@pytest.mark.parametrize("name", CARDS)
async def test_no_text_of_a_moderators_card_escapes_or_overflows(name: str) -> None:
    payload = shown(CARDS[name]())
    said = list(texts(payload))
    known = re.compile(rf"<[#@&]*\d+>|\d+|UTC|{'|'.join(TONGUES.values())}|\|\|")
    escaped = [text for _, text in said if re.search(r"[^\W\d_]{2,}", known.sub("", outside(text)))]
    assert not escaped
    assert sum(len(text) for key, text in said if key == "content") <= MOST_TEXT
    assert not [text for key, text in said if len(text) > LIMITS.get(key, MOST_TEXT)]
    assert parts(without_defaults(payload)) <= MOST_PARTS


def without_defaults(payload: Any) -> Any:
    """Leave out what is chosen in menus before anybody chooses: those are no components."""
    if isinstance(payload, list):
        return [without_defaults(each) for each in payload]
    if not isinstance(payload, dict):
        return payload
    kept = {key: value for key, value in payload.items() if key != "default_values"}
    return {key: without_defaults(value) for key, value in kept.items()}


async def test_moderators_forms_fit() -> None:
    asked = cards_settings.NUMBERS[Section.GALLERY]
    fields_of = {name: (SAY(words.NAMES[name]), "", "") for name in asked}
    for form in (
        modals.report(CONTROLS, "job1", 0),
        modals.block(CONTROLS, "job1"),
        modals.numbers(CONTROLS, Section.GALLERY, fields_of, GUILD),
    ):
        assert 1 <= len(form.to_dict()["components"]) <= 5


def test_every_setting_has_a_name_a_section_and_a_way_to_be_changed() -> None:
    names = {field.name for field in fields(GuildSettings)}
    assert set(words.NAMES) == names
    assert {name for section in words.SECTIONS.values() for name in section} == names


async def test_what_members_write_is_harmless_on_a_card() -> None:
    view = cards_moderation.case(CONTROLS, case(Stage.REPORTED, HOSTILE))
    said = "".join(text for _, text in texts(shown(view)))
    assert "@everyone" not in said
    assert "\u202e" not in said
    assert " [l](http" not in said


def commands_of(cog: Any) -> Iterator[app_commands.Command[Any, ..., Any] | app_commands.Group]:
    pending: list[Any] = [*cog.__cog_app_commands__]
    groups = [each for each in vars(cog).values() if isinstance(each, app_commands.Group)]
    pending += [each for group in groups for each in (group, *group.commands)]
    yield from dict.fromkeys(pending)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("cog", [Settings, Moderate])
def test_moderators_commands_fit_discord(language: str, cog: Any) -> None:
    say, total = speech(language), 0
    for command in commands_of(cog):
        name, about = command._locale_name, command._locale_description
        assert name is not None
        assert about is not None
        called, text = say.name(name.message), say(about.message)
        assert NAME_SHAPE.fullmatch(called), called
        assert called == called.lower()
        assert 1 <= len(text) <= 100, text
        total += len(called) + len(text)
        for parameter in getattr(command, "_params", {}).values():
            option: Any = parameter._rename
            described: Any = parameter.description
            assert NAME_SHAPE.fullmatch(say.name(option.message)), option.message
            assert len(say(described.message)) <= 100
            total += len(say.name(option.message)) + len(say(described.message))
    assert total <= 7_500


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_of_settings_fit_labels_and_form_fields(language: str) -> None:
    say = speech(language)
    numbers = {name for names in cards_settings.NUMBERS.values() for name in names}
    assert not [name for name in numbers if len(say(words.NAMES[name])) > 45]
    flags = {name for names in cards_settings.FLAGS.values() for name in names}
    assert not [name for name in flags if len(say(words.NAMES[name])) > 70]


def test_the_panel_says_what_the_operators_limits_make_of_a_value() -> None:
    limits = {"results_per_user_day": (20, 100)}
    unset = panel.section_text(speech("en"), GuildSettings(), Section.QUOTAS, limits)
    assert "**Pictures per member and day:** left to the operator: 20" in unset
    above = GuildSettings(results_per_user_day=99_999)
    said = panel.section_text(speech("en"), above, Section.QUOTAS, limits)
    assert "99999, but the operator allows 100" in said
