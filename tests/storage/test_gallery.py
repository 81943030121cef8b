"""A gallery in the database: votes counted once, moves by who saw the state, guilds kept apart."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.gallery import Entry, EntryState
from bot.domain.ids import ChannelId, GuildId, JobId, MessageId, UserId
from bot.storage.database import Database
from bot.storage.gallery import GalleryStore
from bot.storage.jobs import JobStore
from bot.storage.rankings import RankingStore
from tests.storage.jobs import NOW, job

GUILD, OTHER = GuildId(10), GuildId(11)
CHANNEL = ChannelId(99)


async def entry(database: Database, number: int = 1, *, author: int = 30) -> Entry:
    """Make a job and its entry, delivered in message 1000 + number."""
    made = job(number)
    async with database.write() as tx:
        await JobStore(database).insert(tx, made)
    wanted = Entry(
        id=0,
        guild=GUILD,
        job=made.id,
        ordinal=0,
        root=made.id,
        author=UserId(author),
        source_author=UserId(author),
        channel=ChannelId(20),
        message=MessageId(1000 + number),
        age_restricted=False,
    )
    return await GalleryStore(database).add(wanted, NOW)


async def posted(database: Database, number: int, *, votes: int = 0, author: int = 30) -> Entry:
    gallery = GalleryStore(database)
    one = await entry(database, number, author=author)
    for voter in range(votes):
        one = await gallery.vote(one, UserId(voter), NOW)
    await gallery.aim(one, CHANNEL, NOW)
    shown = MessageId(5000 + number)
    assert (await gallery.posted(one, shown, NOW)).state is EntryState.POSTED
    found = await gallery.get(GUILD, one.id)
    assert found is not None
    return found


async def test_an_entry_is_made_once(database: Database) -> None:
    one = await entry(database)
    again = await GalleryStore(database).add(replace(one, ordinal=3), NOW)
    assert again == one


async def test_a_vote_counts_once_and_can_be_taken_back(database: Database) -> None:
    gallery, one = GalleryStore(database), await entry(database)
    for voter in (1, 1, 2):
        one = await gallery.vote(one, UserId(voter), NOW)
    assert one.votes == 2
    assert (await gallery.unvote(one, UserId(1))).votes == 1
    assert (await gallery.unvote(one, UserId(1))).votes == 1


async def test_a_recount_leaves_exactly_the_voters_that_discord_names(database: Database) -> None:
    gallery, one = GalleryStore(database), await entry(database)
    for voter in (1, 2, 3):
        one = await gallery.vote(one, UserId(voter), NOW)
    assert (await gallery.recount(one, [UserId(3), UserId(4)], NOW)).votes == 2
    assert (await gallery.recount(one, [UserId(3), UserId(4)], NOW)).votes == 2


async def test_only_who_saw_the_state_moves_the_entry(database: Database) -> None:
    gallery, one = GalleryStore(database), await entry(database)
    moved = await asyncio.gather(*(gallery.aim(one, CHANNEL, NOW) for _ in range(50)))
    assert sum(moved) == 1


async def test_a_message_finds_its_entry_in_either_place(database: Database) -> None:
    gallery, one = GalleryStore(database), await posted(database, 1)
    assert await gallery.by_message(GUILD, MessageId(1001)) == one
    assert await gallery.by_message(GUILD, MessageId(5001)) == one
    assert await gallery.by_message(OTHER, MessageId(5001)) is None


async def test_another_guild_neither_reads_nor_writes(database: Database) -> None:
    gallery, one = GalleryStore(database), await posted(database, 1, votes=2)
    foreign = replace(one, guild=OTHER)
    assert await gallery.get(OTHER, one.id) is None
    assert await gallery.of_job(OTHER, one.job) is None
    assert await gallery.chain(OTHER, one.root) == []
    assert not await gallery.move(foreign, EntryState.BARRED, NOW)
    for act in (
        gallery.vote(foreign, UserId(8), NOW),
        gallery.recount(foreign, [], NOW),
        gallery.invite(foreign, 1),
        gallery.note_fingerprint(foreign, "ff"),
        gallery.posted(foreign, MessageId(9), NOW),
        gallery.bar(foreign, NOW),
        gallery.forget_shown(foreign),
    ):
        with pytest.raises(ValueError, match="another guild"):
            await act
    assert await gallery.get(GUILD, one.id) == one


async def test_who_wants_nothing_shown_is_asked_for_in_each_guild(database: Database) -> None:
    gallery = GalleryStore(database)
    await gallery.opt_out(GUILD, UserId(1), NOW)
    await gallery.opt_out(GUILD, UserId(1), NOW)
    assert await gallery.has_opted_out(GUILD, UserId(1))
    assert not await gallery.has_opted_out(OTHER, UserId(1))
    await gallery.opt_in(GUILD, UserId(1))
    assert not await gallery.has_opted_out(GUILD, UserId(1))


async def test_work_that_was_begun_is_found_again(database: Database) -> None:
    gallery, one = GalleryStore(database), await entry(database)
    await gallery.aim(one, CHANNEL, NOW)
    found = await gallery.unfinished(10)
    assert [(each.job, each.shown_channel) for each in found] == [(JobId("job1"), CHANNEL)]


async def test_the_best_are_those_with_most_votes_lately(database: Database) -> None:
    rankings = RankingStore(database)
    await posted(database, 1, votes=1)
    best = await posted(database, 2, votes=4)
    await entry(database, 3)
    found = await rankings.best(GUILD, NOW - timedelta(days=7), 10)
    assert [each.job for each in found] == [best.job, JobId("job1")]
    assert await rankings.best(OTHER, NOW - timedelta(days=7), 10) == []


async def test_leaders_and_any_picture(database: Database) -> None:
    rankings = RankingStore(database)
    assert await rankings.nth(GUILD, 5) is None
    await posted(database, 1, votes=1, author=31)
    await posted(database, 2, votes=2, author=30)
    await posted(database, 3, votes=2, author=30)
    leaders = await rankings.leaders(GUILD, 10)
    assert [(each.author, each.votes) for each in leaders] == [(30, 4), (31, 1)]
    fourth = await rankings.nth(GUILD, 4)
    assert fourth is not None
    assert fourth.job == JobId("job2")


async def test_a_week_is_told_once(database: Database) -> None:
    rankings = RankingStore(database)
    assert not await rankings.was_told(GUILD, "2026-W47")
    told = [await rankings.tell_week(GUILD, "2026-W47", NOW) for _ in range(3)]
    assert told == [True, False, False]
    assert await rankings.was_told(GUILD, "2026-W47")
    assert not await rankings.was_told(OTHER, "2026-W47")
