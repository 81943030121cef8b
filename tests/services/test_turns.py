"""Whose turn it is: nobody gets more by coming often, and places are honest."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.ids import GuildId, JobId, UserId
from bot.services.turns import Pace, Turns, Waiting


def waiting(name: str) -> Waiting:
    """Make `a1x` a job named so of user 1 in guild a."""
    return Waiting(JobId(name), GuildId(ord(name[0])), UserId(int(name[1])))


def turns(*names: str) -> Turns:
    made = Turns()
    for name in names:
        made.add(waiting(name))
    return made


def taken(queue: Turns) -> list[str]:
    order: list[str] = []
    while (next_ := queue.take(lambda _: True)) is not None:
        order.append(next_.job_id)
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
def test_guilds_and_in_them_members_take_turns(came: str, order: str) -> None:
    assert taken(turns(*came.split())) == order.split()


def test_who_was_served_comes_after_who_was_not_though_new_jobs_come() -> None:
    queue = turns("a1x", "a2x")
    assert queue.take(lambda _: True) == waiting("a1x")
    queue.add(waiting("a1y"))
    assert taken(queue) == ["a2x", "a1y"]


def test_a_member_with_enough_running_is_passed_over_and_keeps_the_place() -> None:
    queue = turns("a1x", "a2x", "b3x")
    assert queue.take(lambda user: user != 1) == waiting("a2x")
    assert queue.take(lambda user: user > 3) is None
    assert taken(queue) == ["b3x", "a1x"]


def test_a_job_waits_once_and_may_leave() -> None:
    queue = turns("a1x", "a1x", "a2x", "b1x")
    assert len(queue) == 3
    queue.discard(JobId("a2x"))
    queue.discard(JobId("none"))
    queue.keep([JobId("b1x")])
    assert taken(queue) == ["b1x"]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 4)), max_size=40))
def test_places_are_the_order_in_which_jobs_are_taken(came: list[tuple[str, int]]) -> None:
    names = [f"{guild}{user}-{number}" for number, (guild, user) in enumerate(came)]
    queue = turns(*names)
    places = {name: queue.place(JobId(name)) for name in names}
    assert sorted(place for place in places.values() if place) == list(range(1, len(names) + 1))
    order = taken(queue)
    assert sorted(order) == sorted(names)
    firsts = [name[0] for name in order[: len({name[0] for name in names})]]
    assert not firsts or max(Counter(firsts).values()) == 1
    assert all(queue.place(JobId(name)) is None for name in names)


def test_the_first_place_is_the_next_turn() -> None:
    queue = turns("a1x", "a1y", "b2x", "c3x")
    for _ in range(4):
        first = next(name for name in ("a1x", "a1y", "b2x", "c3x") if queue.place(JobId(name)) == 1)
        assert queue.take(lambda _: True) == waiting(first)


def test_a_wait_is_measured_or_not_said() -> None:
    pace = Pace(places=4)
    assert pace.wait(1) is None
    pace.note(10.0)
    pace.note(6.0)
    assert (pace.wait(1), pace.wait(8)) == (2.0, 16.0)
