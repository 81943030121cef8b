"""A gallery in the database: votes counted once, moves by who saw the state, guilds kept apart."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.gallery import EntryState, GalleryEntry, Vote
from bot.domain.ids import ChannelId, GuildId, JobId, MessageId, UserId
from bot.storage.repositories.gallery import GalleryStore
from bot.storage.repositories.jobs import JobStore
from bot.storage.repositories.rankings import RankingStore
from bot.storage.sqlite import migrations
from bot.storage.sqlite.database import Database
from tests.support.job_builders import NOW, build_job

GUILD, OTHER = GuildId(10), GuildId(11)
CHANNEL = ChannelId(99)


def vote_of(voter: int, message: int = 1001, *, is_burst: bool = False) -> Vote:
    return Vote(UserId(voter), MessageId(message), is_burst)


async def insert_entry(database: Database, number: int = 1, *, author: int = 30) -> GalleryEntry:
    """Make a job and its entry, delivered in message 1000 + number."""
    made = build_job(number)
    async with database.write() as tx:
        await JobStore(database).insert_job(tx, made)
    wanted = GalleryEntry(
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
    return await GalleryStore(database).add_entry(wanted, NOW)


async def insert_posted_entry(
    database: Database, number: int, *, votes: int = 0, author: int = 30
) -> GalleryEntry:
    gallery = GalleryStore(database)
    one = await insert_entry(database, number, author=author)
    for voter in range(votes):
        one = await gallery.add_vote(one, vote_of(voter), NOW)
    await gallery.start_posting(one, CHANNEL, NOW)
    shown = MessageId(5000 + number)
    assert (await gallery.mark_posted(one, shown, NOW)).state is EntryState.POSTED
    found = await gallery.get(GUILD, one.id)
    assert found is not None
    return found


async def test_an_entry_is_made_once(database: Database) -> None:
    one = await insert_entry(database)
    again = await GalleryStore(database).add_entry(replace(one, ordinal=3), NOW)
    assert again == one


async def test_a_vote_counts_once_and_can_be_taken_back(database: Database) -> None:
    gallery, one = GalleryStore(database), await insert_entry(database)
    for voter in (1, 1, 2):
        one = await gallery.add_vote(one, vote_of(voter), NOW)
    assert one.votes == 2
    assert (await gallery.remove_vote(one, vote_of(1))).votes == 1
    assert (await gallery.remove_vote(one, vote_of(1))).votes == 1


async def test_a_recount_leaves_exactly_the_voters_that_discord_names(database: Database) -> None:
    gallery, one = GalleryStore(database), await insert_entry(database)
    for voter in (1, 2, 3):
        one = await gallery.add_vote(one, vote_of(voter), NOW)
    assert (await gallery.replace_votes(one, [vote_of(3), vote_of(4)], NOW)).votes == 2
    assert (await gallery.replace_votes(one, [vote_of(3), vote_of(4)], NOW)).votes == 2


async def test_a_member_counts_once_as_long_as_one_of_their_reactions_is_there(
    database: Database,
) -> None:
    gallery, one = GalleryStore(database), await insert_entry(database)
    reactions = [vote_of(1), vote_of(1, is_burst=True), vote_of(1, 5001)]
    for vote in reactions:
        one = await gallery.add_vote(one, vote, NOW)
    assert one.votes == 1
    left = [(await gallery.remove_vote(one, vote)).votes for vote in reactions]
    assert left == [1, 1, 0]


async def test_clearing_a_message_leaves_the_votes_on_the_other(database: Database) -> None:
    gallery, one = GalleryStore(database), await insert_entry(database)
    for vote in (vote_of(1), vote_of(2, is_burst=True), vote_of(2), vote_of(3, 5001)):
        one = await gallery.add_vote(one, vote, NOW)
    assert one.votes == 3
    assert (await gallery.remove_votes(one, MessageId(1001))).votes == 1
    assert (await gallery.remove_votes(one, MessageId(5001))).votes == 0


async def test_votes_on_a_message_that_cannot_be_read_stay(database: Database) -> None:
    gallery, one = GalleryStore(database), await insert_entry(database)
    for vote in (vote_of(1), vote_of(2, 5001), vote_of(3, 5001)):
        one = await gallery.add_vote(one, vote, NOW)
    found = [vote_of(3, 5001)]
    left = await gallery.replace_votes(one, found, NOW, unread=[MessageId(1001)])
    assert left.votes == 2
    assert (await gallery.replace_votes(one, found, NOW)).votes == 1


async def test_a_vote_from_before_its_message_was_stored_goes_by_any_removal(
    database: Database,
) -> None:
    gallery, one = GalleryStore(database), await insert_entry(database)
    for voter in (1, 2, 3):
        one = await gallery.add_vote(one, vote_of(voter, 0), NOW)
    assert (await gallery.remove_vote(one, vote_of(1, 5001, is_burst=True))).votes == 2
    assert (await gallery.remove_votes(one, MessageId(5001))).votes == 0


async def test_votes_of_an_earlier_version_count_on(tmp_path: Path) -> None:
    path, scripts = tmp_path / "expanse.db", migrations.load_migrations()
    newer = next(at for at, script in enumerate(scripts) if "reaction_vote" in script)
    with closing(sqlite3.connect(path)) as connection:
        for number in range(1, newer + 1):
            connection.executescript(migrations.build_migration_sql(number))
        connection.execute(
            """
            INSERT INTO gallery_entry (
                guild_id, job_id, ordinal, root_job, author_id, source_author, channel_id,
                message_id, age_restricted, state, invited, votes, made_at, changed_at)
            VALUES (10, 'job1', 0, 'job1', 30, 30, 20, 1001, 0, 'posted', 0, 3, 5, 5)
            """
        )
        rows = [(1, voter, 5) for voter in (1, 2, 3)]
        connection.executemany("INSERT INTO vote (entry_id, voter_id, at) VALUES (?, ?, ?)", rows)
        connection.commit()
    async with Database.open(path) as database:
        gallery = GalleryStore(database)
        one = await gallery.find_by_message(GUILD, MessageId(1001))
        assert one is not None
        assert one.votes == 3
        counts = [(await gallery.add_vote(one, vote_of(each), NOW)).votes for each in (1, 4)]
        assert counts == [3, 4], "whose vote is known already counts once"
        assert (await gallery.remove_vote(one, vote_of(1))).votes == 3
        assert (await gallery.remove_votes(one, MessageId(1001))).votes == 0


async def test_a_recount_keeps_the_time_of_a_vote(database: Database) -> None:
    gallery, rankings = GalleryStore(database), RankingStore(database)
    one = await insert_posted_entry(database, 1)
    other = await insert_posted_entry(database, 2)
    await gallery.add_vote(one, vote_of(1, 0), NOW - timedelta(days=9))
    await gallery.add_vote(other, vote_of(2, 1002), NOW)
    await gallery.replace_votes(one, [vote_of(1), vote_of(1, is_burst=True)], NOW)
    best = await rankings.list_best(GUILD, NOW - timedelta(days=7), 10)
    assert [each.job for each in best] == [other.job, one.job], "one's vote is older than a week"


async def test_only_who_saw_the_state_moves_the_entry(database: Database) -> None:
    gallery, one = GalleryStore(database), await insert_entry(database)
    moved = await asyncio.gather(*(gallery.start_posting(one, CHANNEL, NOW) for _ in range(50)))
    assert sum(moved) == 1


async def test_a_message_finds_its_entry_in_either_place(database: Database) -> None:
    gallery, one = GalleryStore(database), await insert_posted_entry(database, 1)
    assert await gallery.find_by_message(GUILD, MessageId(1001)) == one
    assert await gallery.find_by_message(GUILD, MessageId(5001)) == one
    assert await gallery.find_by_message(OTHER, MessageId(5001)) is None


async def test_another_guild_neither_reads_nor_writes(database: Database) -> None:
    gallery, one = GalleryStore(database), await insert_posted_entry(database, 1, votes=2)
    foreign = replace(one, guild=OTHER)
    assert await gallery.get(OTHER, one.id) is None
    assert await gallery.find_by_job(OTHER, one.job) is None
    assert await gallery.list_chain(OTHER, one.root) == []
    assert not await gallery.move_entry(foreign, EntryState.BARRED, NOW)
    for act in (
        gallery.add_vote(foreign, vote_of(8), NOW),
        gallery.replace_votes(foreign, [], NOW),
        gallery.mark_invited(foreign, 1),
        gallery.save_fingerprint(foreign, "ff"),
        gallery.mark_posted(foreign, MessageId(9), NOW),
        gallery.bar_entry(foreign, NOW),
        gallery.clear_shown_message(foreign),
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
    gallery, one = GalleryStore(database), await insert_entry(database)
    await gallery.start_posting(one, CHANNEL, NOW)
    found = await gallery.list_unfinished(10)
    assert [(each.job, each.shown_channel) for each in found] == [(JobId("job1"), CHANNEL)]


async def test_the_best_are_those_with_most_votes_lately(database: Database) -> None:
    rankings = RankingStore(database)
    await insert_posted_entry(database, 1, votes=1)
    best = await insert_posted_entry(database, 2, votes=4)
    await insert_entry(database, 3)
    found = await rankings.list_best(GUILD, NOW - timedelta(days=7), 10)
    assert [each.job for each in found] == [best.job, JobId("job1")]
    assert await rankings.list_best(OTHER, NOW - timedelta(days=7), 10) == []


async def test_leaders_and_any_picture(database: Database) -> None:
    rankings = RankingStore(database)
    assert await rankings.pick_entry(GUILD, 5) is None
    await insert_posted_entry(database, 1, votes=1, author=31)
    await insert_posted_entry(database, 2, votes=2, author=30)
    await insert_posted_entry(database, 3, votes=2, author=30)
    leaders = await rankings.list_leaders(GUILD, 10)
    assert [(each.author, each.votes) for each in leaders] == [(30, 4), (31, 1)]
    fourth = await rankings.pick_entry(GUILD, 4)
    assert fourth is not None
    assert fourth.job == JobId("job2")


async def test_a_week_is_announced_once(database: Database) -> None:
    rankings = RankingStore(database)
    assert not await rankings.has_posted_week(GUILD, "2026-W47")
    told = [await rankings.record_week(GUILD, "2026-W47", NOW) for _ in range(3)]
    assert told == [True, False, False]
    assert await rankings.has_posted_week(GUILD, "2026-W47")
    assert not await rankings.has_posted_week(OTHER, "2026-W47")
