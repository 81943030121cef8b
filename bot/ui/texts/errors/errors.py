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
from bot.ui.i18n.formatting import describe_margins, escape_text
from bot.ui.i18n.translations import Translations, mark_message
from bot.ui.texts.errors.limits import collect_limit_values, find_limit_explanation
from bot.ui.texts.errors.policy import collect_policy_values
from bot.ui.texts.errors.policy import find_policy_explanation as policy_words
from bot.ui.texts.errors.refusal_reasons import (
    COMPONENT_REFUSALS,
    IMAGE_REFUSALS,
    UNCHANGED,
    Explanation,
)
from bot.ui.texts.settings.settings import SETTING_NAMES, describe_allowed_values

Placeholders = dict[str, object]

UNEXPECTED: Final = Explanation(
    mark_message("Something went wrong on the way, and it was given up."),
    mark_message("Try again in a minute. If it happens again, tell the operator the id below."),
)
_BUSY: Final = Explanation(
    mark_message("The image service is busy or out of reach, also after many tries."),
    mark_message("Try again later."),
)
EXPLANATIONS: Final[dict[type[Exception], Explanation]] = {
    ProviderBusy: _BUSY,
    ProviderUnavailable: _BUSY,
    ContentRefused: Explanation(
        mark_message("The image service's moderation refused this picture or prompt."),
        mark_message(
            "Change the prompt or use another picture; the same one will be refused again."
        ),
    ),
    ProviderCredit: Explanation(
        mark_message("The image service's account is empty."),
        mark_message("Tell the operator of this bot that it needs to be topped up."),
    ),
    ProviderAuth: Explanation(
        mark_message("The image service does not accept this bot's key."),
        mark_message("Tell the operator of this bot; there is nothing you can mend."),
    ),
    TaskRejected: Explanation(
        mark_message("The image service does not take this order."),
        mark_message("Try another size or picture, and tell the operator the id below."),
    ),
    MediaRefused: Explanation(
        mark_message(
            "A file could not be used: it is empty, too large, or not where it should be."
        ),
        mark_message("Attach the picture again and repeat the command."),
    ),
    ResultUnusable: Explanation(
        mark_message("The image service's result could not be used."),
        mark_message("Tell the operator the id below; what was paid is on record."),
    ),
    MediaGone: Explanation(
        mark_message("A file that was needed is no longer there."),
        mark_message("Attach the picture again and repeat the command."),
    ),
    PromptRefused: Explanation(
        mark_message("The prompt has {length} characters; it needs {minimum} to {maximum}."),
        mark_message("Shorten it, or leave it out: a neutral one is used then."),
    ),
    PixelsOutOfRange: Explanation(
        mark_message("{asked} pixels cannot be added; it can be {minimum} to {maximum}."),
        mark_message("Choose a number in that range."),
    ),
    ResultsOutOfRange: Explanation(
        mark_message(
            "{asked} pictures are too many for one command; it can be {minimum} to {maximum}."
        ),
        mark_message("Ask for fewer."),
    ),
    ZoomOutOfRange: Explanation(
        mark_message("A zoom of {asked} is not possible; it can be {minimum} to {maximum}."),
        mark_message("Choose a factor in that range: 1.5 adds half the size again."),
    ),
    NotARatio: Explanation(
        mark_message("“{text}” is not a shape I understand."),
        mark_message("Write it as 16:9 or 1500x500, from 1:16 to 16:1."),
    ),
    NothingToAdd: Explanation(
        mark_message("Nothing would be added: the picture is {seed} and already fits."),
        mark_message("Ask for at least one pixel on one side, or for another shape."),
    ),
    MarginTooLarge: Explanation(
        mark_message("That is too much for one side: {side}; a side can grow by {limit}."),
        mark_message("Ask for {limit} or fewer, and expand the result again if you need more."),
    ),
    SettingRefused: Explanation(
        mark_message("“{name}” cannot have this value: {value}"),
        mark_message("It can be: {allowed}."),
        UNCHANGED,
    ),
    CanvasTooLarge: Explanation(
        mark_message("The result would be {canvas}, over the limit of {limit} megapixels."),
        mark_message("This much would fit: {fits}."),
    ),
}
_SCALE_FIRST: Final = mark_message("Scale the picture down first.")


def explain_error(say: Translations, error: Exception) -> Explanation:
    """Word any error of the program for a member; unknown ones get a general sentence."""
    words, filled = find_explanation(error), _collect_values(say, error)
    advice = _SCALE_FIRST if isinstance(error, CanvasTooLarge) and not error.fits else words.advice
    money = words.money and say(words.money)
    return Explanation(say(words.happened, **filled), say(advice, **filled), money)


def find_explanation(error: Exception) -> Explanation:
    """Return the untranslated words of an error."""
    match error:
        case ImageRefused(reason=reason):
            return IMAGE_REFUSALS[reason]
        case PressRefused(reason=reason):
            return COMPONENT_REFUSALS[reason]
        case PolicyRefusal() if policy := policy_words(error):
            return policy
        case Refusal() if limit := find_limit_explanation(error):
            return limit
    return next(
        (words for kind, words in EXPLANATIONS.items() if isinstance(error, kind)), UNEXPECTED
    )


def _collect_values(say: Translations, error: Exception) -> Placeholders:
    """Return the numbers of an error as people read them."""
    filled: Placeholders = {}
    match error:
        case ImageRefused(found=found, limit=limit):
            filled = {"found": found or "?", "limit": limit}
        case PromptRefused(length=length, minimum=minimum, maximum=maximum):
            shown = (say.format_number(length), minimum, say.format_number(maximum))
            filled = dict(zip(("length", "minimum", "maximum"), shown, strict=True))
        case Problem():
            filled = _collect_problem_values(say, error)
        case PolicyRefusal():
            filled = collect_policy_values(say, error)
        case Refusal():
            filled = collect_limit_values(say, error)
    return filled


def _collect_problem_values(say: Translations, error: Problem) -> Placeholders:
    filled: Placeholders = {}
    match error:
        case PixelsOutOfRange() | ResultsOutOfRange():
            bounds = (error.asked, error.minimum, error.maximum)
            filled = dict(zip(_BOUNDS, map(say.format_number, bounds), strict=True))
        case ZoomOutOfRange():
            factors = (error.asked, error.minimum, error.maximum)
            shown = (_format_factor(say, factor) for factor in factors)
            filled = dict(zip(_BOUNDS, shown, strict=True))
        case NotARatio():
            filled = {"text": escape_text(error.text[:40])}
        case NothingToAdd():
            filled = {"seed": error.seed}
        case MarginTooLarge():
            side = describe_margins(say, Margins(**{error.side: error.asked}))
            filled = {"side": side, "limit": error.limit}
        case SettingRefused():
            name = (
                say(SETTING_NAMES[error.name])
                if error.name in SETTING_NAMES
                else escape_text(error.name)
            )
            allowed = describe_allowed_values(say, error.allowed)
            filled = {
                "name": name,
                "value": escape_text(error.value[:60]) or "–",
                "allowed": allowed,
            }
        case CanvasTooLarge():
            fits = describe_margins(say, error.fits) if error.fits else ""
            limit = say.format_number(round(error.limit_pixels / 1e6))
            filled = {"canvas": error.canvas, "limit": limit, "fits": fits}
    return filled


_BOUNDS: Final = ("asked", "minimum", "maximum")


def _format_factor(say: Translations, value: Fraction) -> str:
    return f"{say.format_number(float(value))}×"
