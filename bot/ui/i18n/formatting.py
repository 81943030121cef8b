"""Formatting of money, margins, requests and times, and escaping of members' texts."""

from __future__ import annotations

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
from bot.domain.text.cleaning import remove_invisible
from bot.ui.i18n.translations import N_, Translations

_SIDE_ORDER: Final = (Side.LEFT, Side.RIGHT, Side.TOP, Side.BOTTOM)
_SIDES: Final = {
    Side.LEFT: N_("left {pixels}"),
    Side.RIGHT: N_("right {pixels}"),
    Side.TOP: N_("top {pixels}"),
    Side.BOTTOM: N_("bottom {pixels}"),
}
_DIRECTIONS: Final = {
    Direction.LEFT: N_("left by {pixels}"),
    Direction.RIGHT: N_("right by {pixels}"),
    Direction.UP: N_("up by {pixels}"),
    Direction.DOWN: N_("down by {pixels}"),
    Direction.HORIZONTAL: N_("left and right by {pixels}"),
    Direction.VERTICAL: N_("up and down by {pixels}"),
    Direction.ALL: N_("on all sides by {pixels}"),
}


def describe_charge(_: Translations, billed: MicroUsd) -> str:
    """Say what was billed, or that nothing was."""
    if billed:
        return _(
            "{amount} was billed by the image service and counts.", amount=_.format_usd(billed)
        )
    return _("Nothing was charged, and your quota is untouched.")


def escape_text(text: str) -> str:
    """Return untrusted text as one line without working markdown, mentions or Discord markup."""
    seen = remove_invisible(" ".join(text.split()))
    # "<" starts markup that the helpers miss: timestamps, channels, commands
    return escape_mentions(escape_markdown(seen)).replace("<", "\\<")


def shorten_text(text: str, limit: int) -> str:
    """Shorten a text to `limit` characters, including the final ellipsis."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def format_prompt(_: Translations, prompt: str, limit: int) -> str:
    """Return at most `limit` characters of a prompt, escaped, or say that there is none."""
    return escape_text(shorten_text(prompt, limit)) or _("none: a neutral one")


def format_timestamp(time: datetime, style: str = "R") -> str:
    """Format a time as a Discord timestamp, which clients show in their zone and language."""
    return f"<t:{int(time.timestamp())}:{style}>"


def describe_margins(_: Translations, margins: Margins) -> str:
    """Name the sides that grow: `right 256`, `left 100, right 100`."""
    sides = margins.get_by_side()
    if len(set(sides.values())) == 1:
        return _("{pixels} on every side", pixels=margins.top)
    return _.join_list([_(_SIDES[side], pixels=sides[side]) for side in _SIDE_ORDER if sides[side]])


def describe_request(_: Translations, request: ExpansionRequest) -> str:
    """Describe a request in a few words."""
    match request:
        case DirectionalMargins():
            return _(_DIRECTIONS[request.direction], pixels=request.pixels)
        case ExplicitMargins():
            return describe_margins(_, request.wanted)
        case ToRatio():
            ratio = f"{request.ratio.numerator}:{request.ratio.denominator}"
            return _("to {ratio}", ratio=ratio)
        case ZoomOut():
            return _("zoomed out {factor}×", factor=_.format_number(float(request.factor)))


def format_command(_: Translations, path: str) -> str:
    """Return a command as members type it; `path` are its English names, "moderate words test"."""
    words = (_.pgettext(each) for each in path.split())
    return f"`/{' '.join(words)}`"
