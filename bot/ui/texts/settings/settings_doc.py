"""Generator of docs/settings.md: every setting as panel and commands show it.

Run `make pages` after the table has changed.
"""

from __future__ import annotations

import sys
from typing import Final

from bot.domain.guild import SETTINGS, GuildSettings, list_settings
from bot.domain.settings_table import Kind, Section
from bot.ui.i18n.translations import LANGUAGE_NAMES, SOURCE_LANGUAGE, get_translations
from bot.ui.texts.settings.settings import dump_settings, format_value
from bot.ui.texts.settings.table import (
    CHOICE_TEXTS,
    SECTION_TITLES,
    TARGET_OPTIONS,
    TEXTS,
    get_command_path,
    get_option,
)

_HEADER: Final = """# Settings of a server

Who may manage a server changes these with `/settings panel`, or one by one with the commands below;
`/settings log` lists every change. A command without an option shows the value; `reset: True`
brings the default back. What the operator allows at most stays above all of them. How they work
together is in [For moderators](moderation.md).

This page is written from the code (`python -m bot.ui.texts.settings.settings_doc`).
"""
_VALUES: Final = {
    Kind.FLAG: "on or off",
    Kind.LEVEL: "{0} to {1}",
    Kind.COUNT: "{0} to {1}",
    Kind.MONEY: "dollars",
    Kind.CHANNEL: "a text, announcement, voice or stage channel",
    Kind.CHANNELS: "up to {2} channels of any kind, with their threads",
    Kind.ROLES: "up to {2} roles",
    Kind.LANGUAGE: ", ".join(LANGUAGE_NAMES.values()),
    Kind.ZONE: "a time zone such as Europe/Berlin",
    Kind.WORDS: "up to {2} entries of at most {1} characters",
    Kind.CHANNEL_LEVELS: "{0} to {1} for each of up to {2} channels, with their threads",
    Kind.ROLE_LEVELS: "{0} to {1} for each of up to {2} roles",
    Kind.ROLE_COUNTS: "{0} to {1} for each of up to {2} roles",
}


def render_settings_page() -> str:
    parts = [_HEADER]
    for section in Section:
        parts.append(f"## {SECTION_TITLES[section]}\n")
        parts.append("| setting | values | at first | command |\n|---|---|---|---|")
        parts.append("\n".join(_format_row(name) for name in list_settings(section)) + "\n")
    return "\n".join(parts)


def _format_row(name: str) -> str:
    row, default = SETTINGS[name], dump_settings(GuildSettings())[name]
    choices = (CHOICE_TEXTS[each] for each in type(row.default)) if row.kind is Kind.CHOICE else ()
    values = ", ".join(choices) or _VALUES[row.kind].format(*row.bounds, row.max_entries)
    options = [TARGET_OPTIONS[row.kind]] if row.kind in TARGET_OPTIONS else []
    options += [get_option(name)] if TEXTS[name].command else []
    command = " ".join([get_command_path(name), *(f"{each.name}:" for each in options)])
    at_first = format_value(get_translations(SOURCE_LANGUAGE), name, default)
    return f"| {TEXTS[name].name} | {values} | {at_first} | `/{command}` |"


if __name__ == "__main__":
    sys.stdout.write(render_settings_page())
