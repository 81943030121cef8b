"""Jobs through the services: doubt, partial results, late bills and spoilt pictures.

The provider is a real one behind a socket; waits pass in virtual time.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bench.provider.backroom import Backroom, Tempo
from bench.provider.flat import FlatRenderer
from bench.simulate.weather import ProviderClock
from bot.domain.job import Job, JobState
from bot.domain.ledger import Unit, global_day_scope
from bot.errors import ContentRefused
from sandbox.runware.faults import Fault, Stage
from sandbox.runware.server import LocalRunware
from tests.clocks import LoopClock
from tests.services.virtual_time import InlineBackroom, InlineWorkers

pytestmark = pytest.mark.virtual_time


@pytest_asyncio.fixture
async def runware() -> AsyncIterator[LocalRunware]:
    async with LocalRunware.open(workers=FlatRenderer(), clock=ProviderClock()) as opened:
        yield opened


def opened(
    runware: LocalRunware, folder: Path, **tempo: Any
) -> AbstractAsyncContextManager[Backroom]:
    paced = Tempo(clock=LoopClock(), **tempo)
    return InlineBackroom.open(runware, folder, workers=InlineWorkers(), tempo=paced)


@pytest_asyncio.fixture
async def room(runware: LocalRunware, tmp_path: Path) -> AsyncIterator[Backroom]:
    async with opened(runware, tmp_path, longest=3.0) as made:
        yield made


@pytest_asyncio.fixture
async def patient(runware: LocalRunware, tmp_path: Path) -> AsyncIterator[Backroom]:
    """Leave time for many tries with their waits between."""
    async with opened(runware, tmp_path, longest=60.0) as made:
        yield made


async def run(room: Backroom, runware: LocalRunware, *faults: Fault, **order: Any) -> Job:
    """Let a job meet these faults and return it when nothing moves it any more."""
    runware.conditions.faults.add(*faults)
    async with asyncio.timeout(300):
        return await room.ended(await room.order(**order))


async def spent(room: Backroom, job: Job) -> tuple[int, int]:
    account = await room.ledger.account(global_day_scope(job.created_at.date()), Unit.MICRO_USD)
    assert await room.ledger.audit() == []
    return account.held, account.spent


async def test_a_task_whose_answer_was_lost_is_found_and_sent_once(
    room: Backroom, runware: LocalRunware
) -> None:
    job = await run(room, runware, Fault("accept_503", Stage.SUBMIT))
    assert (job.state, job.sends) == (JobState.SETTLED, 1)
    assert len(runware.journal.asked("imageInference")) == 1
    assert await spent(room, job) == (0, 50_000)


async def test_a_task_that_never_arrived_is_sent_again_with_the_same_uuid(
    room: Backroom, runware: LocalRunware
) -> None:
    job = await run(room, runware, Fault("unavailable", Stage.SUBMIT))
    assert (job.state, job.sends) == (JobState.SETTLED, 2)
    assert runware.journal.asked("imageInference") == (str(job.task_uuid),) * 2


async def test_a_task_that_is_in_doubt_twice_is_parked_with_its_money_held(
    room: Backroom, runware: LocalRunware
) -> None:
    job = await run(room, runware, Fault("unavailable", Stage.SUBMIT, times=2))
    assert (job.state, job.failure, job.sends) == (JobState.PARKED, "outcome_unknown", 2)
    assert runware.journal.billed == ()
    assert await spent(room, job) == (50_000, 0)


async def test_a_refusal_at_the_second_send_does_not_count_as_one(
    room: Backroom, runware: LocalRunware
) -> None:
    job = await run(
        room, runware, Fault("unavailable", Stage.SUBMIT), Fault("busy", Stage.SUBMIT, value=0)
    )
    assert (job.state, job.sends) == (JobState.SETTLED, 2)
    assert len(runware.journal.asked("imageInference")) == 3


async def test_a_task_that_shows_late_is_known_by_its_conflict(
    room: Backroom, runware: LocalRunware
) -> None:
    runware.conditions.switches = runware.conditions.switches.set({"late": 1.6})
    job = await run(room, runware, Fault("accept_reset", Stage.SUBMIT))
    assert (job.state, len(runware.journal.billed)) == (JobState.SETTLED, 1)


async def test_the_grace_counts_from_the_doubt_and_not_from_the_request(
    runware: LocalRunware, tmp_path: Path
) -> None:
    runware.conditions.switches = runware.conditions.switches.set(
        {"late": 2.5, "uuid_reserved": 0.0}
    )
    async with opened(runware, tmp_path, deadline=1.0, grace=2.0, longest=20.0) as room:
        job = await run(room, runware, Fault("silence", Stage.SUBMIT))
        assert (job.state, job.sends) == (JobState.SETTLED, 1)
        assert len(runware.journal.billed) == 1


async def test_a_task_that_never_ends_is_parked(room: Backroom, runware: LocalRunware) -> None:
    job = await run(room, runware, Fault("never", Stage.TASK))
    assert (job.state, job.failure) == (JobState.PARKED, "no_answer")


async def test_partial_results_are_delivered_and_settled_at_what_was_billed(
    room: Backroom, runware: LocalRunware
) -> None:
    job = await run(room, runware, results=3, prompt="unsafe-result-6")
    assert len(room.publisher.delivered[job.id]) == 2
    assert await spent(room, job) == (0, 100_000)


@pytest.mark.parametrize("code", ["invalidProviderContent", "contentPolicyViolation"])
async def test_a_refusal_by_any_safety_code_is_told_as_such_and_not_tried_again(
    room: Backroom, runware: LocalRunware, code: str
) -> None:
    runware.conditions.switches = runware.conditions.switches.set({"moderation_code": code})
    job = await run(room, runware, prompt="unsafe-prompt-6")
    assert isinstance(room.publisher.failed[job.id], ContentRefused)
    assert len(runware.journal.asked("imageInference")) == 1
    assert await spent(room, job) == (0, 0)


@pytest.mark.parametrize(
    ("prompt", "shown"), [("more of it", 4), ("unsafe-result-6", 3), ("unsafe-prompt-6", 0)]
)
async def test_of_four_results_what_came_is_delivered_and_the_rest_released(
    room: Backroom, runware: LocalRunware, prompt: str, shown: int
) -> None:
    job = await run(room, runware, results=4, prompt=prompt)
    assert len(room.publisher.delivered.get(job.id, ())) == shown
    assert await spent(room, job) == (0, 50_000 * shown)


@pytest.mark.parametrize(("bill", "cost"), [("free", 0), ("reported", 100_000)])
async def test_what_moderation_cost_is_settled_where_it_is_reported(
    room: Backroom, runware: LocalRunware, bill: str, cost: int
) -> None:
    runware.conditions.switches = runware.conditions.switches.set({"moderated_bill": bill})
    job = await run(room, runware, results=2, prompt="unsafe-prompt-6")
    assert (job.state, job.failure) == (JobState.FAILED, "invalidProviderContent")
    assert await spent(room, job) == (0, cost)


async def test_a_failed_task_releases_its_hold(room: Backroom, runware: LocalRunware) -> None:
    job = await run(room, runware, Fault("fail", Stage.TASK))
    assert (job.state, job.failure) == (JobState.FAILED, "timeoutProvider")
    assert await spent(room, job) == (0, 0)


COSTS: list[tuple[object, int, bool]] = [
    *((value, 50_000, False) for value in (None, "0.05", "NaN", True, [0.05], {"usd": 0.05})),
    *((value, 50_000, True) for value in (-1, -0.05, float("nan"), float("inf"), 1e9, 10.01)),
    *((value, int(value * 1_000_000), False) for value in (0, 0.0475, 0.06, 0.5)),
    *((value, int(value * 1_000_000), True) for value in (0.51, 5, 10)),
]
"""What is reported, what is settled, and whether it stops everything new."""


async def test_a_cost_is_settled_as_reported_where_it_makes_sense(
    room: Backroom, runware: LocalRunware
) -> None:
    for reported, settled, strange in COSTS:
        job = await run(room, runware, Fault("cost", Stage.SHOW, times=0, value=reported))
        assert (job.state, job.cost) == (JobState.SETTLED, settled), reported
        assert await room.expansions.intake.resume() is strange, reported
        runware.conditions.faults.clear()
    assert await spent(room, job) == (0, sum(settled for _, settled, _ in COSTS))


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("gone", None),
        ("garbage", None),
        ("empty", None),
        ("oversized", 300_000),
        ("wrong_size", 9),
        ("media_cut", 30),
        ("media_503", None),
    ],
)
async def test_a_paid_picture_that_comes_spoilt_is_fetched_again(
    room: Backroom, runware: LocalRunware, kind: str, value: int | None
) -> None:
    job = await run(room, runware, Fault(kind, Stage.MEDIA, times=2, value=value))
    assert (job.state, len(room.publisher.delivered[job.id])) == (JobState.SETTLED, 1)


async def test_tries_that_met_nobody_do_not_count_against_a_paid_picture(
    patient: Backroom, runware: LocalRunware
) -> None:
    nobody = Fault("media_503", Stage.MEDIA, times=7)
    job = await run(patient, runware, nobody, Fault("gone", Stage.MEDIA, times=2))
    assert (job.state, len(patient.publisher.delivered[job.id])) == (JobState.SETTLED, 1)


async def test_a_picture_that_stays_spoilt_fails_the_job_at_its_price(
    patient: Backroom, runware: LocalRunware
) -> None:
    job = await run(patient, runware, Fault("garbage", Stage.MEDIA, times=0))
    assert (job.state, job.failure) == (JobState.FAILED, "no_usable_result")
    assert await spent(patient, job) == (0, 50_000)


async def test_jobs_that_come_together_share_their_requests(
    room: Backroom, runware: LocalRunware
) -> None:
    jobs = [await room.order() for _ in range(12)]
    ended = await asyncio.gather(*(room.ended(job) for job in jobs))
    assert {job.state for job in ended} == {JobState.SETTLED}
    assert len(runware.journal.billed) == 12
    assert sum(request.method == "POST" for request in runware.journal.requests) < 20


@pytest.mark.parametrize("kind", ["duplicate", "unknown_item", "unknown_error"])
async def test_what_does_not_belong_to_the_task_is_dropped(
    room: Backroom, runware: LocalRunware, kind: str
) -> None:
    job = await run(room, runware, Fault(kind, Stage.SHOW, times=0), results=2)
    assert (job.state, len(room.publisher.delivered[job.id])) == (JobState.SETTLED, 2)
    assert await spent(room, job) == (0, 100_000)
