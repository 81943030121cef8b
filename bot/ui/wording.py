"""Words that every card shares: money, margins, times, and a member's own text made harmless."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import Final

from discord.utils import escape_markdown, escape_mentions

from bot.domain.geometry import Margins, Side
from bot.domain.money import MicroUsd
from bot.domain.request import Direction, Directional, ExpansionRequest, Sides, ToRatio, ZoomOut
from bot.ui.speech import Speech, later

_READ_IN: Final = (Side.LEFT, Side.RIGHT, Side.TOP, Side.BOTTOM)
_SIDES: Final = {
    Side.LEFT: later("left {pixels}"),
    Side.RIGHT: later("right {pixels}"),
    Side.TOP: later("top {pixels}"),
    Side.BOTTOM: later("bottom {pixels}"),
}
_DIRECTIONS: Final = {
    Direction.LEFT: later("left by {pixels}"),
    Direction.RIGHT: later("right by {pixels}"),
    Direction.UP: later("up by {pixels}"),
    Direction.DOWN: later("down by {pixels}"),
    Direction.HORIZONTAL: later("left and right by {pixels}"),
    Direction.VERTICAL: later("up and down by {pixels}"),
    Direction.ALL: later("on all sides by {pixels}"),
}


def money_line(say: Speech, billed: MicroUsd) -> str:
    """Say whether money was taken."""
    if billed:
        return say("{amount} was billed by the image service and counts.", amount=say.usd(billed))
    return say("Nothing was charged, and your quota is untouched.")


def plain(text: str) -> str:
    """Show a member's text as one line of text: no markdown, no mentions, no Discord marks.

    Characters that turn or hide text (bidi, zero-width, control) are left out.
    """
    one_line = " ".join(text.split())
    seen = "".join(mark for mark in one_line if unicodedata.category(mark) not in {"Cc", "Cf"})
    return escape_mentions(escape_markdown(seen)).replace("<", "\\<")


def shortened(text: str, limit: int) -> str:
    """Cut a text to `limit` characters, the last one a mark that more was there."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def stamp(at: datetime, style: str = "R") -> str:
    """Write a time that each reader's client shows in its own zone and words."""
    return f"<t:{int(at.timestamp())}:{style}>"


def margins_line(say: Speech, margins: Margins) -> str:
    """Name the sides that grow: `right 256`, `left 100, right 100`."""
    sides = margins.by_side()
    if len(set(sides.values())) == 1:
        return say("{pixels} on every side", pixels=margins.top)
    return say.list([say(_SIDES[side], pixels=sides[side]) for side in _READ_IN if sides[side]])


def order_line(say: Speech, request: ExpansionRequest) -> str:
    """Say in a few words what was asked."""
    match request:
        case Directional():
            return say(_DIRECTIONS[request.direction], pixels=request.pixels)
        case Sides():
            return margins_line(say, request.wanted)
        case ToRatio():
            ratio = f"{request.ratio.numerator}:{request.ratio.denominator}"
            return say("to {ratio}", ratio=ratio)
        case ZoomOut():
            return say("zoomed out {factor}×", factor=say.number(float(request.factor)))
