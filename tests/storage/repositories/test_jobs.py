from __future__ import annotations

import asyncio
import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction

import pytest

from bot.domain.geometry import Margins, Size
from bot.domain.ids import Digest, JobId, TaskUuid
from bot.domain.job import Job, JobState, Result
from bot.domain.money import MicroUsd
from bot.domain.order import Note, OutputFormat
from bot.domain.plan import plan_expansion
from bot.domain.request import (
    Direction,
    DirectionalMargins,
    ExpansionRequest,
    ExplicitMargins,
    ToRatio,
    ZoomOut,
)
from bot.storage.repositories.jobs import JobChange, JobStore, JobSuperseded
from bot.storage.repositories.leases import Lease, LeaseStore
from bot.storage.sqlite.database import Database
from tests.support.job_builders import NOW, build_job
from tests.support.services.acceptance_harness import ManualClock

LEASE = timedelta(seconds=30)
NOTES = (Note.FIRST_FRAME, Note.TRANSPARENT)


async def insert_job(database: Database, number: int = 1) -> JobStore:
    store = JobStore(database)
    async with database.write() as tx:
        assert await store.insert_job(tx, build_job(number))
    return store


@pytest.mark.parametrize(
    "request_",
    [
        DirectionalMargins(Direction.ALL, 7),
        ExplicitMargins(Margins(1, 2, 3, 4)),
        ToRatio(Fraction(239, 100)),
        ZoomOut(Fraction(3, 2)),
    ],
)
async def test_a_job_is_read_as_it_was_written(
    database: Database, request_: ExpansionRequest
) -> None:
    store, made = JobStore(database), build_job(1, request_)
    async with database.write() as tx:
        await store.insert_job(tx, made)
    assert await store.get(made.id) == made
    assert await store.find_by_interaction(made.origin.interaction_id) == made


async def claim_job(database: Database, owner: str = "a", now: datetime = NOW) -> Job | None:
    return await LeaseStore(database).claim_job(JobId("job1"), Lease(owner, now, now + LEASE))


async def test_an_interaction_has_one_job(database: Database) -> None:
    store = await insert_job(database)
    async with database.write() as tx:
        assert not await store.insert_job(tx, build_job(1))


async def test_an_interaction_has_one_job_of_each_part_in_their_order(
    database: Database,
) -> None:
    store = JobStore(database)
    parts = [replace(build_job(1), id=JobId(f"part{part}"), part=part) for part in (2, 1, 3)]
    parts = [replace(each, task_uuid=TaskUuid(uuid.uuid4())) for each in parts]
    async with database.write() as tx:
        assert [await store.insert_job(tx, each) for each in parts] == [True] * 3
        assert not await store.insert_job(tx, replace(parts[0], id=JobId("again")))
    known = await store.list_by_interaction(parts[0].origin.interaction_id)
    assert known == sorted(parts, key=lambda each: each.part)
    assert await store.find_by_interaction(parts[0].origin.interaction_id) == known[0]


async def test_a_move_is_recorded_and_raises_nothing_it_was_not_given(database: Database) -> None:
    store = await insert_job(database)
    claimed = await claim_job(database)
    assert claimed is not None
    made = plan_expansion(Size(640, 480), Margins(right=100), max_canvas_pixels=10**7)
    change = JobChange(seed=Digest("ab"), seed_notes=NOTES, plan=made, output=OutputFormat.PNG)
    async with database.write() as tx:
        moved = await store.move_job(tx, claimed, JobState.PREPARED, NOW, change)
    assert (moved.seed, moved.plan, moved.output) == ("ab", made, OutputFormat.PNG)
    assert moved.seed_notes == NOTES
    async with database.write() as tx:
        sent = await store.move_job(tx, moved, JobState.SUBMITTING, NOW, JobChange(sends=1))
    assert (sent.seed, sent.plan, sent.sends) == ("ab", made, 1)
    targets = [event.target for event in await store.list_events(JobId("job1"))]
    assert targets == [JobState.RESERVED, JobState.PREPARED, JobState.SUBMITTING]


async def test_an_illegal_move_is_refused(database: Database) -> None:
    store = await insert_job(database)
    claimed = await claim_job(database)
    assert claimed is not None
    with pytest.raises(ValueError, match="no job moves"):
        async with database.write() as tx:
            await store.move_job(tx, claimed, JobState.SETTLED, NOW)


