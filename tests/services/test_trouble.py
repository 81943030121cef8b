"""What the provider does that concerns more than one job: money, moderation, silence, bills."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bench.provider.backroom import Backroom, Tempo
from bot.clock import SystemClock
from bot.domain.job import JobState
from bot.errors import IntakePaused, MemberPaused, ProviderCredit
from bot.images.workers import ImageWorkers
from bot.services.parked import Decisions, ParkedWatch
from sandbox.runware.faults import Fault, Stage
from sandbox.runware.server import LocalRunware


@pytest.fixture
async def room(
    runware: LocalRunware, tmp_path: Path, image_workers: ImageWorkers
) -> AsyncIterator[Backroom]:
    tempo = Tempo(longest=1.0)
    async with Backroom.open(runware, tmp_path, workers=image_workers, tempo=tempo) as opened:
        yield opened


async def test_an_empty_account_ends_what_was_accepted_and_rests_the_intake(
    room: Backroom, runware: LocalRunware
) -> None:
    runware.conditions.wallet.balance = 0
    job = await room.ended(await room.order())
    assert (job.state, job.failure) == (JobState.FAILED, "insufficientCredits")
    assert isinstance(room.publisher.failed[job.id], ProviderCredit)
    with pytest.raises(IntakePaused) as caught:
        await room.order()
    assert caught.value.reason == "insufficientCredits"
    assert caught.value.until is not None
    assert await room.ledger.audit() == []


async def test_five_moderated_jobs_pause_their_member_alone(
    room: Backroom, runware: LocalRunware
) -> None:
    runware.conditions.faults.add(Fault("moderate", Stage.TASK, times=5))
    for _ in range(5):
        job = await room.ended(await room.order(user=1))
        assert job.state is JobState.FAILED
    with pytest.raises(MemberPaused):
        await room.order(user=1)
    assert (await room.ended(await room.order(user=2))).state is JobState.SETTLED


async def test_a_bill_far_above_the_price_is_recorded_and_stops_the_intake(
    room: Backroom, runware: LocalRunware
) -> None:
    runware.conditions.faults.add(Fault("cost", Stage.SHOW, times=0, value=0.6))
    job = await room.ended(await room.order())
    assert (job.state, job.cost) == (JobState.SETTLED, 600_000)
    with pytest.raises(IntakePaused) as caught:
        await room.order()
    assert "bill" in caught.value.reason
    assert await room.ledger.audit() == []


async def test_a_parked_job_is_taken_up_again_when_the_provider_knows_its_end(
    room: Backroom, runware: LocalRunware
) -> None:
    runware.hold()
    job = await room.ended(await room.order())
    assert job.state is JobState.PARKED
    expansions = room.expansions
    decisions = Decisions(expansions.database, room.jobs, room.ledger, SystemClock())
    watch = ParkedWatch(decisions, room.poller)
    await watch.look()
    assert (await room.ended(job)).state is JobState.PARKED
    runware.release()
    async with asyncio.timeout(10):
        while (await room.ended(job)).state is JobState.PARKED:
            await watch.look()
            await asyncio.sleep(0.05)
    assert (await room.ended(job)).state is JobState.SETTLED
    assert len(runware.journal.asked("imageInference")) == 1
    assert await room.ledger.audit() == []
