"""Texts of the settings panel: overview, sections, form."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from bot.domain.guild import SETTINGS, GuildSettings, list_settings
from bot.domain.settings_table import PANEL_KINDS, Section
from bot.ui.i18n.formatting import format_command
from bot.ui.i18n.translations import N_, Translations
from bot.ui.texts.settings.settings import (
    LEVELS_NOTE,
    MAX_ENTRIES,
    MAX_OVERVIEW_ENTRIES,
    dump_settings,
    format_value,
)
from bot.ui.texts.settings.table import (
    RESET_OPTION,
    SECTION_TITLES,
    TARGET_OPTIONS,
    TEXTS,
    get_command_path,
    get_option,
)

_MAX_LISTED: Final = 25
"""Entries that a command without its option shows: all that a setting may hold."""
OperatorLimits = Mapping[str, tuple[int, int]]
"""By setting: the operator's default and maximum."""


PANEL_HINT: Final = N_("Open a section")
BACK_LABEL: Final = N_("Back to the overview")


def format_overview(_: Translations, settings: GuildSettings, limits: OperatorLimits) -> str:
    """Return all values by section; long lists are shortened."""
    values = dump_settings(settings)
    parts = ["## " + _("Settings of this server")]
    for section in Section:
        parts.append(f"### {_(SECTION_TITLES[section])}")
        parts += [
            _format_line(_, name, values[name], limits, MAX_OVERVIEW_ENTRIES)
            for name in list_settings(section)
        ]
    return "\n".join(parts)


def format_section(
    _: Translations,
    settings: GuildSettings,
    section: Section,
    limits: OperatorLimits,
    excluded: Collection[str] = (),
) -> str:
    """Return a section's values, except those in `excluded`."""
    values = dump_settings(settings)
    parts = [f"## {_(SECTION_TITLES[section])}"]
    for name in (each for each in list_settings(section) if each not in excluded):
        line = _format_line(_, name, values[name], limits, MAX_ENTRIES)
        parts.append(
            line
            if SETTINGS[name].kind in PANEL_KINDS
            else f"{line} · {format_command(_, get_command_path(name))}"
        )
    if section is Section.SAFETY:
        parts.append("-# " + _(LEVELS_NOTE))
    return "\n".join(parts)


def _format_line(
    _: Translations, name: str, value: Any, limits: OperatorLimits, max_entries: int
) -> str:
    """Return a value's line, with the operator's default or maximum if that applies instead."""
    text = format_value(_, name, value, max_entries)
    if name in limits:
        default, highest = limits[name]
        if value is None:
            text = f"{text}: {format_value(_, name, default)}"
        elif value > highest:
            allowed = format_value(_, name, highest)
            text = _("{value}, but the operator allows {most}", value=text, most=allowed)
    return f"**{_(TEXTS[name].name)}:** {text}"


def describe_unchanged(
    _: Translations, names: Sequence[str], settings: GuildSettings, limits: OperatorLimits
) -> str:
    """Return the values of a command's settings, and how the command changes or clears them."""
    values = dump_settings(settings)
    lines = [_format_line(_, name, values[name], limits, _MAX_LISTED) for name in names]
    options = dict.fromkeys(
        option.name
        for name in names
        for option in (TARGET_OPTIONS.get(SETTINGS[name].kind), get_option(name))
        if option is not None
    )
    named = _.join_list([f"`{_.pgettext(each)}`" for each in options])
    hint = _(
        "Nothing was changed. Change it with {options}; clear it with {reset}.",
        options=named,
        reset=f"`{_.pgettext(RESET_OPTION.name)}: True`",
    )
    return "\n".join([*lines, f"-# {hint}"])


def describe_empty_value(_: Translations, name: str) -> str:
    """Say what an empty form field means; return an empty text if it is required."""
    default = SETTINGS[name].default
    if default is None:
        return format_value(_, name, None)
    return default if isinstance(default, str) else ""


def form_label(_: Translations, section: Section) -> str:
    """Return the label of the button that opens a section's form."""
    return _("Change the time zone") if section is Section.PLACE else _("Change the numbers")
