"""The moderators' cards, forms and commands in every language, and in one that stretches."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import Any

import pytest
from discord import app_commands, ui

from bot.domain.content import ChannelTolerance, RoleTolerance
from bot.domain.gallery import GalleryMode
from bot.domain.guild import SETTINGS, GuildSettings, MenuPolicy, Preset, RoleTier, list_settings
from bot.domain.ids import ChannelId, GuildId, JobId, RoleId, UserId
from bot.domain.moderation import (
    ActionKind,
    CaseStage,
    ModerationAction,
    SettingChange,
    list_possible_actions,
)
from bot.domain.money import MicroUsd
from bot.domain.order import PictureRef
from bot.domain.settings_table import FORM_KINDS, Kind, Section
from bot.services.guilds.settings import ChangeLogPage
from bot.services.ports.channels import ModerationCase
from bot.ui.i18n.translations import LANGUAGE_NAMES, LANGUAGES, get_translations
from bot.ui.texts import moderation as moderation_texts
from bot.ui.texts.settings import panel as panel_texts
from bot.ui.texts.settings.table import TEXTS, get_option
from bot.ui.views import (
    base as base_views,
)
from bot.ui.views import (
    modals,
)
from bot.ui.views import (
    moderation as moderation_views,
)
from bot.ui.views import (
    settings_panel as settings_views,
)
from bot.ui.views.payloads import SectionPayload
from cogs.moderation import ModerationCog
from cogs.settings import SettingsCog
from tests.support.job_builders import NOW
from tests.ui.i18n.test_pseudo_locale import (
    CONTROLS,
    HOSTILE,
    LIMITS,
    MOST_PARTS,
    MOST_TEXT,
    TRANSLATE,
    build_done_job,
    build_picture,
    count_parts,
    find_untranslated,
    list_texts,
    render_view,
)

GUILD, MIA, ANA = GuildId(10**19), UserId(10**19), UserId(10**18)
NAME_SHAPE = re.compile(r"[-_'\w]{1,32}")
FULL = GuildSettings(
    tolerance=1,
    adult_tolerance=4,
    channel_tolerance=tuple(ChannelTolerance(ChannelId(10**18 + n), 1) for n in range(25)),
    role_tolerance=tuple(RoleTolerance(RoleId(10**18 + n), 1) for n in range(25)),
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
PANEL = settings_views.Panel(CONTROLS, GUILD, FULL, OPERATORS)
ACTS = [ModerationAction(GUILD, MIA, NOW, kind, ANA, JobId("job1"), "9") for kind in ActionKind]
CHANGES = [
    SettingChange(name, MIA, NOW, "null", "null")
    for name in (field.name for field in fields(GuildSettings))
]
PICTURES = [build_picture(n) for n in range(9)]


def build_case(stage: CaseStage, *reasons: str) -> ModerationCase:
    """Return a case with all that it can hold."""
    left = list_possible_actions(stage, ())
    return ModerationCase(
        build_done_job(), PICTURES, b"", [build_done_job()] * 5, stage, reasons, tuple(ACTS), left
    )


CARDS: dict[str, Callable[[], ui.LayoutView]] = {
    "overview": lambda: settings_views.build_overview_card(PANEL),
    **{
        f"section {section}": lambda section=section: settings_views.build_section_card(  # type: ignore[misc] # bound now
            PANEL, section
        )
        for section in Section
    },
    **{
        f"preset {preset}": lambda preset=preset: settings_views.build_preset_card(  # type: ignore[misc] # bound now
            CONTROLS, GUILD, preset
        )
        for preset in Preset
    },
    **{
        f"case {stage}": lambda stage=stage: moderation_views.build_case_card(  # type: ignore[misc] # bound now
            CONTROLS, build_case(stage, *("9" * 500,) * 9)
        )
        for stage in CaseStage
    },
    "acts": lambda: moderation_views.build_log_card(
        CONTROLS, GUILD, ChangeLogPage(ACTS, 0, has_more=True)
    ),
    "changes": lambda: moderation_views.build_log_card(
        CONTROLS, GUILD, ChangeLogPage(CHANGES[:10], 1, has_more=False)
    ),
    "waits": lambda: base_views.build_note(
        moderation_texts.awaiting_approval_text(TRANSLATE, build_done_job())
    ),
    "declined": lambda: base_views.build_note(
        moderation_texts.describe_declined_result(TRANSLATE, build_done_job())
    ),
    "lists": lambda: base_views.build_note(moderation_texts.format_word_lists(TRANSLATE, [], [])),
}


@pytest.mark.parametrize("name", CARDS)
async def test_no_text_of_a_moderators_card_escapes_or_overflows(name: str) -> None:
    payload = render_view(CARDS[name]())
    said = list(list_texts(payload))
    known = re.compile(rf"<[#@&]*\d+>|\d+|UTC|{'|'.join(LANGUAGE_NAMES.values())}|\|\|")
    escaped = [
        text
        for _, text in said
        if re.search(r"[^\W\d_]{2,}", known.sub("", find_untranslated(text)))
    ]
    assert not escaped
    assert sum(len(text) for key, text in said if key == "content") <= MOST_TEXT
    assert not [text for key, text in said if len(text) > LIMITS.get(key, MOST_TEXT)]
    assert count_parts(drop_defaults(payload)) <= MOST_PARTS


def drop_defaults(payload: Any) -> Any:
    """Leave out what is chosen in menus before anybody chooses: those are no components."""
    if isinstance(payload, list):
        return [drop_defaults(each) for each in payload]
    if not isinstance(payload, dict):
        return payload
    kept = {key: value for key, value in payload.items() if key != "default_values"}
    return {key: drop_defaults(value) for key, value in kept.items()}


async def test_moderators_forms_fit() -> None:
    asked = list_settings(Section.GALLERY, FORM_KINDS)
    fields_of = dict.fromkeys(asked, ("", ""))
    for form in (
        modals.build_report_modal(CONTROLS, PictureRef(JobId("job1"), 0)),
        modals.build_block_modal(CONTROLS, JobId("job1")),
        modals.build_settings_modal(CONTROLS, SectionPayload(GUILD, Section.GALLERY), fields_of),
    ):
        assert 1 <= len(form.to_dict()["components"]) <= 5


def test_every_setting_has_a_row_with_its_texts() -> None:
    assert set(TEXTS) == set(SETTINGS) == {field.name for field in fields(GuildSettings)}
    assert [name for section in Section for name in list_settings(section)] == list(SETTINGS)
    assert [name for name in TEXTS if not TEXTS[name].command] == [
        name for name, row in SETTINGS.items() if row.kind is Kind.WORDS
    ]


def test_the_options_of_one_command_differ() -> None:
    options = [
        (SETTINGS[name].section, texts.command, get_option(name).parameter)
        for name, texts in TEXTS.items()
        if texts.command
    ]
    assert len(set(options)) == len(options)


async def test_what_members_write_is_harmless_on_a_card() -> None:
    view = moderation_views.build_case_card(CONTROLS, build_case(CaseStage.REPORTED, HOSTILE))
    said = "".join(text for _, text in list_texts(render_view(view)))
    assert "@everyone" not in said
    assert "\u202e" not in said
    assert " [l](http" not in said


def list_commands(cog: Any) -> Iterator[app_commands.Command[Any, ..., Any] | app_commands.Group]:
    pending: list[Any] = [*cog.__cog_app_commands__]
    groups = [each for each in vars(cog).values() if isinstance(each, app_commands.Group)]
    pending += [each for group in groups for each in (group, *group.commands)]
    yield from dict.fromkeys(pending)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("cog", [SettingsCog, ModerationCog])
def test_moderators_commands_fit_discord(language: str, cog: Any) -> None:
    _, total = get_translations(language), 0
    for command in list_commands(cog):
        name, about = command._locale_name, command._locale_description
        assert name is not None
        assert about is not None
        called, text = _.pgettext(name.message), _(about.message)
        assert NAME_SHAPE.fullmatch(called), called
        assert called == called.lower()
        assert 1 <= len(text) <= 100, text
        total += len(called) + len(text)
        for parameter in getattr(command, "_params", {}).values():
            option: Any = parameter._rename
            described: Any = parameter.description
            assert NAME_SHAPE.fullmatch(_.pgettext(option.message)), option.message
            assert len(_(described.message)) <= 100
            total += len(_.pgettext(option.message)) + len(_(described.message))
    assert total <= 7_500


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_of_settings_fit_labels_and_form_fields(language: str) -> None:
    _ = get_translations(language)
    numbers = [name for name, row in SETTINGS.items() if row.kind in FORM_KINDS]
    assert not [name for name in numbers if len(_(TEXTS[name].name)) > 45]
    flags = [name for name, row in SETTINGS.items() if row.kind is Kind.FLAG]
    assert not [name for name in flags if len(_(TEXTS[name].name)) > 70]


def test_the_panel_says_what_the_operators_limits_make_of_a_value() -> None:
    limits = {"results_per_user_day": (20, 100)}
    unset = panel_texts.format_section(
        get_translations("en"), GuildSettings(), Section.QUOTAS, limits
    )
    assert "**Pictures per member and day:** left to the operator: 20" in unset
    above = GuildSettings(results_per_user_day=99_999)
    said = panel_texts.format_section(get_translations("en"), above, Section.QUOTAS, limits)
    assert "99999, but the operator allows 100" in said
