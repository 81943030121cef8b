"""A member's tokens: 60 in one go, one more each second, and no debts."""

from __future__ import annotations

import pytest

from bot.domain.ids import UserId
from bot.services.free_work.allowance import Allowances, Work

ANA, BEN = UserId(1), UserId(2)


def count_takes(allowances: Allowances, user: UserId, work: Work, now: float) -> int:
    """Take until refused; return how often that went well."""
    takes = 0
    while not allowances.take_tokens(user, work, now):
        takes += 1
    return takes


@pytest.mark.parametrize(
    ("work", "at_once", "in_the_next_minute"),
    [(Work.READ, 60, 60), (Work.DRAW, 30, 30), (Work.RENDER, 10, 10), (Work.FILM, 5, 5)],
)
def test_so_much_may_be_asked_for_at_once_and_per_minute(
    work: Work, at_once: int, in_the_next_minute: int
) -> None:
    allowances = Allowances()
    assert count_takes(allowances, ANA, work, 1000.0) == at_once
    later = [count_takes(allowances, ANA, work, 1000.0 + second) for second in range(1, 61)]
    assert sum(later) == in_the_next_minute


def test_a_refusal_takes_nothing_and_says_how_many_seconds_are_missing() -> None:
    allowances = Allowances()
    assert count_takes(allowances, ANA, Work.FILM, 0.0) == 5
    assert allowances.take_tokens(ANA, Work.RENDER, 0.0) == 6.0
    assert allowances.take_tokens(ANA, Work.RENDER, 2.5) == 3.5
    assert allowances.take_tokens(ANA, Work.RENDER, 6.0) == 0.0
    assert allowances.take_tokens(ANA, Work.READ, 6.0) == 1.0


def test_members_have_tokens_of_their_own_and_a_clock_that_goes_back_gives_none() -> None:
    allowances = Allowances()
    assert count_takes(allowances, ANA, Work.READ, 100.0) == 60
    assert allowances.take_tokens(ANA, Work.READ, 40.0) == 1.0
    assert allowances.take_tokens(BEN, Work.READ, 40.0) == 0.0


def test_more_than_a_bucket_holds_takes_all_of_it() -> None:
    allowances = Allowances()
    assert allowances.take_tokens(ANA, 100, 0.0) == 0.0
    assert allowances.take_tokens(ANA, 100, 1.0) == 59.0


def test_members_are_forgotten_when_they_have_all_tokens_again() -> None:
    allowances = Allowances()
    for number in range(10_000):
        allowances.take_tokens(UserId(number), Work.READ, 0.0)
    assert len(allowances) == 10_000
    allowances.take_tokens(UserId(10_000), Work.READ, 0.5)
    assert len(allowances) == 10_001, "nobody's bucket is full yet"
    allowances.take_tokens(UserId(10_001), Work.READ, 60.0)
    assert len(allowances) == 1
