"""A gallery under a rush of votes, over the real books; its channel is a port of the services."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from bot.clock import SystemClock
from bot.domain.gallery import Entry, EntryState, GalleryMode, Voter, VoteRefusal
from bot.domain.ids import ChannelId, Digest, GuildId, MessageId, UserId
from bot.domain.job import Job, Result
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


@dataclass
class Wall:
    """Keep what hangs in the channel; `stumbles` calls fail first."""

    hanging: list[int] = field(default_factory=list)
    posts: int = 0
    stumbles: int = 0

    async def show(self, entry: Entry, _job: Job, _picture: Picture) -> MessageId:
        await asyncio.sleep(0)
        if self.stumbles:
            self.stumbles -= 1
            raise Transient("busy")
        self.posts += 1
        self.hanging.append(entry.id)
        return MessageId(9000 + self.posts)

    async def refresh(self, entry: Entry, job: Job, picture: Picture) -> None:
        """Do nothing."""

    async def invite_votes(
        self, guild: GuildId, channel: ChannelId, message: MessageId
    ) -> None: ...

    async def take_down(self, _channel: ChannelId, _message: MessageId) -> None:
        self.hanging.pop()

    async def voters(self, _channel: ChannelId, _message: MessageId) -> set[UserId] | None:
        return set()

    async def is_age_restricted(self, channel: ChannelId) -> bool:
        return channel == ChannelId(18)

    async def announce(
        self, guild: GuildId, channel: ChannelId, entries: Sequence[Entry], nonce: str
    ) -> MessageId:
        raise NotImplementedError


@dataclass
class Room:
    gallery: Gallery
    wall: Wall
    job: Job


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
        yield Room(gallery, wall, made)


def _result(digest: Digest) -> Result:
    return Result(0, "image", "http://x/a.png", None, None, raw=digest, delivered=digest)


def voter(number: int) -> Voter:
    return Voter(UserId(number), (), 100 * DAY)


@pytest.mark.timeout(180)
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
