"""Texts of setting values, changes and presets."""

from __future__ import annotations

import json
from typing import Any, Final

from pydantic import TypeAdapter

from bot.domain.guild import PRESETS, SETTINGS, GuildSettings, Preset
from bot.domain.money import MicroUsd
from bot.domain.settings_table import LEVEL_KINDS, Kind
from bot.ui.i18n.formatting import escape_text, shorten_text
from bot.ui.i18n.translations import LANGUAGE_NAMES, N_, N_choice, Translations
from bot.ui.texts.settings.table import CHOICE_TEXTS, NONE, OPERATOR, TEXTS

_SETTINGS_ADAPTER: Final = TypeAdapter(GuildSettings)
MAX_ENTRIES: Final = 5
MAX_OVERVIEW_ENTRIES: Final = 2
"""Entries of a list that are shown: on a section's page, and in the overview and the log."""
_MAX_ENTRY_LENGTH: Final = 30
"""Characters shown of a banned word or pattern."""


LEVEL_TEXTS: Final = (
    N_("strictest: whatever is doubtful is refused"),
    N_("strict: a little more passes"),
    N_("the model's own default, for everybody"),
    N_("a little relaxed"),
    N_("relaxed: more violence and bare skin pass"),
    N_("lax"),
    N_("laxest: the least is refused"),
)
PRESET_NAMES: Final = {
    Preset.FAMILY: N_choice("family friendly"),
    Preset.ART: N_choice("art server"),
    Preset.ADULTS: N_choice("adults only"),
}
ALLOWED_VALUE_TEXTS: Final = (
    N_("from {lowest} to {highest}"),
    N_("at most {most}"),
    N_("less than the votes to come in"),
    N_("a time zone such as Europe/Berlin"),
    N_("there is no such setting"),
    N_("a pattern as RE2 knows them"),
    N_("one with fewer repetitions"),
    N_("one without look-around and back-references"),
    N_("one that does not match everything"),
    N_("shorter, or on a list with fewer patterns"),
    N_("on, as the operator of this bot has decided"),
    N_("a number"),
    N_("one of those on offer"),
    N_("a value or a reset, not both"),
    N_("given together with a channel or role"),
)
"""Every text for allowed values in `SettingRefused`, listed here for extraction."""


LEVELS_NOTE: Final = N_(
    "Levels above 2 count in age-restricted channels alone. A request may lower the level, "
    "never raise it, and nothing goes above the operator's own limit."
)


def dump_settings(settings: GuildSettings) -> dict[str, Any]:
    """Return all settings by name, as JSON values like those in the change log."""
    dumped: dict[str, Any] = _SETTINGS_ADAPTER.dump_python(settings, mode="json")
    return dumped


def format_level(_: Translations, value: int) -> str:
    return f"{value} · {_(LEVEL_TEXTS[value])}"


def format_value(_: Translations, name: str, value: Any, max_entries: int = MAX_ENTRIES) -> str:
    """Format a value from `dump_settings` or the change log, which may name removed settings."""
    kind = SETTINGS[name].kind if name in SETTINGS else None
    if value is None or value == "":
        return _(TEXTS[name].empty if name in TEXTS else OPERATOR)
    if isinstance(value, bool):
        return _("on") if value else _("off")
    if isinstance(value, int):
        return _format_number(_, kind, value)
    if isinstance(value, list):
        named = [_format_entry(kind, each) for each in value[:max_entries]]
        if len(value) > max_entries:
            named.append(_("{count} more", count=len(value) - max_entries))
        return _.join_list(named) or _(TEXTS[name].empty if name in TEXTS else NONE)
    if kind is Kind.LANGUAGE and value in LANGUAGE_NAMES:
        return LANGUAGE_NAMES[value]
    return _(CHOICE_TEXTS[value]) if value in CHOICE_TEXTS else escape_text(value)


def _format_number(_: Translations, kind: Kind | None, value: int) -> str:
    match kind:
        case Kind.LEVEL:
            return format_level(_, value)
        case Kind.MONEY:
            return _.format_usd(MicroUsd(value))
        case Kind.CHANNEL:
            return f"<#{value}>"
        case _:
            return str(value)


def _format_entry(kind: Kind | None, entry: Any) -> str:
    if isinstance(entry, dict):
        number = entry.get("tolerance", entry.get("results_per_day"))
        target = f"<#{entry['channel']}>" if "channel" in entry else f"<@&{entry['role']}>"
        return f"{target}: {number}"
    match kind:
        case Kind.CHANNELS:
            return f"<#{entry}>"
        case Kind.ROLES:
            return f"<@&{entry}>"
        case _:
            return f"||{escape_text(shorten_text(str(entry), _MAX_ENTRY_LENGTH))}||"


def describe_change(_: Translations, name: str, settings: GuildSettings) -> str:
    """Return a setting's new value, with a note on levels if it is one."""
    text = f"**{_(TEXTS[name].name)}:** {format_value(_, name, dump_settings(settings)[name])}"
    return f"{text}\n-# {_(LEVELS_NOTE)}" if SETTINGS[name].kind in LEVEL_KINDS else text


def format_change(_: Translations, actor: int, name: str, before: str, after: str) -> str:
    """Return the line of a change in the log; `before` and `after` are JSON."""
    return _(
        "{actor} changed “{name}”: {before} → {after}",
        actor=f"<@{actor}>",
        name=_(TEXTS[name].name) if name in TEXTS else name,
        before=format_value(_, name, json.loads(before), MAX_OVERVIEW_ENTRIES),
        after=format_value(_, name, json.loads(after), MAX_OVERVIEW_ENTRIES),
    )


def preset_question(_: Translations, preset: Preset) -> str:
    """List what a preset would change and ask for confirmation."""
    values = {name: getattr(value, "value", value) for name, value in PRESETS[preset].items()}
    rows = [f"**{_(TEXTS[name].name)}:** {format_value(_, name, values[name])}" for name in values]
    title = _("Settle this server as “{preset}”?", preset=_(PRESET_NAMES[preset]))
    return "\n".join([f"### {title}", *rows])


def preset_applied_text(_: Translations, preset: Preset) -> str:
    return _("This server is settled as “{preset}” now.", preset=_(PRESET_NAMES[preset]))
