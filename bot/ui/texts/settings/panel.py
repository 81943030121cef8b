"""What the panel of a guild's settings says: its overview, its sections, its form."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from bot.domain.guild import GuildSettings
from bot.ui.i18n.translations import Translations
from bot.ui.texts.settings.settings import (
    MAX_ENTRIES,
    MAX_OVERVIEW_ENTRIES,
    SECTION_TITLES,
    SECTIONS,
    SETTING_NAMES,
    Section,
    dump_settings,
    format_value,
    levels_note,
)

OperatorLimits = Mapping[str, tuple[int, int]]
"""By setting: what holds where the guild has none of its own, and the most that counts."""
_COMMANDS: Final[Mapping[str, str]] = {
    "channel_tolerance": "settings safety channel",
    "role_tolerance": "settings safety role",
    "banned_words": "moderate words add",
    "banned_patterns": "moderate words add-pattern",
    "role_tiers": "settings quotas tier",
}
"""What changes the values that the panel only shows."""


def format_overview(
    say: Translations, settings: GuildSettings, operator_limits: OperatorLimits
) -> str:
    """Write all values by section; of a list few entries are named."""
    told = dump_settings(settings)
    parts = ["## " + say("Settings of this server")]
    for section in Section:
        parts.append(f"### {say(SECTION_TITLES[section])}")
        parts += [
            _format_line(say, name, told[name], operator_limits, MAX_OVERVIEW_ENTRIES)
            for name in SECTIONS[section]
        ]
    return "\n".join(parts)


def format_section(
    say: Translations,
    settings: GuildSettings,
    section: Section,
    operator_limits: OperatorLimits,
    excluded: Collection[str] = (),
) -> str:
    """Write a section's values but those that are shown `elsewhere` on the page."""
    told = dump_settings(settings)
    parts = [f"## {say(SECTION_TITLES[section])}"]
    for name in (each for each in SECTIONS[section] if each not in excluded):
        line = _format_line(say, name, told[name], operator_limits, MAX_ENTRIES)
        parts.append(f"{line} · {_format_command(say, name)}" if name in _COMMANDS else line)
    if section is Section.SAFETY:
        parts.append("-# " + levels_note(say))
    return "\n".join(parts)


def _format_line(
    say: Translations, name: str, value: Any, operator_limits: OperatorLimits, max_entries: int
) -> str:
    """Write a value, and the operator's where that is the one that counts."""
    said = format_value(say, name, value, max_entries)
    if name in operator_limits:
        default, highest = operator_limits[name]
        if value is None:
            said = f"{said}: {format_value(say, name, default)}"
        elif value > highest:
            allowed = format_value(say, name, highest)
            said = say("{value}, but the operator allows {most}", value=said, most=allowed)
    return f"**{say(SETTING_NAMES[name])}:** {said}"


def _format_command(say: Translations, name: str) -> str:
    words = (say.translate_name(each) for each in _COMMANDS[name].split())
    return f"`/{' '.join(words)}`"


def describe_empty_value(say: Translations, name: str) -> str:
    """Say what a form's field means that is left empty; nothing where it may not be."""
    if name == "time_zone":
        return "UTC"
    return "" if name.startswith("gallery_") else format_value(say, name, None)


def form_label(say: Translations, section: Section) -> str:
    """Write what stands on the button that opens a section's form."""
    return say("Change the time zone") if section is Section.PLACE else say("Change the numbers")


def panel_hint(say: Translations) -> str:
    return say("Open a section")


def back_label(say: Translations) -> str:
    return say("Back to the overview")
