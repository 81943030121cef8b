"""The retry policy: a pure decision whether and when to retry; the caller waits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.domain.errors import ExpanseError
from bot.errors import Transient


@dataclass(frozen=True, slots=True)
class RetryAfter:
    """Retry in this many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Do not retry."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Delays in seconds; `attempts` includes the first one."""

    attempts: int = 5
    first_delay: float = 0.5
    max_delay: float = 10.0
    max_retry_after: float = 60.0
    """Longest `Retry-After` that is honoured in full."""


DEFAULT_POLICY: Final = RetryPolicy()


def decide_retry(
    error: ExpanseError, attempt: int, *, jitter: float, policy: RetryPolicy = DEFAULT_POLICY
) -> RetryAfter | GiveUp:
    """Decide after failed attempt number `attempt` (1, 2, ...), with a random `jitter` in 0..1.

    Only a `Transient` error is retried. `Retry-After` is the lower bound of the delay.
    """
    if not isinstance(error, Transient) or attempt >= policy.attempts:
        return GiveUp()
    # full jitter over a doubling range, so that clients that failed together don't retry together
    backoff = jitter * min(policy.max_delay, policy.first_delay * 2.0 ** min(attempt - 1, 32))
    requested = min(max(error.retry_after or 0.0, 0.0), policy.max_retry_after)
    return RetryAfter(max(requested, backoff))
