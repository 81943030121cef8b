"""A gallery's channel whose answers may be late or fail, as a fake of the port."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.gallery import GalleryEntry, Vote, Voter
from bot.domain.ids import ChannelId, GuildId, MessageId, UserId
from bot.domain.job import Job
from bot.errors import Transient
from bot.services.ports.jobs import StoredPicture


async def read_no_votes(_message: MessageId) -> set[Vote]:
    return set()


@dataclass
class FakeGalleryChannel:
    """Keep the posted entries.

    The first `failures_left` calls fail, the first answer waits for the gate, and `read_votes`
    answers a sync. With `is_read_late`, a post is found by no search.
    """

    posted: dict[int, int] = field(default_factory=dict)
    covered: set[int] = field(default_factory=set)
    posts: int = 0
    failures_left: int = 0
    is_read_late: bool = False
    read_votes: Callable[[MessageId], Awaitable[set[Vote]]] = read_no_votes
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    async def post_entry(
        self, entry: GalleryEntry, _job: Job, _picture: StoredPicture
    ) -> MessageId:
        await self._check_reachable()
        self.posts += 1
        self.posted[9000 + self.posts] = entry.id
        await self._delay_answer()
        return MessageId(9000 + self.posts)

    async def find_post(self, entry: GalleryEntry) -> MessageId | None:
        await self._check_reachable()
        posted = () if self.is_read_late else self.posted.items()
        found = (MessageId(message) for message, shown in posted if shown == entry.id)
        return next(found, None)

    async def edit_entry(self, entry: GalleryEntry, job: Job, _picture: StoredPicture) -> bool:
        await self._check_reachable()
        if job.order.attachment.spoiler and entry.shown_message is not None:
            self.covered.add(entry.shown_message)
        return True

    async def invite_votes(
        self, guild: GuildId, channel: ChannelId, message: MessageId
    ) -> None: ...

    async def delete_message(self, _channel: ChannelId, message: MessageId) -> None:
        await self._check_reachable()
        self.posted.pop(message, None)
        await self._delay_answer()

    async def list_votes(self, _channel: ChannelId, message: MessageId) -> set[Vote] | None:
        return await self.read_votes(message)

    async def find_voter(
        self, _guild: GuildId, user: UserId, _now: datetime, *, with_roles: bool
    ) -> Voter:
        assert not with_roles
        return Voter(user, (), timedelta(days=9))

    def is_age_restricted(self, channel: ChannelId) -> bool:
        return channel == ChannelId(18)

    async def post_weekly_best(
        self, guild: GuildId, channel: ChannelId, entries: Sequence[GalleryEntry], nonce: str
    ) -> MessageId:
        raise AssertionError(guild, channel, entries, nonce)

    async def _check_reachable(self) -> None:
        await asyncio.sleep(0)
        if self.failures_left:
            self.failures_left -= 1
            raise Transient("busy")

    async def _delay_answer(self) -> None:
        """Come back late with what was done at once, as an answer does; later ones are not late."""
        if not self.asked.is_set():
            self.asked.set()
            await self.gate.wait()
