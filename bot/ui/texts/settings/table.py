"""What each setting and each section is called, in the panel and as a command."""

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
    """A setting's row; settings with the same command are changed by it together."""

    name: str
    command: Mapping[str, Any] | None
    """None where a command of /moderate changes the value."""
    option: Option | None = None
    """The command's option; None where that of the kind says enough."""
    empty: str = OPERATOR
    """What no value means, or an empty list."""
    path: str = ""
    """Where the command of /moderate is."""


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
_LEVEL: Final = Option("level", "0 to 6; left out, there is none of its own")
_NUMBER: Final = Option("number", "Left out, the operator's limit holds")
_THRESHOLD: Final = describe_command("threshold", "Votes to come in, and votes to leave again")
_VOTER_AGE: Final = describe_command("voter-age", "How old account and picture must be")
TARGET_OPTIONS: Final[Mapping[Kind, Option]] = {
    Kind.CHANNELS: _CHANNEL,
    Kind.ROLES: _ROLE,
    Kind.CHANNEL_LEVELS: _CHANNEL,
    Kind.ROLE_LEVELS: _ROLE,
    Kind.ROLE_COUNTS: _ROLE,
}
"""The option that says which entry of a list is changed."""
_OPTIONS: Final[Mapping[Kind, Option]] = {
    Kind.FLAG: Option("on", "On or off"),
    Kind.LEVEL: _LEVEL,
    Kind.COUNT: _NUMBER,
    Kind.MONEY: Option("dollars", "Such as 5 or 0.25; left out, no own limit"),
    Kind.CHANNEL: Option("channel", "The channel; left out, none"),
    Kind.LANGUAGE: Option("language", "Left out, the server's own"),
    Kind.ZONE: Option("zone", "A name such as Europe/Berlin"),
    Kind.CHANNELS: _LISTED,
    Kind.ROLES: _LISTED,
    Kind.CHANNEL_LEVELS: _LEVEL,
    Kind.ROLE_LEVELS: _LEVEL,
    Kind.ROLE_COUNTS: _NUMBER,
}
"""The option that takes a value of a kind."""
TEXTS: Final[Mapping[str, SettingTexts]] = {
    "tolerance": SettingTexts(
        N_("Safety tolerance"),
        describe_command("tolerance", "0 refuses most, 2 is for everybody"),
        Option("level", "0 refuses most"),
    ),
    "adult_tolerance": SettingTexts(
        N_("Safety tolerance in age-restricted channels"),
        describe_command(
            "adult-tolerance", "In age-restricted channels: 0 to 6; left out, as everywhere else"
        ),
        empty=EVERYWHERE,
    ),
    "channel_tolerance": SettingTexts(
        N_("Ceilings of channels"),
        describe_command("channel", "A lower ceiling for one channel"),
        empty=NONE,
    ),
    "role_tolerance": SettingTexts(
        N_("Ceilings of roles"),
        describe_command("role", "A ceiling for members with a role"),
        empty=NONE,
    ),
    "check_content": SettingTexts(
        N_("Second content check"),
        describe_command("second-check", "Rate prompt and picture once more"),
    ),
    "approve_first": SettingTexts(
        N_("A moderator looks before a picture is shown"),
        describe_command("approve-first", "Let a moderator look before a result is posted"),
    ),
    "menu_on_others": SettingTexts(
        N_("Menu on pictures of others"),
        describe_command("menu", "Who may take pictures from others' messages"),
        Option("who", "Who may"),
    ),
    "banned_words": SettingTexts(N_("Refused words"), None, empty=NONE, path="moderate words add"),
    "banned_patterns": SettingTexts(
        N_("Refused patterns"), None, empty=NONE, path="moderate words add-pattern"
    ),
    "allowed_channels": SettingTexts(
        N_("Allowed channels"),
        describe_command("channel", "Let pictures be expanded in listed channels only"),
        empty=ALL,
    ),
    "allowed_roles": SettingTexts(
        N_("Allowed roles"),
        describe_command("role", "Let only members with listed roles expand pictures"),
        empty=ALL,
    ),
    "max_side": SettingTexts(
        N_("Longest side in pixels"),
        describe_command("max-side", "The longest side of a result"),
    ),
    "results_per_command": SettingTexts(
        N_("Pictures per command"),
        describe_command("per-command", "Pictures that one command may ask for"),
    ),
    "preview_above": SettingTexts(
        N_("Preview from this price on, in dollars"),
        describe_command("preview-above", "From this price on, show it before it is paid"),
        empty=N_("on request alone"),
    ),
    "results_per_user_day": SettingTexts(
        N_("Pictures per member and day"),
        describe_command("daily", "Pictures of a member in a day"),
    ),
    "role_tiers": SettingTexts(
        N_("Pictures per day by role"),
        describe_command("tier", "Pictures in a day for members with a role"),
        empty=NONE,
    ),
    "usd_per_user_month": SettingTexts(
        N_("Dollars per member and month"),
        describe_command("monthly", "Dollars of a member in a month"),
    ),
    "usd_per_month": SettingTexts(
        N_("Dollars of this server per month"),
        describe_command("budget", "Dollars of this server in a month"),
    ),
    "gallery_channel": SettingTexts(
        N_("Gallery channel"), describe_command("channel", "Where the gallery is"), empty=NONE
    ),
    "gallery_mode": SettingTexts(
        N_("How pictures come in"),
        describe_command("mode", "How pictures come into the gallery"),
        Option("how", "By whom or by what"),
    ),
    "gallery_threshold": SettingTexts(
        N_("Votes to come in"), _THRESHOLD, Option("votes", "Votes to come in")
    ),
    "gallery_lower": SettingTexts(
        N_("Votes at which it leaves"),
        _THRESHOLD,
        Option("lower", "Votes at or below which it leaves"),
    ),
    "gallery_self_votes": SettingTexts(
        N_("Votes for own pictures"),
        describe_command("self-votes", "Whether votes for own pictures count"),
    ),
    "gallery_voter_roles": SettingTexts(
        N_("Roles that vote"),
        describe_command("voter-role", "Let only members with listed roles vote"),
        empty=ALL,
    ),
    "gallery_account_days": SettingTexts(
        N_("Days that a voter's account must be old"),
        _VOTER_AGE,
        Option("account-days", "Days that a voter's account must be old"),
    ),
    "gallery_message_minutes": SettingTexts(
        N_("Minutes that a picture must be old"),
        _VOTER_AGE,
        Option("minutes", "Minutes that a picture must be old"),
    ),
    "gallery_frozen": SettingTexts(
        N_("Gallery frozen"), describe_command("freeze", "Stop all movement in the gallery")
    ),
    "gallery_weekly": SettingTexts(
        N_("Best of the week"), describe_command("weekly", "Post the best of each week")
    ),
    "language": SettingTexts(
        N_("Language"),
        describe_command("language", "What messages for everybody are written in"),
        empty=N_("the server's own"),
    ),
    "time_zone": SettingTexts(
        N_("Time zone"), describe_command("time-zone", "Whose midnight begins a day")
    ),
    "log_channel": SettingTexts(
        N_("Log channel"),
        describe_command("log-channel", "Where changes and acts are told"),
        empty=NONE,
    ),
    "moderators_channel": SettingTexts(
        N_("Moderators' channel"),
        describe_command("moderators-channel", "Where reports and pictures for approval go"),
        empty=NONE,
    ),
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
"""Values of one kind, by what is stored."""


def get_command_path(name: str) -> str:
    """Return the English names of the command that changes a setting."""
    texts = TEXTS[name]
    if texts.command is None:
        return texts.path
    return f"settings {SETTINGS[name].section} {texts.command['name'].message}"


def get_option(name: str) -> Option:
    """Return the option that takes a setting's value."""
    return TEXTS[name].option or _OPTIONS[SETTINGS[name].kind]
