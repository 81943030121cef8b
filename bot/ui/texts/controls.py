"""What buttons, menus and forms are called."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from bot.domain.request import Direction
from bot.ui.actions import Action
from bot.ui.i18n.translations import Translations, mark_message

BUTTON_LABELS: Final = {
    Action.RETRY: mark_message("Another try"),
    Action.PROMPT_ASK: mark_message("New prompt"),
    Action.COMPARE: mark_message("Compare"),
    Action.SIDE_BY_SIDE: mark_message("Side by side"),
    Action.DETAILS: mark_message("Details"),
    Action.MORE: mark_message("More"),
    Action.PARENT: mark_message("Back to the picture before"),
    Action.FILM: mark_message("Zoom-out film"),
    Action.LOSSLESS_FILE: mark_message("Lossless file"),
    Action.DELETE: mark_message("Delete"),
    Action.DELETE_CONFIRM: mark_message("Yes, delete it"),
    Action.SHARE: mark_message("Show it to everybody"),
    Action.GALLERY_ADD: mark_message("To the gallery"),
    Action.GALLERY_REMOVE: mark_message("Take out of the gallery"),
    Action.REPORT: mark_message("Report"),
    Action.PRESET: mark_message("Yes, settle it so"),
    Action.CANCEL: mark_message("Cancel"),
    Action.DISCARD_DRAFT: mark_message("Cancel"),
    Action.DRAFT_ASK: mark_message("Prompt"),
    Action.ZOOM_ASK: mark_message("Own factor"),
    Action.RESEND: mark_message("Send again"),
    Action.EXPORT: mark_message("Export my data"),
    Action.ERASE: mark_message("Delete my data"),
    Action.ERASE_CONFIRM: mark_message("Yes, delete everything"),
}
ARROWS: Final = {
    Direction.LEFT: "←",
    Direction.UP: "↑",
    Direction.DOWN: "↓",
    Direction.RIGHT: "→",
}
RATIOS: Final = {
    "1:1": mark_message("square"),
    "16:9": mark_message("wide, for screens"),
    "9:16": mark_message("upright, for phones"),
    "4:3": mark_message("classic photograph"),
    "3:2": mark_message("camera"),
    "4:5": mark_message("portrait post"),
    "21:9": mark_message("cinema"),
    "32:9": mark_message("two screens"),
    "2:1": mark_message("panorama"),
    "3:1": mark_message("long panorama"),
    "1500x500": mark_message("banner of a profile"),
    "960x540": mark_message("banner of a Discord server"),
}
"""Shapes by their use (product reference: presets that people look for)."""
PIXEL_AMOUNTS: Final = {
    64: mark_message("a narrow strip"),
    128: mark_message("a little"),
    256: mark_message("a quarter of a common picture"),
    512: mark_message("half of a common picture"),
    1024: mark_message("a whole new side"),
    2048: mark_message("the most"),
}
ZOOM_FACTORS: Final = {"15": Fraction(3, 2), "20": Fraction(2)}
MODAL_TITLES: Final = {
    Action.ZOOM_ASK: mark_message("Zoom out by a factor of your own"),
    Action.PROMPT_ASK: mark_message("Again, with a new prompt"),
    Action.DRAFT_ASK: mark_message("What the new area should show"),
    Action.MENU_FORM: mark_message("Expand a picture"),
    Action.REPORT: mark_message("Report this picture"),
    Action.BLOCK_FORM: mark_message("Block the author"),
    Action.SETTINGS_ASK: mark_message("Settings of this server"),
}
DIRECTIONS: Final = {
    Direction.LEFT: mark_message("left"),
    Direction.RIGHT: mark_message("right"),
    Direction.UP: mark_message("up"),
    Direction.DOWN: mark_message("down"),
    Direction.HORIZONTAL: mark_message("left and right"),
    Direction.VERTICAL: mark_message("up and down"),
    Direction.ALL: mark_message("all sides"),
}


def action_label(say: Translations, action: Action) -> str:
    return say(BUTTON_LABELS[action])


def picture_label(say: Translations, number: int) -> str:
    return say("Picture {number}", number=number)


def confirm_label(say: Translations, price: str) -> str:
    return say("Confirm: {price}", price=price)


def zoom_label(say: Translations, factor: str) -> str:
    return say("Zoom out {factor}", factor=f"{say.format_number(float(ZOOM_FACTORS[factor]))}×")


def spoiler_label(say: Translations, *, hidden: bool) -> str:
    return say("Take the spoiler off") if hidden else say("Put behind a spoiler")


def share_label(say: Translations, *, shares: bool) -> str:
    return say("Keep my pictures from others") if shares else say("Let others expand my pictures")


def ratio_label(say: Translations, ratio: str) -> str:
    return f"{ratio} {say(RATIOS[ratio])}"


def amount_label(say: Translations, pixels: int) -> str:
    return f"{pixels}: {say(PIXEL_AMOUNTS[pixels])}"


def ratio_hint(say: Translations) -> str:
    return say("Choose a shape")


def open_hint(say: Translations) -> str:
    return say("Open one of them")


def factor_field(say: Translations) -> tuple[str, str]:
    return say("Factor"), say("From 1.01 to 8; 1.5 adds half the size again")


def prompt_field(say: Translations) -> tuple[str, str]:
    return say("Prompt"), say("Describe the new area only; empty for a natural continuation")


def picture_field(say: Translations) -> tuple[str, str]:
    return say("Picture"), say("Which picture of the message")


def direction_field(say: Translations) -> tuple[str, str]:
    return say("Direction"), say("Where the picture grows")


def pixels_field(say: Translations) -> tuple[str, str]:
    return say("Pixels"), say("Pixels to add on each of these sides, 1 to 2048")
