"""Every limit that can refuse an order, in words: which one, how much of it is used, until when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.domain.ledger import Cap, Unit
from bot.domain.money import MicroUsd
from bot.domain.usage import CapUse
from bot.errors import (
    BudgetExhausted,
    IntakePaused,
    MemberPaused,
    QueueFull,
    QuotaExhausted,
    Refusal,
    StorageLow,
)
from bot.ui.speech import Speech, later
from bot.ui.wording import plain, stamp
from bot.ui.wording_reasons import Explained

_RENEWS: Final = later("It renews {renews}.")
QUOTA: Final = Explained(
    later("You have used {used} of your {limit} pictures today, and this needs {asked} more."),
    _RENEWS,
)
NOTHING: Final = Explained(
    later("No pictures can be made here: the limit that applies to you is {limit}."),
    later("Ask a moderator of this server."),
)
QUOTA_LEFT: Final = Explained(
    QUOTA.happened, later("It renews {renews}. Ask for {left} or fewer until then.")
)
BUDGETS: Final = {
    Cap.USER_MONTH: Explained(
        later(
            "Your budget of this month is used up: {used} of {limit}, and this needs {asked} more."
        ),
        _RENEWS,
    ),
    Cap.GUILD_MONTH: Explained(
        later(
            "This server's budget of this month is used up: {used} of {limit}, and this needs "
            "{asked} more."
        ),
        _RENEWS,
    ),
    Cap.PERSONAL_MONTH: Explained(
        later(
            "This month's budget for all who use me outside of servers that have me is used up: "
            "{used} of {limit}, and this needs {asked} more."
        ),
        later("It renews {renews}. A server that has me has a budget of its own."),
    ),
    Cap.GLOBAL_DAY: Explained(
        later(
            "Today's budget for everybody is used up: {used} of {limit}, and this needs {asked} "
            "more."
        ),
        _RENEWS,
    ),
    Cap.RATE: Explained(
        later(
            "What may be spent within ten minutes is used up: {used} of {limit}, and this needs "
            "{asked} more."
        ),
        _RENEWS,
    ),
}
QUEUE_OWN: Final = Explained(
    later("{open} of your orders are under way, and it may not be more at once."),
    later("Wait until one is done, or cancel one."),
)
QUEUE: Final = Explained(
    later("{open} orders are under way, and it may not be more at once."),
    later("Try again in a few minutes."),
)
PAUSED: Final = Explained(
    later("New pictures are paused: {reason}."),
    later("Try again later."),
)
PAUSED_UNTIL: Final = Explained(PAUSED.happened, later("It goes on {renews}."))
MEMBER: Final = Explained(
    later("Moderation refused {refusals} of your pictures within ten minutes."),
    later("You can go on {renews}."),
)
STORAGE: Final = Explained(
    later("There is no room left to store another picture."),
    later("Tell the operator of this bot; nothing is lost."),
)
_STANDING: Final = {
    Cap.USER_DAY: later("Your pictures today"),
    Cap.USER_MONTH: later("Your money this month"),
    Cap.GUILD_MONTH: later("This server's money this month"),
}
_PAUSES: Final = {
    "": later("the operator gave no reason"),
    "stopping": later("the bot is being restarted"),
    "insufficientCredits": later(
        "the image service's account is empty; its operator must top it up"
    ),
    "storage": later("the bot's storage is not available"),
}


def standing(say: Speech, uses: Sequence[CapUse]) -> str:
    """Write how much of each limit is used, and when it renews."""
    return "\n".join(line for use in uses for line in _bar(say, use))


def _bar(say: Speech, use: CapUse) -> list[str]:
    filled = round(20 * min(1.0, use.used / use.limit)) if use.limit else 20
    over = max(0, use.limit - use.used)
    numbers: list[object] = [use.used, use.limit, over]
    if use.unit is Unit.MICRO_USD:
        numbers = [say.usd(MicroUsd(number)) for number in (use.used, use.limit, over)]
    used, limit, left = numbers
    said = say("{used} of {limit} used", used=used, limit=limit)
    rest = say("{left} left", left=left)
    if use.cap is Cap.USER_DAY:
        rest = say("{left} of {limit} left today", left=left, limit=limit)
    return [
        "### " + say(_STANDING[use.cap]),
        f"`{'█' * filled}{'░' * (20 - filled)}` {said}",
        rest + " · " + say("Renews {time}.", time=stamp(use.ends_at)),
    ]


def words_of(error: Refusal) -> Explained | None:
    """Return the untranslated words of a limit; None for an error that is no limit."""
    words = None
    match error:
        case QuotaExhausted() | BudgetExhausted() if _allows_nothing(error):
            words = NOTHING
        case QuotaExhausted():
            words = QUOTA_LEFT if error.used < error.limit else QUOTA
        case BudgetExhausted():
            words = BUDGETS[error.cap]
        case QueueFull():
            words = QUEUE_OWN if error.own else QUEUE
        case IntakePaused():
            words = PAUSED_UNTIL if error.until else PAUSED
        case MemberPaused():
            words = MEMBER
        case StorageLow():
            words = STORAGE
    return words


def _allows_nothing(error: QuotaExhausted | BudgetExhausted) -> bool:
    """Say whether a guild has set the limit to zero: it renews, and still allows nothing."""
    own = isinstance(error, QuotaExhausted) or error.cap in {Cap.USER_MONTH, Cap.GUILD_MONTH}
    return own and not error.limit


def numbers_of(say: Speech, error: Refusal) -> dict[str, object]:
    """Return the numbers of a limit as people read them."""
    filled: dict[str, object] = {}
    match error:
        case QuotaExhausted():
            filled = {"asked": error.asked, "used": error.used, "limit": error.limit}
            filled |= {"left": error.limit - error.used, "renews": stamp(error.renews_at)}
        case BudgetExhausted():
            amounts = {"asked": error.asked, "used": error.used, "limit": error.limit}
            filled = {name: say.usd(amount) for name, amount in amounts.items()}
            filled["renews"] = stamp(error.renews_at)
        case QueueFull():
            filled = {"open": error.open}
        case IntakePaused():
            known = _PAUSES.get(error.reason)
            filled = {"reason": plain(error.reason) if known is None else say(known)}
            filled["renews"] = stamp(error.until) if error.until else ""
        case MemberPaused():
            filled = {"refusals": error.refusals, "renews": stamp(error.until)}
    return filled
