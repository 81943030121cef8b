"""Names and descriptions of the commands, as Discord shows them in each member's language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from discord import app_commands
from discord.app_commands import locale_str

from bot.ui.speech import NAME

_F = TypeVar("_F")


def named(message: str) -> locale_str:
    """Mark the name of a command, an option or a choice."""
    return locale_str(message, kind=NAME)


EXPAND: Final = named("expand")
EXPAND_SIDES: Final = named("expand-sides")
EXPAND_RATIO: Final = named("expand-ratio")
EXPAND_ZOOM: Final = named("expand-zoom")
QUOTA: Final = named("quota")
HISTORY: Final = named("history")
PRIVACY: Final = named("privacy")
HELP: Final = named("help")
USAGE: Final = named("usage")
GALLERY: Final = named("gallery")
BEST: Final = named("best")
LEADERS: Final = named("leaders")
MOST_EXPANDED: Final = named("most-expanded")
RANDOM: Final = named("random")
VISIBILITY: Final = named("visibility")
MENU: Final = named("Expand image")

ABOUT: Final = {
    "expand": locale_str("Extend a picture beyond its frame, in one direction or more"),
    "expand-sides": locale_str("Extend a picture by its own amount on each side"),
    "expand-ratio": locale_str("Extend a picture until it has another shape"),
    "expand-zoom": locale_str("Zoom out: grow the canvas by a factor around the picture"),
    "quota": locale_str("See how many pictures you have left today"),
    "history": locale_str("See your pictures again: open, send or delete them"),
    "privacy": locale_str("See what is kept of you, export it or delete it"),
    "usage": locale_str("See what was made, refused and spent in this server"),
    "gallery": locale_str("The best pictures of this server"),
    "best": locale_str("See the pictures with most votes of some days"),
    "leaders": locale_str("See who has most votes in the gallery"),
    "most-expanded": locale_str("See which pictures were expanded most often"),
    "random": locale_str("See any picture of the gallery"),
    "visibility": locale_str("Choose whether your pictures may be shown in the gallery"),
    "help": locale_str("Learn by example what I can do"),
}
_OPTIONS: Final = {
    "image": (
        named("image"),
        locale_str("The picture: JPEG, PNG, WebP, or the first frame of a GIF"),
    ),
    "direction": (named("direction"), locale_str("Where the picture grows")),
    "pixels": (named("pixels"), locale_str("Pixels to add on each of these sides")),
    "left": (named("left"), locale_str("Pixels to add on the left")),
    "right": (named("right"), locale_str("Pixels to add on the right")),
    "top": (named("top"), locale_str("Pixels to add at the top")),
    "bottom": (named("bottom"), locale_str("Pixels to add at the bottom")),
    "ratio": (
        named("ratio"),
        locale_str("The shape to reach, such as 16:9, 1:1 or 1500x500"),
    ),
    "anchor": (
        named("anchor"),
        locale_str("Where your picture sits in the new one (default: in the middle)"),
    ),
    "factor": (
        named("factor"),
        locale_str("1.5 makes the canvas half as large again; your picture keeps its size"),
    ),
    "prompt": (
        named("prompt"),
        locale_str("What the new area should show; leave it out for a natural continuation"),
    ),
    "results": (named("results"), locale_str("How many different pictures; each one is charged")),
    "private": (named("private"), locale_str("Show the result only to me")),
    "preview": (named("preview"), locale_str("Show canvas and price first; pay on confirmation")),
    "spoiler": (named("spoiler"), locale_str("Hide the result behind a spoiler")),
    "tolerance": (
        named("tolerance"),
        locale_str("Safety tolerance, 0 is strictest: lower than what is allowed here"),
    ),
    "days": (named("days"), locale_str("How many days back")),
    "shown": (named("shown"), locale_str("Whether your pictures may be shown")),
    "format": (
        named("format"),
        locale_str("File format of the result; left out, that of the picture"),
    ),
}
CHOICES: Final = {
    "left": named("left"),
    "right": named("right"),
    "up": named("up"),
    "down": named("down"),
    "horizontal": named("left and right"),
    "vertical": named("up and down"),
    "all": named("all sides"),
    "PNG": named("PNG, lossless"),
    "JPG": named("JPG"),
    "WEBP": named("WebP"),
}
ANCHORS: Final = {
    "center": named("in the middle"),
    "left": named("at the left"),
    "right": named("at the right"),
    "top": named("at the top"),
    "bottom": named("at the bottom"),
}


def options(*names: str) -> Callable[[_F], _F]:
    """Describe a command's options and let their names be translated."""
    renamed: dict[str, Any] = {name: _OPTIONS[name][0] for name in names}
    described: dict[str, Any] = {name: _OPTIONS[name][1] for name in names}

    def decorate(callback: _F) -> _F:
        return app_commands.describe(**described)(app_commands.rename(**renamed)(callback))

    return decorate
