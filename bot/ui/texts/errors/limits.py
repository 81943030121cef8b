"""Explanations of limits: which one refused, how much of it is used, when it renews."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.domain.errors import Refusal
from bot.domain.ledger import CapUse, LedgerUnit, LimitKind
from bot.domain.money import MicroUsd
from bot.errors import (
    BudgetExhausted,
    FreeWorkRefused,
    IntakePaused,
    MemberPaused,
    PauseReason,
    QueueFull,
    QuotaExhausted,
    ReadingPaused,
)
from bot.ui.i18n.formatting import escape_text, format_timestamp
from bot.ui.i18n.translations import N_, Translations
from bot.ui.texts.errors.refusal_reasons import UNCHANGED, Explanation

_RENEWS: Final = N_("It renews {renews}.")
ZERO_LIMIT: Final = Explanation(
    N_("No pictures can be made here: the limit that applies to you is {limit}."),
    N_("Ask a moderator of this server."),
)
_TRY_AGAIN: Final = N_("Try again {renews}.")
_QUOTA: Final = N_(
    "You have used {used} of your {limit} pictures today, and this needs {asked} more."
)
_PAUSED: Final = N_("New pictures are paused: {reason}.")
LIMIT_REFUSALS: Final = {
    "quota_exhausted": Explanation(_QUOTA, _RENEWS),
    "quota_exhausted (some left)": Explanation(
        _QUOTA, N_("It renews {renews}. Ask for {left} or fewer until then.")
    ),
    "budget_exhausted (user_month)": Explanation(
        N_("Your budget of this month is used up: {used} of {limit}, and this needs {asked} more."),
        _RENEWS,
    ),
    "budget_exhausted (guild_month)": Explanation(
        N_(
            "This server's budget of this month is used up: {used} of {limit}, and this needs "
            "{asked} more."
        ),
        _RENEWS,
    ),
    "budget_exhausted (personal_month)": Explanation(
        N_(
            "This month's budget for all who use me outside of servers that have me is used up: "
            "{used} of {limit}, and this needs {asked} more."
        ),
        N_("It renews {renews}. A server that has me has a budget of its own."),
    ),
    "budget_exhausted (global_day)": Explanation(
        N_(
            "Today's budget for everybody is used up: {used} of {limit}, and this needs {asked} "
            "more."
        ),
        _RENEWS,
    ),
    "budget_exhausted (rate)": Explanation(
        N_(
            "What may be spent within ten minutes is used up: {used} of {limit}, and this needs "
            "{asked} more."
        ),
        _RENEWS,
    ),
    "queue_full (own)": Explanation(
        N_("{open} of your orders are under way, and it may not be more at once."),
        N_("Wait until one is done, or cancel one."),
    ),
    "queue_full": Explanation(
        N_("{open} orders are under way, and it may not be more at once."),
        N_("Try again in a few minutes."),
    ),
    "free_work_refused (own)": Explanation(
        N_("I'm still making the last things you asked for."),
        N_("Wait until one of them is ready, then try again."),
        UNCHANGED,
    ),
    "free_work_refused (rate)": Explanation(
        N_("You've asked for a lot in a short time."), _TRY_AGAIN, UNCHANGED
    ),
    "free_work_refused (all)": Explanation(
        N_("Many members are asking for previews, films and files right now."),
        _TRY_AGAIN,
        UNCHANGED,
    ),
    "intake_paused": Explanation(_PAUSED, N_("Try again later.")),
    "intake_paused (until)": Explanation(_PAUSED, N_("It goes on {renews}.")),
    "member_paused": Explanation(
        N_("Moderation refused {refusals} of your pictures within ten minutes."),
        N_("You can go on {renews}."),
    ),
    "reading_paused": Explanation(
        N_("Within ten minutes, {pictures} of your pictures took too long to read."),
        N_("You can go on {renews}."),
    ),
    "storage_low": Explanation(
        N_("There is no room left to store another picture."),
        N_("Tell the operator of this bot; nothing is lost."),
    ),
}
_LIMIT_TITLES: Final = {
    LimitKind.USER_DAY: N_("Your pictures today"),
    LimitKind.USER_MONTH: N_("Your money this month"),
    LimitKind.GUILD_MONTH: N_("This server's money this month"),
}
PAUSE_REASONS: Final[dict[str, str]] = {
    "": N_("the operator gave no reason"),
    PauseReason.STOPPING: N_("the bot is being restarted"),
    "insufficientCredits": N_("the image service's account is empty; its operator must top it up"),
    PauseReason.STORAGE: N_("the bot's storage is not available"),
}


def describe_limits(_: Translations, uses: Sequence[CapUse]) -> str:
    """Return a bar and numbers for each limit, and when it renews."""
    return "\n".join(line for use in uses for line in _format_bar(_, use))


def _format_bar(_: Translations, use: CapUse) -> list[str]:
    filled = round(20 * min(1.0, use.used / use.limit)) if use.limit else 20
    # a limit may have been lowered below what is used already
    over = max(0, use.limit - use.used)
    numbers: list[object] = [use.used, use.limit, over]
    if use.unit is LedgerUnit.MICRO_USD:
        numbers = [_.format_usd(MicroUsd(number)) for number in (use.used, use.limit, over)]
    used, limit, left = numbers
    text = _("{used} of {limit} used", used=used, limit=limit)
    rest = _("{left} left", left=left)
    if use.cap is LimitKind.USER_DAY:
        rest = _("{left} of {limit} left today", left=left, limit=limit)
    return [
        "### " + _(_LIMIT_TITLES[use.cap]),
        f"`{'█' * filled}{'░' * (20 - filled)}` {text}",
        rest + " · " + _("Renews {time}.", time=format_timestamp(use.ends_at)),
    ]


def collect_limit_values(_: Translations, error: Refusal) -> dict[str, object]:
    """Return the formatted values for a limit's placeholders."""
    filled: dict[str, object] = {}
    match error:
        case QuotaExhausted():
            filled = {"asked": error.asked, "used": error.used, "limit": error.limit}
            filled["left"] = error.limit - error.used
            filled["renews"] = format_timestamp(error.renews_at)
        case BudgetExhausted():
            amounts = {"asked": error.asked, "used": error.used, "limit": error.limit}
            filled = {name: _.format_usd(amount) for name, amount in amounts.items()}
            filled["renews"] = format_timestamp(error.renews_at)
        case QueueFull():
            filled = {"open": error.open}
        case FreeWorkRefused():
            filled = {"renews": format_timestamp(error.retry_at) if error.retry_at else ""}
        case IntakePaused():
            known = PAUSE_REASONS.get(error.reason)
            filled = {"reason": escape_text(error.reason) if known is None else _(known)}
            filled["renews"] = format_timestamp(error.until) if error.until else ""
        case MemberPaused():
            filled = {"refusals": error.refusals, "renews": format_timestamp(error.until)}
        case ReadingPaused():
            filled = {"pictures": error.pictures, "renews": format_timestamp(error.until)}
    return filled
