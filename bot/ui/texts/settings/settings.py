"""What a guild's settings are called, what their values mean, and what the panel says."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from pydantic import TypeAdapter

from bot.domain.gallery import GalleryMode
from bot.domain.guild import GuildSettings, MenuPolicy
from bot.domain.money import MicroUsd
from bot.domain.presets import PRESETS, Preset
from bot.ui.i18n.formatting import escape_text, shorten_text
from bot.ui.i18n.translations import LANGUAGE_NAMES, Translations, mark_message

_SETTINGS_ADAPTER: Final = TypeAdapter(GuildSettings)
MAX_ENTRIES: Final = 5
MAX_OVERVIEW_ENTRIES: Final = 2
"""Entries of a list that are named: where a section stands alone, and where all of them do."""
_MAX_ENTRY_LENGTH: Final = 30
"""Characters of a word or pattern that is named."""


class Section(StrEnum):
    SAFETY = "safety"
    ACCESS = "access"
    AMOUNTS = "amounts"
    QUOTAS = "quotas"
    GALLERY = "gallery"
    PLACE = "place"


SECTION_TITLES: Final = {
    Section.SAFETY: mark_message("Safety"),
    Section.ACCESS: mark_message("Who and where"),
    Section.AMOUNTS: mark_message("Sizes and amounts"),
    Section.QUOTAS: mark_message("Quotas and money"),
    Section.GALLERY: mark_message("Gallery"),
    Section.PLACE: mark_message("Language and channels"),
}
SETTING_NAMES: Final[Mapping[str, str]] = {
    "tolerance": mark_message("Safety tolerance"),
    "adult_tolerance": mark_message("Safety tolerance in age-restricted channels"),
    "channel_tolerance": mark_message("Ceilings of channels"),
    "role_tolerance": mark_message("Ceilings of roles"),
    "check_content": mark_message("Second content check"),
    "approve_first": mark_message("A moderator looks before a picture is shown"),
    "menu_on_others": mark_message("Menu on pictures of others"),
    "banned_words": mark_message("Refused words"),
    "banned_patterns": mark_message("Refused patterns"),
    "allowed_channels": mark_message("Allowed channels"),
    "allowed_roles": mark_message("Allowed roles"),
    "max_side": mark_message("Longest side in pixels"),
    "results_per_command": mark_message("Pictures per command"),
    "preview_above": mark_message("Preview from this price on, in dollars"),
    "results_per_user_day": mark_message("Pictures per member and day"),
    "role_tiers": mark_message("Pictures per day by role"),
    "usd_per_user_month": mark_message("Dollars per member and month"),
    "usd_per_month": mark_message("Dollars of this server per month"),
    "gallery_channel": mark_message("Gallery channel"),
    "gallery_mode": mark_message("How pictures come in"),
    "gallery_threshold": mark_message("Votes to come in"),
    "gallery_lower": mark_message("Votes at which it leaves"),
    "gallery_self_votes": mark_message("Votes for own pictures"),
    "gallery_voter_roles": mark_message("Roles that vote"),
    "gallery_account_days": mark_message("Days that a voter's account must be old"),
    "gallery_message_minutes": mark_message("Minutes that a picture must be old"),
    "gallery_frozen": mark_message("Gallery frozen"),
    "gallery_weekly": mark_message("Best of the week"),
    "language": mark_message("Language"),
    "time_zone": mark_message("Time zone"),
    "log_channel": mark_message("Log channel"),
    "moderators_channel": mark_message("Moderators' channel"),
}
SECTIONS: Final[Mapping[Section, tuple[str, ...]]] = {
    Section.SAFETY: (
        *("tolerance", "adult_tolerance", "channel_tolerance", "role_tolerance"),
        *("check_content", "approve_first", "menu_on_others", "banned_words", "banned_patterns"),
    ),
    Section.ACCESS: ("allowed_channels", "allowed_roles"),
    Section.AMOUNTS: ("max_side", "results_per_command", "preview_above"),
    Section.QUOTAS: ("results_per_user_day", "role_tiers", "usd_per_user_month", "usd_per_month"),
    Section.GALLERY: tuple(name for name in SETTING_NAMES if name.startswith("gallery_")),
    Section.PLACE: ("language", "time_zone", "log_channel", "moderators_channel"),
}
LEVEL_TEXTS: Final = (
    mark_message("strictest: whatever is doubtful is refused"),
    mark_message("strict: a little more passes"),
    mark_message("the model's own default, for everybody"),
    mark_message("a little relaxed"),
    mark_message("relaxed: more violence and bare skin pass"),
    mark_message("lax"),
    mark_message("laxest: the least is refused"),
)
GALLERY_MODE_TEXTS: Final[Mapping[str, str]] = {
    GalleryMode.OFF: mark_message("off"),
    GalleryMode.MANUAL: mark_message("by their author's button"),
    GalleryMode.VOTES: mark_message("by votes"),
    GalleryMode.EVERY: mark_message("every public result"),
}
MENU_POLICY_TEXTS: Final[Mapping[str, str]] = {
    MenuPolicy.EVERYONE: mark_message("everybody"),
    MenuPolicy.MODERATORS: mark_message("moderators"),
    MenuPolicy.NOBODY: mark_message("nobody"),
}
PRESET_NAMES: Final = {
    Preset.FAMILY: mark_message("family friendly"),
    Preset.ART: mark_message("art server"),
    Preset.ADULTS: mark_message("adults only"),
}
ALLOWED_VALUE_TEXTS: Final = (
    mark_message("less than the votes to come in"),
    mark_message("a time zone such as Europe/Berlin"),
    mark_message("there is no such setting"),
    mark_message("a pattern as RE2 knows them"),
    mark_message("one with fewer repetitions"),
    mark_message("one without look-around and back-references"),
    mark_message("one that does not match everything"),
    mark_message("a number"),
    mark_message("one of those on offer"),
)
_BETWEEN: Final = re.compile(r"from (-?\d+) to (\d+)|(\d+) to (\d+) characters each")
_MOST: Final = re.compile(r"at most (\d+)( characters)?")
_MONEY_SETTINGS: Final = frozenset({"preview_above", "usd_per_user_month", "usd_per_month"})
_NONE, _ALL, OPERATOR = (
    mark_message("none"),
    mark_message("all"),
    mark_message("left to the operator"),
)
_UNSET_TEXTS: Final[Mapping[str, str]] = {
    "adult_tolerance": mark_message("as everywhere else"),
    "preview_above": mark_message("on request alone"),
    **dict.fromkeys(("gallery_channel", "log_channel", "moderators_channel"), _NONE),
}
_EMPTY_LIST_TEXTS: Final[Mapping[str, str]] = dict.fromkeys(
    ("allowed_channels", "allowed_roles", "gallery_voter_roles"), _ALL
)
"""An empty list of who may shuts nobody out."""
_LEVEL_SETTINGS: Final = frozenset({"tolerance", "adult_tolerance"})


def dump_settings(settings: GuildSettings) -> dict[str, Any]:
    """Return every setting by name, in the form that the record keeps it in."""
    told: dict[str, Any] = _SETTINGS_ADAPTER.dump_python(settings, mode="json")
    return told


def format_level(say: Translations, value: int) -> str:
    return f"{value} · {say(LEVEL_TEXTS[value])}"


def format_value(say: Translations, name: str, value: Any, max_entries: int = MAX_ENTRIES) -> str:
    """Write a value as people read it; `value` is as `as_told` gives it."""
    if value is None:
        return say(_UNSET_TEXTS.get(name, OPERATOR))
    if isinstance(value, bool):
        return say("on") if value else say("off")
    if isinstance(value, int):
        return _format_number(say, name, value)
    if isinstance(value, list):
        return _format_list(say, name, value, max_entries)
    if name == "language" and value in LANGUAGE_NAMES:
        return LANGUAGE_NAMES[value]
    known = {**GALLERY_MODE_TEXTS, **MENU_POLICY_TEXTS, "": mark_message("the server's own")}
    return say(known[value]) if value in known else escape_text(value)


def _format_list(say: Translations, name: str, value: list[Any], max_entries: int) -> str:
    named = [_format_entry(name, each) for each in value[:max_entries]]
    if len(value) > max_entries:
        named.append(say("{count} more", count=len(value) - max_entries))
    return say.join_list(named) or say(_EMPTY_LIST_TEXTS.get(name, _NONE))


def _format_number(say: Translations, name: str, value: int) -> str:
    if name in _LEVEL_SETTINGS:
        return format_level(say, value)
    if name in _MONEY_SETTINGS:
        return say.format_usd(MicroUsd(value))
    return f"<#{value}>" if name.endswith("_channel") else str(value)


def _format_entry(name: str, entry: Any) -> str:
    if isinstance(entry, dict):
        number = entry.get("tolerance", entry.get("results_per_day"))
        target = f"<#{entry['channel']}>" if "channel" in entry else f"<@&{entry['role']}>"
        return f"{target}: {number}"
    if name == "allowed_channels":
        return f"<#{entry}>"
    return (
        f"<@&{entry}>"
        if name.endswith("_roles")
        else f"||{escape_text(shorten_text(str(entry), _MAX_ENTRY_LENGTH))}||"
    )


def levels_note(say: Translations) -> str:
    return say(
        "Levels above 2 count in age-restricted channels alone. A request may lower the level, "
        "never raise it, and nothing goes above the operator's own limit."
    )


def describe_change(say: Translations, name: str, settings: GuildSettings) -> str:
    """Say what a setting is now, and what follows from it."""
    said = (
        f"**{say(SETTING_NAMES[name])}:** {format_value(say, name, dump_settings(settings)[name])}"
    )
    return f"{said}\n-# {levels_note(say)}" if "tolerance" in name else said


def format_change(say: Translations, actor: int, name: str, before: str, after: str) -> str:
    """Write one change of the record; `before` and `after` are JSON."""
    return say(
        "{actor} changed “{name}”: {before} → {after}",
        actor=f"<@{actor}>",
        name=say(SETTING_NAMES[name]) if name in SETTING_NAMES else name,
        before=format_value(say, name, json.loads(before), MAX_OVERVIEW_ENTRIES),
        after=format_value(say, name, json.loads(after), MAX_OVERVIEW_ENTRIES),
    )


def preset_question(say: Translations, preset: Preset) -> str:
    """Say what a preset would change, before it does."""
    values = {name: getattr(value, "value", value) for name, value in PRESETS[preset].items()}
    rows = [
        f"**{say(SETTING_NAMES[name])}:** {format_value(say, name, values[name])}"
        for name in values
    ]
    title = say("Settle this server as “{preset}”?", preset=say(PRESET_NAMES[preset]))
    return "\n".join([f"### {title}", *rows])


def preset_applied_text(say: Translations, preset: Preset) -> str:
    return say("This server is settled as “{preset}” now.", preset=say(PRESET_NAMES[preset]))


def describe_allowed_values(say: Translations, allowed: str) -> str:
    """Say what a setting may be, from the words of the rule that refused."""
    if match := _BETWEEN.fullmatch(allowed):
        lowest, highest = (each for each in match.groups() if each is not None)
        return say("from {lowest} to {highest}", lowest=lowest, highest=highest)
    if match := _MOST.fullmatch(allowed):
        return say("at most {most}", most=match[1])
    return say(allowed) if allowed in ALLOWED_VALUE_TEXTS else allowed


def same_everywhere_label(say: Translations) -> str:
    return say("as everywhere else")


def guild_locale_label(say: Translations) -> str:
    return say("the server's own")