async def test_who_claimed_last_fences_the_others(database: Database) -> None:
    store = await insert_job(database)
    first = await claim_job(database)
    second = await claim_job(database, owner="b", now=NOW + LEASE)
    assert first is not None
    assert second is not None
    with pytest.raises(JobSuperseded):
        async with database.write() as tx:
            await store.move_job(tx, first, JobState.PREPARED, NOW)
    with pytest.raises(JobSuperseded):
        await store.postpone_job(first, NOW, attempts=1)
    async with database.write() as tx:
        moved = await store.move_job(tx, second, JobState.PREPARED, NOW)
    assert moved.state is JobState.PREPARED


async def test_a_job_is_left_to_whoever_carries_it_until_the_lease_is_over(
    database: Database,
) -> None:
    leases = LeaseStore(database)
    await insert_job(database)
    assert await claim_job(database) is not None
    later = NOW + LEASE - timedelta(seconds=1)
    assert await claim_job(database, owner="b", now=later) is None
    assert await leases.list_due_jobs("b", later, 10) == []
    assert await leases.renew_leases(Lease("a", later, later + LEASE)) == {"job1"}
    assert await claim_job(database, owner="b", now=NOW + LEASE) is None
    assert await claim_job(database, owner="b", now=later + LEASE) is not None
    assert await leases.renew_leases(Lease("a", later, later + LEASE)) == frozenset()


async def test_a_postponed_job_is_left_to_anybody(database: Database) -> None:
    store = await insert_job(database)
    claimed = await claim_job(database)
    assert claimed is not None
    await store.postpone_job(claimed, NOW, attempts=1)
    assert await claim_job(database, owner="b") is not None


async def test_a_process_that_starts_alone_frees_what_was_claimed(database: Database) -> None:
    await insert_job(database)
    assert await claim_job(database) is not None
    await LeaseStore(database).take_over_jobs(NOW)
    assert await claim_job(database, owner="b") is not None


async def test_an_ended_job_keeps_no_token_and_is_never_claimed(database: Database) -> None:
    store = await insert_job(database)
    claimed = await claim_job(database)
    assert claimed is not None
    async with database.write() as tx:
        ended = await store.move_job(tx, claimed, JobState.CANCELLED, NOW)
    assert ended.reply.token is None
    assert await claim_job(database) is None


async def test_a_postponed_job_is_due_in_its_time(database: Database) -> None:
    store = await insert_job(database)
    claimed = await claim_job(database)
    assert claimed is not None
    later = NOW + timedelta(seconds=30)
    await store.postpone_job(claimed, later, attempts=3)
    leases = LeaseStore(database)
    assert await leases.list_due_jobs("b", NOW, 10) == []
    assert [due.id for due in await leases.list_due_jobs("b", later, 10)] == ["job1"]
    again = await store.get(JobId("job1"))
    assert again is not None
    assert again.attempts == 3


async def test_results_written_twice_are_there_once(database: Database) -> None:
    store = await insert_job(database)
    first = Result(0, "uuid", "http://x/1", 7, MicroUsd(50_000))
    stored = Result(
        0, "uuid", "http://x/2", 7, MicroUsd(50_000), Digest("r"), Digest("d"), OutputFormat.JPG, 5
    )
    for result in (first, stored):
        async with database.write() as tx:
            await store.save_results(tx, build_job(1), [result])
    assert await store.list_results(JobId("job1")) == [stored]


async def test_of_two_that_bring_the_same_results_one_puts_them_on_record(
    database: Database,
) -> None:
    store = JobStore(database)
    for number in range(1, 101):
        async with database.write() as tx:
            made = replace(build_job(number), state=JobState.SUBMITTED)
            await store.insert_job(tx, made)

        async def bring(cost: int, claimed: Job = made) -> bool:
            try:
                async with database.write() as tx:
                    found = Result(0, "image", f"http://x/{cost}", 1, MicroUsd(cost))
                    await store.save_results(tx, claimed, [found])
                    change = JobChange(cost=MicroUsd(cost))
                    await store.move_job(tx, claimed, JobState.RENDERED, NOW, change)
            except JobSuperseded:
                return False
            return True

        won = await asyncio.gather(*(bring(cost) for cost in range(10)))
        assert sum(won) == 1
        (result,) = await store.list_results(made.id)
        kept = await store.get(made.id)
        assert kept is not None
        assert kept.cost == result.cost == won.index(True)


async def test_a_move_is_dated_when_it_holds_the_lock(database: Database) -> None:
    store, clock = await insert_job(database), ManualClock(NOW)
    job = await claim_job(database)
    assert job is not None
    async with database.write():
        waiting = asyncio.create_task(store.advance_job(job, JobState.PREPARED, clock))
        await asyncio.sleep(0)
        clock.current_time += timedelta(seconds=10)
    assert (await waiting).updated_at == NOW + timedelta(seconds=10)
