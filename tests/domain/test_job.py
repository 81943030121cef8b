from __future__ import annotations

from bot.domain.job import ENDS, MOVES, OPEN, WAITING, JobState


def test_every_state_is_open_waiting_or_an_end() -> None:
    assert set(JobState) == OPEN | WAITING | ENDS
    assert len(OPEN) + len(WAITING) + len(ENDS) == len(JobState)


def test_no_job_leaves_an_end() -> None:
    assert not ENDS & MOVES.keys()


def test_every_open_state_can_reach_an_end() -> None:
    for start in OPEN | WAITING:
        reached, frontier = {start}, {start}
        while frontier:
            frontier = {to for state in frontier for to in MOVES.get(state, ())} - reached
            reached |= frontier
        assert reached & ENDS, start


def test_a_job_that_may_have_cost_money_is_never_cancelled() -> None:
    may_have_cost = OPEN - {JobState.RESERVED, JobState.PREPARED}
    assert all(JobState.CANCELLED not in MOVES[state] for state in may_have_cost)
