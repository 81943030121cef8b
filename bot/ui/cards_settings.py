"""The panel of a guild's settings: an overview, and a page with menus for each section."""

from __future__ import annotations

from typing import Any, Final

import discord
from discord import ui

from bot.domain.guild import GuildSettings
from bot.domain.ids import GuildId
from bot.domain.presets import Preset
from bot.domain.tolerance import MAX_TOLERANCE, ORDINARY_MAX
from bot.ui import wording_panel as panel
from bot.ui import wording_settings as words
from bot.ui.actions import Action
from bot.ui.buttons import Controls, Row, Style
from bot.ui.cards import FAILED, WORKING, Card, card, text
from bot.ui.speech import TONGUES
from bot.ui.wording import shortened
from bot.ui.wording_settings import Section

_MOST: Final = 25
_OPTION: Final = 100
"""Characters of a menu's option (Discord's limit)."""
NONE: Final = "none"
"""What a menu sends for a value that is not set."""
FLAGS: Final = {
    Section.SAFETY: ("check_content", "approve_first"),
    Section.GALLERY: ("gallery_self_votes", "gallery_frozen", "gallery_weekly"),
}
MENUS: Final = {
    Section.SAFETY: ("tolerance", "adult_tolerance", "menu_on_others"),
    Section.ACCESS: ("allowed_channels", "allowed_roles"),
    Section.GALLERY: ("gallery_channel", "gallery_mode", "gallery_voter_roles"),
    Section.PLACE: ("language", "log_channel", "moderators_channel"),
}
NUMBERS: Final = {
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


def key(name: str) -> str:
    """Write a setting's name as a component's row can carry it."""
    return name.replace("_", "-")


def overview(
    controls: Controls, guild: GuildId, settings: GuildSettings, operators: panel.Operators
) -> Card:
    """Show every value, and a menu that opens a section."""
    say = controls.say
    options = [
        discord.SelectOption(label=say(words.TITLES[section]), value=section) for section in Section
    ]
    menu = controls.select(Action.SECTION, guild, options=options, hint=panel.panel_hint(say))
    return card(WORKING, text(panel.overview(say, settings, operators)), Row(menu))


def section(
    controls: Controls,
    guild: GuildId,
    settings: GuildSettings,
    shown: Section,
    operators: panel.Operators,
) -> Card:
    """Show a section's values with what changes them."""
    say = controls.say
    rows: list[ui.Item[Any]] = []
    for name in MENUS.get(shown, ()):
        rows.append(text(f"**{say(words.NAMES[name])}**"))
        rows.append(Row(_menu(controls, guild, settings, name)))
    flags = [_flag(controls, guild, settings, name) for name in FLAGS.get(shown, ())]
    last = [controls.button(Action.SECTION, guild, text=panel.back_label(say))]
    if shown in NUMBERS:
        label = panel.form_label(say, shown)
        ask = controls.button(Action.SETTINGS_ASK, guild, shown, text=label, style=Style.primary)
        last.insert(0, ask)
    rows += [Row(*flags)] if flags else []
    elsewhere = (*MENUS.get(shown, ()), *FLAGS.get(shown, ()))
    return card(
        WORKING,
        text(panel.section_text(say, settings, shown, operators, elsewhere)),
        *rows,
        Row(*last),
    )


def section_of(name: str) -> Section:
    return next(section for section, names in words.SECTIONS.items() if name in names)


def preset(controls: Controls, guild: GuildId, chosen: Preset) -> Card:
    """Say what a preset changes, and ask."""
    button = controls.button(Action.PRESET, guild, chosen, style=Style.danger)
    return card(FAILED, text(words.preset_text(controls.say, chosen)), Row(button))


def _flag(controls: Controls, guild: GuildId, settings: GuildSettings, name: str) -> ui.Button[Any]:
    now = bool(getattr(settings, name))
    state = words.shown(controls.say, name, now)
    return controls.button(
        Action.SET,
        guild,
        key(name),
        int(not now),
        text=f"{controls.say(words.NAMES[name])}: {state}",
        style=Style.success if now else Style.secondary,
    )


def _menu(controls: Controls, guild: GuildId, settings: GuildSettings, name: str) -> ui.Item[Any]:
    # what an empty menu means
    hint = shortened(words.shown(controls.say, name, [] if name.endswith("s") else None), _OPTION)
    mark = controls.seal.mark(Action.SET, guild, key(name))
    now = getattr(settings, name)
    chosen = [] if now is None else list(now) if isinstance(now, tuple) else [now]
    several = _MOST if isinstance(now, tuple) else 1
    if name.endswith(("_channel", "_channels")):
        return ui.ChannelSelect(
            custom_id=mark,
            placeholder=hint,
            min_values=0,
            max_values=several,
            channel_types=[discord.ChannelType.text],
            default_values=[
                discord.SelectDefaultValue(id=each, type=discord.SelectDefaultValueType.channel)
                for each in chosen
            ],
        )
    if name.endswith("_roles"):
        return ui.RoleSelect(
            custom_id=mark,
            placeholder=hint,
            min_values=0,
            max_values=several,
            default_values=[
                discord.SelectDefaultValue(id=each, type=discord.SelectDefaultValueType.role)
                for each in chosen
            ],
        )
    options = [
        discord.SelectOption(
            label=shortened(label, _OPTION),
            value=value,
            default=value == (NONE if now in {None, ""} else str(now)),
        )
        for value, label in _choices(controls, name).items()
    ]
    return ui.Select(custom_id=mark, options=options, placeholder=hint)


def _choices(controls: Controls, name: str) -> dict[str, str]:
    say = controls.say
    match name:
        case "tolerance":
            return {str(at): words.level(say, at) for at in range(ORDINARY_MAX + 1)}
        case "adult_tolerance":
            levels = {str(at): words.level(say, at) for at in range(MAX_TOLERANCE + 1)}
            return {NONE: words.as_everywhere(say), **levels}
        case "menu_on_others":
            return {value: say(label) for value, label in words.MENU.items()}
        case "gallery_mode":
            return {value: say(label) for value, label in words.MODES.items()}
        case _:
            return {NONE: words.by_locale(say), **TONGUES}
