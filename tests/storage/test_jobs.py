from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

import pytest

from bot.domain.geometry import Margins, Size, plan
from bot.domain.ids import Digest, JobId
from bot.domain.job import JobState, Result
from bot.domain.money import MicroUsd
from bot.domain.order import OutputFormat
from bot.domain.request import Direction, Directional, ExpansionRequest, Sides, ToRatio, ZoomOut
from bot.storage.database import Database
from bot.storage.jobs import Change, JobStore, Superseded
from tests.storage.jobs import NOW, job


async def inserted(database: Database, number: int = 1) -> JobStore:
    store = JobStore(database)
    async with database.write() as tx:
        assert await store.insert(tx, job(number))
    return store


@pytest.mark.parametrize(
    "request_",
    [
        Directional(Direction.ALL, 7),
        Sides(Margins(1, 2, 3, 4)),
        ToRatio(Fraction(239, 100)),
        ZoomOut(Fraction(3, 2)),
    ],
)
async def test_a_job_is_read_as_it_was_written(
    database: Database, request_: ExpansionRequest
) -> None:
    store, made = JobStore(database), job(1, request_)
    async with database.write() as tx:
        await store.insert(tx, made)
    assert await store.get(made.id) == made
    assert await store.by_interaction(made.origin.interaction_id) == made


async def test_an_interaction_has_one_job(database: Database) -> None:
    store = await inserted(database)
    async with database.write() as tx:
        assert not await store.insert(tx, job(1))


async def test_a_move_is_recorded_and_raises_nothing_it_was_not_given(database: Database) -> None:
    store = await inserted(database)
    claimed = await store.claim(JobId("job1"))
    assert claimed is not None
    made = plan(Size(640, 480), Margins(right=100), max_canvas_pixels=10**7)
    change = Change(seed=Digest("ab"), seed_note="n", plan=made, output=OutputFormat.PNG)
    async with database.write() as tx:
        moved = await store.move(tx, claimed, JobState.PREPARED, NOW, change)
    assert (moved.seed, moved.plan, moved.output) == ("ab", made, OutputFormat.PNG)
    async with database.write() as tx:
        sent = await store.move(tx, moved, JobState.SUBMITTING, NOW, Change(sends=1))
    assert (sent.seed, sent.plan, sent.sends) == ("ab", made, 1)
    targets = [event.target for event in await store.events(JobId("job1"))]
    assert targets == [JobState.RESERVED, JobState.PREPARED, JobState.SUBMITTING]


async def test_an_illegal_move_is_refused(database: Database) -> None:
    store = await inserted(database)
    claimed = await store.claim(JobId("job1"))
    assert claimed is not None
    with pytest.raises(ValueError, match="no job moves"):
        async with database.write() as tx:
            await store.move(tx, claimed, JobState.SETTLED, NOW)


async def test_who_claimed_last_fences_the_others(database: Database) -> None:
    store = await inserted(database)
    first = await store.claim(JobId("job1"))
    second = await store.claim(JobId("job1"))
    assert first is not None
    assert second is not None
    with pytest.raises(Superseded):
        async with database.write() as tx:
            await store.move(tx, first, JobState.PREPARED, NOW)
    with pytest.raises(Superseded):
        await store.postpone(first, NOW, attempts=1)
    async with database.write() as tx:
        moved = await store.move(tx, second, JobState.PREPARED, NOW)
    assert moved.state is JobState.PREPARED


async def test_an_ended_job_keeps_no_token_and_is_never_claimed(database: Database) -> None:
    store = await inserted(database)
    claimed = await store.claim(JobId("job1"))
    assert claimed is not None
    async with database.write() as tx:
        ended = await store.move(tx, claimed, JobState.CANCELLED, NOW)
    assert ended.reply.token is None
    assert await store.claim(JobId("job1")) is None


async def test_a_postponed_job_is_due_in_its_time(database: Database) -> None:
    store = await inserted(database)
    claimed = await store.claim(JobId("job1"))
    assert claimed is not None
    later = NOW + timedelta(seconds=30)
    await store.postpone(claimed, later, attempts=3)
    assert await store.due(NOW, 10) == []
    assert await store.due(later, 10) == ["job1"]
    again = await store.get(JobId("job1"))
    assert again is not None
    assert again.attempts == 3


async def test_results_written_twice_are_there_once(database: Database) -> None:
    store = await inserted(database)
    first = Result(0, "uuid", "http://x/1", 7, MicroUsd(50_000))
    stored = Result(
        0, "uuid", "http://x/2", 7, MicroUsd(50_000), Digest("r"), Digest("d"), OutputFormat.JPG, 5
    )
    for result in (first, stored):
        async with database.write() as tx:
            await store.put_results(tx, job(1), [result])
    assert await store.results(JobId("job1")) == [stored]
