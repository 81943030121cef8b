"""Names and descriptions of settings and sections, in the panel and as commands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from bot.domain.gallery import GalleryMode
from bot.domain.guild import SETTINGS, MenuPolicy
from bot.domain.settings_table import Kind, Section
from bot.ui.i18n.command_texts import Option, describe_command
from bot.ui.i18n.translations import N_, N_choice

OPERATOR: Final = N_("left to the operator")
NONE: Final = N_("none")
ALL: Final = N_("all")
EVERYWHERE: Final = N_("as everywhere else")


@dataclass(frozen=True, slots=True)
class SettingTexts:
    """Texts of a setting; settings with the same `command` are changed together."""

    name: str
    command: str = ""
    """Name in the section's group; empty if a /moderate command changes the value."""
    description: str | None = None
    """What the command does; None if an earlier row of the same command says it."""
    option: Option | None = None
    """The command's option; None for that of the setting's kind."""
    empty: str = OPERATOR
    """What an unset value or an empty list means."""


SECTION_TITLES: Final[Mapping[Section, str]] = {
    Section.SAFETY: N_("Safety"),
    Section.ACCESS: N_("Who and where"),
    Section.AMOUNTS: N_("Sizes and amounts"),
    Section.QUOTAS: N_("Quotas and money"),
    Section.GALLERY: N_("Gallery"),
    Section.PLACE: N_("Language and channels"),
}
SECTION_COMMANDS: Final[Mapping[Section, Mapping[str, Any]]] = {
    Section.SAFETY: describe_command("safety", "What the content checks let pass"),
    Section.ACCESS: describe_command("access", "Who may expand pictures, and where"),
    Section.AMOUNTS: describe_command("amounts", "How large and how many at once"),
    Section.QUOTAS: describe_command("quotas", "How many and for how much"),
    Section.GALLERY: describe_command("gallery", "What the gallery shows"),
    Section.PLACE: describe_command("place", "Language, time zone and channels"),
}
_CHANNEL: Final = Option("channel", "The channel")
_ROLE: Final = Option("role", "The role")
_LISTED: Final = Option("listed", "On the list, or off it")
_LEVEL: Final = Option("level", "0 to 6; 0 refuses most")
_NUMBER: Final = Option("number", "A whole number")
RESET_OPTION: Final = Option("reset", "True: back to the default, or off the list")
"""The option of every command of a setting that clears it; nothing else does."""
TARGET_OPTIONS: Final[Mapping[Kind, Option]] = {
    Kind.CHANNELS: _CHANNEL,
    Kind.ROLES: _ROLE,
    Kind.CHANNEL_LEVELS: _CHANNEL,
    Kind.ROLE_LEVELS: _ROLE,
    Kind.ROLE_COUNTS: _ROLE,
}
"""By kind, the option that selects the list entry to change."""
_OPTIONS: Final[Mapping[Kind, Option]] = {
    Kind.FLAG: Option("on", "On or off"),
    Kind.LEVEL: _LEVEL,
    Kind.COUNT: _NUMBER,
    Kind.MONEY: Option("dollars", "Such as 5 or 0.25"),
    Kind.CHANNEL: _CHANNEL,
    Kind.LANGUAGE: Option("language", "The language"),
    Kind.ZONE: Option("zone", "A name such as Europe/Berlin"),
    Kind.CHANNELS: _LISTED,
    Kind.ROLES: _LISTED,
    Kind.CHANNEL_LEVELS: _LEVEL,
    Kind.ROLE_LEVELS: _LEVEL,
    Kind.ROLE_COUNTS: _NUMBER,
}
"""By kind, the option that takes the value."""
TEXTS: Final[Mapping[str, SettingTexts]] = {
    "tolerance": SettingTexts(
        "Safety tolerance",
        "tolerance",
        "0 refuses most, 2 is for everybody",
        Option("level", "0 refuses most"),
    ),
    "adult_tolerance": SettingTexts(
        "Safety tolerance in age-restricted channels",
        "adult-tolerance",
        "The highest level in age-restricted channels, 0 to 6",
        empty=EVERYWHERE,
    ),
    "channel_tolerance": SettingTexts(
        "Ceilings of channels", "channel", "A lower ceiling for one channel", empty=NONE
    ),
    "role_tolerance": SettingTexts(
        "Ceilings of roles", "role", "A ceiling for members with a role", empty=NONE
    ),
    "check_content": SettingTexts(
        "Second content check", "second-check", "Rate prompt and picture once more"
    ),
    "approve_first": SettingTexts(
        "A moderator looks before a picture is shown",
        "approve-first",
        "Let a moderator look before a result is posted",
    ),
    "mark_results": SettingTexts(
        "Mark results as made with AI",
        "ai-mark",
        "Say on results and in their files that AI extended them",
    ),
    "menu_on_others": SettingTexts(
        "Menu on pictures of others",
        "menu",
        "Who may take pictures from others' messages",
        Option("who", "Who may"),
    ),
    "use_descriptions": SettingTexts(
        "Use picture descriptions",
        "descriptions",
        "If a member gives no prompt, add the picture's description to the default one",
    ),
    "banned_words": SettingTexts("Refused words", empty=NONE),
    "banned_patterns": SettingTexts("Refused patterns", empty=NONE),
    "allowed_channels": SettingTexts(
        "Allowed channels", "channel", "Let pictures be expanded in listed channels only", empty=ALL
    ),
    "allowed_roles": SettingTexts(
        "Allowed roles", "role", "Let only members with listed roles expand pictures", empty=ALL
    ),
    "max_side": SettingTexts("Longest side in pixels", "max-side", "The longest side of a result"),
    "results_per_command": SettingTexts(
        "Pictures per command", "per-command", "Pictures that one command may ask for"
    ),
    "preview_above": SettingTexts(
        "Preview from this price on, in dollars",
        "preview-above",
        "From this price on, show it before it is paid",
        empty=N_("on request alone"),
    ),
    "results_per_user_day": SettingTexts(
        "Pictures per member and day", "daily", "Pictures of a member in a day"
    ),
    "role_tiers": SettingTexts(
        "Pictures per day by role", "tier", "Pictures in a day for members with a role", empty=NONE
    ),
    "usd_per_user_month": SettingTexts(
        "Dollars per member and month", "monthly", "Dollars of a member in a month"
    ),
    "usd_per_month": SettingTexts(
        "Dollars of this server per month", "budget", "Dollars of this server in a month"
    ),
    "gallery_channel": SettingTexts(
        "Gallery channel", "channel", "Where the gallery is", empty=NONE
    ),
    "gallery_mode": SettingTexts(
        "How pictures come in",
        "mode",
        "How pictures come into the gallery",
        Option("how", "By whom or by what"),
    ),
    "gallery_threshold": SettingTexts(
        "Votes to come in",
        "threshold",
        "Votes to come in, and votes to leave again",
        Option("votes", "Votes to come in"),
    ),
    "gallery_lower": SettingTexts(
        "Votes at which it leaves",
        "threshold",
        None,
        Option("lower", "Votes at or below which it leaves"),
    ),
    "gallery_self_votes": SettingTexts(
        "Votes for own pictures", "self-votes", "Whether votes for own pictures count"
    ),
    "gallery_voter_roles": SettingTexts(
        "Roles that vote", "voter-role", "Let only members with listed roles vote", empty=ALL
    ),
    "gallery_account_days": SettingTexts(
        "Days that a voter's account must be old",
        "voter-age",
        "How old account and picture must be",
        Option("account-days", "Days that a voter's account must be old"),
    ),
    "gallery_message_minutes": SettingTexts(
        "Minutes that a picture must be old",
        "voter-age",
        None,
        Option("minutes", "Minutes that a picture must be old"),
    ),
    "gallery_frozen": SettingTexts("Gallery frozen", "freeze", "Stop all movement in the gallery"),
    "gallery_weekly": SettingTexts("Best of the week", "weekly", "Post the best of each week"),
    "language": SettingTexts(
        "Language",
        "language",
        "What messages for everybody are written in",
        empty=N_("the server's own"),
    ),
    "time_zone": SettingTexts("Time zone", "time-zone", "Whose midnight begins a day"),
    "log_channel": SettingTexts(
        "Log channel", "log-channel", "Where changes and acts are told", empty=NONE
    ),
    "moderators_channel": SettingTexts(
        "Moderators' channel",
        "moderators-channel",
        "Where reports and pictures for approval go",
        empty=NONE,
    ),
}
_MODERATE_COMMANDS: Final = {
    "banned_words": "moderate words add",
    "banned_patterns": "moderate words add-pattern",
}
CHOICE_TEXTS: Final[Mapping[str, str]] = {
    GalleryMode.OFF: N_choice("off"),
    GalleryMode.MANUAL: N_choice("by their author's button"),
    GalleryMode.VOTES: N_choice("by votes"),
    GalleryMode.EVERY: N_choice("every public result"),
    MenuPolicy.EVERYONE: N_choice("everybody"),
    MenuPolicy.MODERATORS: N_choice("moderators"),
    MenuPolicy.NOBODY: N_choice("nobody"),
}
"""Texts of choices by their stored value."""


def get_command_path(name: str) -> str:
    """Return the English names of the command that changes a setting."""
    default = f"settings {SETTINGS[name].section} {TEXTS[name].command}"
    return _MODERATE_COMMANDS.get(name, default)


def get_option(name: str) -> Option:
    """Return the option that takes a setting's value."""
    return TEXTS[name].option or _OPTIONS[SETTINGS[name].kind]
