"""Blocks, reports and approvals in the database, each in its own guild."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.ids import ChannelId, GuildId, JobId, MessageId, UserId
from bot.domain.moderation import (
    ActionKind,
    ApprovalState,
    CardLocation,
    MemberBlock,
    ModerationAction,
    Report,
)
from bot.storage.repositories.approvals import ApprovalStore
from bot.storage.repositories.jobs import JobStore
from bot.storage.repositories.moderation import ModerationStore
from bot.storage.sqlite.database import Database
from tests.support.job_builders import NOW, build_job

GUILD, OTHER = GuildId(10), GuildId(11)
MIA, ANA = UserId(1), UserId(30)
HOUR = timedelta(hours=1)


async def open_store(database: Database) -> ModerationStore:
    async with database.write() as tx:
        await JobStore(database).insert_job(tx, build_job())
    return ModerationStore(database)


async def get_open_card(store: ModerationStore) -> CardLocation | None:
    found = await store.find_open_reports(GUILD, JobId("job1"))
    return None if found is None else found.card


async def test_a_block_holds_in_its_guild_until_it_ends_or_is_lifted(database: Database) -> None:
    store = ModerationStore(database)
    await store.block_member(MemberBlock(GUILD, ANA, MIA, "spam", NOW + HOUR), NOW)
    held = await store.find_block(GUILD, ANA, NOW)
    assert held is not None
    assert (held.actor, held.reason) == (MIA, "spam")
    assert await store.find_block(OTHER, ANA, NOW) is None
    assert await store.find_block(GUILD, ANA, NOW + HOUR) is None
    assert not await store.unblock_member(OTHER, ANA, MIA, NOW)
    assert await store.unblock_member(GUILD, ANA, MIA, NOW)
    assert await store.find_block(GUILD, ANA, NOW) is None
    assert [act.kind for act in await store.list_acts(GUILD, 9)] == [
        ActionKind.UNBLOCK,
        ActionKind.BLOCK,
    ]
    assert await store.list_acts(OTHER, 9) == []


async def test_the_record_cannot_be_changed(database: Database) -> None:
    store = ModerationStore(database)
    await store.block_member(MemberBlock(GUILD, ANA, MIA, "", None), NOW)
    for sql in ("UPDATE act SET actor_id = 2", "DELETE FROM act"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            async with database.write() as tx:
                await tx.execute(sql)


async def test_a_member_reports_a_job_once_and_in_its_guild_alone(database: Database) -> None:
    store, report = await open_store(database), Report(GUILD, JobId("job1"), MIA, "ugly")
    async with database.write() as tx:
        assert await store.add_report(tx, report, NOW)
        assert not await store.add_report(tx, report, NOW)
        assert not await store.add_report(tx, replace(report, guild=OTHER, reporter=ANA), NOW)
        assert await store.count_reports_since(tx, report, NOW - HOUR) == 1
        assert await store.count_reports_since(tx, report, NOW + HOUR) == 0
        assert await store.count_reports_since(tx, replace(report, guild=OTHER), NOW - HOUR) == 0


async def test_later_reports_join_the_open_card(database: Database) -> None:
    store, card = await open_store(database), CardLocation(ChannelId(5), MessageId(6))
    async with database.write() as tx:
        await store.add_report(tx, Report(GUILD, JobId("job1"), MIA, ""), NOW)
    assert await get_open_card(store) is None
    await store.save_report_card(OTHER, JobId("job1"), card)
    assert await get_open_card(store) is None
    await store.save_report_card(GUILD, JobId("job1"), card)
    assert await get_open_card(store) == card
    async with database.write() as tx:
        act = ModerationAction(GUILD, MIA, NOW, ActionKind.DISMISS, job=JobId("job1"))
        assert await store.close_reports(tx, act, JobId("job1")) == 1
    assert await get_open_card(store) is None


async def test_of_many_decisions_one_counts(database: Database) -> None:
    await open_store(database)
    store = ApprovalStore(database)
    await store.add_waiting(GUILD, JobId("job1"), NOW)
    assert await store.list_waiting_jobs(GUILD) == [JobId("job1")]
    assert await store.list_waiting_jobs(OTHER) == []
    foreign = ModerationAction(OTHER, MIA, NOW, ActionKind.APPROVE, job=JobId("job1"))
    assert not await store.record_decision(foreign, ApprovalState.APPROVED)
    yes = ModerationAction(GUILD, MIA, NOW, ActionKind.APPROVE, job=JobId("job1"))
    no = ModerationAction(GUILD, ANA, NOW, ActionKind.DECLINE, job=JobId("job1"))
    said = await asyncio.gather(
        *(store.record_decision(yes, ApprovalState.APPROVED) for _ in range(20)),
        *(store.record_decision(no, ApprovalState.DECLINED) for _ in range(20)),
    )
    assert sum(said) == 1
    assert len(await ModerationStore(database).list_acts(GUILD, 99)) == 1
    found = await store.get(GUILD, JobId("job1"))
    assert found is not None
    assert found.state is not ApprovalState.WAITING
    assert await store.list_unfinished(9) == [found]
    await store.mark_done(found, NOW)
    assert await store.list_unfinished(9) == []
    assert await store.list_waiting_jobs(GUILD) == []
