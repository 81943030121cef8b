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
from bot.ui.speech import TONGUES, Speech, later
from bot.ui.wording import plain, shortened

_DUMP: Final = TypeAdapter(GuildSettings)
MANY: Final = 5
FEW: Final = 2
"""Entries of a list that are named: where a section stands alone, and where all of them do."""
_ENTRY: Final = 30
"""Characters of a word or pattern that is named."""


class Section(StrEnum):
    SAFETY = "safety"
    ACCESS = "access"
    AMOUNTS = "amounts"
    QUOTAS = "quotas"
    GALLERY = "gallery"
    PLACE = "place"


TITLES: Final = {
    Section.SAFETY: later("Safety"),
    Section.ACCESS: later("Who and where"),
    Section.AMOUNTS: later("Sizes and amounts"),
    Section.QUOTAS: later("Quotas and money"),
    Section.GALLERY: later("Gallery"),
    Section.PLACE: later("Language and channels"),
}
NAMES: Final[Mapping[str, str]] = {
    "tolerance": later("Safety tolerance"),
    "adult_tolerance": later("Safety tolerance in age-restricted channels"),
    "channel_tolerance": later("Ceilings of channels"),
    "role_tolerance": later("Ceilings of roles"),
    "check_content": later("Second content check"),
    "approve_first": later("A moderator looks before a picture is shown"),
    "menu_on_others": later("Menu on pictures of others"),
    "banned_words": later("Refused words"),
    "banned_patterns": later("Refused patterns"),
    "allowed_channels": later("Allowed channels"),
    "allowed_roles": later("Allowed roles"),
    "max_side": later("Longest side in pixels"),
    "results_per_command": later("Pictures per command"),
    "preview_above": later("Preview from this price on, in dollars"),
    "results_per_user_day": later("Pictures per member and day"),
    "role_tiers": later("Pictures per day by role"),
    "usd_per_user_month": later("Dollars per member and month"),
    "usd_per_month": later("Dollars of this server per month"),
    "gallery_channel": later("Gallery channel"),
    "gallery_mode": later("How pictures come in"),
    "gallery_threshold": later("Votes to come in"),
    "gallery_lower": later("Votes at which it leaves"),
    "gallery_self_votes": later("Votes for own pictures"),
    "gallery_voter_roles": later("Roles that vote"),
    "gallery_account_days": later("Days that a voter's account must be old"),
    "gallery_message_minutes": later("Minutes that a picture must be old"),
    "gallery_frozen": later("Gallery frozen"),
    "gallery_weekly": later("Best of the week"),
    "language": later("Language"),
    "time_zone": later("Time zone"),
    "log_channel": later("Log channel"),
    "moderators_channel": later("Moderators' channel"),
}
SECTIONS: Final[Mapping[Section, tuple[str, ...]]] = {
    Section.SAFETY: (
        *("tolerance", "adult_tolerance", "channel_tolerance", "role_tolerance"),
        *("check_content", "approve_first", "menu_on_others", "banned_words", "banned_patterns"),
    ),
    Section.ACCESS: ("allowed_channels", "allowed_roles"),
    Section.AMOUNTS: ("max_side", "results_per_command", "preview_above"),
    Section.QUOTAS: ("results_per_user_day", "role_tiers", "usd_per_user_month", "usd_per_month"),
    Section.GALLERY: tuple(name for name in NAMES if name.startswith("gallery_")),
    Section.PLACE: ("language", "time_zone", "log_channel", "moderators_channel"),
}
LEVELS: Final = (
    later("strictest: whatever is doubtful is refused"),
    later("strict: a little more passes"),
    later("the model's own default, for everybody"),
    later("a little relaxed"),
    later("relaxed: more violence and bare skin pass"),
    later("lax"),
    later("laxest: the least is refused"),
)
MODES: Final[Mapping[str, str]] = {
    GalleryMode.OFF: later("off"),
    GalleryMode.MANUAL: later("by their author's button"),
    GalleryMode.VOTES: later("by votes"),
    GalleryMode.EVERY: later("every public result"),
}
MENU: Final[Mapping[str, str]] = {
    MenuPolicy.EVERYONE: later("everybody"),
    MenuPolicy.MODERATORS: later("moderators"),
    MenuPolicy.NOBODY: later("nobody"),
}
PRESET_NAMES: Final = {
    Preset.FAMILY: later("family friendly"),
    Preset.ART: later("art server"),
    Preset.ADULTS: later("adults only"),
}
ALLOWED: Final = (
    later("less than the votes to come in"),
    later("a time zone such as Europe/Berlin"),
    later("there is no such setting"),
    later("a pattern as RE2 knows them"),
    later("one with fewer repetitions"),
    later("one without look-around and back-references"),
    later("one that does not match everything"),
    later("a number"),
    later("one of those on offer"),
)
_BETWEEN: Final = re.compile(r"from (-?\d+) to (\d+)|(\d+) to (\d+) characters each")
_MOST: Final = re.compile(r"at most (\d+)( characters)?")
_MONEY: Final = frozenset({"preview_above", "usd_per_user_month", "usd_per_month"})
_NONE, _ALL, OPERATOR = later("none"), later("all"), later("left to the operator")
_UNSET: Final[Mapping[str, str]] = {
    "adult_tolerance": later("as everywhere else"),
    "preview_above": later("on request alone"),
    **dict.fromkeys(("gallery_channel", "log_channel", "moderators_channel"), _NONE),
}
_EMPTY: Final[Mapping[str, str]] = dict.fromkeys(
    ("allowed_channels", "allowed_roles", "gallery_voter_roles"), _ALL
)
"""An empty list of who may shuts nobody out."""
_LEVEL: Final = frozenset({"tolerance", "adult_tolerance"})


