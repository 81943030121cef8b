"""Messages that show pictures elsewhere: found, changed later, and remembered when gone."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.ids import ChannelId, GuildId, JobId, MessageId, UserId
from bot.storage.repositories.jobs import JobStore
from bot.storage.repositories.shared_messages import (
    MessageChange,
    SharedMessage,
    SharedMessageStore,
)
from bot.storage.sqlite.database import Database
from tests.support.job_builders import NOW, build_job

GUILD = GuildId(10)
FILM = SharedMessage(
    GUILD, ChannelId(20), MessageId(500), (JobId("job1"), JobId("job2")), UserId(30), NOW
)
PAIR = SharedMessage(GUILD, ChannelId(21), MessageId(501), (JobId("job2"),), UserId(31), NOW)


async def open_store(database: Database) -> SharedMessageStore:
    store = SharedMessageStore(database)
    async with database.write() as tx:
        for number in (1, 2):
            await JobStore(database).insert_job(tx, build_job(number))
    for each in (FILM, FILM, PAIR):
        await store.add_message(each)
    return store


async def test_a_message_is_found_by_its_jobs_and_its_jobs_by_the_message(
    database: Database,
) -> None:
    store = await open_store(database)
    assert await store.list_by_job(JobId("job1")) == [FILM]
    assert await store.list_by_job(JobId("job2")) == [FILM, PAIR]
    assert await store.find_jobs(FILM.message) == list(FILM.jobs)
    assert await store.find_jobs(MessageId(1)) == []


async def test_a_results_own_message_is_found_too(database: Database) -> None:
    store = await open_store(database)
    await JobStore(database).save_message(JobId("job1"), MessageId(700))
    assert await store.find_jobs(MessageId(700)) == [JobId("job1")]


async def test_a_planned_change_waits_until_it_is_made(database: Database) -> None:
    store, later = await open_store(database), NOW
    await store.plan_change(JobId("job1"), MessageChange.COVER)
    [planned] = await store.list_due(9)
    assert planned == replace(FILM, change=MessageChange.COVER)
    await store.finish_change(planned, later)
    assert await store.list_due(9) == []
    assert await store.list_by_job(JobId("job1")) == [FILM]


async def test_what_is_to_be_deleted_is_not_covered_instead(database: Database) -> None:
    store = await open_store(database)
    await store.plan_change(JobId("job1"), MessageChange.DELETE)
    await store.plan_change(JobId("job1"), MessageChange.COVER)
    [planned] = await store.list_due(9)
    assert planned == replace(FILM, change=MessageChange.DELETE)
    await store.finish_change(planned, NOW)
    assert await store.list_by_job(JobId("job1")) == []
    assert await store.find_jobs(FILM.message) == list(FILM.jobs), "a forward may be left"
    await store.plan_change(JobId("job1"), MessageChange.COVER)
    assert await store.list_due(9) == []


async def test_a_change_that_was_overtaken_is_not_finished(database: Database) -> None:
    store = await open_store(database)
    await store.plan_change(JobId("job1"), MessageChange.COVER)
    [covering] = await store.list_due(9)
    await store.plan_change(JobId("job1"), MessageChange.DELETE)
    await store.finish_change(covering, NOW)
    assert [each.change for each in await store.list_due(9)] == [MessageChange.DELETE]


async def test_a_message_that_somebody_deleted_needs_no_change(database: Database) -> None:
    store = await open_store(database)
    await store.plan_change(JobId("job2"), MessageChange.COVER)
    await store.mark_gone(FILM.message, NOW)
    assert [each.message for each in await store.list_due(9)] == [PAIR.message]
    assert [each.message for each in await store.list_by_job(JobId("job2"))] == [PAIR.message]
