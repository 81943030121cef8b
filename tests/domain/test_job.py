from __future__ import annotations

from bot.domain.job import END_STATES, OPEN_STATES, TRANSITIONS, WAITING_STATES, JobState


def test_every_state_is_open_waiting_or_an_end() -> None:
    assert set(JobState) == OPEN_STATES | WAITING_STATES | END_STATES
    assert len(OPEN_STATES) + len(WAITING_STATES) + len(END_STATES) == len(JobState)


def test_no_job_leaves_an_end() -> None:
    assert not END_STATES & TRANSITIONS.keys()


def test_every_open_state_can_reach_an_end() -> None:
    for start in OPEN_STATES | WAITING_STATES:
        reached, frontier = {start}, {start}
        while frontier:
            frontier = {to for state in frontier for to in TRANSITIONS.get(state, ())} - reached
            reached |= frontier
        assert reached & END_STATES, start


def test_a_job_that_may_have_cost_money_is_never_cancelled() -> None:
    may_have_cost = OPEN_STATES - {JobState.RESERVED, JobState.PREPARED}
    assert all(JobState.CANCELLED not in TRANSITIONS[state] for state in may_have_cost)
