"""What the panel of a guild's settings says: its overview, its sections, its form."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from bot.domain.guild import GuildSettings
from bot.ui.speech import Speech
from bot.ui.wording_settings import (
    FEW,
    MANY,
    NAMES,
    SECTIONS,
    TITLES,
    Section,
    as_told,
    levels_note,
    shown,
)

Operators = Mapping[str, tuple[int, int]]
"""By setting: what holds where the guild has none of its own, and the most that counts."""
_COMMANDS: Final[Mapping[str, str]] = {
    "channel_tolerance": "settings safety channel",
    "role_tolerance": "settings safety role",
    "banned_words": "moderate words add",
    "banned_patterns": "moderate words add-pattern",
    "role_tiers": "settings quotas tier",
}
"""What changes the values that the panel only shows."""


def overview(say: Speech, settings: GuildSettings, operators: Operators) -> str:
    """Write all values by section; of a list few entries are named."""
    told = as_told(settings)
    parts = ["## " + say("Settings of this server")]
    for section in Section:
        parts.append(f"### {say(TITLES[section])}")
        parts += [_line(say, name, told[name], operators, FEW) for name in SECTIONS[section]]
    return "\n".join(parts)


def section_text(
    say: Speech,
    settings: GuildSettings,
    section: Section,
    operators: Operators,
    elsewhere: Collection[str] = (),
) -> str:
    """Write a section's values but those that are shown `elsewhere` on the page."""
    told = as_told(settings)
    parts = [f"## {say(TITLES[section])}"]
    for name in (each for each in SECTIONS[section] if each not in elsewhere):
        line = _line(say, name, told[name], operators, MANY)
        parts.append(f"{line} · {_command(say, name)}" if name in _COMMANDS else line)
    if section is Section.SAFETY:
        parts.append("-# " + levels_note(say))
    return "\n".join(parts)


def _line(say: Speech, name: str, value: Any, operators: Operators, most: int) -> str:
    """Write a value, and the operator's where that is the one that counts."""
    said = shown(say, name, value, most)
    if name in operators:
        default, highest = operators[name]
        if value is None:
            said = f"{said}: {shown(say, name, default)}"
        elif value > highest:
            allowed = shown(say, name, highest)
            said = say("{value}, but the operator allows {most}", value=said, most=allowed)
    return f"**{say(NAMES[name])}:** {said}"


def _command(say: Speech, name: str) -> str:
    words = (say.name(each) for each in _COMMANDS[name].split())
    return f"`/{' '.join(words)}`"


def left_empty(say: Speech, name: str) -> str:
    """Say what a form's field means that is left empty; nothing where it may not be."""
    if name == "time_zone":
        return "UTC"
    return "" if name.startswith("gallery_") else shown(say, name, None)


def form_label(say: Speech, section: Section) -> str:
    """Write what stands on the button that opens a section's form."""
    return say("Change the time zone") if section is Section.PLACE else say("Change the numbers")


def panel_hint(say: Speech) -> str:
    return say("Open a section")


def back_label(say: Speech) -> str:
    return say("Back to the overview")
