"""Explanations of every refusal and failure: what happened, and what the member can do next.

`describe_charge` says between the two what was billed; `docs/errors.md` comes from these tables.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from bot.domain.errors import (
    CanvasTooLarge,
    MarginTooLarge,
    NotARatio,
    NothingToAdd,
    OutOfRange,
    Refusal,
    RequestRefusal,
    SettingRefused,
)
from bot.domain.geometry import Margins
from bot.domain.ledger import LimitKind
from bot.errors import (
    BudgetExhausted,
    ComponentRefused,
    FreeWorkRefused,
    ImageRefused,
    IntakePaused,
    MemberBlocked,
    PlaceNotAllowed,
    PolicyRefusal,
    PromptRefused,
    QueueFull,
    QuotaExhausted,
    WordRefused,
    get_class_code,
)
from bot.ui.i18n.formatting import describe_margins, escape_text
from bot.ui.i18n.translations import N_, Translations
from bot.ui.texts.errors.limits import LIMIT_REFUSALS, ZERO_LIMIT, collect_limit_values
from bot.ui.texts.errors.policy import POLICY_REFUSALS, collect_policy_values
from bot.ui.texts.errors.refusal_reasons import (
    COMPONENT_REFUSALS,
    IMAGE_REFUSALS,
    UNCHANGED,
    Explanation,
)
from bot.ui.texts.settings.table import TEXTS

Placeholders = dict[str, object]

UNEXPECTED: Final = Explanation(
    N_("Something went wrong on the way, and it was given up."),
    N_("Try again in a minute. If it happens again, tell the operator the id below."),
)
_BUSY: Final = Explanation(
    N_("The image service is busy or out of reach, also after many tries."), N_("Try again later.")
)
REQUEST_REFUSALS: Final = {
    "pixels_out_of_range": Explanation(
        N_("{asked} pixels cannot be added; it can be {minimum} to {maximum}."),
        N_("Choose a number in that range."),
    ),
    "results_out_of_range": Explanation(
        N_("{asked} pictures are too many for one command; it can be {minimum} to {maximum}."),
        N_("Ask for fewer."),
    ),
    "zoom_out_of_range": Explanation(
        N_("A zoom of {asked} is not possible; it can be {minimum} to {maximum}."),
        N_("Choose a factor in that range: 1.5 adds half the size again."),
    ),
    "not_a_ratio": Explanation(
        N_("“{text}” is not a shape I understand."),
        N_("Write it as 16:9 or 1500x500, from 1:16 to 16:1."),
    ),
    "nothing_to_add": Explanation(
        N_("Nothing would be added: the picture is {seed} and already fits."),
        N_("Ask for at least one pixel on one side, or for another shape."),
    ),
    "margin_too_large": Explanation(
        N_("That is too much for one side: {side}; a side can grow by {limit}."),
        N_("Ask for {limit} or fewer, and expand the result again if you need more."),
    ),
    "setting_refused": Explanation(
        N_("“{name}” cannot have this value: {value}"), N_("It can be: {allowed}."), UNCHANGED
    ),
    "canvas_too_large": Explanation(
        N_("The result would be {canvas}, over the limit of {limit} megapixels."),
        N_("This much would fit: {fits}."),
    ),
    "prompt_refused": Explanation(
        N_("The prompt has {length} characters; it needs {minimum} to {maximum}."),
        N_("Shorten it, or leave it out: a neutral one is used then."),
    ),
}
FAILURES: Final = {
    "provider_busy": _BUSY,
    "provider_unavailable": _BUSY,
    "content_refused": Explanation(
        N_("The image service's moderation refused this picture or prompt."),
        N_("Change the prompt or use another picture; the same one will be refused again."),
    ),
    "provider_credit": Explanation(
        N_("The image service's account is empty."),
        N_("Tell the operator of this bot that it needs to be topped up."),
    ),
    "provider_auth": Explanation(
        N_("The image service does not accept this bot's key."),
        N_("Tell the operator of this bot; there is nothing you can mend."),
    ),
    "task_rejected": Explanation(
        N_("The image service does not take this order."),
        N_("Try another size or picture, and tell the operator the id below."),
    ),
    "media_refused": Explanation(
        N_("A file could not be used: it is empty, too large, or not where it should be."),
        N_("Attach the picture again and repeat the command."),
    ),
    "result_unusable": Explanation(
        N_("The image service's result could not be used."),
        N_("Tell the operator the id below; what was paid is on record."),
    ),
    "media_gone": Explanation(
        N_("A file that was needed is no longer there."),
        N_("Attach the picture again and repeat the command."),
    ),
}
_EXPLANATIONS: Final = REQUEST_REFUSALS | LIMIT_REFUSALS | POLICY_REFUSALS | FAILURES
_SCALE_FIRST: Final = N_("Scale the picture down first.")


def explain_error(_: Translations, error: Exception) -> Explanation:
    """Explain an error to a member; unknown ones get a general text."""
    words, filled = find_explanation(error), _collect_values(_, error)
    advice = _SCALE_FIRST if isinstance(error, CanvasTooLarge) and not error.fits else words.advice
    money = words.money and _(words.money)
    return Explanation(_(words.happened, **filled), _(advice, **filled), money)


def find_explanation(error: Exception) -> Explanation:
    """Return an error's untranslated explanation."""
    match error:
        case ImageRefused(reason=reason):
            return IMAGE_REFUSALS[reason]
        case ComponentRefused(reason=reason):
            return COMPONENT_REFUSALS[reason]
        # a limit of zero renews too, but "try again then" would be wrong
        case QuotaExhausted(limit=0):
            return ZERO_LIMIT
        case BudgetExhausted(limit=0, limit_kind=LimitKind.USER_MONTH | LimitKind.GUILD_MONTH):
            return ZERO_LIMIT
    return _EXPLANATIONS.get(get_class_code(type(error)) + _find_variant(error), UNEXPECTED)


