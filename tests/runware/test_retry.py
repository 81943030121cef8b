from __future__ import annotations

import pytest

from bot.domain.errors import ExpanseError
from bot.errors import (
    MediaUnavailable,
    OutcomeUnknown,
    ProviderAuth,
    ProviderBusy,
    ProviderUnavailable,
    TaskRejected,
)
from bot.runware.retry import GiveUp, RetryAfter, RetryPolicy, decide_retry


@pytest.mark.parametrize(
    ("attempt", "jitter", "seconds"),
    [(1, 1.0, 0.5), (2, 1.0, 1.0), (3, 1.0, 2.0), (4, 1.0, 4.0), (3, 0.25, 0.5), (4, 0.0, 0.0)],
)
def test_the_range_of_the_delay_doubles(attempt: int, jitter: float, seconds: float) -> None:
    assert decide_retry(ProviderUnavailable("down"), attempt, jitter=jitter) == RetryAfter(seconds)


def test_the_delay_stops_growing_at_the_longest() -> None:
    policy = RetryPolicy(attempts=10_000)
    assert decide_retry(ProviderBusy("full"), 9_999, jitter=1.0, policy=policy) == RetryAfter(10.0)


@pytest.mark.parametrize(("told", "seconds"), [(0.0, 0.0), (7.0, 7.0), (3600.0, 60.0), (-5.0, 0.0)])
def test_retry_after_is_obeyed_up_to_a_ceiling(told: float, seconds: float) -> None:
    assert decide_retry(ProviderBusy("full", told), 1, jitter=0.0) == RetryAfter(seconds)


def test_the_last_attempt_is_the_last() -> None:
    assert decide_retry(MediaUnavailable("gone quiet"), 5, jitter=0.5) == GiveUp()


@pytest.mark.parametrize(
    "error",
    [OutcomeUnknown("cut"), ProviderAuth("invalidApiKey", "no"), TaskRejected("invalidX", "no")],
)
def test_only_a_transient_error_is_tried_again(error: ExpanseError) -> None:
    assert decide_retry(error, 1, jitter=0.5) == GiveUp()
