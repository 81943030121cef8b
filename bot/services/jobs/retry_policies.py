"""How long a step of a job is tried, by what is at stake in its state."""

from __future__ import annotations

import sys
from typing import Final

from bot.domain.job import JobState
from bot.runware.retry import RetryPolicy

_DEFAULT_POLICY: Final = RetryPolicy(attempts=16, first_delay=1.0, max_delay=60.0)
"""About six minutes on average, since each delay is drawn from the whole of its range."""
_PAID_POLICY: Final = RetryPolicy(attempts=2880, first_delay=1.0, max_delay=60.0)
"""About a day: what was paid for is not given up because a host or the disk is down for hours."""
_ENDLESS_POLICY: Final = RetryPolicy(attempts=sys.maxsize, first_delay=1.0, max_delay=60.0)
_IN_DOUBT: Final = frozenset({JobState.SUBMITTING, JobState.SUBMITTED, JobState.DELIVERED})
"""States that only an answer may end: money may have been spent, or only the books are open."""


def get_retry_policy(state: JobState) -> RetryPolicy:
    """Say how long a step is tried in this state."""
    if state in _IN_DOUBT:
        return _ENDLESS_POLICY
    return _PAID_POLICY if state is JobState.RENDERED else _DEFAULT_POLICY
