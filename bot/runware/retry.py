"""Whether and when to try again, as a value; whoever calls does the waiting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bot.errors import Transient

if TYPE_CHECKING:
    from bot.errors import ExpanseError


@dataclass(frozen=True, slots=True)
class RetryAfter:
    """Try again in this many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Do not try again."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Delays in seconds; `attempts` counts every try, the first one included."""

    attempts: int = 5
    first_delay: float = 0.5
    max_delay: float = 10.0
    max_retry_after: float = 60.0
    """Longest `Retry-After` that is waited out in full."""


DEFAULT_POLICY: Final = RetryPolicy()


def decide_retry(
    error: ExpanseError, attempt: int, *, jitter: float, policy: RetryPolicy = DEFAULT_POLICY
) -> RetryAfter | GiveUp:
    """Decide after failed try number `attempt` (1, 2, ...), with `jitter` in 0..1.

    Only a `Transient` error is worth another try. The delay is drawn from the whole of a doubling
    range, so that many clients do not return together; a `Retry-After` is its lower bound.
    """
    if not isinstance(error, Transient) or attempt >= policy.attempts:
        return GiveUp()
    backoff = jitter * min(policy.max_delay, policy.first_delay * 2.0 ** min(attempt - 1, 32))
    told = min(max(error.retry_after or 0.0, 0.0), policy.max_retry_after)
    return RetryAfter(max(told, backoff))
