"""A gallery with many votes at once, over a real database; its channel is a fake of the port."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from bot.clock import SystemClock
from bot.composition.exposure import build_exposure
from bot.domain.gallery import EntryState, GalleryMode, Vote, Voter, VoteRefusal
from bot.domain.guild import GuildSettings
from bot.domain.ids import ChannelId, Digest, GuildId, MessageId, UserId
from bot.domain.job import Job, Result
from bot.domain.moderation import ActionKind, ModerationAction
from bot.domain.order import PictureRef
from bot.images.worker_pool import ImageWorkerPool
from bot.services.gallery.gallery import GalleryService
from bot.services.gallery.votes import GalleryVotes
from bot.storage.disk.file_store import FileStore
from bot.storage.repositories.gallery import GalleryStore
from bot.storage.repositories.guild_settings import GuildSettingsStore
from bot.storage.repositories.jobs import JobStore
from bot.storage.repositories.moderation import ModerationStore
from bot.storage.sqlite.database import Database
from tests.support.app_fixture import draw_photograph, encode_upload
from tests.support.clocks import ScaledClock
from tests.support.job_builders import NOW, build_job
from tests.support.services.gallery_channel import FakeGalleryChannel
from tests.support.services.picture_channels import OrdinaryChannels

GUILD, CHANNEL, MESSAGE = GuildId(10), ChannelId(99), MessageId(1001)
DAY = timedelta(days=1)
RULES = GuildSettings().gallery_rules
"""Where nothing else is settled."""


@dataclass
class GalleryHarness:
    gallery: GalleryService
    votes: GalleryVotes
    channel: FakeGalleryChannel
    job: Job
    database: Database
    clock: ScaledClock

    async def wait_a_minute(self) -> None:
        """Let the time pass after which a picture may be posted again."""
        self.clock.advance(61)
        await self.gallery.finish_moves()


@pytest_asyncio.fixture
async def harness(tmp_path: Path, image_workers: ImageWorkerPool) -> AsyncIterator[GalleryHarness]:
    async with Database.open(tmp_path / "expanse.db") as database:
        files, jobs, guilds = (
            FileStore(tmp_path / "files"),
            JobStore(database),
            GuildSettingsStore(database),
        )
        digest = await files.save_bytes(encode_upload(draw_photograph()).data)
        made = replace(build_job(), reply=replace(build_job().reply, message_id=MESSAGE))
        made = replace(made, order=replace(made.order, private=False))
        async with database.write() as tx:
            await jobs.insert_job(tx, made)
            await jobs.save_results(tx, made, [_build_result(digest)])
        settled = {"gallery_channel": CHANNEL, "gallery_mode": GalleryMode.VOTES}
        for name, value in settled.items():
            await guilds.set_value(GUILD, name, value, UserId(1), NOW)
        wall, clock = FakeGalleryChannel(), ScaledClock()
        gallery = GalleryService(
            entries=GalleryStore(database),
            guilds=guilds,
            jobs=jobs,
            exposure=build_exposure(database, SystemClock(), OrdinaryChannels())[0],
            files=files,
            workers=image_workers,
            gallery_channel=wall,
            clock=clock,
        )
        await gallery.add_result(made, made.origin.channel_id, MESSAGE)
        votes = GalleryVotes(gallery.entries, guilds, gallery, wall, gallery.clock)
        yield GalleryHarness(gallery, votes, wall, made, database, clock)


def _build_result(digest: Digest) -> Result:
    return Result(0, "image", "http://x/a.png", None, None, raw=digest, delivered=digest)


def build_voter(number: int) -> Voter:
    return Voter(UserId(number), (), 100 * DAY)


@pytest.mark.timeout(400)
async def test_ten_thousand_votes_lose_none_and_post_once(harness: GalleryHarness) -> None:
    votes = [
        harness.votes.add_vote(GUILD, MESSAGE, build_voter(number), DAY)
        for number in range(100, 10_100)
    ]
    assert not any(await asyncio.gather(*votes))
    entry = await harness.gallery.entries.find_by_message(GUILD, MESSAGE)
    assert entry is not None
    assert (entry.votes, entry.state) == (10_000, EntryState.POSTED)
    assert harness.channel.posts == 1


async def test_a_post_that_failed_is_made_later_and_once(harness: GalleryHarness) -> None:
    harness.channel.failures_left = 2
    for number in range(100, 103):
        await harness.votes.add_vote(GUILD, MESSAGE, build_voter(number), DAY)
    assert harness.channel.posts == 0
    await harness.gallery.finish_moves()
    await harness.gallery.finish_moves()
    await harness.gallery.finish_moves()
    assert (harness.channel.posts, len(harness.channel.posted)) == (1, 1)


async def test_what_a_moderator_takes_out_remains_out(harness: GalleryHarness) -> None:
    for number in range(100, 103):
        await harness.votes.add_vote(GUILD, MESSAGE, build_voter(number), DAY)
    assert harness.channel.posted
    assert await harness.gallery.withdraw_picture(
        GUILD, harness.job.id, UserId(1), is_moderator=True
    )
    assert not harness.channel.posted
    await harness.votes.add_vote(GUILD, MESSAGE, build_voter(103), DAY)
    await harness.gallery.finish_moves()
    assert not harness.channel.posted


async def test_nobody_takes_out_what_is_another_members(harness: GalleryHarness) -> None:
    for number in range(100, 103):
        await harness.votes.add_vote(GUILD, MESSAGE, build_voter(number), DAY)
    assert not await harness.gallery.withdraw_picture(
        GUILD, harness.job.id, UserId(77), is_moderator=False
    )
    assert not await harness.gallery.withdraw_picture(
        GuildId(11), harness.job.id, UserId(1), is_moderator=True
    )
    assert harness.channel.posted


async def test_what_was_cleared_counts_no_more_however_close_the_events_are(
    harness: GalleryHarness,
) -> None:
    for first in range(100, 200, 5):
        votes = [
            harness.votes.add_vote(GUILD, MESSAGE, build_voter(first + number), DAY)
            for number in range(5)
        ]
        # tasks begin in this order, as events do
        await asyncio.gather(*votes[:4], harness.votes.clear_votes(GUILD, MESSAGE), votes[4])
        entry = await harness.gallery.entries.find_by_message(GUILD, MESSAGE)
        assert entry is not None
        assert entry.votes == 1, "only the last one came after the removal"


async def test_one_does_not_vote_for_oneself(harness: GalleryHarness) -> None:
    own = build_voter(harness.job.origin.user_id)
    assert await harness.votes.add_vote(GUILD, MESSAGE, own, DAY) is VoteRefusal.OWN_PICTURE
    assert (
        await harness.votes.add_vote(GuildId(11), MESSAGE, build_voter(5), DAY)
        is VoteRefusal.CLOSED
    )


def cast_votes(harness: GalleryHarness, *numbers: int) -> asyncio.Future[list[VoteRefusal | None]]:
    return asyncio.gather(
        *(harness.votes.add_vote(GUILD, MESSAGE, build_voter(number), DAY) for number in numbers)
    )


def withdraw_votes(harness: GalleryHarness, *numbers: int) -> asyncio.Future[list[None]]:
    return asyncio.gather(
        *(harness.votes.remove_vote(GUILD, Vote(UserId(number), MESSAGE)) for number in numbers)
    )


@asynccontextmanager
async def delay_answer(harness: GalleryHarness, doing: Awaitable[object]) -> AsyncIterator[None]:
    """Keep back the answer to what the gallery does first, until the block has ended."""
    harness.channel.gate.clear()
    harness.channel.asked.clear()
    async with asyncio.timeout(10):
        await harness.channel.asked.wait()
        yield
        harness.channel.gate.set()
        await doing


async def test_votes_taken_back_while_a_picture_is_posted_take_it_out(
    harness: GalleryHarness,
) -> None:
    async with delay_answer(harness, cast_votes(harness, 100, 101, 102)):
        await withdraw_votes(harness, 100, 101, 102)
    assert (harness.channel.posts, harness.channel.posted) == (1, {})


async def test_votes_given_while_a_picture_leaves_bring_it_back(harness: GalleryHarness) -> None:
    await cast_votes(harness, 100, 101, 102)
    async with delay_answer(harness, withdraw_votes(harness, 100, 101, 102)):
        await cast_votes(harness, 100, 101, 102)
    assert (harness.channel.posts, harness.channel.posted) == (1, {})
    await harness.wait_a_minute()
    assert (harness.channel.posts, len(harness.channel.posted)) == (2, 1)


async def test_what_votes_took_out_comes_back_by_votes(harness: GalleryHarness) -> None:
    await cast_votes(harness, 100, 101, 102)
    (message,) = harness.channel.posted
    await withdraw_votes(harness, 100, 101, 102)
    # Discord tells of every deletion, the bot's own too
    await harness.gallery.handle_deleted_message(GUILD, MessageId(message))
    await cast_votes(harness, 100, 101, 102)
    await harness.wait_a_minute()
    assert len(harness.channel.posted) == 1


async def add_child(room: GalleryHarness, message: MessageId) -> Job:
    """Deliver a picture that expands the harness's and looks like it."""
    (result,) = await room.gallery.jobs.list_results(room.job.id)
    made = replace(build_job(2), reply=replace(build_job(2).reply, message_id=message))
    parent = PictureRef(room.job.id, result.ordinal)
    made = replace(made, order=replace(made.order, private=False, parent=parent))
    async with room.database.write() as tx:
        await room.gallery.jobs.insert_job(tx, made)
        await room.gallery.jobs.save_results(tx, made, [result])
    await room.gallery.add_result(made, made.origin.channel_id, message)
    return made


