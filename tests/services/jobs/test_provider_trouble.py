"""What the provider does that concerns more than one job: money, moderation, silence, bills."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.domain.job import JobState
from bot.errors import IntakePaused, MemberPaused, ProviderCredit
from bot.images.worker_pool import ImageWorkerPool
from bot.services.jobs.parked import ParkedJobChecker
from sandbox.runware.api.server import LocalRunware
from sandbox.runware.faults import RunwareFault, RunwareStage
from tests.support.services.service_harness import ServiceHarness, Timing


@pytest.fixture
async def services(
    runware: LocalRunware, tmp_path: Path, image_workers: ImageWorkerPool
) -> AsyncIterator[ServiceHarness]:
    tempo = Timing(longest=1.0)
    async with ServiceHarness.open(runware, tmp_path, workers=image_workers, tempo=tempo) as opened:
        yield opened


async def test_an_empty_account_ends_what_was_accepted_and_rests_the_intake(
    services: ServiceHarness, runware: LocalRunware
) -> None:
    runware.service_state.wallet.balance = 0
    job = await services.wait_for_end(await services.place_order())
    assert (job.state, job.failure) == (JobState.FAILED, "insufficientCredits")
    assert isinstance(services.publisher.failed[job.id], ProviderCredit)
    with pytest.raises(IntakePaused) as caught:
        await services.place_order()
    assert caught.value.reason == "insufficientCredits"
    assert caught.value.until is not None
    assert await services.ledger.find_imbalances() == []


async def test_five_moderated_jobs_pause_their_member_alone(
    services: ServiceHarness, runware: LocalRunware
) -> None:
    runware.service_state.faults.add(RunwareFault("moderate", RunwareStage.TASK, times=5))
    for _ in range(5):
        job = await services.wait_for_end(await services.place_order(user=1))
        assert job.state is JobState.FAILED
    with pytest.raises(MemberPaused):
        await services.place_order(user=1)
    assert (
        await services.wait_for_end(await services.place_order(user=2))
    ).state is JobState.SETTLED


async def test_a_bill_far_above_the_price_is_recorded_and_stops_the_intake(
    services: ServiceHarness, runware: LocalRunware
) -> None:
    runware.service_state.faults.add(RunwareFault("cost", RunwareStage.SHOW, times=0, value=0.6))
    job = await services.wait_for_end(await services.place_order())
    assert (job.state, job.cost) == (JobState.SETTLED, 600_000)
    with pytest.raises(IntakePaused) as caught:
        await services.place_order()
    assert "bill" in caught.value.reason
    assert await services.ledger.find_imbalances() == []


async def test_a_parked_job_is_taken_up_again_when_the_provider_knows_its_end(
    services: ServiceHarness, runware: LocalRunware
) -> None:
    runware.pause_tasks()
    job = await services.wait_for_end(await services.place_order())
    assert job.state is JobState.PARKED
    decisions = services.services.core.parked
    watch = ParkedJobChecker(decisions, services.jobs, services.poller, SystemClock())
    await watch.check_parked_jobs()
    assert (await services.wait_for_end(job)).state is JobState.PARKED
    runware.resume_tasks()
    async with asyncio.timeout(10):
        while (await services.wait_for_end(job)).state is JobState.PARKED:
            await watch.check_parked_jobs()
            await asyncio.sleep(0.05)
    assert (await services.wait_for_end(job)).state is JobState.SETTLED
    assert len(runware.journal.list_task_uuids("imageInference")) == 1
    assert await services.ledger.find_imbalances() == []
