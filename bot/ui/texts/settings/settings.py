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
from bot.ui.i18n.translations import LANGUAGE_NAMES, N_, Translations

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
    Section.SAFETY: N_("Safety"),
    Section.ACCESS: N_("Who and where"),
    Section.AMOUNTS: N_("Sizes and amounts"),
    Section.QUOTAS: N_("Quotas and money"),
    Section.GALLERY: N_("Gallery"),
    Section.PLACE: N_("Language and channels"),
}
SETTING_NAMES: Final[Mapping[str, str]] = {
    "tolerance": N_("Safety tolerance"),
    "adult_tolerance": N_("Safety tolerance in age-restricted channels"),
    "channel_tolerance": N_("Ceilings of channels"),
    "role_tolerance": N_("Ceilings of roles"),
    "check_content": N_("Second content check"),
    "approve_first": N_("A moderator looks before a picture is shown"),
    "menu_on_others": N_("Menu on pictures of others"),
    "banned_words": N_("Refused words"),
    "banned_patterns": N_("Refused patterns"),
    "allowed_channels": N_("Allowed channels"),
    "allowed_roles": N_("Allowed roles"),
    "max_side": N_("Longest side in pixels"),
    "results_per_command": N_("Pictures per command"),
    "preview_above": N_("Preview from this price on, in dollars"),
    "results_per_user_day": N_("Pictures per member and day"),
    "role_tiers": N_("Pictures per day by role"),
    "usd_per_user_month": N_("Dollars per member and month"),
    "usd_per_month": N_("Dollars of this server per month"),
    "gallery_channel": N_("Gallery channel"),
    "gallery_mode": N_("How pictures come in"),
    "gallery_threshold": N_("Votes to come in"),
    "gallery_lower": N_("Votes at which it leaves"),
    "gallery_self_votes": N_("Votes for own pictures"),
    "gallery_voter_roles": N_("Roles that vote"),
    "gallery_account_days": N_("Days that a voter's account must be old"),
    "gallery_message_minutes": N_("Minutes that a picture must be old"),
    "gallery_frozen": N_("Gallery frozen"),
    "gallery_weekly": N_("Best of the week"),
    "language": N_("Language"),
    "time_zone": N_("Time zone"),
    "log_channel": N_("Log channel"),
    "moderators_channel": N_("Moderators' channel"),
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
    N_("strictest: whatever is doubtful is refused"),
    N_("strict: a little more passes"),
    N_("the model's own default, for everybody"),
    N_("a little relaxed"),
    N_("relaxed: more violence and bare skin pass"),
    N_("lax"),
    N_("laxest: the least is refused"),
)
GALLERY_MODE_TEXTS: Final[Mapping[str, str]] = {
    GalleryMode.OFF: N_("off"),
    GalleryMode.MANUAL: N_("by their author's button"),
    GalleryMode.VOTES: N_("by votes"),
    GalleryMode.EVERY: N_("every public result"),
}
MENU_POLICY_TEXTS: Final[Mapping[str, str]] = {
    MenuPolicy.EVERYONE: N_("everybody"),
    MenuPolicy.MODERATORS: N_("moderators"),
    MenuPolicy.NOBODY: N_("nobody"),
}
PRESET_NAMES: Final = {
    Preset.FAMILY: N_("family friendly"),
    Preset.ART: N_("art server"),
    Preset.ADULTS: N_("adults only"),
}
ALLOWED_VALUE_TEXTS: Final = (
    N_("less than the votes to come in"),
    N_("a time zone such as Europe/Berlin"),
    N_("there is no such setting"),
    N_("a pattern as RE2 knows them"),
    N_("one with fewer repetitions"),
    N_("one without look-around and back-references"),
    N_("one that does not match everything"),
    N_("a number"),
    N_("one of those on offer"),
)
_BETWEEN: Final = re.compile(r"from (-?\d+) to (\d+)|(\d+) to (\d+) characters each")
_MOST: Final = re.compile(r"at most (\d+)( characters)?")
_MONEY_SETTINGS: Final = frozenset({"preview_above", "usd_per_user_month", "usd_per_month"})
_NONE, _ALL, OPERATOR = (
    N_("none"),
    N_("all"),
    N_("left to the operator"),
)
_UNSET_TEXTS: Final[Mapping[str, str]] = {
    "adult_tolerance": N_("as everywhere else"),
    "preview_above": N_("on request alone"),
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


def format_level(_: Translations, value: int) -> str:
    return f"{value} · {_(LEVEL_TEXTS[value])}"


def format_value(_: Translations, name: str, value: Any, max_entries: int = MAX_ENTRIES) -> str:
    """Write a value as people read it; `value` is as `as_told` gives it."""
    if value is None:
        return _(_UNSET_TEXTS.get(name, OPERATOR))
    if isinstance(value, bool):
        return _("on") if value else _("off")
    if isinstance(value, int):
        return _format_number(_, name, value)
    if isinstance(value, list):
        return _format_list(_, name, value, max_entries)
    if name == "language" and value in LANGUAGE_NAMES:
        return LANGUAGE_NAMES[value]
    known = {**GALLERY_MODE_TEXTS, **MENU_POLICY_TEXTS, "": N_("the server's own")}
    return _(known[value]) if value in known else escape_text(value)


def _format_list(_: Translations, name: str, value: list[Any], max_entries: int) -> str:
    named = [_format_entry(name, each) for each in value[:max_entries]]
    if len(value) > max_entries:
        named.append(_("{count} more", count=len(value) - max_entries))
    return _.join_list(named) or _(_EMPTY_LIST_TEXTS.get(name, _NONE))


def _format_number(_: Translations, name: str, value: int) -> str:
    if name in _LEVEL_SETTINGS:
        return format_level(_, value)
    if name in _MONEY_SETTINGS:
        return _.format_usd(MicroUsd(value))
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


def levels_note(_: Translations) -> str:
    return _(
        "Levels above 2 count in age-restricted channels alone. A request may lower the level, "
        "never raise it, and nothing goes above the operator's own limit."
    )


def describe_change(_: Translations, name: str, settings: GuildSettings) -> str:
    """Say what a setting is now, and what follows from it."""
    said = f"**{_(SETTING_NAMES[name])}:** {format_value(_, name, dump_settings(settings)[name])}"
    return f"{said}\n-# {levels_note(_)}" if "tolerance" in name else said


def format_change(_: Translations, actor: int, name: str, before: str, after: str) -> str:
    """Write one change of the record; `before` and `after` are JSON."""
    return _(
        "{actor} changed “{name}”: {before} → {after}",
        actor=f"<@{actor}>",
        name=_(SETTING_NAMES[name]) if name in SETTING_NAMES else name,
        before=format_value(_, name, json.loads(before), MAX_OVERVIEW_ENTRIES),
        after=format_value(_, name, json.loads(after), MAX_OVERVIEW_ENTRIES),
    )


def preset_question(_: Translations, preset: Preset) -> str:
    """Say what a preset would change, before it does."""
    values = {name: getattr(value, "value", value) for name, value in PRESETS[preset].items()}
    rows = [
        f"**{_(SETTING_NAMES[name])}:** {format_value(_, name, values[name])}" for name in values
    ]
    title = _("Settle this server as “{preset}”?", preset=_(PRESET_NAMES[preset]))
    return "\n".join([f"### {title}", *rows])


def preset_applied_text(_: Translations, preset: Preset) -> str:
    return _("This server is settled as “{preset}” now.", preset=_(PRESET_NAMES[preset]))


def describe_allowed_values(_: Translations, allowed: str) -> str:
    """Say what a setting may be, from the words of the rule that refused."""
    if match := _BETWEEN.fullmatch(allowed):
        lowest, highest = (each for each in match.groups() if each is not None)
        return _("from {lowest} to {highest}", lowest=lowest, highest=highest)
    if match := _MOST.fullmatch(allowed):
        return _("at most {most}", most=match[1])
    return _(allowed) if allowed in ALLOWED_VALUE_TEXTS else allowed


def same_everywhere_label(_: Translations) -> str:
    return _("as everywhere else")


def guild_locale_label(_: Translations) -> str:
    return _("the server's own")
