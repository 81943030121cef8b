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

from bot.domain.job import Job, JobState
from bot.domain.ledger import LedgerUnit, format_global_day_scope
from bot.errors import ContentRefused
from sandbox.runware.api.server import LocalRunware
from sandbox.runware.faults import RunwareFault, RunwareStage
from tests.support.clocks import LoopClock
from tests.support.runware.flat_renderer import FlatRenderer
from tests.support.services.service_harness import ServiceHarness, Timing
from tests.support.services.virtual_time import InlineServiceHarness, InlineWorkers
from tests.support.simulation.fault_schedule import ProviderClock

pytestmark = pytest.mark.virtual_time


@pytest_asyncio.fixture
async def runware() -> AsyncIterator[LocalRunware]:
    async with LocalRunware.open(workers=FlatRenderer(), clock=ProviderClock()) as opened:
        yield opened


def opened(
    runware: LocalRunware, folder: Path, **tempo: Any
) -> AbstractAsyncContextManager[ServiceHarness]:
    paced = Timing(clock=LoopClock(), **tempo)
    return InlineServiceHarness.open(runware, folder, workers=InlineWorkers(), tempo=paced)


@pytest_asyncio.fixture
async def services(runware: LocalRunware, tmp_path: Path) -> AsyncIterator[ServiceHarness]:
    async with opened(runware, tmp_path, longest=3.0) as made:
        yield made


@pytest_asyncio.fixture
async def patient(runware: LocalRunware, tmp_path: Path) -> AsyncIterator[ServiceHarness]:
    """Leave time for many tries with their waits between."""
    async with opened(runware, tmp_path, longest=60.0) as made:
        yield made


async def run_job(
    services: ServiceHarness, runware: LocalRunware, *faults: RunwareFault, **order: Any
) -> Job:
    """Let a job meet these faults and return it when nothing moves it any more."""
    runware.service_state.faults.add(*faults)
    async with asyncio.timeout(300):
        return await services.wait_for_end(await services.place_order(**order))


async def read_spent(services: ServiceHarness, job: Job) -> tuple[int, int]:
    account = await services.ledger.get_account(
        format_global_day_scope(job.created_at.date()), LedgerUnit.MICRO_USD
    )
    assert await services.ledger.find_imbalances() == []
    return account.held, account.spent


async def test_a_task_whose_answer_was_lost_is_found_and_sent_once(
    services: ServiceHarness, runware: LocalRunware
) -> None:
    job = await run_job(services, runware, RunwareFault("accept_503", RunwareStage.SUBMIT))
    assert (job.state, job.sends) == (JobState.SETTLED, 1)
    assert len(runware.journal.list_task_uuids("imageInference")) == 1
    assert await read_spent(services, job) == (0, 50_000)


async def test_a_task_that_never_arrived_is_sent_again_with_the_same_uuid(
    services: ServiceHarness, runware: LocalRunware
) -> None:
    job = await run_job(services, runware, RunwareFault("unavailable", RunwareStage.SUBMIT))
    assert (job.state, job.sends) == (JobState.SETTLED, 2)
    assert runware.journal.list_task_uuids("imageInference") == (str(job.task_uuid),) * 2


async def test_a_task_that_is_in_doubt_twice_is_parked_with_its_money_held(
    services: ServiceHarness, runware: LocalRunware
) -> None:
    job = await run_job(
        services, runware, RunwareFault("unavailable", RunwareStage.SUBMIT, times=2)
    )
    assert (job.state, job.failure, job.sends) == (JobState.PARKED, "outcome_unknown", 2)
    assert runware.journal.bills == ()
    assert await read_spent(services, job) == (50_000, 0)


async def test_a_refusal_at_the_second_send_does_not_count_as_one(
    services: ServiceHarness, runware: LocalRunware
) -> None:
    job = await run_job(
        services,
        runware,
        RunwareFault("unavailable", RunwareStage.SUBMIT),
        RunwareFault("busy", RunwareStage.SUBMIT, value=0),
    )
    assert (job.state, job.sends) == (JobState.SETTLED, 2)
    assert len(runware.journal.list_task_uuids("imageInference")) == 3