def as_told(settings: GuildSettings) -> dict[str, Any]:
    """Return every setting by name, in the form that the record keeps it in."""
    told: dict[str, Any] = _DUMP.dump_python(settings, mode="json")
    return told


def level(say: Speech, value: int) -> str:
    return f"{value} · {say(LEVELS[value])}"


def shown(say: Speech, name: str, value: Any, most: int = MANY) -> str:
    """Write a value as people read it; `value` is as `as_told` gives it."""
    if value is None:
        return say(_UNSET.get(name, OPERATOR))
    if isinstance(value, bool):
        return say("on") if value else say("off")
    if isinstance(value, int):
        return _number(say, name, value)
    if isinstance(value, list):
        return _list(say, name, value, most)
    if name == "language" and value in TONGUES:
        return TONGUES[value]
    known = {**MODES, **MENU, "": later("the server's own")}
    return say(known[value]) if value in known else plain(value)


def _list(say: Speech, name: str, value: list[Any], most: int) -> str:
    named = [_entry(name, each) for each in value[:most]]
    if len(value) > most:
        named.append(say("{count} more", count=len(value) - most))
    return say.list(named) or say(_EMPTY.get(name, _NONE))


def _number(say: Speech, name: str, value: int) -> str:
    if name in _LEVEL:
        return level(say, value)
    if name in _MONEY:
        return say.usd(MicroUsd(value))
    return f"<#{value}>" if name.endswith("_channel") else str(value)


def _entry(name: str, entry: Any) -> str:
    if isinstance(entry, dict):
        number = entry.get("tolerance", entry.get("results_per_day"))
        target = f"<#{entry['channel']}>" if "channel" in entry else f"<@&{entry['role']}>"
        return f"{target}: {number}"
    if name == "allowed_channels":
        return f"<#{entry}>"
    return (
        f"<@&{entry}>" if name.endswith("_roles") else f"||{plain(shortened(str(entry), _ENTRY))}||"
    )


def levels_note(say: Speech) -> str:
    return say(
        "Levels above 2 count in age-restricted channels alone. A request may lower the level, "
        "never raise it, and nothing goes above the operator's own limit."
    )


def changed(say: Speech, name: str, settings: GuildSettings) -> str:
    """Say what a setting is now, and what follows from it."""
    said = f"**{say(NAMES[name])}:** {shown(say, name, as_told(settings)[name])}"
    return f"{said}\n-# {levels_note(say)}" if "tolerance" in name else said


def change_line(say: Speech, actor: int, name: str, before: str, after: str) -> str:
    """Write one change of the record; `before` and `after` are JSON."""
    return say(
        "{actor} changed “{name}”: {before} → {after}",
        actor=f"<@{actor}>",
        name=say(NAMES[name]) if name in NAMES else name,
        before=shown(say, name, json.loads(before), FEW),
        after=shown(say, name, json.loads(after), FEW),
    )


def preset_text(say: Speech, preset: Preset) -> str:
    """Say what a preset would change, before it does."""
    values = {name: getattr(value, "value", value) for name, value in PRESETS[preset].items()}
    rows = [f"**{say(NAMES[name])}:** {shown(say, name, values[name])}" for name in values]
    title = say("Settle this server as “{preset}”?", preset=say(PRESET_NAMES[preset]))
    return "\n".join([f"### {title}", *rows])


def preset_done(say: Speech, preset: Preset) -> str:
    return say("This server is settled as “{preset}” now.", preset=say(PRESET_NAMES[preset]))


def allowed_values(say: Speech, allowed: str) -> str:
    """Say what a setting may be, from the words of the rule that refused."""
    if match := _BETWEEN.fullmatch(allowed):
        lowest, highest = (each for each in match.groups() if each is not None)
        return say("from {lowest} to {highest}", lowest=lowest, highest=highest)
    if match := _MOST.fullmatch(allowed):
        return say("at most {most}", most=match[1])
    return say(allowed) if allowed in ALLOWED else allowed


def as_everywhere(say: Speech) -> str:
    return say("as everywhere else")


def by_locale(say: Speech) -> str:
    return say("the server's own")
