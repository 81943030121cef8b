"""Every refusal and failure in words: what happened, and what the member can do next.

Whether money was taken is said between the two, by `wording.money_line`; `docs/errors.md` is
written from these tables.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from bot.domain.geometry import Margins
from bot.domain.problems import (
    CanvasTooLarge,
    MarginTooLarge,
    NotARatio,
    NothingToAdd,
    PixelsOutOfRange,
    Problem,
    ResultsOutOfRange,
    SettingRefused,
    ZoomOutOfRange,
)
from bot.errors import (
    ContentRefused,
    ImageRefused,
    MediaGone,
    MediaRefused,
    PolicyRefusal,
    PressRefused,
    PromptRefused,
    ProviderAuth,
    ProviderBusy,
    ProviderCredit,
    ProviderUnavailable,
    Refusal,
    ResultUnusable,
    TaskRejected,
)
from bot.ui.speech import Speech, later
from bot.ui.wording import margins_line, plain
from bot.ui.wording_limits import numbers_of, words_of
from bot.ui.wording_policy import values_of
from bot.ui.wording_policy import words_of as policy_words
from bot.ui.wording_reasons import IMAGE, PRESS, UNCHANGED, Explained
from bot.ui.wording_settings import NAMES, allowed_values

Filled = dict[str, object]

UNEXPECTED: Final = Explained(
    later("Something went wrong on the way, and it was given up."),
    later("Try again in a minute. If it happens again, tell the operator the id below."),
)
_BUSY: Final = Explained(
    later("The image service is busy or out of reach, also after many tries."),
    later("Try again later."),
)
KINDS: Final[dict[type[Exception], Explained]] = {
    ProviderBusy: _BUSY,
    ProviderUnavailable: _BUSY,
    ContentRefused: Explained(
        later("The image service's moderation refused this picture or prompt."),
        later("Change the prompt or use another picture; the same one will be refused again."),
    ),
    ProviderCredit: Explained(
        later("The image service's account is empty."),
        later("Tell the operator of this bot that it needs to be topped up."),
    ),
    ProviderAuth: Explained(
        later("The image service does not accept this bot's key."),
        later("Tell the operator of this bot; there is nothing you can mend."),
    ),
    TaskRejected: Explained(
        later("The image service does not take this order."),
        later("Try another size or picture, and tell the operator the id below."),
    ),
    MediaRefused: Explained(
        later("A file could not be used: it is empty, too large, or not where it should be."),
        later("Attach the picture again and repeat the command."),
    ),
    ResultUnusable: Explained(
        later("The image service's result could not be used."),
        later("Tell the operator the id below; what was paid is on record."),
    ),
    MediaGone: Explained(
        later("A file that was needed is no longer there."),
        later("Attach the picture again and repeat the command."),
    ),
    PromptRefused: Explained(
        later("The prompt has {length} characters; it needs {minimum} to {maximum}."),
        later("Shorten it, or leave it out: a neutral one is used then."),
    ),
    PixelsOutOfRange: Explained(
        later("{asked} pixels cannot be added; it can be {minimum} to {maximum}."),
        later("Choose a number in that range."),
    ),
    ResultsOutOfRange: Explained(
        later("{asked} pictures are too many for one command; it can be {minimum} to {maximum}."),
        later("Ask for fewer."),
    ),
    ZoomOutOfRange: Explained(
        later("A zoom of {asked} is not possible; it can be {minimum} to {maximum}."),
        later("Choose a factor in that range: 1.5 adds half the size again."),
    ),
    NotARatio: Explained(
        later("“{text}” is not a shape I understand."),
        later("Write it as 16:9 or 1500x500, from 1:16 to 16:1."),
    ),
    NothingToAdd: Explained(
        later("Nothing would be added: the picture is {seed} and already fits."),
        later("Ask for at least one pixel on one side, or for another shape."),
    ),
    MarginTooLarge: Explained(
        later("That is too much for one side: {side}; a side can grow by {limit}."),
        later("Ask for {limit} or fewer, and expand the result again if you need more."),
    ),
    SettingRefused: Explained(
        later("“{name}” cannot have this value: {value}"),
        later("It can be: {allowed}."),
        UNCHANGED,
    ),
    CanvasTooLarge: Explained(
        later("The result would be {canvas}, over the limit of {limit} megapixels."),
        later("This much would fit: {fits}."),
    ),
}
_SCALE_FIRST: Final = later("Scale the picture down first.")


def explain(say: Speech, error: Exception) -> Explained:
    """Word any error of the program for a member; unknown ones get a general sentence."""
    words, filled = words_for(error), _values(say, error)
    advice = _SCALE_FIRST if isinstance(error, CanvasTooLarge) and not error.fits else words.advice
    money = words.money and say(words.money)
    return Explained(say(words.happened, **filled), say(advice, **filled), money)


def words_for(error: Exception) -> Explained:
    """Return the untranslated words of an error."""
    match error:
        case ImageRefused(reason=reason):
            return IMAGE[reason]
        case PressRefused(reason=reason):
            return PRESS[reason]
        case PolicyRefusal() if policy := policy_words(error):
            return policy
        case Refusal() if limit := words_of(error):
            return limit
    return next((words for kind, words in KINDS.items() if isinstance(error, kind)), UNEXPECTED)


def _values(say: Speech, error: Exception) -> Filled:
    """Return the numbers of an error as people read them."""
    filled: Filled = {}
    match error:
        case ImageRefused(found=found, limit=limit):
            filled = {"found": found or "?", "limit": limit}
        case PromptRefused(length=length, minimum=minimum, maximum=maximum):
            shown = (say.number(length), minimum, say.number(maximum))
            filled = dict(zip(("length", "minimum", "maximum"), shown, strict=True))
        case Problem():
            filled = _numbers(say, error)
        case PolicyRefusal():
            filled = values_of(say, error)
        case Refusal():
            filled = numbers_of(say, error)
    return filled


def _numbers(say: Speech, error: Problem) -> Filled:
    filled: Filled = {}
    match error:
        case PixelsOutOfRange() | ResultsOutOfRange():
            bounds = (error.asked, error.minimum, error.maximum)
            filled = dict(zip(_BOUNDS, map(say.number, bounds), strict=True))
        case ZoomOutOfRange():
            factors = (error.asked, error.minimum, error.maximum)
            shown = (_factor(say, factor) for factor in factors)
            filled = dict(zip(_BOUNDS, shown, strict=True))
        case NotARatio():
            filled = {"text": plain(error.text[:40])}
        case NothingToAdd():
            filled = {"seed": error.seed}
        case MarginTooLarge():
            side = margins_line(say, Margins(**{error.side: error.asked}))
            filled = {"side": side, "limit": error.limit}
        case SettingRefused():
            name = say(NAMES[error.name]) if error.name in NAMES else plain(error.name)
            allowed = allowed_values(say, error.allowed)
            filled = {"name": name, "value": plain(error.value[:60]) or "–", "allowed": allowed}
        case CanvasTooLarge():
            fits = margins_line(say, error.fits) if error.fits else ""
            limit = say.number(round(error.limit_pixels / 1e6))
            filled = {"canvas": error.canvas, "limit": limit, "fits": fits}
    return filled


_BOUNDS: Final = ("asked", "minimum", "maximum")


def _factor(say: Speech, value: Fraction) -> str:
    return f"{say.number(float(value))}×"
