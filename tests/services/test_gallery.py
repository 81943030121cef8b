"""A gallery under a rush of votes, over the real books; its channel is a port of the services."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from bot.clock import SystemClock
from bot.domain.gallery import Entry, EntryState, GalleryMode, Voter, VoteRefusal
from bot.domain.guild import GuildSettings
from bot.domain.ids import ChannelId, Digest, GuildId, MessageId, UserId
from bot.domain.job import Job, Result
from bot.domain.order import PictureRef
from bot.errors import Transient
from bot.images.workers import ImageWorkers
from bot.services.gallery import Gallery
from bot.services.ports import Picture
from bot.storage.database import Database
from bot.storage.files import FileStore
from bot.storage.gallery import GalleryStore
from bot.storage.guilds import GuildStore
from bot.storage.jobs import JobStore
from bot.storage.lineage import LineageStore
from bot.storage.rankings import RankingStore
from tests.house import photograph, upload
from tests.storage.jobs import NOW, job

GUILD, CHANNEL, MESSAGE = GuildId(10), ChannelId(99), MessageId(1001)
DAY = timedelta(days=1)
RULES = GuildSettings().gallery
"""Where nothing else is settled."""


@dataclass
class Wall:
    """Keep what hangs in the channel; `stumbles` calls fail first, and each waits for the gate."""

    hanging: dict[int, int] = field(default_factory=dict)
    posts: int = 0
    stumbles: int = 0
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    async def show(self, entry: Entry, _job: Job, _picture: Picture) -> MessageId:
        await self._reach()
        self.posts += 1
        self.hanging[9000 + self.posts] = entry.id
        await self._answer()
        return MessageId(9000 + self.posts)

    async def refresh(self, entry: Entry, job: Job, picture: Picture) -> None:
        """Do nothing."""

    async def invite_votes(
        self, guild: GuildId, channel: ChannelId, message: MessageId
    ) -> None: ...

    async def take_down(self, _channel: ChannelId, message: MessageId) -> None:
        await self._reach()
        self.hanging.pop(message, None)
        await self._answer()

    async def voters(self, _channel: ChannelId, _message: MessageId) -> set[UserId] | None:
        return set()

    async def is_age_restricted(self, channel: ChannelId) -> bool:
        return channel == ChannelId(18)

    async def announce(
        self, guild: GuildId, channel: ChannelId, entries: Sequence[Entry], nonce: str
    ) -> MessageId:
        raise AssertionError(guild, channel, entries, nonce)

    async def _reach(self) -> None:
        await asyncio.sleep(0)
        if self.stumbles:
            self.stumbles -= 1
            raise Transient("busy")

    async def _answer(self) -> None:
        """Come back late with what was done at once, as an answer does."""
        self.asked.set()
        await self.gate.wait()


@dataclass
class Room:
    gallery: Gallery
    wall: Wall
    job: Job
    database: Database


@pytest_asyncio.fixture
async def room(tmp_path: Path, image_workers: ImageWorkers) -> AsyncIterator[Room]:
    async with Database.open(tmp_path / "expanse.db") as database:
        files, jobs, guilds = (
            FileStore(tmp_path / "files"),
            JobStore(database),
            GuildStore(database),
        )
        digest = await files.put(upload(photograph()).data)
        made = replace(job(), reply=replace(job().reply, message_id=MESSAGE))
        made = replace(made, order=replace(made.order, private=False))
        async with database.write() as tx:
            await jobs.insert(tx, made)
            await jobs.put_results(tx, made, [_result(digest)])
        settled = {"gallery_channel": CHANNEL, "gallery_mode": GalleryMode.VOTES}
        for name, value in settled.items():
            await guilds.set(GUILD, name, value, UserId(1), NOW)
        wall = Wall()
        gallery = Gallery(
            entries=GalleryStore(database),
            rankings=RankingStore(database),
            guilds=guilds,
            jobs=jobs,
            lineage=LineageStore(database),
            files=files,
            workers=image_workers,
            board=wall,
            clock=SystemClock(),
        )
        await gallery.delivered(made, made.origin.channel_id, MESSAGE)
        yield Room(gallery, wall, made, database)


def _result(digest: Digest) -> Result:
    return Result(0, "image", "http://x/a.png", None, None, raw=digest, delivered=digest)


def voter(number: int) -> Voter:
    return Voter(UserId(number), (), 100 * DAY)


@pytest.mark.timeout(400)
async def test_ten_thousand_votes_lose_none_and_post_once(room: Room) -> None:
    votes = [room.gallery.vote(GUILD, MESSAGE, voter(number), DAY) for number in range(100, 10_100)]
    assert not any(await asyncio.gather(*votes))
    entry = await room.gallery.entries.by_message(GUILD, MESSAGE)
    assert entry is not None
    assert (entry.votes, entry.state) == (10_000, EntryState.POSTED)
    assert room.wall.posts == 1


async def test_a_post_that_failed_is_made_later_and_once(room: Room) -> None:
    room.wall.stumbles = 2
    for number in range(100, 103):
        await room.gallery.vote(GUILD, MESSAGE, voter(number), DAY)
    assert room.wall.posts == 0
    await room.gallery.finish()
    await room.gallery.finish()
    await room.gallery.finish()
    assert (room.wall.posts, len(room.wall.hanging)) == (1, 1)


async def test_what_a_moderator_takes_out_stays_out(room: Room) -> None:
    for number in range(100, 103):
        await room.gallery.vote(GUILD, MESSAGE, voter(number), DAY)
    assert room.wall.hanging
    assert await room.gallery.withdraw(GUILD, room.job.id, UserId(1), moderator=True)
    assert not room.wall.hanging
    await room.gallery.vote(GUILD, MESSAGE, voter(103), DAY)
    await room.gallery.finish()
    assert not room.wall.hanging


async def test_nobody_takes_out_what_is_another_members(room: Room) -> None:
    for number in range(100, 103):
        await room.gallery.vote(GUILD, MESSAGE, voter(number), DAY)
    assert not await room.gallery.withdraw(GUILD, room.job.id, UserId(77), moderator=False)
    assert not await room.gallery.withdraw(GuildId(11), room.job.id, UserId(1), moderator=True)
    assert room.wall.hanging


async def test_one_does_not_vote_for_oneself(room: Room) -> None:
    own = voter(room.job.origin.user_id)
    assert await room.gallery.vote(GUILD, MESSAGE, own, DAY) is VoteRefusal.OWN_PICTURE
    assert await room.gallery.vote(GuildId(11), MESSAGE, voter(5), DAY) is VoteRefusal.CLOSED


def voted(room: Room, *numbers: int) -> asyncio.Future[list[VoteRefusal | None]]:
    return asyncio.gather(
        *(room.gallery.vote(GUILD, MESSAGE, voter(number), DAY) for number in numbers)
    )


def unvoted(room: Room, *numbers: int) -> asyncio.Future[list[None]]:
    return asyncio.gather(
        *(room.gallery.unvote(GUILD, MESSAGE, UserId(number)) for number in numbers)
    )


@asynccontextmanager
async def late(room: Room, doing: Awaitable[object]) -> AsyncIterator[None]:
    """Keep back the answer to what the gallery does first, until the block has ended."""
    room.wall.gate.clear()
    room.wall.asked.clear()
    async with asyncio.timeout(10):
        await room.wall.asked.wait()
        yield
        room.wall.gate.set()
        await doing


async def test_votes_taken_back_while_a_picture_is_posted_take_it_out(room: Room) -> None:
    async with late(room, voted(room, 100, 101, 102)):
        await unvoted(room, 100, 101, 102)
    assert (room.wall.posts, room.wall.hanging) == (1, {})


async def test_votes_given_while_a_picture_leaves_bring_it_back(room: Room) -> None:
    await voted(room, 100, 101, 102)
    async with late(room, unvoted(room, 100, 101, 102)):
        await voted(room, 100, 101, 102)
    assert (room.wall.posts, len(room.wall.hanging)) == (2, 1)


async def test_what_votes_took_out_comes_back_by_votes(room: Room) -> None:
    await voted(room, 100, 101, 102)
    (message,) = room.wall.hanging
    await unvoted(room, 100, 101, 102)
    # Discord tells of every deletion, the bot's own too
    await room.gallery.message_deleted(GUILD, MessageId(message))
    await voted(room, 100, 101, 102)
    assert len(room.wall.hanging) == 1


async def gone_on(room: Room, message: MessageId) -> Job:
    """Deliver a picture that grew out of the room's and looks like it."""
    (result,) = await room.gallery.jobs.results(room.job.id)
    made = replace(job(2), reply=replace(job(2).reply, message_id=message))
    parent = PictureRef(room.job.id, result.ordinal)
    made = replace(made, order=replace(made.order, private=False, parent=parent))
    async with room.database.write() as tx:
        await room.gallery.jobs.insert(tx, made)
        await room.gallery.jobs.put_results(tx, made, [result])
    await room.gallery.delivered(made, made.origin.channel_id, message)
    return made


