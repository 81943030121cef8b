"""Blocks, reports and approvals in the database, each in its own guild."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.ids import ChannelId, GuildId, JobId, MessageId, UserId
from bot.domain.moderation import Act, ActKind, ApprovalState, Block, Card, Report
from bot.storage.approvals import ApprovalStore
from bot.storage.database import Database
from bot.storage.jobs import JobStore
from bot.storage.moderation import ModerationStore
from tests.storage.jobs import NOW, job

GUILD, OTHER = GuildId(10), GuildId(11)
MIA, ANA = UserId(1), UserId(30)
HOUR = timedelta(hours=1)


async def stored(database: Database) -> ModerationStore:
    async with database.write() as tx:
        await JobStore(database).insert(tx, job())
    return ModerationStore(database)


async def open_card(store: ModerationStore) -> Card | None:
    found = await store.open_reports(GUILD, JobId("job1"))
    return None if found is None else found.card


async def test_a_block_holds_in_its_guild_until_it_ends_or_is_lifted(database: Database) -> None:
    store = ModerationStore(database)
    await store.block(Block(GUILD, ANA, MIA, "spam", NOW + HOUR), NOW)
    held = await store.blocked(database.reader, GUILD, ANA, NOW)
    assert held is not None
    assert (held.by, held.reason) == (MIA, "spam")
    assert await store.blocked(database.reader, OTHER, ANA, NOW) is None
    assert await store.blocked(database.reader, GUILD, ANA, NOW + HOUR) is None
    assert not await store.unblock(OTHER, ANA, MIA, NOW)
    assert await store.unblock(GUILD, ANA, MIA, NOW)
    assert await store.blocked(database.reader, GUILD, ANA, NOW) is None
    assert [act.kind for act in await store.acts(GUILD, 9)] == [ActKind.UNBLOCK, ActKind.BLOCK]
    assert await store.acts(OTHER, 9) == []


async def test_the_record_cannot_be_changed(database: Database) -> None:
    store = ModerationStore(database)
    await store.block(Block(GUILD, ANA, MIA, "", None), NOW)
    for sql in ("UPDATE act SET actor_id = 2", "DELETE FROM act"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            async with database.write() as tx:
                await tx.run(sql)


async def test_a_member_reports_a_job_once_and_in_its_guild_alone(database: Database) -> None:
    store, report = await stored(database), Report(GUILD, JobId("job1"), MIA, "ugly")
    async with database.write() as tx:
        assert await store.report(tx, report, NOW)
        assert not await store.report(tx, report, NOW)
        assert not await store.report(tx, replace(report, guild=OTHER, reporter=ANA), NOW)
        assert await store.reported_since(tx, report, NOW - HOUR) == 1
        assert await store.reported_since(tx, report, NOW + HOUR) == 0
        assert await store.reported_since(tx, replace(report, guild=OTHER), NOW - HOUR) == 0


async def test_later_reports_join_the_open_card(database: Database) -> None:
    store, card = await stored(database), Card(ChannelId(5), MessageId(6))
    async with database.write() as tx:
        await store.report(tx, Report(GUILD, JobId("job1"), MIA, ""), NOW)
    assert await open_card(store) is None
    await store.note_report_card(OTHER, JobId("job1"), card)
    assert await open_card(store) is None
    await store.note_report_card(GUILD, JobId("job1"), card)
    assert await open_card(store) == card
    async with database.write() as tx:
        act = Act(GUILD, MIA, NOW, ActKind.DISMISS, job=JobId("job1"))
        assert await store.close_reports(tx, act, JobId("job1")) == 1
    assert await open_card(store) is None


async def test_of_many_decisions_one_counts(database: Database) -> None:
    await stored(database)
    store = ApprovalStore(database)
    await store.wait(GUILD, JobId("job1"), NOW)
    assert await store.waiting(GUILD, 10) == [JobId("job1")]
    assert await store.waiting(OTHER, 10) == []
    foreign = Act(OTHER, MIA, NOW, ActKind.APPROVE, job=JobId("job1"))
    assert not await store.decide(foreign, ApprovalState.APPROVED)
    yes = Act(GUILD, MIA, NOW, ActKind.APPROVE, job=JobId("job1"))
    no = Act(GUILD, ANA, NOW, ActKind.DECLINE, job=JobId("job1"))
    said = await asyncio.gather(
        *(store.decide(yes, ApprovalState.APPROVED) for _ in range(20)),
        *(store.decide(no, ApprovalState.DECLINED) for _ in range(20)),
    )
    assert sum(said) == 1
    assert len(await ModerationStore(database).acts(GUILD, 99)) == 1
    found = await store.get(GUILD, JobId("job1"))
    assert found is not None
    assert found.state is not ApprovalState.WAITING
    assert await store.undone(9) == [found]
    await store.note_done(found, NOW)
    assert await store.undone(9) == []
    assert await store.waiting(GUILD, 10) == []
