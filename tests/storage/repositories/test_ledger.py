from __future__ import annotations

import asyncio
import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.ids import GuildId, JobId, UserId
from bot.domain.ledger import (
    Charge,
    LedgerUnit,
    close_hold,
    format_global_day_scope,
    format_user_day_scope,
)
from bot.storage.repositories.billing.ledger import LedgerStore, LimitReached
from bot.storage.repositories.jobs import JobStore
from bot.storage.sqlite.database import Database
from tests.support.job_builders import NOW, build_job

USER = format_user_day_scope(GuildId(10), UserId(30), NOW.date())
ALL = format_global_day_scope(NOW.date())


def build_charges(results: int, cap: int | None = 10) -> list[Charge]:
    return [
        Charge(USER, LedgerUnit.RESULT, results, cap),
        Charge(ALL, LedgerUnit.MICRO_USD, results * 50_000, 10_000_000),
    ]


async def hold_job(
    database: Database, number: int, results: int = 1, cap: int | None = 10
) -> JobId:
    ledger, jobs, made = LedgerStore(database), JobStore(database), build_job(number)
    async with database.write() as tx:
        await jobs.insert_job(tx, made)
        await ledger.hold_charges(tx, made.id, build_charges(results, cap), NOW)
    return made.id


async def read_used(database: Database) -> tuple[int, int, int, int]:
    ledger = LedgerStore(database)
    results = await ledger.get_account(USER, LedgerUnit.RESULT)
    money = await ledger.get_account(ALL, LedgerUnit.MICRO_USD)
    return results.held, results.spent, money.held, money.spent


async def test_a_hold_counts_at_once_and_a_settlement_turns_it_into_cost(
    database: Database,
) -> None:
    job_id = await hold_job(database, 1, results=2)
    assert await read_used(database) == (2, 0, 100_000, 0)
    async with database.write() as tx:
        costs = {LedgerUnit.RESULT: 1, LedgerUnit.MICRO_USD: 50_000}
        await LedgerStore(database).settle_job(tx, job_id, costs, NOW)
    assert await read_used(database) == (0, 1, 0, 50_000)
    assert await LedgerStore(database).find_imbalances() == []


async def test_a_job_that_cost_nothing_gives_everything_back(database: Database) -> None:
    job_id = await hold_job(database, 1)
    async with database.write() as tx:
        await LedgerStore(database).settle_job(tx, job_id, {}, NOW)
    assert await read_used(database) == (0, 0, 0, 0)
    assert await LedgerStore(database).find_imbalances() == []


async def test_a_bill_above_the_hold_is_recorded_in_full(database: Database) -> None:
    job_id = await hold_job(database, 1)
    async with database.write() as tx:
        await LedgerStore(database).settle_job(
            tx, job_id, {LedgerUnit.RESULT: 1, LedgerUnit.MICRO_USD: 90_000}, NOW
        )
    assert await read_used(database) == (0, 1, 0, 90_000)
    assert await LedgerStore(database).find_imbalances() == []


async def test_a_second_settlement_is_impossible(database: Database) -> None:
    job_id = await hold_job(database, 1)
    costs = {LedgerUnit.RESULT: 1, LedgerUnit.MICRO_USD: 50_000}
    async with database.write() as tx:
        await LedgerStore(database).settle_job(tx, job_id, costs, NOW)
    with pytest.raises(sqlite3.IntegrityError):
        async with database.write() as tx:
            await LedgerStore(database).settle_job(tx, job_id, costs, NOW)
    assert await read_used(database) == (0, 1, 0, 50_000)


async def test_a_charge_over_its_cap_is_refused_and_leaves_no_trace(database: Database) -> None:
    await hold_job(database, 1, results=8)
    with pytest.raises(LimitReached) as caught:
        await hold_job(database, 2, results=3)
    assert (caught.value.charge.scope, caught.value.used) == (USER, 8)
    assert await read_used(database) == (8, 0, 400_000, 0)
    assert await JobStore(database).get(JobId("job2")) is None


async def test_parallel_holds_grant_exactly_the_cap(database: Database) -> None:
    outcomes = await asyncio.gather(
        *(hold_job(database, number) for number in range(1, 101)), return_exceptions=True
    )
    assert sum(isinstance(outcome, str) for outcome in outcomes) == 10
    assert all(isinstance(outcome, str | LimitReached) for outcome in outcomes)
    assert (await read_used(database))[0] == 10


async def test_without_a_cap_nothing_is_refused(database: Database) -> None:
    await hold_job(database, 1, results=50, cap=None)
    assert (await read_used(database))[0] == 50


@pytest.mark.parametrize(
    "sql", ["UPDATE entry SET amount = 1", "DELETE FROM entry", "UPDATE entry SET at = at"]
)
async def test_entries_are_never_changed(database: Database, sql: str) -> None:
    await hold_job(database, 1)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        async with database.write() as tx:
            await tx.execute(sql)


async def test_the_audit_finds_an_account_that_was_tampered_with(database: Database) -> None:
    await hold_job(database, 1)
    async with database.write() as tx:
        await tx.execute("UPDATE account SET spent = 7 WHERE unit = 'micro_usd'")
    (imbalance,) = await LedgerStore(database).find_imbalances()
    assert (imbalance.scope, imbalance.what, imbalance.found) == (ALL, "spent", 7)


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_what_is_settled_and_released_is_never_less_than_the_hold(hold: int, cost: int) -> None:
    closing = close_hold(hold, cost)
    assert closing.settled == cost
    assert closing.settled + closing.released == max(hold, cost)
