"""The audit finds every difference, records it, raises the alarm, and edits nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.ids import JobId
from bot.domain.job import JobState, Result
from bot.domain.ledger import Unit, global_day_scope
from bot.domain.money import ZERO, MicroUsd
from bot.services.auditor import Auditor, Findings
from bot.services.parked import Decisions
from tests.services.door import Door, TurnedClock

DAY = global_day_scope(TurnedClock().at.date())

ACCOUNT = {
    "held": "UPDATE account SET held = held + 7 WHERE scope = :scope",
    "spent": "UPDATE account SET spent = spent + 7 WHERE scope = :scope",
}


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    async with Door.open(tmp_path) as made:
        yield made


@pytest.fixture
def auditor(door: Door) -> Auditor:
    return Auditor(door.database, door.jobs, door.ledger, door.clock)


async def run(door: Door, sql: str, **values: str) -> None:
    async with door.database.write() as tx:
        await tx.run(sql, values)


async def test_books_in_order_are_left_alone(door: Door, auditor: Auditor) -> None:
    await door.done(await door.accept(), cost=70_000)
    await door.done(await door.accept(), cost=0)
    await door.accept()
    await run(
        door,
        """
        UPDATE job SET cost = (SELECT SUM(amount) FROM entry WHERE job_id = job.id
                               AND kind = 'settle' AND scope LIKE 'global:d:%')
        """,
    )
    assert await auditor.audit() == Findings()


@pytest.mark.parametrize("what", ["held", "spent"])
async def test_an_account_that_differs_is_adjusted_once(
    door: Door, auditor: Auditor, what: str
) -> None:
    await door.accept()
    await run(door, ACCOUNT[what], scope=DAY)
    found = await auditor.audit()
    (difference,) = found.accounts
    assert (difference.scope, difference.what) == (DAY, what)
    assert difference.found - difference.expected == 7
    rows = await door.database.reader.all("SELECT scope, what, amount FROM adjustment")
    assert [tuple(row) for row in rows] == [(DAY, what, 7)]
    assert (await auditor.audit()).balanced


async def test_a_hold_that_outlived_its_job_is_closed_at_the_jobs_cost(
    door: Door, auditor: Auditor
) -> None:
    job = await door.accept()
    await run(door, "UPDATE job SET state = 'settled', cost = 50000 WHERE id = :id", id=job.id)
    async with door.database.write() as tx:
        result = Result(0, "uuid", "http://x", None, MicroUsd(50_000))
        await door.jobs.put_results(tx, job, [result])
    found = await auditor.audit()
    assert {hold.job_id for hold in found.unclosed} == {job.id}
    day = await door.ledger.account(DAY, Unit.MICRO_USD)
    assert (day.held, day.spent) == (0, 50_000)
    assert (await auditor.audit()).balanced


async def test_a_cost_that_the_provider_reported_higher_is_entered(
    door: Door, auditor: Auditor
) -> None:
    job = await door.accept()
    await door.done(job, cost=50_000)
    await run(door, "UPDATE job SET cost = 80000 WHERE id = :id", id=job.id)
    found = await auditor.audit()
    assert [(each.job_id, each.reported, each.settled) for each in found.misbilled] == [
        (job.id, 80_000, 50_000)
    ]
    day = await door.ledger.account(DAY, Unit.MICRO_USD)
    assert day.spent == 80_000
    assert (await auditor.audit()).balanced


async def test_what_the_audit_enters_cannot_be_taken_back(door: Door, auditor: Auditor) -> None:
    await door.accept()
    await run(door, "UPDATE account SET spent = 9")
    await auditor.audit()
    for sql in ("DELETE FROM adjustment", "UPDATE adjustment SET amount = 0"):
        with pytest.raises(Exception, match="append-only"):
            await run(door, sql)


async def parked(door: Door) -> JobId:
    job = await door.accept()
    await run(door, "UPDATE job SET state = 'parked', sends = 2 WHERE id = :id", id=job.id)
    return job.id


@pytest.mark.parametrize(("cost", "results"), [(0, 0), (50_000, 1), (90_000, 1)])
async def test_the_operator_ends_a_parked_job_at_what_it_cost(
    door: Door, auditor: Auditor, cost: int, results: int
) -> None:
    job_id = await parked(door)
    decisions = Decisions(door.database, door.jobs, door.ledger, door.clock)
    ended = await decisions.close(job_id, MicroUsd(cost), "the operator")
    assert ended is not None
    assert (ended.state, ended.cost) == (JobState.FAILED, cost)
    day = await door.ledger.account(DAY, Unit.MICRO_USD)
    assert (day.held, day.spent) == (0, cost)
    usage = await door.accounting.usage(ended.origin.guild_id, ended.origin.user_id, door.clock.at)
    assert usage.used == results
    assert await decisions.close(job_id, ZERO, "again") is None
    assert (await auditor.audit()).balanced


async def test_a_parked_job_may_be_asked_for_again(door: Door) -> None:
    job_id = await parked(door)
    decisions = Decisions(door.database, door.jobs, door.ledger, door.clock)
    door.clock.at += timedelta(hours=1)
    resumed = await decisions.resume(job_id, "the operator")
    assert resumed is not None
    assert (resumed.state, resumed.run_at) == (JobState.SUBMITTED, door.clock.at)
    assert await decisions.resume(JobId("none"), "the operator") is None
