"""What buttons, menus and forms are called."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from bot.domain.request import Direction
from bot.ui.actions import Action
from bot.ui.speech import Speech, later

LABELS: Final = {
    Action.AGAIN: later("Another try"),
    Action.PROMPT_ASK: later("New prompt"),
    Action.COMPARE: later("Compare"),
    Action.PAIR: later("Side by side"),
    Action.DETAILS: later("Details"),
    Action.MORE: later("More"),
    Action.PARENT: later("Back to the picture before"),
    Action.FILM: later("Zoom-out film"),
    Action.FILE: later("Lossless file"),
    Action.DELETE: later("Delete"),
    Action.DELETE_SURE: later("Yes, delete it"),
    Action.SHARE: later("Show it to everybody"),
    Action.HANG: later("To the gallery"),
    Action.UNHANG: later("Take out of the gallery"),
    Action.REPORT: later("Report"),
    Action.PRESET: later("Yes, settle it so"),
    Action.CANCEL: later("Cancel"),
    Action.DROP: later("Cancel"),
    Action.DRAFT_ASK: later("Prompt"),
    Action.ZOOM_ASK: later("Own factor"),
    Action.RESEND: later("Send again"),
    Action.EXPORT: later("Export my data"),
    Action.ERASE: later("Delete my data"),
    Action.ERASE_SURE: later("Yes, delete everything"),
}
ARROWS: Final = {
    Direction.LEFT: "←",
    Direction.UP: "↑",
    Direction.DOWN: "↓",
    Direction.RIGHT: "→",
}
RATIOS: Final = {
    "1:1": later("square"),
    "16:9": later("wide, for screens"),
    "9:16": later("upright, for phones"),
    "4:3": later("classic photograph"),
    "3:2": later("camera"),
    "4:5": later("portrait post"),
    "21:9": later("cinema"),
    "32:9": later("two screens"),
    "2:1": later("panorama"),
    "3:1": later("long panorama"),
    "1500x500": later("banner of a profile"),
    "960x540": later("banner of a Discord server"),
}
"""Shapes by their use (product reference: presets that people look for)."""
AMOUNTS: Final = {
    64: later("a narrow strip"),
    128: later("a little"),
    256: later("a quarter of a common picture"),
    512: later("half of a common picture"),
    1024: later("a whole new side"),
    2048: later("the most"),
}
ZOOMS: Final = {"15": Fraction(3, 2), "20": Fraction(2)}
TITLES: Final = {
    Action.ZOOM_ASK: later("Zoom out by a factor of your own"),
    Action.PROMPT_ASK: later("Again, with a new prompt"),
    Action.DRAFT_ASK: later("What the new area should show"),
    Action.MENU_FORM: later("Expand a picture"),
    Action.REPORT: later("Report this picture"),
    Action.BLOCK_FORM: later("Block the author"),
    Action.SETTINGS_ASK: later("Settings of this server"),
}
DIRECTIONS: Final = {
    Direction.LEFT: later("left"),
    Direction.RIGHT: later("right"),
    Direction.UP: later("up"),
    Direction.DOWN: later("down"),
    Direction.HORIZONTAL: later("left and right"),
    Direction.VERTICAL: later("up and down"),
    Direction.ALL: later("all sides"),
}


def label(say: Speech, action: Action) -> str:
    return say(LABELS[action])


def picture_label(say: Speech, number: int) -> str:
    return say("Picture {number}", number=number)


def confirm_label(say: Speech, price: str) -> str:
    return say("Confirm: {price}", price=price)


def zoom_label(say: Speech, factor: str) -> str:
    return say("Zoom out {factor}", factor=f"{say.number(float(ZOOMS[factor]))}×")


def spoiler_label(say: Speech, *, hidden: bool) -> str:
    return say("Take the spoiler off") if hidden else say("Put behind a spoiler")


def share_label(say: Speech, *, shares: bool) -> str:
    return say("Keep my pictures from others") if shares else say("Let others expand my pictures")


def ratio_label(say: Speech, ratio: str) -> str:
    return f"{ratio} {say(RATIOS[ratio])}"


def amount_label(say: Speech, pixels: int) -> str:
    return f"{pixels}: {say(AMOUNTS[pixels])}"


def ratio_hint(say: Speech) -> str:
    return say("Choose a shape")


def open_hint(say: Speech) -> str:
    return say("Open one of them")


def factor_field(say: Speech) -> tuple[str, str]:
    return say("Factor"), say("From 1.01 to 8; 1.5 adds half the size again")


def prompt_field(say: Speech) -> tuple[str, str]:
    return say("Prompt"), say("Describe the new area only; empty for a natural continuation")


def picture_field(say: Speech) -> tuple[str, str]:
    return say("Picture"), say("Which picture of the message")


def direction_field(say: Speech) -> tuple[str, str]:
    return say("Direction"), say("Where the picture grows")


def pixels_field(say: Speech) -> tuple[str, str]:
    return say("Pixels"), say("Pixels to add on each of these sides, 1 to 2048")
