"""Whose turn it is: nobody gets more by coming often, and places are honest."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.ids import GuildId, JobId, UserId
from bot.services.jobs.fair_queue import FairQueue, QueueEntry, WaitEstimator


def build_waiting(name: str) -> QueueEntry[JobId]:
    """Make `a1x` a job named so of user 1 in guild a."""
    return QueueEntry(JobId(name), GuildId(ord(name[0])), UserId(int(name[1])))


def build_queue(*names: str) -> FairQueue[JobId]:
    made = FairQueue[JobId]()
    for name in names:
        made.add_entry(build_waiting(name))
    return made


def take_all(queue: FairQueue[JobId]) -> list[str]:
    order: list[str] = []
    while (next_ := queue.take_next(lambda _: True)) is not None:
        order.append(next_.key)
    return order


@pytest.mark.parametrize(
    ("came", "order"),
    [
        ("a1x a1y a1z a2x", "a1x a2x a1y a1z"),
        ("a1x a1y a2x b1x b1y", "a1x b1x a2x b1y a1y"),
        ("a1x a2x a3x b1x", "a1x b1x a2x a3x"),
        ("", ""),
    ],
)
def test_guilds_and_in_them_members_alternate(came: str, order: str) -> None:
    assert take_all(build_queue(*came.split())) == order.split()


def test_who_was_served_comes_after_who_was_not_though_new_jobs_come() -> None:
    queue = build_queue("a1x", "a2x")
    assert queue.take_next(lambda _: True) == build_waiting("a1x")
    queue.add_entry(build_waiting("a1y"))
    assert take_all(queue) == ["a2x", "a1y"]


def test_a_member_with_enough_running_is_passed_over_without_losing_the_place() -> None:
    queue = build_queue("a1x", "a2x", "b3x")
    assert queue.take_next(lambda user: user != 1) == build_waiting("a2x")
    assert queue.take_next(lambda user: user > 3) is None
    assert take_all(queue) == ["b3x", "a1x"]


def test_a_job_waits_once_and_may_leave() -> None:
    queue = build_queue("a1x", "a1x", "a2x", "b1x")
    assert len(queue) == 3
    queue.remove_entry(JobId("a2x"))
    queue.remove_entry(JobId("none"))
    queue.retain_entries([JobId("b1x")])
    assert take_all(queue) == ["b1x"]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 4)), max_size=40))
def test_places_are_the_order_in_which_jobs_are_taken(came: list[tuple[str, int]]) -> None:
    names = [f"{guild}{user}-{number}" for number, (guild, user) in enumerate(came)]
    queue = build_queue(*names)
    places = {name: queue.find_position(JobId(name)) for name in names}
    assert sorted(place for place in places.values() if place) == list(range(1, len(names) + 1))
    order = take_all(queue)
    assert sorted(order) == sorted(names)
    firsts = [name[0] for name in order[: len({name[0] for name in names})]]
    assert not firsts or max(Counter(firsts).values()) == 1
    assert all(queue.find_position(JobId(name)) is None for name in names)


def test_the_first_place_is_served_next() -> None:
    queue = build_queue("a1x", "a1y", "b2x", "c3x")
    for _ in range(4):
        first = next(
            name for name in ("a1x", "a1y", "b2x", "c3x") if queue.find_position(JobId(name)) == 1
        )
        assert queue.take_next(lambda _: True) == build_waiting(first)


def test_a_wait_is_measured_or_not_reported() -> None:
    pace = WaitEstimator(slots=4)
    assert pace.estimate_wait(1) is None
    pace.add_measurement(10.0)
    pace.add_measurement(6.0)
    assert (pace.estimate_wait(1), pace.estimate_wait(8)) == (2.0, 16.0)