async def test_of_two_look_alikes_of_a_chain_the_one_with_more_votes_is_shown(
    harness: GalleryHarness,
) -> None:
    await cast_votes(harness, 100, 101, 102, 103)
    child = await add_child(harness, MessageId(1002))
    first = await harness.gallery.entries.find_by_job(GUILD, harness.job.id)
    second = await harness.gallery.entries.find_by_job(GUILD, child.id)
    assert first is not None
    assert second is not None
    for number in range(100, 103):
        await harness.votes.add_vote(GUILD, MessageId(1002), build_voter(number), DAY)
    assert (harness.channel.posts, list(harness.channel.posted.values())) == (1, [first.id])
    # with as many votes the later picture is the better one
    await harness.votes.add_vote(GUILD, MessageId(1002), build_voter(103), DAY)
    assert (harness.channel.posts, list(harness.channel.posted.values())) == (2, [second.id])


async def test_own_votes_that_are_forbidden_during_a_sync_do_not_count(
    harness: GalleryHarness,
) -> None:
    async def allow_own_votes(*, allowed: bool) -> None:
        guilds = harness.gallery.guilds
        await guilds.set_value(GUILD, "gallery_self_votes", allowed, UserId(1), NOW)

    async def forbid_and_list(message: MessageId) -> set[Vote]:
        await allow_own_votes(allowed=False)
        return {Vote(harness.job.origin.user_id, message), Vote(UserId(100), message)}

    await allow_own_votes(allowed=True)
    harness.channel.read_votes = forbid_and_list
    await harness.votes.sync_votes([GUILD])
    entry = await harness.gallery.entries.find_by_message(GUILD, MESSAGE)
    assert entry is not None
    assert entry.votes == 1