async def test_of_two_look_alikes_of_a_chain_the_one_with_more_votes_is_shown(room: Room) -> None:
    await voted(room, 100, 101, 102, 103)
    child = await gone_on(room, MessageId(1002))
    first = await room.gallery.entries.of_job(GUILD, room.job.id)
    second = await room.gallery.entries.of_job(GUILD, child.id)
    assert first is not None
    assert second is not None
    for number in range(100, 103):
        await room.gallery.vote(GUILD, MessageId(1002), voter(number), DAY)
    assert (room.wall.posts, list(room.wall.hanging.values())) == (1, [first.id])
    # with as many votes the later picture is the better one
    await room.gallery.vote(GUILD, MessageId(1002), voter(103), DAY)
    assert (room.wall.posts, list(room.wall.hanging.values())) == (2, [second.id])


@pytest.mark.parametrize("hidden", [False, True])
async def test_what_is_taken_out_while_it_is_posted_does_not_stay(
    room: Room, *, hidden: bool
) -> None:
    async with late(room, voted(room, 100, 101, 102)):
        author = room.job.origin.user_id
        if hidden:
            await room.gallery.opt_out(GUILD, author)
        else:
            assert await room.gallery.withdraw(GUILD, room.job.id, author, moderator=False)
    assert (room.wall.posts, room.wall.hanging) == (1, {})