def _find_variant(error: Exception) -> str:
    """Return the suffix of the code for errors with several explanations, else an empty text."""
    variant = ""
    match error:
        case QuotaExhausted() if error.used < error.limit:
            variant = "some left"
        case BudgetExhausted():
            variant = error.limit_kind
        case QueueFull() if error.own:
            variant = "own"
        case FreeWorkRefused():
            variant = error.limit
        case IntakePaused() | MemberBlocked() if error.until:
            variant = "until"
        case PlaceNotAllowed():
            variant = "gallery" if error.is_gallery else "channels" if error.channels else "roles"
        case WordRefused() if not error.entry:
            variant = "pattern"
    return variant and f" ({variant})"


def _collect_values(_: Translations, error: Exception) -> Placeholders:
    """Return the formatted values for an explanation's placeholders."""
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
        case OutOfRange():
            bounds = {"asked": error.asked, "minimum": error.minimum, "maximum": error.maximum}
            filled = {name: _format_bound(_, bound) for name, bound in bounds.items()}
        case NotARatio():
            filled = {"text": escape_text(error.text[:40])}
        case NothingToAdd():
            filled = {"seed": error.seed}
        case MarginTooLarge():
            side = describe_margins(_, Margins(**{error.side: error.asked}))
            filled = {"side": side, "limit": error.limit}
        case SettingRefused():
            known = TEXTS.get(error.name)
            filled = {"name": _(known.name) if known else escape_text(error.name)}
            filled["value"] = escape_text(error.value[:60]) or "–"
            filled["allowed"] = _(error.allowed, **error.numbers)
        case CanvasTooLarge():
            fits = describe_margins(_, error.fits) if error.fits else ""
            limit = _.format_number(round(error.limit_pixels / 1e6))
            filled = {"canvas": error.canvas, "limit": limit, "fits": fits}
    return filled


def _format_bound(_: Translations, value: Fraction | int) -> str:
    if isinstance(value, Fraction):
        return f"{_.format_number(float(value))}×"
    return _.format_number(value)
