"""The settings panel: an overview, a page per section, and preset confirmation."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import discord
from discord import ui

from bot.domain.guild import SETTINGS, GuildSettings, Preset, list_settings
from bot.domain.ids import GuildId
from bot.domain.settings_table import FORM_KINDS, MENU_KINDS, Kind, Section
from bot.ui.actions import Action
from bot.ui.i18n.formatting import shorten_text
from bot.ui.i18n.translations import LANGUAGE_NAMES, Translations
from bot.ui.texts.settings import panel as panel_texts
from bot.ui.texts.settings import settings as settings_texts
from bot.ui.texts.settings.table import CHOICE_TEXTS, SECTION_TITLES, TEXTS
from bot.ui.views.base import COLOUR_FAILED, COLOUR_WORKING, CardView, build_card
from bot.ui.views.components import Controls, Row, Style
from bot.ui.views.payloads import PresetPayload, SectionPayload, SettingPayload

_POSTABLE_TYPES: Final = [
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.voice,
    discord.ChannelType.stage_voice,
]
_RULED_TYPES: Final = [*_POSTABLE_TYPES, discord.ChannelType.forum, discord.ChannelType.media]
"""Types of `POSTABLE_CHANNELS` and `RULED_CHANNELS`; rules of a channel bind its threads."""
_PostableSelect: Final = functools.partial(ui.ChannelSelect[Any], channel_types=_POSTABLE_TYPES)
_RuledSelect: Final = functools.partial(ui.ChannelSelect[Any], channel_types=_RULED_TYPES)
_TARGETS: Final[dict[Kind, tuple[Callable[..., ui.Item[Any]], discord.SelectDefaultValueType]]] = {
    Kind.CHANNEL: (_PostableSelect, discord.SelectDefaultValueType.channel),
    Kind.CHANNELS: (_RuledSelect, discord.SelectDefaultValueType.channel),
    Kind.ROLES: (ui.RoleSelect[Any], discord.SelectDefaultValueType.role),
}
_MAX_OPTION_LENGTH: Final = 100
"""Discord's limit of characters for a menu option."""
UNSET_VALUE: Final = "none"
"""Menu value that stands for an unset setting."""


@dataclass(frozen=True, slots=True)
class Panel:
    """What the cards of a guild's settings panel show."""

    controls: Controls
    guild: GuildId
    settings: GuildSettings
    limits: panel_texts.OperatorLimits


def build_overview_card(panel: Panel) -> CardView:
    """Show all values and a menu of sections."""
    _ = panel.controls.gettext
    options = [discord.SelectOption(label=_(SECTION_TITLES[each]), value=each) for each in Section]
    hint = _(panel_texts.PANEL_HINT)
    menu = panel.controls.build_select(Action.SECTION, panel.guild, options=options, hint=hint)
    text = panel_texts.format_overview(_, panel.settings, panel.limits)
    return build_card(COLOUR_WORKING, text, Row(menu))


def build_section_card(panel: Panel, section: Section) -> CardView:
    """Show a section's values with menus and buttons to change them."""
    controls, guild = panel.controls, panel.guild
    _ = controls.gettext
    rows: list[ui.Item[Any] | str] = []
    for name in list_settings(section, MENU_KINDS):
        rows += [f"**{_(TEXTS[name].name)}**", Row(_build_select_menu(panel, name))]
    if flags := list_settings(section, {Kind.FLAG}):
        rows.append(Row(*(_build_flag_button(panel, name) for name in flags)))
    last = [controls.build_button(Action.SECTION, guild, text=_(panel_texts.BACK_LABEL))]
    if list_settings(section, FORM_KINDS):
        payload, label = SectionPayload(guild, section), panel_texts.form_label(_, section)
        ask = controls.build_button(Action.SETTINGS_ASK, payload, text=label, style=Style.primary)
        last.insert(0, ask)
    elsewhere = list_settings(section, MENU_KINDS | {Kind.FLAG})
    text = panel_texts.format_section(_, panel.settings, section, panel.limits, elsewhere)
    return build_card(COLOUR_WORKING, text, *rows, Row(*last))


def build_preset_card(controls: Controls, guild: GuildId, chosen: Preset) -> CardView:
    """Show what a preset would change, with a button to apply it."""
    button = controls.build_button(Action.PRESET, PresetPayload(guild, chosen), style=Style.danger)
    question = settings_texts.preset_question(controls.gettext, chosen)
    return build_card(COLOUR_FAILED, question, Row(button))


def _build_flag_button(panel: Panel, name: str) -> ui.Button[Any]:
    _, now = panel.controls.gettext, bool(getattr(panel.settings, name))
    return panel.controls.build_button(
        Action.SET,
        SettingPayload(panel.guild, name.replace("_", "-"), str(int(not now))),
        text=f"{_(TEXTS[name].name)}: {settings_texts.format_value(_, name, now)}",
        style=Style.success if now else Style.secondary,
    )


def _build_select_menu(panel: Panel, name: str) -> ui.Item[Any]:
    _, row, now = panel.controls.gettext, SETTINGS[name], getattr(panel.settings, name)
    payload = SettingPayload(panel.guild, name.replace("_", "-"))
    mark = panel.controls.codec.encode(Action.SET, payload)
    hint = shorten_text(_(TEXTS[name].empty), _MAX_OPTION_LENGTH)
    if row.kind in _TARGETS:
        select, target = _TARGETS[row.kind]
        chosen = now if isinstance(now, tuple) else () if now is None else (now,)
        return select(
            custom_id=mark,
            placeholder=hint,
            min_values=0,
            max_values=row.max_entries if isinstance(now, tuple) else 1,
            default_values=[discord.SelectDefaultValue(id=each, type=target) for each in chosen],
        )
    options = [
        discord.SelectOption(
            label=shorten_text(label, _MAX_OPTION_LENGTH),
            value=value,
            default=value == (UNSET_VALUE if now in {None, ""} else str(now)),
        )
        for value, label in _list_choices(_, name).items()
    ]
    return ui.Select(custom_id=mark, options=options, placeholder=hint)


def _list_choices(_: Translations, name: str) -> dict[str, str]:
    row = SETTINGS[name]
    unset = {} if row.default else {UNSET_VALUE: _(TEXTS[name].empty)}
    match row.kind:
        case Kind.LEVEL:
            lowest, highest = row.bounds
            levels = range(lowest, highest + 1)
            return unset | {str(at): settings_texts.format_level(_, at) for at in levels}
        case Kind.CHOICE:
            return {each.value: _(CHOICE_TEXTS[each]) for each in type(row.default)}
        case _:
            return unset | LANGUAGE_NAMES
