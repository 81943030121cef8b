"""Every refusal and failure in words: what happened, and what the member can do next.

Whether money was taken is said between the two, by `wording.money_line`; `docs/errors.md` is
written from these tables.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from bot.domain.errors import (
    CanvasTooLarge,
    MarginTooLarge,
    NotARatio,
    NothingToAdd,
    PixelsOutOfRange,
    Refusal,
    RequestRefusal,
    ResultsOutOfRange,
    SettingRefused,
    ZoomOutOfRange,
)
from bot.domain.geometry import Margins
from bot.errors import (
    ComponentRefused,
    ContentRefused,
    ImageRefused,
    MediaGone,
    MediaRefused,
    PolicyRefusal,
    PromptRefused,
    ProviderAuth,
    ProviderBusy,
    ProviderCredit,
    ProviderUnavailable,
    ResultUnusable,
    TaskRejected,
)
from bot.ui.i18n.formatting import describe_margins, escape_text
from bot.ui.i18n.translations import N_, Translations
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
    N_("Something went wrong on the way, and it was given up."),
    N_("Try again in a minute. If it happens again, tell the operator the id below."),
)
_BUSY: Final = Explanation(
    N_("The image service is busy or out of reach, also after many tries."),
    N_("Try again later."),
)
EXPLANATIONS: Final[dict[type[Exception], Explanation]] = {
    ProviderBusy: _BUSY,
    ProviderUnavailable: _BUSY,
    ContentRefused: Explanation(
        N_("The image service's moderation refused this picture or prompt."),
        N_("Change the prompt or use another picture; the same one will be refused again."),
    ),
    ProviderCredit: Explanation(
        N_("The image service's account is empty."),
        N_("Tell the operator of this bot that it needs to be topped up."),
    ),
    ProviderAuth: Explanation(
        N_("The image service does not accept this bot's key."),
        N_("Tell the operator of this bot; there is nothing you can mend."),
    ),
    TaskRejected: Explanation(
        N_("The image service does not take this order."),
        N_("Try another size or picture, and tell the operator the id below."),
    ),
    MediaRefused: Explanation(
        N_("A file could not be used: it is empty, too large, or not where it should be."),
        N_("Attach the picture again and repeat the command."),
    ),
    ResultUnusable: Explanation(
        N_("The image service's result could not be used."),
        N_("Tell the operator the id below; what was paid is on record."),
    ),
    MediaGone: Explanation(
        N_("A file that was needed is no longer there."),
        N_("Attach the picture again and repeat the command."),
    ),
    PixelsOutOfRange: Explanation(
        N_("{asked} pixels cannot be added; it can be {minimum} to {maximum}."),
        N_("Choose a number in that range."),
    ),
    ResultsOutOfRange: Explanation(
        N_("{asked} pictures are too many for one command; it can be {minimum} to {maximum}."),
        N_("Ask for fewer."),
    ),
    ZoomOutOfRange: Explanation(
        N_("A zoom of {asked} is not possible; it can be {minimum} to {maximum}."),
        N_("Choose a factor in that range: 1.5 adds half the size again."),
    ),
    NotARatio: Explanation(
        N_("“{text}” is not a shape I understand."),
        N_("Write it as 16:9 or 1500x500, from 1:16 to 16:1."),
    ),
    NothingToAdd: Explanation(
        N_("Nothing would be added: the picture is {seed} and already fits."),
        N_("Ask for at least one pixel on one side, or for another shape."),
    ),
    MarginTooLarge: Explanation(
        N_("That is too much for one side: {side}; a side can grow by {limit}."),
        N_("Ask for {limit} or fewer, and expand the result again if you need more."),
    ),
    SettingRefused: Explanation(
        N_("“{name}” cannot have this value: {value}"),
        N_("It can be: {allowed}."),
        UNCHANGED,
    ),
    CanvasTooLarge: Explanation(
        N_("The result would be {canvas}, over the limit of {limit} megapixels."),
        N_("This much would fit: {fits}."),
    ),
    PromptRefused: Explanation(
        N_("The prompt has {length} characters; it needs {minimum} to {maximum}."),
        N_("Shorten it, or leave it out: a neutral one is used then."),
    ),
}
_SCALE_FIRST: Final = N_("Scale the picture down first.")


def explain_error(_: Translations, error: Exception) -> Explanation:
    """Word any error of the program for a member; unknown ones get a general sentence."""
    words, filled = find_explanation(error), _collect_values(_, error)
    advice = _SCALE_FIRST if isinstance(error, CanvasTooLarge) and not error.fits else words.advice
    money = words.money and _(words.money)
    return Explanation(_(words.happened, **filled), _(advice, **filled), money)


def find_explanation(error: Exception) -> Explanation:
    """Return the untranslated words of an error."""
    match error:
        case ImageRefused(reason=reason):
            return IMAGE_REFUSALS[reason]
        case ComponentRefused(reason=reason):
            return COMPONENT_REFUSALS[reason]
        case PolicyRefusal() if policy := policy_words(error):
            return policy
        case Refusal() if limit := find_limit_explanation(error):
            return limit
    return next(
        (words for kind, words in EXPLANATIONS.items() if isinstance(error, kind)), UNEXPECTED
    )


def _collect_values(_: Translations, error: Exception) -> Placeholders:
    """Return the numbers of an error as people read them."""
    filled: Placeholders = {}
    match error:
        case ImageRefused(found=found, limit=limit):
            filled = {"found": found or "?", "limit": limit}
        case PromptRefused(length=length, minimum=minimum, maximum=maximum):
            shown = (_.format_number(length), minimum, _.format_number(maximum))
            filled = dict(zip(("length", "minimum", "maximum"), shown, strict=True))
        case RequestRefusal():
            filled = _collect_request_values(_, error)
        case PolicyRefusal():
            filled = collect_policy_values(_, error)
        case Refusal():
            filled = collect_limit_values(_, error)
    return filled


def _collect_request_values(_: Translations, error: RequestRefusal) -> Placeholders:
    filled: Placeholders = {}
    match error:
        case PixelsOutOfRange() | ResultsOutOfRange():
            bounds = (error.asked, error.minimum, error.maximum)
            filled = dict(zip(_BOUNDS, map(_.format_number, bounds), strict=True))
        case ZoomOutOfRange():
            factors = (error.asked, error.minimum, error.maximum)
            shown = (_format_factor(_, factor) for factor in factors)
            filled = dict(zip(_BOUNDS, shown, strict=True))
        case NotARatio():
            filled = {"text": escape_text(error.text[:40])}
        case NothingToAdd():
            filled = {"seed": error.seed}
        case MarginTooLarge():
            side = describe_margins(_, Margins(**{error.side: error.asked}))
            filled = {"side": side, "limit": error.limit}
        case SettingRefused():
            name = (
                _(SETTING_NAMES[error.name])
                if error.name in SETTING_NAMES
                else escape_text(error.name)
            )
            allowed = describe_allowed_values(_, error.allowed)
            filled = {
                "name": name,
                "value": escape_text(error.value[:60]) or "–",
                "allowed": allowed,
            }
        case CanvasTooLarge():
            fits = describe_margins(_, error.fits) if error.fits else ""
            limit = _.format_number(round(error.limit_pixels / 1e6))
            filled = {"canvas": error.canvas, "limit": limit, "fits": fits}
    return filled


_BOUNDS: Final = ("asked", "minimum", "maximum")


def _format_factor(_: Translations, value: Fraction) -> str:
    return f"{_.format_number(float(value))}×"
