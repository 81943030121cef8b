"""The audit finds every difference, records it, raises the alarm, and edits nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.ids import JobId
from bot.domain.job import JobState, Result
from bot.domain.ledger import LedgerUnit, format_global_day_scope
from bot.domain.money import ZERO, MicroUsd
from bot.services.billing.auditor import AuditFindings, Auditor
from bot.services.jobs.parked import ParkedJobDecisions
from tests.support.services.acceptance_harness import AcceptanceHarness, ManualClock

DAY = format_global_day_scope(ManualClock().current_time.date())

ACCOUNT = {
    "held": "UPDATE account SET held = held + 7 WHERE scope = :scope",
    "spent": "UPDATE account SET spent = spent + 7 WHERE scope = :scope",
}


@pytest.fixture
async def acceptance(tmp_path: Path) -> AsyncIterator[AcceptanceHarness]:
    async with AcceptanceHarness.open(tmp_path) as made:
        yield made


@pytest.fixture
def auditor(acceptance: AcceptanceHarness) -> Auditor:
    return Auditor(acceptance.database, acceptance.jobs, acceptance.ledger, acceptance.clock)


async def run_sql(acceptance: AcceptanceHarness, sql: str, **values: str) -> None:
    async with acceptance.database.write() as tx:
        await tx.execute(sql, values)


async def test_accounts_in_order_are_left_alone(
    acceptance: AcceptanceHarness, auditor: Auditor
) -> None:
    await acceptance.settle_job(await acceptance.accept_order(), cost=70_000)
    await acceptance.settle_job(await acceptance.accept_order(), cost=0)
    await acceptance.accept_order()
    await run_sql(
        acceptance,
        """
        UPDATE job SET cost = (SELECT SUM(amount) FROM entry WHERE job_id = job.id
                               AND kind = 'settle' AND scope LIKE 'global:d:%')
        """,
    )
    assert await auditor.audit_ledger() == AuditFindings()


@pytest.mark.parametrize("what", ["held", "spent"])
async def test_an_account_that_differs_is_adjusted_once(
    acceptance: AcceptanceHarness, auditor: Auditor, what: str
) -> None:
    await acceptance.accept_order()
    await run_sql(acceptance, ACCOUNT[what], scope=DAY)
    found = await auditor.audit_ledger()
    (difference,) = found.accounts
    assert (difference.scope, difference.what) == (DAY, what)
    assert difference.found - difference.expected == 7
    rows = await acceptance.database.reader.fetch_all("SELECT scope, what, amount FROM adjustment")
    assert [tuple(row) for row in rows] == [(DAY, what, 7)]
    assert (await auditor.audit_ledger()).is_balanced


async def test_a_hold_that_outlived_its_job_is_closed_at_the_jobs_cost(
    acceptance: AcceptanceHarness, auditor: Auditor
) -> None:
    job = await acceptance.accept_order()
    await run_sql(
        acceptance, "UPDATE job SET state = 'settled', cost = 50000 WHERE id = :id", id=job.id
    )
    async with acceptance.database.write() as tx:
        result = Result(0, "uuid", "http://x", None, MicroUsd(50_000))
        await acceptance.jobs.save_results(tx, job, [result])
    found = await auditor.audit_ledger()
    assert {hold.job_id for hold in found.unclosed} == {job.id}
    day = await acceptance.ledger.get_account(DAY, LedgerUnit.MICRO_USD)
    assert (day.held, day.spent) == (0, 50_000)
    assert (await auditor.audit_ledger()).is_balanced


async def test_a_cost_that_the_provider_reported_higher_is_entered(
    acceptance: AcceptanceHarness, auditor: Auditor
) -> None:
    job = await acceptance.accept_order()
    await acceptance.settle_job(job, cost=50_000)
    await run_sql(acceptance, "UPDATE job SET cost = 80000 WHERE id = :id", id=job.id)
    found = await auditor.audit_ledger()
    assert [(each.job_id, each.reported, each.settled) for each in found.misbilled] == [
        (job.id, 80_000, 50_000)
    ]
    day = await acceptance.ledger.get_account(DAY, LedgerUnit.MICRO_USD)
    assert day.spent == 80_000
    assert (await auditor.audit_ledger()).is_balanced


async def test_what_the_audit_enters_cannot_be_taken_back(
    acceptance: AcceptanceHarness, auditor: Auditor
) -> None:
    await acceptance.accept_order()
    await run_sql(acceptance, "UPDATE account SET spent = 9")
    await auditor.audit_ledger()
    for sql in ("DELETE FROM adjustment", "UPDATE adjustment SET amount = 0"):
        with pytest.raises(Exception, match="append-only"):
            await run_sql(acceptance, sql)


async def park_job(acceptance: AcceptanceHarness) -> JobId:
    job = await acceptance.accept_order()
    await run_sql(
        acceptance, "UPDATE job SET state = 'parked', sends = 2 WHERE id = :id", id=job.id
    )
    return job.id


@pytest.mark.parametrize(("cost", "results"), [(0, 0), (50_000, 1), (90_000, 1)])
async def test_the_operator_ends_a_parked_job_at_what_it_cost(
    acceptance: AcceptanceHarness, auditor: Auditor, cost: int, results: int
) -> None:
    job_id = await park_job(acceptance)
    decisions = ParkedJobDecisions(acceptance.jobs, acceptance.ledger, acceptance.clock)
    ended = await decisions.close_job(job_id, MicroUsd(cost), "the operator")
    assert ended is not None
    assert (ended.state, ended.cost) == (JobState.FAILED, cost)
    day = await acceptance.ledger.get_account(DAY, LedgerUnit.MICRO_USD)
    assert (day.held, day.spent) == (0, cost)
    usage = await acceptance.quotas.get_daily_usage(
        ended.origin.guild_id, ended.origin.user_id, acceptance.clock.current_time
    )
    assert usage.used == results
    assert await decisions.close_job(job_id, ZERO, "again") is None
    assert (await auditor.audit_ledger()).is_balanced


async def test_a_parked_job_may_be_asked_for_again(acceptance: AcceptanceHarness) -> None:
    job_id = await park_job(acceptance)
    decisions = ParkedJobDecisions(acceptance.jobs, acceptance.ledger, acceptance.clock)
    acceptance.clock.current_time += timedelta(hours=1)
    resumed = await decisions.resume_job(job_id, "the operator")
    assert resumed is not None
    assert (resumed.state, resumed.run_at) == (JobState.SUBMITTED, acceptance.clock.current_time)
    assert await decisions.resume_job(JobId("none"), "the operator") is None
