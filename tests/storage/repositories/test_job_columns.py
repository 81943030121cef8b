"""What each statement on a job writes, and what it leaves alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.ids import GuildId, InteractionId, JobId, MessageId, UserId
from bot.domain.job import Job, JobState, Result
from bot.domain.ledger import Charge, LedgerUnit, format_global_day_scope, format_user_day_scope
from bot.domain.money import MicroUsd
from bot.storage.repositories.billing.ledger import LedgerStore
from bot.storage.repositories.jobs import JobChange, JobStore, JobSuperseded
from bot.storage.repositories.leases import Lease, LeaseStore
from bot.storage.sqlite.database import Database
from tests.support.job_builders import NOW, build_job

LATER = NOW + timedelta(minutes=5)
LEASE = Lease("me", NOW, LATER)


async def insert_job(database: Database, number: int = 1) -> Job:
    made = build_job(number)
    async with database.write() as tx:
        await JobStore(database).insert_job(tx, made)
    return made


async def claim_job(database: Database, number: int = 1) -> Job:
    made = await insert_job(database, number)
    job_now = await LeaseStore(database).claim_job(made.id, LEASE)
    assert job_now is not None
    return job_now


async def move_job(database: Database, job_now: Job, *states: JobState) -> Job:
    for state in states:
        async with database.write() as tx:
            job_now = await JobStore(database).move_job(
                tx, job_now, state, LATER, JobChange(detail="why")
            )
    return job_now


async def read_owner(database: Database, job_id: JobId) -> str | None:
    row = await database.reader.fetch_one("SELECT owner FROM job WHERE id = :id", {"id": job_id})
    assert row is not None
    return None if row["owner"] is None else str(row["owner"])


async def test_an_interaction_or_an_id_that_is_unknown_has_no_job(database: Database) -> None:
    jobs = JobStore(database)
    made = await insert_job(database)
    assert await jobs.find_by_interaction(InteractionId(2)) is None
    assert await jobs.get(JobId("none")) is None
    assert await jobs.find_by_interaction(made.origin.interaction_id) == await jobs.get(made.id)


async def test_a_new_job_becomes_due_with_its_card_and_a_claimed_one_keeps_its_time(
    database: Database,
) -> None:
    jobs, made = JobStore(database), await insert_job(database)
    ready = await jobs.mark_ready(made.id, MessageId(7), LATER)
    assert ready is not None
    assert ready == await jobs.get(made.id)
    assert (ready.run_at, ready.reply.message_id) == (LATER, 7)
    again = await jobs.mark_ready(made.id, None, NOW)
    assert again is not None
    assert (again.run_at, again.reply.message_id) == (NOW, 7)
    await LeaseStore(database).claim_job(made.id, LEASE)
    held = await jobs.mark_ready(made.id, MessageId(8), LATER)
    assert held is not None
    assert (held.run_at, held.reply.message_id) == (NOW, 8)
    assert await jobs.mark_ready(JobId("none"), None, NOW) is None


async def test_where_a_result_is_shown_is_noted_for_that_job_alone(database: Database) -> None:
    jobs, made, other = (
        JobStore(database),
        await insert_job(database),
        await insert_job(database, 2),
    )
    await jobs.save_message(made.id, MessageId(9))
    noted, left = await jobs.get(made.id), await jobs.get(other.id)
    assert noted is not None
    assert left is not None
    assert (noted.reply.message_id, left.reply.message_id) == (9, None)


async def test_a_send_is_counted_by_whoever_has_the_job_alone(database: Database) -> None:
    jobs, mine = JobStore(database), await claim_job(database)
    await jobs.record_send(mine, LATER, sends=2)
    noted = await jobs.get(mine.id)
    assert noted is not None
    assert (noted.sends, noted.updated_at, noted.state) == (2, LATER, mine.state)
    for stale in (replace(mine, epoch=mine.epoch - 1), replace(mine, state=JobState.PREPARED)):
        with pytest.raises(JobSuperseded) as superseded:
            await jobs.record_send(stale, NOW, sends=3)
        assert superseded.value.job_id == mine.id
        with pytest.raises(JobSuperseded) as superseded:
            await jobs.postpone_job(stale, NOW, attempts=3)
        assert superseded.value.job_id == mine.id
    unchanged = await jobs.get(mine.id)
    assert unchanged == noted


async def test_a_job_is_seized_from_its_owner_in_the_named_states_alone(database: Database) -> None:
    jobs, mine = JobStore(database), await claim_job(database)
    async with database.write() as tx:
        assert await jobs.seize_job(tx, mine.id, [JobState.STORED]) is None
        seized = await jobs.seize_job(tx, mine.id, [JobState.PREPARED, JobState.RESERVED])
        assert await jobs.seize_job(tx, JobId("none"), [JobState.RESERVED]) is None
    assert seized == replace(mine, epoch=mine.epoch + 1)
    assert await read_owner(database, mine.id) is None
    with pytest.raises(JobSuperseded) as superseded:
        await move_job(database, mine, JobState.PREPARED)
    assert superseded.value.job_id == mine.id


async def test_a_moved_job_keeps_its_owner_until_it_rests(database: Database) -> None:
    mine = await claim_job(database)
    mine = await move_job(database, mine, JobState.PREPARED, JobState.SUBMITTING)
    assert await read_owner(database, mine.id) == "me"
    await move_job(database, mine, JobState.PARKED)
    assert await read_owner(database, mine.id) is None


async def test_every_move_is_recorded_with_where_from_and_why(database: Database) -> None:
    mine = await move_job(database, await claim_job(database), JobState.PREPARED)
    async with database.write() as tx:
        await JobStore(database).move_job(tx, mine, JobState.SUBMITTING, NOW)
    events = await JobStore(database).list_events(mine.id)
    assert [(event.source, event.target, event.at, event.detail) for event in events] == [
        (None, JobState.RESERVED, NOW, ""),
        (JobState.RESERVED, JobState.PREPARED, LATER, "why"),
        (JobState.PREPARED, JobState.SUBMITTING, NOW, ""),
    ]


async def test_an_ended_job_moves_nowhere(database: Database) -> None:
    ended = await move_job(database, await claim_job(database), JobState.FAILED)
    with pytest.raises(ValueError, match="no job moves from failed to prepared"):
        await move_job(database, ended, JobState.PREPARED)


async def test_parked_jobs_are_listed_since_a_time_the_oldest_first(database: Database) -> None:
    jobs = JobStore(database)
    states = (JobState.PREPARED, JobState.SUBMITTING, JobState.PARKED)
    parked = [await move_job(database, await claim_job(database, n), *states) for n in (1, 2)]
    await insert_job(database, 3)
    assert list(await jobs.list_parked(LATER)) == parked
    assert list(await jobs.list_parked(LATER + timedelta(milliseconds=1))) == []


async def test_results_come_in_their_order(database: Database) -> None:
    jobs, mine = JobStore(database), await claim_job(database)
    results = [Result(place, f"image{place}", "http://x", None, MicroUsd(5)) for place in (1, 0)]
    async with database.write() as tx:
        await jobs.save_results(tx, mine, results)
    assert list(await jobs.list_results(mine.id)) == results[::-1]
    assert list(await jobs.list_results(JobId("none"))) == []


async def test_the_account_that_a_job_was_charged_to_is_found_by_its_unit(
    database: Database,
) -> None:
    ledger, made = LedgerStore(database), await insert_job(database)
    day = NOW.date()
    mine, everybody = (
        format_user_day_scope(GuildId(1), UserId(2), day),
        format_global_day_scope(day),
    )
    charges = [
        Charge(mine, LedgerUnit.RESULT, 3, 12),
        Charge(everybody, LedgerUnit.MICRO_USD, 70, None),
        Charge("u:later", LedgerUnit.MICRO_USD, 5, 90),
    ]
    async with database.write() as tx:
        await ledger.hold_charges(tx, made.id, charges, NOW)
    results = await ledger.find_charged_account(made.id, LedgerUnit.RESULT)
    money = await ledger.find_charged_account(made.id, LedgerUnit.MICRO_USD)
    assert results is not None
    assert money is not None
    assert (results.scope, results.unit, results.used, results.limit) == (
        mine,
        LedgerUnit.RESULT,
        3,
        12,
    )
    assert (money.scope, money.held, money.spent, money.limit) == (everybody, 70, 0, None)
    assert await ledger.find_charged_account(JobId("none"), LedgerUnit.RESULT) is None
    async with database.write() as tx:
        await ledger.settle_job(tx, made.id, {LedgerUnit.RESULT: 2}, NOW)
    closed = await ledger.find_charged_account(made.id, LedgerUnit.RESULT)
    assert closed is not None
    assert (closed.held, closed.spent) == (0, 2)


async def test_some_holds_of_a_job_may_be_closed_and_the_others_later(database: Database) -> None:
    ledger, made = LedgerStore(database), await insert_job(database)
    charges = [Charge(scope, LedgerUnit.MICRO_USD, 10, None) for scope in ("a", "b", "c")]
    async with database.write() as tx:
        await ledger.hold_charges(tx, made.id, charges, NOW)
        await ledger.settle_job(tx, made.id, {LedgerUnit.MICRO_USD: 4}, NOW, only_scopes={"b", "c"})
    accounts = [
        await ledger.get_account(scope, LedgerUnit.MICRO_USD) for scope in ("a", "b", "c", "d")
    ]
    assert [(each.held, each.spent) for each in accounts] == [(10, 0), (0, 4), (0, 4), (0, 0)]
    assert {each.unit for each in accounts} == {LedgerUnit.MICRO_USD}
    assert [each.scope for each in accounts] == ["a", "b", "c", "d"]
