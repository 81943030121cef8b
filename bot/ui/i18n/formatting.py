"""Words that every card shares: money, margins, times, and a member's own text made harmless."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import Final

from discord.utils import escape_markdown, escape_mentions

from bot.domain.geometry import Margins, Side
from bot.domain.money import MicroUsd
from bot.domain.request import (
    Direction,
    DirectionalMargins,
    ExpansionRequest,
    ExplicitMargins,
    ToRatio,
    ZoomOut,
)
from bot.ui.i18n.translations import Translations, mark_message

_SIDE_ORDER: Final = (Side.LEFT, Side.RIGHT, Side.TOP, Side.BOTTOM)
_SIDES: Final = {
    Side.LEFT: mark_message("left {pixels}"),
    Side.RIGHT: mark_message("right {pixels}"),
    Side.TOP: mark_message("top {pixels}"),
    Side.BOTTOM: mark_message("bottom {pixels}"),
}
_DIRECTIONS: Final = {
    Direction.LEFT: mark_message("left by {pixels}"),
    Direction.RIGHT: mark_message("right by {pixels}"),
    Direction.UP: mark_message("up by {pixels}"),
    Direction.DOWN: mark_message("down by {pixels}"),
    Direction.HORIZONTAL: mark_message("left and right by {pixels}"),
    Direction.VERTICAL: mark_message("up and down by {pixels}"),
    Direction.ALL: mark_message("on all sides by {pixels}"),
}


def describe_charge(say: Translations, billed: MicroUsd) -> str:
    """Say whether money was taken."""
    if billed:
        return say(
            "{amount} was billed by the image service and counts.", amount=say.format_usd(billed)
        )
    return say("Nothing was charged, and your quota is untouched.")


def escape_text(text: str) -> str:
    """Show a member's text as one line of text: no markdown, no mentions, no Discord marks.

    Characters that turn or hide text (bidi, zero-width, control) are left out.
    """
    one_line = " ".join(text.split())
    seen = "".join(mark for mark in one_line if unicodedata.category(mark) not in {"Cc", "Cf"})
    return escape_mentions(escape_markdown(seen)).replace("<", "\\<")


def shorten_text(text: str, limit: int) -> str:
    """Cut a text to `limit` characters, the last one a mark that more was there."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def format_timestamp(time: datetime, style: str = "R") -> str:
    """Write a time that each reader's client shows in its own zone and words."""
    return f"<t:{int(time.timestamp())}:{style}>"


def describe_margins(say: Translations, margins: Margins) -> str:
    """Name the sides that grow: `right 256`, `left 100, right 100`."""
    sides = margins.get_by_side()
    if len(set(sides.values())) == 1:
        return say("{pixels} on every side", pixels=margins.top)
    return say.join_list(
        [say(_SIDES[side], pixels=sides[side]) for side in _SIDE_ORDER if sides[side]]
    )


def describe_request(say: Translations, request: ExpansionRequest) -> str:
    """Say in a few words what was asked."""
    match request:
        case DirectionalMargins():
            return say(_DIRECTIONS[request.direction], pixels=request.pixels)
        case ExplicitMargins():
            return describe_margins(say, request.wanted)
        case ToRatio():
            ratio = f"{request.ratio.numerator}:{request.ratio.denominator}"
            return say("to {ratio}", ratio=ratio)
        case ZoomOut():
            return say("zoomed out {factor}×", factor=say.format_number(float(request.factor)))
