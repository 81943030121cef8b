"""Every limit that can refuse an order, in words: which one, how much of it is used, until when."""

from __future__ import annotations

from typing import Final

from discord.utils import escape_markdown, escape_mentions, format_dt

from bot.domain.ledger import Cap
from bot.domain.money import format_usd
from bot.errors import (
    BudgetExhausted,
    IntakePaused,
    MemberPaused,
    QueueFull,
    QuotaExhausted,
    Refusal,
    StorageLow,
)

_BUDGETS: Final = {
    Cap.USER_MONTH: "Your budget of this month",
    Cap.GUILD_MONTH: "This server's budget of this month",
    Cap.GLOBAL_DAY: "Today's budget for everybody",
    Cap.RATE: "What may be spent within ten minutes",
}
_PAUSES: Final = {
    "stopping": "the bot is being restarted",
    "insufficientCredits": "the image service's account is empty; its operator must top it up",
}


def limited(error: Refusal) -> tuple[str, str] | None:
    """Say what is used up or closed, and what to do; None for an error that is no limit."""
    match error:
        case QuotaExhausted():
            return _quota(error)
        case BudgetExhausted():
            return _budget(error)
        case QueueFull() | IntakePaused():
            return _queue(error) if isinstance(error, QueueFull) else _pause(error)
        case MemberPaused():
            happened = f"Moderation refused {error.refusals} of your pictures within ten minutes."
            return happened, f"You can go on {format_dt(error.until, 'R')}."
        case StorageLow():
            happened = "There is no room left to store another picture."
            return happened, "Tell the operator of this bot; nothing is lost."
        case _:
            return None


def _budget(error: BudgetExhausted) -> tuple[str, str]:
    happened = (
        f"{_BUDGETS[error.cap]} is used up: {format_usd(error.used)} of "
        f"{format_usd(error.limit)}, and this needs {format_usd(error.asked)} more."
    )
    return happened, f"It renews {format_dt(error.renews_at, 'R')}."


def _quota(error: QuotaExhausted) -> tuple[str, str]:
    left = max(0, error.limit - error.used)
    happened = (
        f"You have used {error.used} of your {error.limit} pictures today, "
        f"and this needs {error.asked} more."
    )
    advice = f"It renews {format_dt(error.renews_at, 'R')}. "
    return happened, advice + (f"Ask for {left} or fewer until then." if left else "")


def _queue(error: QueueFull) -> tuple[str, str]:
    if error.own:
        happened = f"{error.open} of your orders are under way, and it may not be more at once."
        return happened, "Wait until one is done, or cancel one."
    happened = f"{error.open} orders are under way, and it may not be more at once."
    return happened, "Try again in a few minutes."


def _pause(error: IntakePaused) -> tuple[str, str]:
    words = _PAUSES.get(error.reason, error.reason) or "the operator gave no reason"
    reason = escape_mentions(escape_markdown(" ".join(words.split()))).replace("<", "\\<")
    until = f"It goes on {format_dt(error.until, 'R')}." if error.until else "Try again later."
    return f"New pictures are paused: {reason}.", until
