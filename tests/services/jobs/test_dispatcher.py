"""The dispatcher: turns, running jobs of one member, the kill switch, cancelling, stopping."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.domain.ids import UserId
from bot.domain.job import Job, JobState
from bot.images.worker_pool import ImageWorkerPool
from sandbox.runware.api.server import LocalRunware
from tests.support.generous_limits import GENEROUS
from tests.support.services.service_harness import ServiceHarness, Timing

ONE_EACH = GENEROUS.model_copy(update={"running_per_user": 1})
BY = UserId(7)


@pytest.fixture
async def services(
    runware: LocalRunware, tmp_path: Path, image_workers: ImageWorkerPool
) -> AsyncIterator[ServiceHarness]:
    tempo = Timing(longest=20.0, in_flight=2)
    async with ServiceHarness.open(
        runware, tmp_path, workers=image_workers, tempo=tempo, limits=ONE_EACH
    ) as opened:
        yield opened


async def wait_for_state(services: ServiceHarness, job: Job, *states: JobState) -> Job:
    async with asyncio.timeout(15):
        while True:
            current = await services.jobs.get(job.id)
            if current is not None and current.state in states:
                return current
            await asyncio.sleep(0.02)


async def test_a_member_has_one_job_running_and_the_next_follows(
    services: ServiceHarness, runware: LocalRunware
) -> None:
    runware.pause_tasks()
    first = await services.place_order(user=1)
    await wait_for_state(services, first, JobState.SUBMITTED)
    second = await services.place_order(user=1)
    other = await services.place_order(user=2)
    await wait_for_state(services, other, JobState.SUBMITTED)
    assert (await wait_for_state(services, second, JobState.RESERVED)).epoch == 0
    runware.resume_tasks()
    for job in (first, second, other):
        assert (await services.wait_for_end(job)).state is JobState.SETTLED


async def test_a_waiting_job_knows_its_place_and_once_measured_its_wait(
    services: ServiceHarness, runware: LocalRunware
) -> None:
    assert (
        await services.wait_for_end(await services.place_order(user=1))
    ).state is JobState.SETTLED
    runware.pause_tasks()
    jobs = [await services.place_order(user=user) for user in range(1, 7)]
    for job in jobs[:2]:
        await wait_for_state(services, job, JobState.SUBMITTED)
    async with asyncio.timeout(5):
        while services.dispatcher.get_queue_position(jobs[5].id) is None:  # noqa: ASYNC110 - the sweep has no event here
            await asyncio.sleep(0.02)
    fifth, sixth = (services.dispatcher.get_queue_position(job.id) for job in jobs[4:])
    assert fifth is not None
    assert sixth is not None
    assert (fifth.position, sixth.position) == (1, 2)
    assert sixth.seconds is not None
    assert sixth.seconds > 0
    assert services.dispatcher.get_queue_position(jobs[0].id) is None
    runware.resume_tasks()
    for job in jobs:
        assert (await services.wait_for_end(job)).state is JobState.SETTLED


async def test_the_kill_switch_submits_nothing_and_finishes_what_is_under_way(
    services: ServiceHarness, runware: LocalRunware
) -> None:
    runware.pause_tasks()
    under_way = await services.place_order(user=1)
    await wait_for_state(services, under_way, JobState.SUBMITTED)
    accepted = await services.accept_order(user=2)
    await services.services.core.admission.pause_orders("enough")
    await services.job_control.start_job(accepted, None)
    runware.resume_tasks()
    assert (await services.wait_for_end(under_way)).state is JobState.SETTLED
    assert len(runware.journal.list_task_uuids("imageInference")) == 1
    assert (
        await wait_for_state(services, accepted, JobState.RESERVED, JobState.PREPARED)
    ).sends == 0
    await services.services.core.admission.resume_orders()
    assert (await services.wait_for_end(accepted)).state is JobState.SETTLED


async def test_a_job_is_cancelled_while_nothing_was_submitted(
    services: ServiceHarness, runware: LocalRunware
) -> None:
    runware.pause_tasks()
    first = await services.place_order(user=1)
    await wait_for_state(services, first, JobState.SUBMITTED)
    waiting = await services.place_order(user=1)
    cancelled = await services.job_control.cancel_job(waiting, BY)
    assert cancelled is not None
    assert (cancelled.state, cancelled.failure) == (JobState.CANCELLED, "cancelled")
    assert await services.job_control.cancel_job(waiting, BY) is None
    assert await services.job_control.cancel_job(first, BY) is None
    runware.resume_tasks()
    assert (await services.wait_for_end(first)).state is JobState.SETTLED
    assert len(runware.journal.list_task_uuids("imageInference")) == 1
    assert await services.ledger.find_imbalances() == []


async def test_a_job_that_waits_for_a_place_is_cancelled_and_never_sent(
    services: ServiceHarness, runware: LocalRunware
) -> None:
    runware.pause_tasks()
    placed = [await services.place_order(user=user) for user in (1, 2)]
    for job in placed:
        await wait_for_state(services, job, JobState.SUBMITTED)
    third = await services.place_order(user=3)
    await wait_for_state(services, third, JobState.PREPARED)
    assert await services.job_control.cancel_job(third, BY) is not None
    runware.resume_tasks()
    for job in placed:
        assert (await services.wait_for_end(job)).state is JobState.SETTLED
    fourth = await services.place_order(user=3)
    assert (await services.wait_for_end(fourth)).state is JobState.SETTLED
    assert str(third.task_uuid) not in runware.journal.list_task_uuids("imageInference")


async def test_a_stop_leaves_every_job_where_the_next_start_finds_it(
    runware: LocalRunware, tmp_path: Path, image_workers: ImageWorkerPool
) -> None:
    runware.pause_tasks()
    tempo = Timing(longest=20.0, in_flight=2)
    async with ServiceHarness.open(runware, tmp_path, workers=image_workers, tempo=tempo) as room:
        jobs = [await room.place_order(user=user) for user in range(4)]
        for job in jobs:
            await wait_for_state(room, job, JobState.PREPARED, JobState.SUBMITTED)
        async with asyncio.timeout(5):
            await room.dispatcher.stop()
    runware.resume_tasks()
    async with ServiceHarness.open(runware, tmp_path, workers=image_workers, tempo=tempo) as room:
        for job in jobs:
            assert (await room.wait_for_end(job)).state is JobState.SETTLED
        assert await room.ledger.find_imbalances() == []
    asked = runware.journal.list_task_uuids("imageInference")
    assert len(asked) == len(set(asked)) == 4