async def test_a_task_that_shows_late_is_known_by_its_conflict(
    services: ServiceHarness, runware: LocalRunware
) -> None:
    runware.service_state.switches = runware.service_state.switches.with_changes({"late": 1.6})
    job = await run_job(services, runware, RunwareFault("accept_reset", RunwareStage.SUBMIT))
    assert (job.state, len(runware.journal.bills)) == (JobState.SETTLED, 1)


async def test_the_grace_counts_from_the_doubt_and_not_from_the_request(
    runware: LocalRunware, tmp_path: Path
) -> None:
    runware.service_state.switches = runware.service_state.switches.with_changes(
        {"late": 2.5, "uuid_reserved": 0.0}
    )
    async with opened(runware, tmp_path, deadline=1.0, grace=2.0, longest=20.0) as room:
        job = await run_job(room, runware, RunwareFault("silence", RunwareStage.SUBMIT))
        assert (job.state, job.sends) == (JobState.SETTLED, 1)
        assert len(runware.journal.bills) == 1


async def test_a_task_that_never_ends_is_parked(
    services: ServiceHarness, runware: LocalRunware
) -> None:
    job = await run_job(services, runware, RunwareFault("never", RunwareStage.TASK))
    assert (job.state, job.failure) == (JobState.PARKED, "no_answer")


async def test_partial_results_are_delivered_and_settled_at_what_was_billed(
    services: ServiceHarness, runware: LocalRunware
) -> None:
    job = await run_job(services, runware, results=3, prompt="unsafe-result-6")
    assert len(services.publisher.delivered[job.id]) == 2
    assert await read_spent(services, job) == (0, 100_000)


@pytest.mark.parametrize("code", ["invalidProviderContent", "contentPolicyViolation"])
async def test_a_refusal_by_any_safety_code_is_reported_as_such_and_not_tried_again(
    services: ServiceHarness, runware: LocalRunware, code: str
) -> None:
    runware.service_state.switches = runware.service_state.switches.with_changes(
        {"moderation_code": code}
    )
    job = await run_job(services, runware, prompt="unsafe-prompt-6")
    assert isinstance(services.publisher.failed[job.id], ContentRefused)
    assert len(runware.journal.list_task_uuids("imageInference")) == 1
    assert await read_spent(services, job) == (0, 0)


@pytest.mark.parametrize(
    ("prompt", "shown"), [("more of it", 4), ("unsafe-result-6", 3), ("unsafe-prompt-6", 0)]
)
async def test_of_four_results_what_came_is_delivered_and_the_rest_released(
    services: ServiceHarness, runware: LocalRunware, prompt: str, shown: int
) -> None:
    job = await run_job(services, runware, results=4, prompt=prompt)
    assert len(services.publisher.delivered.get(job.id, ())) == shown
    assert await read_spent(services, job) == (0, 50_000 * shown)


@pytest.mark.parametrize(("bill", "cost"), [("free", 0), ("reported", 100_000)])
async def test_what_moderation_cost_is_settled_where_it_is_reported(
    services: ServiceHarness, runware: LocalRunware, bill: str, cost: int
) -> None:
    runware.service_state.switches = runware.service_state.switches.with_changes(
        {"moderated_bill": bill}
    )
    job = await run_job(services, runware, results=2, prompt="unsafe-prompt-6")
    assert (job.state, job.failure) == (JobState.FAILED, "invalidProviderContent")
    assert await read_spent(services, job) == (0, cost)


async def test_a_failed_task_releases_its_hold(
    services: ServiceHarness, runware: LocalRunware
) -> None:
    job = await run_job(services, runware, RunwareFault("fail", RunwareStage.TASK))
    assert (job.state, job.failure) == (JobState.FAILED, "timeoutProvider")
    assert await read_spent(services, job) == (0, 0)


COSTS: list[tuple[object, int, bool]] = [
    *((value, 50_000, False) for value in (None, "0.05", "NaN", True, [0.05], {"usd": 0.05})),
    *((value, 50_000, True) for value in (-1, -0.05, float("nan"), float("inf"), 1e9, 10.01)),
    *((value, int(value * 1_000_000), False) for value in (0, 0.0475, 0.06, 0.5)),
    *((value, int(value * 1_000_000), True) for value in (0.51, 5, 10)),
]
"""What is reported, what is settled, and whether it stops everything new."""


