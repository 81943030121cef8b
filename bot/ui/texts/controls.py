"""Labels of buttons, menus and forms."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from bot.domain.order import Detail
from bot.domain.request import Direction
from bot.ui.actions import Action
from bot.ui.i18n.command_texts import mark_name
from bot.ui.i18n.translations import N_, N_choice, Translations

BUTTON_LABELS: Final = {
    Action.RETRY: N_("Another try"),
    Action.PROMPT_ASK: N_("New prompt"),
    Action.COMPARE: N_("Compare"),
    Action.SIDE_BY_SIDE: N_("Side by side"),
    Action.DETAILS: N_("Details"),
    Action.MORE: N_("More"),
    Action.PARENT: N_("Back to the picture before"),
    Action.FILM: N_("Zoom-out film"),
    Action.LOSSLESS_FILE: N_("Lossless file"),
    Action.DELETE: N_("Delete"),
    Action.DELETE_CONFIRM: N_("Yes, delete it"),
    Action.SHARE: N_("Show it to everybody"),
    Action.GALLERY_ADD: N_("To the gallery"),
    Action.GALLERY_REMOVE: N_("Take out of the gallery"),
    Action.REPORT: N_("Report"),
    Action.PRESET: N_("Yes, settle it so"),
    Action.CANCEL: N_("Cancel"),
    Action.DISCARD_DRAFT: N_("Cancel"),
    Action.DRAFT_ASK: N_("Prompt"),
    Action.ZOOM_ASK: N_("Own factor"),
    Action.RESEND: N_("Send again"),
    Action.EXPORT: N_("Export my data"),
    Action.ERASE: N_("Delete my data"),
    Action.ERASE_CONFIRM: N_("Yes, delete everything"),
    Action.ORDER_ASK: N_("Expand a picture"),
    Action.ORDER_POST: N_("Post this button here"),
}
FORMATS: Final = {
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
ARROWS: Final = {Direction.LEFT: "←", Direction.UP: "↑", Direction.DOWN: "↓", Direction.RIGHT: "→"}
RATIOS: Final = {
    "1:1": N_("square"),
    "16:9": N_("wide, for screens"),
    "9:16": N_("upright, for phones"),
    "4:3": N_("classic photograph"),
    "3:2": N_("camera"),
    "4:5": N_("portrait post"),
    "21:9": N_("cinema"),
    "32:9": N_("two screens"),
    "2:1": N_("panorama"),
    "3:1": N_("long panorama"),
    "1500x500": N_("banner of a profile"),
    "960x540": N_("banner of a Discord server"),
}
"""Suggested ratios and what they are used for."""
PIXEL_AMOUNTS: Final = {
    64: N_("a narrow strip"),
    128: N_("a little"),
    256: N_("a quarter of a common picture"),
    512: N_("half of a common picture"),
    1024: N_("a whole new side"),
}
"""Suggested amounts and how much they are; the model's largest one is suggested beside them."""
LARGEST_AMOUNT: Final = N_("the most")
ZOOM_FACTORS: Final = {"15": Fraction(3, 2), "20": Fraction(2)}
MODAL_TITLES: Final = {
    Action.ZOOM_FORM: N_("Zoom out by a factor of your own"),
    Action.PROMPT_FORM: N_("Again, with a new prompt"),
    Action.DRAFT_FORM: N_("What the new area should show"),
    Action.MENU_FORM: N_("Expand a picture"),
    Action.ORDER_FORM: N_("Expand a picture"),
    Action.REPORT_FORM: N_("Report this picture"),
    Action.BLOCK_FORM: N_("Block the author"),
    Action.SETTINGS_FORM: N_("Settings of this server"),
}
DIRECTIONS: Final = {
    Direction.LEFT: N_choice("left"),
    Direction.RIGHT: N_choice("right"),
    Direction.UP: N_choice("up"),
    Direction.DOWN: N_choice("down"),
    Direction.HORIZONTAL: N_choice("left and right"),
    Direction.VERTICAL: N_choice("up and down"),
    Direction.ALL: N_choice("all sides"),
}
DETAILS: Final = {
    Detail.AUTOMATIC: N_choice("automatic"),
    Detail.NATIVE: N_choice("native"),
}


FACTOR_FIELD: Final = (N_("Factor"), N_("From 1.01 to 8; 1.5 adds half the size again"))
PROMPT_FIELD: Final = (
    N_("Prompt"),
    N_("Describe the new area only; empty for a natural continuation"),
)
PICTURE_FIELD: Final = (N_("Pictures"), N_("Which pictures of the message, up to four"))
UPLOAD_FIELD: Final = (
    N_("Pictures"),
    N_("Up to four: JPEG, PNG, WebP, or the first frame of a GIF"),
)
OPTIONS_FIELD: Final = (N_("Options"), "")
ORDER_OPTIONS: Final = {
    "preview": (N_("Preview"), N_("Show the canvas first; confirm to expand")),
    "private": (N_("Private"), N_("Show the result only to me")),
    "spoiler": (N_("Spoiler"), N_("Hide the result behind a spoiler")),
}
"""Checkboxes of an order: label and description."""
ORDER_PANEL: Final = (
    N_("Make pictures larger than their frame"),
    N_("Upload up to four pictures and choose where they grow."),
)
"""Title and text above a button that opens the form for everybody."""
DIRECTION_FIELD: Final = (N_("Direction"), N_("Where the picture grows"))
PIXELS_FIELD: Final = (N_("Pixels"), N_("Pixels to add on each of these sides, 1 to {most}"))
"""Form fields: label and description."""
PICTURE_LABEL: Final = N_("Picture {number}")
CONFIRM_LABEL: Final = N_("Confirm: {price}")
RATIO_HINT: Final = N_("Choose a shape")
OPEN_HINT: Final = N_("Open one of them")


def action_label(_: Translations, action: Action) -> str:
    return _(BUTTON_LABELS[action])


def zoom_label(_: Translations, factor: str) -> str:
    return _("Zoom out {factor}", factor=f"{_.format_number(float(ZOOM_FACTORS[factor]))}×")


def detail_label(_: Translations, detail: Detail) -> str:
    """Say what the button does that changes at which scale a picture is rendered."""
    return _("Render unscaled") if detail is Detail.AUTOMATIC else _("Render at best size")


def spoiler_label(_: Translations, *, hidden: bool) -> str:
    return _("Take the spoiler off") if hidden else _("Put behind a spoiler")


def share_label(_: Translations, *, shares: bool) -> str:
    return _("Keep my pictures from others") if shares else _("Let others expand my pictures")


def ratio_label(_: Translations, ratio: str) -> str:
    return f"{ratio} {_(RATIOS[ratio])}"


def list_amounts(_: Translations, most: int) -> dict[int, str]:
    """Return suggested amounts of pixels up to a model's largest one, with their labels."""
    known = {pixels: text for pixels, text in PIXEL_AMOUNTS.items() if pixels < most}
    return {
        pixels: f"{pixels}: {_(text)}" for pixels, text in (known | {most: LARGEST_AMOUNT}).items()
    }