@pytest.mark.parametrize("hidden", [False, True])
@pytest.mark.parametrize("is_read_late", [False, True])
async def test_what_is_taken_out_while_it_is_posted_does_not_remain(
    harness: GalleryHarness, *, hidden: bool, is_read_late: bool
) -> None:
    harness.channel.is_read_late = is_read_late
    async with delay_answer(harness, cast_votes(harness, 100, 101, 102)):
        author = harness.job.origin.user_id
        if hidden:
            await harness.gallery.opt_out(GUILD, author)
        else:
            assert await harness.gallery.withdraw_picture(
                GUILD, harness.job.id, author, is_moderator=False
            )
    assert (harness.channel.posts, harness.channel.posted) == (1, {})
    assert await harness.gallery.entries.list_unfinished(10) == []


async def test_what_is_covered_while_it_is_posted_is_covered_though_discord_is_away(
    harness: GalleryHarness,
) -> None:
    cover = ModerationAction(GUILD, UserId(1), NOW, ActionKind.SPOILER, None, harness.job.id)
    async with delay_answer(harness, cast_votes(harness, 100, 101, 102)):
        await ModerationStore(harness.database).record_act(cover)
        harness.channel.failures_left = 1
    assert not harness.channel.covered
    await harness.gallery.finish_moves()
    assert harness.channel.covered == set(harness.channel.posted)
    assert harness.channel.posts == 1
    assert await harness.gallery.entries.list_unfinished(10) == []


async def test_what_is_barred_is_deleted_though_discord_is_away(harness: GalleryHarness) -> None:
    await cast_votes(harness, 100, 101, 102)
    harness.channel.failures_left = 2
    await harness.gallery.withdraw_picture(GUILD, harness.job.id, UserId(1), is_moderator=True)
    await harness.gallery.finish_moves()
    assert harness.channel.posted
    await harness.gallery.finish_moves()
    assert not harness.channel.posted
    assert await harness.gallery.entries.list_unfinished(10) == []


@pytest.mark.parametrize("seed", range(20))
async def test_in_whatever_order_votes_come_and_go_the_last_ones_decide(
    harness: GalleryHarness, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - repeatable

    async def member(number: int) -> bool:
        for turn in range(6):
            await asyncio.sleep(chance.choice((0, 0, 0.001)))
            harness.channel.failures_left += chance.random() < 0.1
            await (withdraw_votes if turn % 2 else cast_votes)(harness, number)
        stays = chance.random() < chance.choice((0.1, 0.9))
        if stays:
            await cast_votes(harness, number)
        return stays

    votes = sum(await asyncio.gather(*(member(number) for number in range(100, 106))))
    harness.channel.failures_left = 0
    for _ in range(2):  # what left only now is posted again a minute later
        await harness.wait_a_minute()
    entry = await harness.gallery.entries.find_by_job(GUILD, harness.job.id)
    assert entry is not None
    assert entry.votes == votes
    assert len(harness.channel.posted) == (entry.state is EntryState.POSTED)
    assert entry.state in {EntryState.POSTED, EntryState.CANDIDATE}
    assert votes > RULES.removal_threshold or not harness.channel.posted
    assert votes < RULES.threshold or harness.channel.posted