async def test_a_cost_is_settled_as_reported_where_it_makes_sense(
    services: ServiceHarness, runware: LocalRunware
) -> None:
    for reported, settled, strange in COSTS:
        job = await run_job(
            services, runware, RunwareFault("cost", RunwareStage.SHOW, times=0, value=reported)
        )
        assert (job.state, job.cost) == (JobState.SETTLED, settled), reported
        assert await services.services.core.admission.resume_orders() is strange, reported
        runware.service_state.faults.clear()
    assert await read_spent(services, job) == (0, sum(settled for _, settled, _ in COSTS))


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
    services: ServiceHarness, runware: LocalRunware, kind: str, value: int | None
) -> None:
    job = await run_job(
        services, runware, RunwareFault(kind, RunwareStage.MEDIA, times=2, value=value)
    )
    assert (job.state, len(services.publisher.delivered[job.id])) == (JobState.SETTLED, 1)


async def test_tries_that_met_nobody_do_not_count_against_a_paid_picture(
    patient: ServiceHarness, runware: LocalRunware
) -> None:
    nobody = RunwareFault("media_503", RunwareStage.MEDIA, times=7)
    job = await run_job(patient, runware, nobody, RunwareFault("gone", RunwareStage.MEDIA, times=2))
    assert (job.state, len(patient.publisher.delivered[job.id])) == (JobState.SETTLED, 1)


async def test_a_picture_that_stays_spoilt_fails_the_job_at_its_price(
    patient: ServiceHarness, runware: LocalRunware
) -> None:
    job = await run_job(patient, runware, RunwareFault("garbage", RunwareStage.MEDIA, times=0))
    assert (job.state, job.failure) == (JobState.FAILED, "no_usable_result")
    assert await read_spent(patient, job) == (0, 50_000)


@pytest.mark.parametrize("kind", ["other_picture", "mirrored", "black", "noise", "tiny"])
async def test_a_whole_file_of_the_wrong_content_is_fetched_once_more_and_told_soon(
    services: ServiceHarness, runware: LocalRunware, kind: str
) -> None:
    started = asyncio.get_running_loop().time()
    job = await run_job(services, runware, RunwareFault(kind, RunwareStage.RENDER))
    assert (job.state, job.failure) == (JobState.FAILED, "no_usable_result")
    assert sum(request.method == "GET" for request in runware.journal.requests) == 2
    assert asyncio.get_running_loop().time() - started <= 15
    assert await read_spent(services, job) == (0, 50_000)


async def test_a_result_beside_one_of_the_wrong_content_is_delivered(
    services: ServiceHarness, runware: LocalRunware
) -> None:
    wrong = RunwareFault("black", RunwareStage.RENDER)
    job = await run_job(services, runware, wrong, results=2)
    assert (job.state, len(services.publisher.delivered[job.id])) == (JobState.SETTLED, 1)
    assert await read_spent(services, job) == (0, 100_000)


async def test_jobs_that_come_together_share_their_requests(
    services: ServiceHarness, runware: LocalRunware
) -> None:
    jobs = [await services.place_order() for _ in range(12)]
    ended = await asyncio.gather(*(services.wait_for_end(job) for job in jobs))
    assert {job.state for job in ended} == {JobState.SETTLED}
    assert len(runware.journal.bills) == 12
    assert sum(request.method == "POST" for request in runware.journal.requests) < 20


@pytest.mark.parametrize("kind", ["duplicate", "unknown_item", "unknown_error"])
async def test_what_does_not_belong_to_the_task_is_dropped(
    services: ServiceHarness, runware: LocalRunware, kind: str
) -> None:
    job = await run_job(
        services, runware, RunwareFault(kind, RunwareStage.SHOW, times=0), results=2
    )
    assert (job.state, len(services.publisher.delivered[job.id])) == (JobState.SETTLED, 2)
    assert await read_spent(services, job) == (0, 100_000)
