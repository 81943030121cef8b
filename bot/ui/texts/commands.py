"""Names and descriptions of the commands, as Discord shows them in each member's language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from discord import app_commands
from discord.app_commands import locale_str

from bot.ui.i18n.command_translator import mark_name

_F = TypeVar("_F")


EXPAND: Final = mark_name("expand")
EXPAND_SIDES: Final = mark_name("expand-sides")
EXPAND_RATIO: Final = mark_name("expand-ratio")
EXPAND_ZOOM: Final = mark_name("expand-zoom")
QUOTA: Final = mark_name("quota")
HISTORY: Final = mark_name("history")
PRIVACY: Final = mark_name("privacy")
HELP: Final = mark_name("help")
USAGE: Final = mark_name("usage")
GALLERY: Final = mark_name("gallery")
BEST: Final = mark_name("best")
LEADERS: Final = mark_name("leaders")
MOST_EXPANDED: Final = mark_name("most-expanded")
RANDOM: Final = mark_name("random")
VISIBILITY: Final = mark_name("visibility")
MENU: Final = mark_name("Expand image")

DESCRIPTIONS: Final = {
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
        mark_name("image"),
        locale_str("The picture: JPEG, PNG, WebP, or the first frame of a GIF"),
    ),
    "direction": (mark_name("direction"), locale_str("Where the picture grows")),
    "pixels": (mark_name("pixels"), locale_str("Pixels to add on each of these sides")),
    "left": (mark_name("left"), locale_str("Pixels to add on the left")),
    "right": (mark_name("right"), locale_str("Pixels to add on the right")),
    "top": (mark_name("top"), locale_str("Pixels to add at the top")),
    "bottom": (mark_name("bottom"), locale_str("Pixels to add at the bottom")),
    "ratio": (
        mark_name("ratio"),
        locale_str("The shape to reach, such as 16:9, 1:1 or 1500x500"),
    ),
    "anchor": (
        mark_name("anchor"),
        locale_str("Where your picture sits in the new one (default: in the middle)"),
    ),
    "factor": (
        mark_name("factor"),
        locale_str("1.5 makes the canvas half as large again; your picture keeps its size"),
    ),
    "prompt": (
        mark_name("prompt"),
        locale_str("What the new area should show; leave it out for a natural continuation"),
    ),
    "results": (
        mark_name("results"),
        locale_str("How many different pictures; each one is charged"),
    ),
    "private": (mark_name("private"), locale_str("Show the result only to me")),
    "preview": (
        mark_name("preview"),
        locale_str("Show canvas and price first; pay on confirmation"),
    ),
    "spoiler": (mark_name("spoiler"), locale_str("Hide the result behind a spoiler")),
    "tolerance": (
        mark_name("tolerance"),
        locale_str("Safety tolerance, 0 is strictest: lower than what is allowed here"),
    ),
    "days": (mark_name("days"), locale_str("How many days back")),
    "shown": (mark_name("shown"), locale_str("Whether your pictures may be shown")),
    "format": (
        mark_name("format"),
        locale_str("File format of the result; left out, that of the picture"),
    ),
}
CHOICES: Final = {
    "left": mark_name("left"),
    "right": mark_name("right"),
    "up": mark_name("up"),
    "down": mark_name("down"),
    "horizontal": mark_name("left and right"),
    "vertical": mark_name("up and down"),
    "all": mark_name("all sides"),
    "PNG": mark_name("PNG, lossless"),
    "JPG": mark_name("JPG"),
    "WEBP": mark_name("WebP"),
}
ANCHORS: Final = {
    "center": mark_name("in the middle"),
    "left": mark_name("at the left"),
    "right": mark_name("at the right"),
    "top": mark_name("at the top"),
    "bottom": mark_name("at the bottom"),
}


def describe_options(*names: str) -> Callable[[_F], _F]:
    """Describe a command's options and let their names be translated."""
    renamed: dict[str, Any] = {name: _OPTIONS[name][0] for name in names}
    described: dict[str, Any] = {name: _OPTIONS[name][1] for name in names}

    def decorate(callback: _F) -> _F:
        return app_commands.describe(**described)(app_commands.rename(**renamed)(callback))

    return decorate