async def test_what_is_barred_is_deleted_though_discord_is_away(room: Room) -> None:
    await voted(room, 100, 101, 102)
    room.wall.stumbles = 2
    await room.gallery.withdraw(GUILD, room.job.id, UserId(1), moderator=True)
    await room.gallery.finish()
    assert room.wall.hanging
    await room.gallery.finish()
    assert not room.wall.hanging
    assert await room.gallery.entries.unfinished(10) == []


@pytest.mark.parametrize("seed", range(20))
async def test_in_whatever_order_votes_come_and_go_the_last_ones_decide(
    room: Room, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - repeatable

    async def member(number: int) -> bool:
        for turn in range(6):
            await asyncio.sleep(chance.choice((0, 0, 0.001)))
            room.wall.stumbles += chance.random() < 0.1
            await (unvoted if turn % 2 else voted)(room, number)
        stays = chance.random() < chance.choice((0.1, 0.9))
        if stays:
            await voted(room, number)
        return stays

    votes = sum(await asyncio.gather(*(member(number) for number in range(100, 106))))
    room.wall.stumbles = 0
    await room.gallery.finish()
    entry = await room.gallery.entries.of_job(GUILD, room.job.id)
    assert entry is not None
    assert entry.votes == votes
    assert len(room.wall.hanging) == (entry.state is EntryState.POSTED)
    assert entry.state in {EntryState.POSTED, EntryState.CANDIDATE}
    assert votes > RULES.lower or not room.wall.hanging
    assert votes < RULES.threshold or room.wall.hanging
