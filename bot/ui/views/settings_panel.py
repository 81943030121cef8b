"""The panel of a guild's settings: an overview, and a page with menus for each section."""

from __future__ import annotations

import functools
from collections.abc import Callable
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

_TextChannelSelect: Final = functools.partial(
    ui.ChannelSelect[Any], channel_types=[discord.ChannelType.text]
)
_TARGETS: Final[dict[Kind, tuple[Callable[..., ui.Item[Any]], discord.SelectDefaultValueType]]] = {
    Kind.CHANNEL: (_TextChannelSelect, discord.SelectDefaultValueType.channel),
    Kind.CHANNELS: (_TextChannelSelect, discord.SelectDefaultValueType.channel),
    Kind.ROLES: (ui.RoleSelect[Any], discord.SelectDefaultValueType.role),
}
_MAX_OPTION_LENGTH: Final = 100
"""Characters of a menu's option (Discord's limit)."""
UNSET_VALUE: Final = "none"
"""What a menu sends for a value that is not set."""


def encode_setting_name(name: str) -> str:
    """Write a setting's name as a component's row can carry it."""
    return name.replace("_", "-")


def build_overview_card(
    controls: Controls,
    guild: GuildId,
    settings: GuildSettings,
    operator_limits: panel_texts.OperatorLimits,
) -> CardView:
    """Show every value, and a menu that opens a section."""
    _ = controls.gettext
    options = [
        discord.SelectOption(label=_(SECTION_TITLES[section]), value=section) for section in Section
    ]
    menu = controls.build_select(
        Action.SECTION, guild, options=options, hint=_(panel_texts.PANEL_HINT)
    )
    return build_card(
        COLOUR_WORKING,
        panel_texts.format_overview(_, settings, operator_limits),
        Row(menu),
    )


def build_section_card(
    controls: Controls,
    guild: GuildId,
    settings: GuildSettings,
    section: Section,
    operator_limits: panel_texts.OperatorLimits,
) -> CardView:
    """Show a section's values with what changes them."""
    _ = controls.gettext
    rows: list[ui.Item[Any] | str] = []
    for name in list_settings(section, MENU_KINDS):
        rows.append(f"**{_(TEXTS[name].name)}**")
        rows.append(Row(_build_select_menu(controls, guild, settings, name)))
    flags = [
        _build_flag_button(controls, guild, settings, name)
        for name in list_settings(section, {Kind.FLAG})
    ]
    last = [controls.build_button(Action.SECTION, guild, text=_(panel_texts.BACK_LABEL))]
    if list_settings(section, FORM_KINDS):
        label = panel_texts.form_label(_, section)
        ask = controls.build_button(
            Action.SETTINGS_ASK, SectionPayload(guild, section), text=label, style=Style.primary
        )
        last.insert(0, ask)
    rows += [Row(*flags)] if flags else []
    elsewhere = list_settings(section, MENU_KINDS | {Kind.FLAG})
    return build_card(
        COLOUR_WORKING,
        panel_texts.format_section(_, settings, section, operator_limits, elsewhere),
        *rows,
        Row(*last),
    )


def build_preset_card(controls: Controls, guild: GuildId, chosen: Preset) -> CardView:
    """Say what a preset changes, and ask."""
    button = controls.build_button(Action.PRESET, PresetPayload(guild, chosen), style=Style.danger)
    return build_card(
        COLOUR_FAILED,
        settings_texts.preset_question(controls.gettext, chosen),
        Row(button),
    )


def _build_flag_button(
    controls: Controls, guild: GuildId, settings: GuildSettings, name: str
) -> ui.Button[Any]:
    now = bool(getattr(settings, name))
    state = settings_texts.format_value(controls.gettext, name, now)
    return controls.build_button(
        Action.SET,
        SettingPayload(guild, encode_setting_name(name), str(int(not now))),
        text=f"{controls.gettext(TEXTS[name].name)}: {state}",
        style=Style.success if now else Style.secondary,
    )


def _build_select_menu(
    controls: Controls, guild: GuildId, settings: GuildSettings, name: str
) -> ui.Item[Any]:
    _, row, now = controls.gettext, SETTINGS[name], getattr(settings, name)
    mark = controls.codec.encode(Action.SET, SettingPayload(guild, encode_setting_name(name)))
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
