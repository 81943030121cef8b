"""The dispatcher: turns, running jobs of one member, the kill switch, cancelling, stopping."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bench.limits import GENEROUS
from bench.provider.backroom import Backroom, Tempo
from bot.domain.ids import UserId
from bot.domain.job import Job, JobState
from bot.images.workers import ImageWorkers
from sandbox.runware.server import LocalRunware

ONE_EACH = GENEROUS.model_copy(update={"running_per_user": 1})
BY = UserId(7)


@pytest.fixture
async def room(
    runware: LocalRunware, tmp_path: Path, image_workers: ImageWorkers
) -> AsyncIterator[Backroom]:
    tempo = Tempo(longest=20.0, in_flight=2)
    async with Backroom.open(
        runware, tmp_path, workers=image_workers, tempo=tempo, limits=ONE_EACH
    ) as opened:
        yield opened


async def reached(room: Backroom, job: Job, *states: JobState) -> Job:
    async with asyncio.timeout(15):
        while True:
            current = await room.jobs.get(job.id)
            if current is not None and current.state in states:
                return current
            await asyncio.sleep(0.02)


async def test_a_member_has_one_job_running_and_the_next_follows(
    room: Backroom, runware: LocalRunware
) -> None:
    runware.hold()
    first = await room.order(user=1)
    await reached(room, first, JobState.SUBMITTED)
    second = await room.order(user=1)
    other = await room.order(user=2)
    await reached(room, other, JobState.SUBMITTED)
    assert (await reached(room, second, JobState.RESERVED)).epoch == 0
    runware.release()
    for job in (first, second, other):
        assert (await room.ended(job)).state is JobState.SETTLED


async def test_a_waiting_job_knows_its_place_and_once_measured_its_wait(
    room: Backroom, runware: LocalRunware
) -> None:
    assert (await room.ended(await room.order(user=1))).state is JobState.SETTLED
    runware.hold()
    jobs = [await room.order(user=user) for user in range(1, 7)]
    for job in jobs[:2]:
        await reached(room, job, JobState.SUBMITTED)
    async with asyncio.timeout(5):
        while room.engine.turn(jobs[5].id) is None:  # noqa: ASYNC110 - the sweep has no event here
            await asyncio.sleep(0.02)
    fifth, sixth = (room.engine.turn(job.id) for job in jobs[4:])
    assert fifth is not None
    assert sixth is not None
    assert (fifth.place, sixth.place) == (1, 2)
    assert sixth.seconds is not None
    assert sixth.seconds > 0
    assert room.engine.turn(jobs[0].id) is None
    runware.release()
    for job in jobs:
        assert (await room.ended(job)).state is JobState.SETTLED


async def test_the_kill_switch_submits_nothing_and_finishes_what_is_under_way(
    room: Backroom, runware: LocalRunware
) -> None:
    runware.hold()
    under_way = await room.order(user=1)
    await reached(room, under_way, JobState.SUBMITTED)
    accepted = await room.accept(user=2)
    await room.expansions.intake.pause("enough")
    await room.expansions.start(accepted, None)
    runware.release()
    assert (await room.ended(under_way)).state is JobState.SETTLED
    assert len(runware.journal.asked("imageInference")) == 1
    assert (await reached(room, accepted, JobState.RESERVED, JobState.PREPARED)).sends == 0
    await room.expansions.intake.resume()
    assert (await room.ended(accepted)).state is JobState.SETTLED


async def test_a_job_is_cancelled_while_nothing_was_submitted(
    room: Backroom, runware: LocalRunware
) -> None:
    runware.hold()
    first = await room.order(user=1)
    await reached(room, first, JobState.SUBMITTED)
    waiting = await room.order(user=1)
    cancelled = await room.expansions.cancel(waiting, BY)
    assert cancelled is not None
    assert (cancelled.state, cancelled.failure) == (JobState.CANCELLED, "cancelled")
    assert await room.expansions.cancel(waiting, BY) is None
    assert await room.expansions.cancel(first, BY) is None
    runware.release()
    assert (await room.ended(first)).state is JobState.SETTLED
    assert len(runware.journal.asked("imageInference")) == 1
    assert await room.ledger.audit() == []


async def test_a_job_that_waits_for_a_place_is_cancelled_and_never_sent(
    room: Backroom, runware: LocalRunware
) -> None:
    runware.hold()
    placed = [await room.order(user=user) for user in (1, 2)]
    for job in placed:
        await reached(room, job, JobState.SUBMITTED)
    third = await room.order(user=3)
    await reached(room, third, JobState.PREPARED)
    assert await room.expansions.cancel(third, BY) is not None
    runware.release()
    for job in placed:
        assert (await room.ended(job)).state is JobState.SETTLED
    fourth = await room.order(user=3)
    assert (await room.ended(fourth)).state is JobState.SETTLED
    assert str(third.task_uuid) not in runware.journal.asked("imageInference")


async def test_a_stop_leaves_every_job_where_the_next_start_finds_it(
    runware: LocalRunware, tmp_path: Path, image_workers: ImageWorkers
) -> None:
    runware.hold()
    tempo = Tempo(longest=20.0, in_flight=2)
    async with Backroom.open(runware, tmp_path, workers=image_workers, tempo=tempo) as room:
        jobs = [await room.order(user=user) for user in range(4)]
        for job in jobs:
            await reached(room, job, JobState.PREPARED, JobState.SUBMITTED)
        async with asyncio.timeout(5):
            await room.engine.stop()
    runware.release()
    async with Backroom.open(runware, tmp_path, workers=image_workers, tempo=tempo) as room:
        for job in jobs:
            assert (await room.ended(job)).state is JobState.SETTLED
        assert await room.ledger.audit() == []
    asked = runware.journal.asked("imageInference")
    assert len(asked) == len(set(asked)) == 4
