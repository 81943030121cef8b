"""Every refusal and failure in words: what happened, whether money was taken, what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Final

from discord.utils import escape_markdown, escape_mentions

from bot.domain.geometry import Margins, Side
from bot.domain.money import MicroUsd, format_usd
from bot.domain.problems import (
    CanvasTooLarge,
    MarginTooLarge,
    NotARatio,
    NothingToAdd,
    PixelsOutOfRange,
    Problem,
    ResultsOutOfRange,
    ZoomOutOfRange,
)
from bot.errors import (
    ContentRefused,
    ImageRefused,
    MediaGone,
    MediaRefused,
    Permanent,
    PromptRefused,
    ProviderAuth,
    ProviderBusy,
    ProviderCredit,
    ProviderUnavailable,
    Refusal,
    ResultUnusable,
    TaskRejected,
)
from bot.ui.wording_limits import limited


@dataclass(frozen=True, slots=True)
class Explained:
    """A refusal or failure: what happened, and what the member can do."""

    happened: str
    advice: str


_READ_IN: Final = (Side.LEFT, Side.RIGHT, Side.TOP, Side.BOTTOM)
_IMAGE: Final = {
    "not_an_image": Explained(
        "That file is not a picture I can read.",
        "Attach a JPEG, PNG, WebP or GIF.",
    ),
    "broken": Explained(
        "That picture is damaged or cut off.",
        "Open it in an image viewer, save it again, and attach the new file.",
    ),
    "too_many_bytes": Explained(
        "That file is too large: {found}, and the limit is {limit}.",
        "Save it smaller or as a JPEG, and try again.",
    ),
    "too_many_pixels": Explained(
        "That picture has too many pixels: {found} is over the limit of {limit}.",
        "Scale it down and try again.",
    ),
    "too_small": Explained(
        "That picture is too small: {found}; each side needs at least {limit} pixels.",
        "Attach a larger one.",
    ),
    "too_long": Explained(
        "That picture is too long: {found}; no side may have more than {limit} pixels.",
        "Cut or scale it and try again.",
    ),
    "too_hard": Explained(
        "That picture could not be read within reasonable time and memory.",
        "Save it again as a plain JPEG or PNG, and attach the new file.",
    ),
}
_BUSY: Final = Explained(
    "The image service is busy or out of reach, also after many tries.",
    "Try again later.",
)
_KINDS: Final[tuple[tuple[type[Exception], Explained], ...]] = (
    (ProviderBusy, _BUSY),
    (ProviderUnavailable, _BUSY),
    (
        ContentRefused,
        Explained(
            "The image service's moderation refused this picture or prompt.",
            "Change the prompt or use another picture; the same one will be refused again.",
        ),
    ),
    (
        ProviderCredit,
        Explained(
            "The image service's account is empty.",
            "Tell the operator of this bot that it needs to be topped up.",
        ),
    ),
    (
        ProviderAuth,
        Explained(
            "The image service does not accept this bot's key.",
            "Tell the operator of this bot; there is nothing you can mend.",
        ),
    ),
    (
        TaskRejected,
        Explained(
            "The image service does not take this order.",
            "Try another size or picture, and tell the operator the id below.",
        ),
    ),
    (
        MediaRefused,
        Explained(
            "A file could not be used: it is empty, too large, or not where it should be.",
            "Attach the picture again and repeat the command.",
        ),
    ),
    (
        ResultUnusable,
        Explained(
            "The image service's result could not be used.",
            "Tell the operator the id below; what was paid is on record.",
        ),
    ),
    (
        MediaGone,
        Explained(
            "A file that was needed is no longer there.",
            "Attach the picture again and repeat the command.",
        ),
    ),
)
_UNEXPECTED: Final = Explained(
    "Something went wrong on the way, and it was given up.",
    "Try again in a minute. If it happens again, tell the operator the id below.",
)


def explain(error: Exception) -> Explained:
    """Word any error of the program for a member; unknown ones get a general sentence."""
    match error:
        case ImageRefused(reason=reason, found=found, limit=limit):
            about = _IMAGE[reason]
            happened = about.happened.format(found=found or "it", limit=limit)
            return Explained(happened, about.advice)
        case PromptRefused():
            return _prompt(error)
        case Refusal() if words := limited(error):
            return Explained(*words)
        case Problem():
            return _problem(error)
        case Permanent() | ProviderBusy() | ProviderUnavailable():
            return next((words for kind, words in _KINDS if isinstance(error, kind)), _UNEXPECTED)
        case _:
            return _UNEXPECTED


def money_line(billed: MicroUsd) -> str:
    """Say whether money was taken."""
    if billed:
        return f"{format_usd(billed)} was billed by the image service and counts."
    return "Nothing was charged, and your quota is untouched."


def plain(text: str) -> str:
    """Show a member's text as one line of text: no markdown, no mentions, no Discord marks."""
    one_line = " ".join(text.split())
    return escape_mentions(escape_markdown(one_line)).replace("<", "\\<")


def stamp(at: datetime, style: str = "R") -> str:
    """Write a time that each reader's client shows in its own zone and words."""
    return f"<t:{int(at.timestamp())}:{style}>"


def margins_line(margins: Margins) -> str:
    """Name the sides that grow: `right 256`, `left 100, right 100`."""
    sides = margins.by_side()
    if len(set(sides.values())) == 1:
        return f"{margins.top} on every side"
    return ", ".join(f"{side} {sides[side]}" for side in _READ_IN if sides[side])


def _prompt(error: PromptRefused) -> Explained:
    return Explained(
        f"The prompt has {error.length:,} characters; it needs "
        f"{error.minimum} to {error.maximum:,}.",
        "Shorten it, or leave it out: a neutral one is used then.",
    )


def _problem(error: Problem) -> Explained:
    match error:
        case PixelsOutOfRange():
            return Explained(
                f"{error.asked} pixels cannot be added; it can be {error.minimum} to "
                f"{error.maximum:,}.",
                "Choose a number in that range.",
            )
        case ResultsOutOfRange():
            return Explained(
                f"{error.asked} pictures are too many for one command; it can be "
                f"{error.minimum} to {error.maximum}.",
                "Ask for fewer.",
            )
        case ZoomOutOfRange():
            return Explained(
                f"A zoom of {_factor(error.asked)} is not possible; it can be "
                f"{_factor(error.minimum)} to {_factor(error.maximum)}.",
                "Choose a factor in that range: 1.5 adds half the size again.",
            )
        case NotARatio():
            return Explained(
                f"“{plain(error.text[:40])}” is not a shape I understand.",
                "Write it as 16:9 or 1500x500, from 1:16 to 16:1.",
            )
        case NothingToAdd():
            return Explained(
                f"Nothing would be added: the picture is {error.seed} and already fits.",
                "Ask for at least one pixel on one side, or for another shape.",
            )
        case _:
            return _too_large(error)


def _too_large(error: Problem) -> Explained:
    match error:
        case MarginTooLarge():
            return Explained(
                f"{error.asked:,} pixels on the {error.side} are too many; "
                f"one side can grow by {error.limit:,}.",
                f"Ask for {error.limit:,} or fewer, and expand the result again if you need more.",
            )
        case CanvasTooLarge():
            fits = (
                f"This much would fit: {margins_line(error.fits)}."
                if error.fits
                else "Scale the picture down first."
            )
            return Explained(
                f"The result would be {error.canvas}, over the limit of "
                f"{error.limit_pixels / 1e6:.0f} megapixels.",
                fits,
            )
        case _:
            return _UNEXPECTED


def _factor(value: Fraction) -> str:
    return f"{float(value):g}×"
