"""The panel of a guild's settings: an overview, and a page with menus for each section."""

from __future__ import annotations

from typing import Any, Final

import discord
from discord import ui

from bot.domain.guild import GuildSettings
from bot.domain.ids import GuildId
from bot.domain.presets import Preset
from bot.domain.tolerance import MAX_TOLERANCE, ORDINARY_MAX
from bot.ui.actions import Action
from bot.ui.i18n.formatting import shorten_text
from bot.ui.i18n.translations import LANGUAGE_NAMES
from bot.ui.texts.settings import panel as panel_texts
from bot.ui.texts.settings import settings as settings_texts
from bot.ui.texts.settings.settings import Section
from bot.ui.views.base import COLOUR_FAILED, COLOUR_WORKING, CardView, build_card, build_text
from bot.ui.views.components import Controls, Row, Style

_MAX_SELECTED: Final = 25
_MAX_OPTION_LENGTH: Final = 100
"""Characters of a menu's option (Discord's limit)."""
UNSET_VALUE: Final = "none"
"""What a menu sends for a value that is not set."""
FLAG_SETTINGS: Final = {
    Section.SAFETY: ("check_content", "approve_first"),
    Section.GALLERY: ("gallery_self_votes", "gallery_frozen", "gallery_weekly"),
}
MENU_SETTINGS: Final = {
    Section.SAFETY: ("tolerance", "adult_tolerance", "menu_on_others"),
    Section.ACCESS: ("allowed_channels", "allowed_roles"),
    Section.GALLERY: ("gallery_channel", "gallery_mode", "gallery_voter_roles"),
    Section.PLACE: ("language", "log_channel", "moderators_channel"),
}
NUMBER_SETTINGS: Final = {
    Section.AMOUNTS: ("max_side", "results_per_command", "preview_above"),
    Section.QUOTAS: ("results_per_user_day", "usd_per_user_month", "usd_per_month"),
    Section.GALLERY: (
        "gallery_threshold",
        "gallery_lower",
        "gallery_account_days",
        "gallery_message_minutes",
    ),
    Section.PLACE: ("time_zone",),
}


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
    _ = controls.translations
    options = [
        discord.SelectOption(label=_(settings_texts.SECTION_TITLES[section]), value=section)
        for section in Section
    ]
    menu = controls.build_select(
        Action.SECTION, guild, options=options, hint=panel_texts.panel_hint(_)
    )
    return build_card(
        COLOUR_WORKING,
        build_text(panel_texts.format_overview(_, settings, operator_limits)),
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
    _ = controls.translations
    rows: list[ui.Item[Any]] = []
    for name in MENU_SETTINGS.get(section, ()):
        rows.append(build_text(f"**{_(settings_texts.SETTING_NAMES[name])}**"))
        rows.append(Row(_build_select_menu(controls, guild, settings, name)))
    flags = [
        _build_flag_button(controls, guild, settings, name)
        for name in FLAG_SETTINGS.get(section, ())
    ]
    last = [controls.build_button(Action.SECTION, guild, text=panel_texts.back_label(_))]
    if section in NUMBER_SETTINGS:
        label = panel_texts.form_label(_, section)
        ask = controls.build_button(
            Action.SETTINGS_ASK, guild, section, text=label, style=Style.primary
        )
        last.insert(0, ask)
    rows += [Row(*flags)] if flags else []
    elsewhere = (*MENU_SETTINGS.get(section, ()), *FLAG_SETTINGS.get(section, ()))
    return build_card(
        COLOUR_WORKING,
        build_text(panel_texts.format_section(_, settings, section, operator_limits, elsewhere)),
        *rows,
        Row(*last),
    )


def find_section(name: str) -> Section:
    return next(section for section, names in settings_texts.SECTIONS.items() if name in names)


def build_preset_card(controls: Controls, guild: GuildId, chosen: Preset) -> CardView:
    """Say what a preset changes, and ask."""
    button = controls.build_button(Action.PRESET, guild, chosen, style=Style.danger)
    return build_card(
        COLOUR_FAILED,
        build_text(settings_texts.preset_question(controls.translations, chosen)),
        Row(button),
    )


def _build_flag_button(
    controls: Controls, guild: GuildId, settings: GuildSettings, name: str
) -> ui.Button[Any]:
    now = bool(getattr(settings, name))
    state = settings_texts.format_value(controls.translations, name, now)
    return controls.build_button(
        Action.SET,
        guild,
        encode_setting_name(name),
        int(not now),
        text=f"{controls.translations(settings_texts.SETTING_NAMES[name])}: {state}",
        style=Style.success if now else Style.secondary,
    )


def _build_select_menu(
    controls: Controls, guild: GuildId, settings: GuildSettings, name: str
) -> ui.Item[Any]:
    # what an empty menu means
    empty: list[str] | None = [] if name.endswith("s") else None
    hint = settings_texts.format_value(controls.translations, name, empty)
    hint = shorten_text(hint, _MAX_OPTION_LENGTH)
    mark = controls.codec.encode(Action.SET, guild, encode_setting_name(name))
    now = getattr(settings, name)
    chosen = [] if now is None else list(now) if isinstance(now, tuple) else [now]
    several = _MAX_SELECTED if isinstance(now, tuple) else 1
    if name.endswith(("_channel", "_channels")):
        kind = discord.SelectDefaultValueType.channel
        return ui.ChannelSelect(
            custom_id=mark,
            placeholder=hint,
            min_values=0,
            max_values=several,
            channel_types=[discord.ChannelType.text],
            default_values=[discord.SelectDefaultValue(id=each, type=kind) for each in chosen],
        )
    if name.endswith("_roles"):
        kind = discord.SelectDefaultValueType.role
        return ui.RoleSelect(
            custom_id=mark,
            placeholder=hint,
            min_values=0,
            max_values=several,
            default_values=[discord.SelectDefaultValue(id=each, type=kind) for each in chosen],
        )
    options = [
        discord.SelectOption(
            label=shorten_text(label, _MAX_OPTION_LENGTH),
            value=value,
            default=value == (UNSET_VALUE if now in {None, ""} else str(now)),
        )
        for value, label in _list_choices(controls, name).items()
    ]
    return ui.Select(custom_id=mark, options=options, placeholder=hint)


def _list_choices(controls: Controls, name: str) -> dict[str, str]:
    _ = controls.translations
    match name:
        case "tolerance":
            return {str(at): settings_texts.format_level(_, at) for at in range(ORDINARY_MAX + 1)}
        case "adult_tolerance":
            levels = {
                str(at): settings_texts.format_level(_, at) for at in range(MAX_TOLERANCE + 1)
            }
            return {UNSET_VALUE: settings_texts.same_everywhere_label(_), **levels}
        case "menu_on_others":
            return {value: _(label) for value, label in settings_texts.MENU_POLICY_TEXTS.items()}
        case "gallery_mode":
            return {value: _(label) for value, label in settings_texts.GALLERY_MODE_TEXTS.items()}
        case _:
            return {UNSET_VALUE: settings_texts.guild_locale_label(_), **LANGUAGE_NAMES}
