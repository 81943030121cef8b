"""Names and descriptions of the moderators' commands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from discord import app_commands
from discord.app_commands import locale_str

from bot.domain.gallery import GalleryMode
from bot.domain.guild import MenuPolicy
from bot.domain.presets import Preset
from bot.ui.speech import TONGUES
from bot.ui.wording_commands import named

_F = TypeVar("_F")

_COMMANDS: Final = {
    "settings": (named("settings"), locale_str("Settle what this server allows and shows")),
    "panel": (named("panel"), locale_str("See and change everything in one place")),
    "preset": (named("preset"), locale_str("Settle what suits a kind of community at once")),
    "log": (named("log"), locale_str("See who changed and did what")),
    "safety": (named("safety"), locale_str("What the content checks let pass")),
    "access": (named("access"), locale_str("Who may expand pictures, and where")),
    "amounts": (named("amounts"), locale_str("How large and how many at once")),
    "quotas": (named("quotas"), locale_str("How many and for how much")),
    "gallery-rules": (named("gallery"), locale_str("What the gallery shows")),
    "place": (named("place"), locale_str("Language, time zone and channels")),
    "tolerance": (named("tolerance"), locale_str("0 refuses most, 2 is for everybody")),
    "adult-tolerance": (
        named("adult-tolerance"),
        locale_str("In age-restricted channels: 0 to 6; left out, as everywhere else"),
    ),
    "channel-level": (named("channel"), locale_str("A lower ceiling for one channel")),
    "role-level": (named("role"), locale_str("A ceiling for members with a role")),
    "second-check": (named("second-check"), locale_str("Rate prompt and picture once more")),
    "approve-first": (
        named("approve-first"),
        locale_str("Let a moderator look before a result is posted"),
    ),
    "menu": (named("menu"), locale_str("Who may take pictures from others' messages")),
    "allow-channel": (
        named("channel"),
        locale_str("Let pictures be expanded in listed channels only"),
    ),
    "allow-role": (named("role"), locale_str("Let only members with listed roles expand pictures")),
    "max-side": (named("max-side"), locale_str("The longest side of a result")),
    "per-command": (named("per-command"), locale_str("Pictures that one command may ask for")),
    "preview-above": (
        named("preview-above"),
        locale_str("From this price on, show it before it is paid"),
    ),
    "daily": (named("daily"), locale_str("Pictures of a member in a day")),
    "tier": (named("tier"), locale_str("Pictures in a day for members with a role")),
    "monthly": (named("monthly"), locale_str("Dollars of a member in a month")),
    "budget": (named("budget"), locale_str("Dollars of this server in a month")),
    "gallery-channel": (named("channel"), locale_str("Where the gallery is")),
    "mode": (named("mode"), locale_str("How pictures come into the gallery")),
    "threshold": (named("threshold"), locale_str("Votes to come in, and votes to leave again")),
    "self-votes": (named("self-votes"), locale_str("Whether votes for own pictures count")),
    "voter-role": (named("voter-role"), locale_str("Let only members with listed roles vote")),
    "voter-age": (named("voter-age"), locale_str("How old account and picture must be")),
    "freeze": (named("freeze"), locale_str("Stop all movement in the gallery")),
    "weekly": (named("weekly"), locale_str("Post the best of each week")),
    "language": (named("language"), locale_str("What messages for everybody are written in")),
    "time-zone": (named("time-zone"), locale_str("Whose midnight begins a day")),
    "log-channel": (named("log-channel"), locale_str("Where changes and acts are told")),
    "moderators-channel": (
        named("moderators-channel"),
        locale_str("Where reports and pictures for approval go"),
    ),
    "moderate": (named("moderate"), locale_str("Act on members, results and prompts")),
    "block": (named("block"), locale_str("Keep a member from expanding pictures here")),
    "unblock": (named("unblock"), locale_str("Let a member expand pictures again")),
    "grant": (named("grant"), locale_str("Give a member a quota of their own")),
    "ungrant": (named("ungrant"), locale_str("Take a member's own quota back")),
    "cancel": (named("cancel"), locale_str("Cancel an order that was not sent yet")),
    "remove": (named("remove"), locale_str("Remove a result everywhere, and what grew from it")),
    "spoiler": (named("spoiler"), locale_str("Put a result behind a spoiler")),
    "refund": (named("refund"), locale_str("Give a result's quota back to its member")),
    "queue": (named("queue"), locale_str("See what waits for approval")),
    "words": (named("words"), locale_str("What prompts may not hold")),
    "add": (named("add"), locale_str("Refuse prompts with a word or phrase")),
    "take": (named("remove"), locale_str("Take a word off the list")),
    "add-pattern": (named("add-pattern"), locale_str("Refuse prompts that a pattern matches")),
    "take-pattern": (named("remove-pattern"), locale_str("Take a pattern off the list")),
    "list": (named("list"), locale_str("See both lists")),
    "test": (named("test"), locale_str("See whether a prompt would pass")),
}
_OPTIONS: Final = {
    "level": (named("level"), locale_str("0 to 6; left out, there is none of its own")),
    "strictness": (named("level"), locale_str("0 refuses most")),
    "on": (named("on"), locale_str("On or off")),
    "channel": (named("channel"), locale_str("The channel; left out, none")),
    "one-channel": (named("channel"), locale_str("The channel")),
    "role": (named("role"), locale_str("The role")),
    "listed": (named("listed"), locale_str("On the list, or off it")),
    "who": (named("who"), locale_str("Who may")),
    "number": (named("number"), locale_str("Left out, the operator's limit holds")),
    "dollars": (named("dollars"), locale_str("Such as 5 or 0.25; left out, no own limit")),
    "how": (named("how"), locale_str("By whom or by what")),
    "votes": (named("votes"), locale_str("Votes to come in")),
    "lower": (named("lower"), locale_str("Votes at or below which it leaves")),
    "account-days": (named("account-days"), locale_str("Days that a voter's account must be old")),
    "minutes": (named("minutes"), locale_str("Minutes that a picture must be old")),
    "language": (named("language"), locale_str("Left out, the server's own")),
    "zone": (named("zone"), locale_str("A name such as Europe/Berlin")),
    "kind": (named("kind"), locale_str("The kind of community")),
    "page": (named("page"), locale_str("Which page, the newest being 1")),
    "member": (named("member"), locale_str("The member")),
    "reason": (named("reason"), locale_str("The member reads it")),
    "days": (named("days"), locale_str("For how many days; left out, until it is lifted")),
    "results": (named("results"), locale_str("Pictures per day")),
    "picture": (
        named("picture"),
        locale_str("The link of its message, or the twelve characters below it"),
    ),
    "refund": (named("refund"), locale_str("Give the quota back as well")),
    "entry": (named("entry"), locale_str("A word or phrase")),
    "pattern": (named("pattern"), locale_str("A regular expression as RE2 knows them")),
    "prompt": (named("prompt"), locale_str("What somebody might write")),
}
MODES: Final = {
    GalleryMode.OFF: named("off"),
    GalleryMode.MANUAL: named("by their author's button"),
    GalleryMode.VOTES: named("by votes"),
    GalleryMode.EVERY: named("every public result"),
}
MENU: Final = {
    MenuPolicy.EVERYONE: named("everybody"),
    MenuPolicy.MODERATORS: named("moderators"),
    MenuPolicy.NOBODY: named("nobody"),
}
PRESETS: Final = {
    Preset.FAMILY: named("family friendly"),
    Preset.ART: named("art server"),
    Preset.ADULTS: named("adults only"),
}
SPOKEN: Final = [app_commands.Choice(name=own, value=each) for each, own in TONGUES.items()]


def called(name: str) -> dict[str, Any]:
    """Return a command's name and description."""
    return {"name": _COMMANDS[name][0], "description": _COMMANDS[name][1]}


def group(name: str) -> app_commands.Group:
    return app_commands.Group(**called(name))


def taking(**options: str) -> Callable[[_F], _F]:
    """Describe a command's options, each parameter by an entry of the table."""
    renamed: dict[str, Any] = {name: _OPTIONS[entry][0] for name, entry in options.items()}
    described: dict[str, Any] = {name: _OPTIONS[entry][1] for name, entry in options.items()}

    def decorate(callback: _F) -> _F:
        return app_commands.describe(**described)(app_commands.rename(**renamed)(callback))

    return decorate
