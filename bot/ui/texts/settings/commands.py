"""Names and descriptions of the moderators' commands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from discord import app_commands
from discord.app_commands import locale_str

from bot.domain.gallery import GalleryMode
from bot.domain.guild import MenuPolicy
from bot.domain.presets import Preset
from bot.ui.i18n.command_translator import mark_name
from bot.ui.i18n.translations import LANGUAGE_NAMES

_F = TypeVar("_F")

_COMMANDS: Final = {
    "settings": (mark_name("settings"), locale_str("Settle what this server allows and shows")),
    "panel": (mark_name("panel"), locale_str("See and change everything in one place")),
    "preset": (mark_name("preset"), locale_str("Settle what suits a kind of community at once")),
    "log": (mark_name("log"), locale_str("See who changed and did what")),
    "safety": (mark_name("safety"), locale_str("What the content checks let pass")),
    "access": (mark_name("access"), locale_str("Who may expand pictures, and where")),
    "amounts": (mark_name("amounts"), locale_str("How large and how many at once")),
    "quotas": (mark_name("quotas"), locale_str("How many and for how much")),
    "gallery-rules": (mark_name("gallery"), locale_str("What the gallery shows")),
    "place": (mark_name("place"), locale_str("Language, time zone and channels")),
    "tolerance": (mark_name("tolerance"), locale_str("0 refuses most, 2 is for everybody")),
    "adult-tolerance": (
        mark_name("adult-tolerance"),
        locale_str("In age-restricted channels: 0 to 6; left out, as everywhere else"),
    ),
    "channel-level": (mark_name("channel"), locale_str("A lower ceiling for one channel")),
    "role-level": (mark_name("role"), locale_str("A ceiling for members with a role")),
    "second-check": (mark_name("second-check"), locale_str("Rate prompt and picture once more")),
    "approve-first": (
        mark_name("approve-first"),
        locale_str("Let a moderator look before a result is posted"),
    ),
    "menu": (mark_name("menu"), locale_str("Who may take pictures from others' messages")),
    "allow-channel": (
        mark_name("channel"),
        locale_str("Let pictures be expanded in listed channels only"),
    ),
    "allow-role": (
        mark_name("role"),
        locale_str("Let only members with listed roles expand pictures"),
    ),
    "max-side": (mark_name("max-side"), locale_str("The longest side of a result")),
    "per-command": (mark_name("per-command"), locale_str("Pictures that one command may ask for")),
    "preview-above": (
        mark_name("preview-above"),
        locale_str("From this price on, show it before it is paid"),
    ),
    "daily": (mark_name("daily"), locale_str("Pictures of a member in a day")),
    "tier": (mark_name("tier"), locale_str("Pictures in a day for members with a role")),
    "monthly": (mark_name("monthly"), locale_str("Dollars of a member in a month")),
    "budget": (mark_name("budget"), locale_str("Dollars of this server in a month")),
    "gallery-channel": (mark_name("channel"), locale_str("Where the gallery is")),
    "mode": (mark_name("mode"), locale_str("How pictures come into the gallery")),
    "threshold": (mark_name("threshold"), locale_str("Votes to come in, and votes to leave again")),
    "self-votes": (mark_name("self-votes"), locale_str("Whether votes for own pictures count")),
    "voter-role": (mark_name("voter-role"), locale_str("Let only members with listed roles vote")),
    "voter-age": (mark_name("voter-age"), locale_str("How old account and picture must be")),
    "freeze": (mark_name("freeze"), locale_str("Stop all movement in the gallery")),
    "weekly": (mark_name("weekly"), locale_str("Post the best of each week")),
    "language": (mark_name("language"), locale_str("What messages for everybody are written in")),
    "time-zone": (mark_name("time-zone"), locale_str("Whose midnight begins a day")),
    "log-channel": (mark_name("log-channel"), locale_str("Where changes and acts are told")),
    "moderators-channel": (
        mark_name("moderators-channel"),
        locale_str("Where reports and pictures for approval go"),
    ),
    "moderate": (mark_name("moderate"), locale_str("Act on members, results and prompts")),
    "block": (mark_name("block"), locale_str("Keep a member from expanding pictures here")),
    "unblock": (mark_name("unblock"), locale_str("Let a member expand pictures again")),
    "grant": (mark_name("grant"), locale_str("Give a member a quota of their own")),
    "ungrant": (mark_name("ungrant"), locale_str("Take a member's own quota back")),
    "cancel": (mark_name("cancel"), locale_str("Cancel an order that was not sent yet")),
    "remove": (
        mark_name("remove"),
        locale_str("Remove a result everywhere, and what grew from it"),
    ),
    "spoiler": (mark_name("spoiler"), locale_str("Put a result behind a spoiler")),
    "refund": (mark_name("refund"), locale_str("Give a result's quota back to its member")),
    "queue": (mark_name("queue"), locale_str("See what waits for approval")),
    "words": (mark_name("words"), locale_str("What prompts may not hold")),
    "add": (mark_name("add"), locale_str("Refuse prompts with a word or phrase")),
    "take": (mark_name("remove"), locale_str("Take a word off the list")),
    "add-pattern": (mark_name("add-pattern"), locale_str("Refuse prompts that a pattern matches")),
    "take-pattern": (mark_name("remove-pattern"), locale_str("Take a pattern off the list")),
    "list": (mark_name("list"), locale_str("See both lists")),
    "test": (mark_name("test"), locale_str("See whether a prompt would pass")),
}
_OPTIONS: Final = {
    "level": (mark_name("level"), locale_str("0 to 6; left out, there is none of its own")),
    "strictness": (mark_name("level"), locale_str("0 refuses most")),
    "on": (mark_name("on"), locale_str("On or off")),
    "channel": (mark_name("channel"), locale_str("The channel; left out, none")),
    "one-channel": (mark_name("channel"), locale_str("The channel")),
    "role": (mark_name("role"), locale_str("The role")),
    "listed": (mark_name("listed"), locale_str("On the list, or off it")),
    "who": (mark_name("who"), locale_str("Who may")),
    "number": (mark_name("number"), locale_str("Left out, the operator's limit holds")),
    "dollars": (mark_name("dollars"), locale_str("Such as 5 or 0.25; left out, no own limit")),
    "how": (mark_name("how"), locale_str("By whom or by what")),
    "votes": (mark_name("votes"), locale_str("Votes to come in")),
    "lower": (mark_name("lower"), locale_str("Votes at or below which it leaves")),
    "account-days": (
        mark_name("account-days"),
        locale_str("Days that a voter's account must be old"),
    ),
    "minutes": (mark_name("minutes"), locale_str("Minutes that a picture must be old")),
    "language": (mark_name("language"), locale_str("Left out, the server's own")),
    "zone": (mark_name("zone"), locale_str("A name such as Europe/Berlin")),
    "kind": (mark_name("kind"), locale_str("The kind of community")),
    "page": (mark_name("page"), locale_str("Which page, the newest being 1")),
    "member": (mark_name("member"), locale_str("The member")),
    "reason": (mark_name("reason"), locale_str("The member reads it")),
    "days": (mark_name("days"), locale_str("For how many days; left out, until it is lifted")),
    "results": (mark_name("results"), locale_str("Pictures per day")),
    "picture": (
        mark_name("picture"),
        locale_str("The link of its message, or the twelve characters below it"),
    ),
    "refund": (mark_name("refund"), locale_str("Give the quota back as well")),
    "entry": (mark_name("entry"), locale_str("A word or phrase")),
    "pattern": (mark_name("pattern"), locale_str("A regular expression as RE2 knows them")),
    "prompt": (mark_name("prompt"), locale_str("What somebody might write")),
}
GALLERY_MODE_NAMES: Final = {
    GalleryMode.OFF: mark_name("off"),
    GalleryMode.MANUAL: mark_name("by their author's button"),
    GalleryMode.VOTES: mark_name("by votes"),
    GalleryMode.EVERY: mark_name("every public result"),
}
MENU_POLICY_NAMES: Final = {
    MenuPolicy.EVERYONE: mark_name("everybody"),
    MenuPolicy.MODERATORS: mark_name("moderators"),
    MenuPolicy.NOBODY: mark_name("nobody"),
}
PRESET_CHOICE_NAMES: Final = {
    Preset.FAMILY: mark_name("family friendly"),
    Preset.ART: mark_name("art server"),
    Preset.ADULTS: mark_name("adults only"),
}
LANGUAGE_CHOICES: Final = [
    app_commands.Choice(name=own, value=each) for each, own in LANGUAGE_NAMES.items()
]


def describe_command(name: str) -> dict[str, Any]:
    """Return a command's name and description."""
    return {"name": _COMMANDS[name][0], "description": _COMMANDS[name][1]}


def create_group(name: str) -> app_commands.Group:
    return app_commands.Group(**describe_command(name))


def describe_options(**options: str) -> Callable[[_F], _F]:
    """Describe a command's options, each parameter by an entry of the table."""
    renamed: dict[str, Any] = {name: _OPTIONS[entry][0] for name, entry in options.items()}
    described: dict[str, Any] = {name: _OPTIONS[entry][1] for name, entry in options.items()}

    def decorate(callback: _F) -> _F:
        return app_commands.describe(**described)(app_commands.rename(**renamed)(callback))

    return decorate
