"""Votes for gallery entries: reactions to results and to their gallery posts."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from weakref import WeakValueDictionary

import structlog

from bot.clock import Clock
from bot.domain.gallery import (
    GalleryEntry,
    GalleryRules,
    Vote,
    Voter,
    VoteRefusal,
    find_vote_refusal,
)
from bot.domain.ids import GuildId, MessageId, UserId
from bot.errors import Transient
from bot.services.gallery.gallery import GalleryService
from bot.services.ports.channels import GalleryChannel
from bot.storage.repositories.gallery import GalleryStore
from bot.storage.repositories.guild_settings import GuildSettingsStore

log = structlog.get_logger(__name__)

_VOTE_LOOKBACK: Final = timedelta(days=14)
"""How far back votes are re-synced."""


@dataclass(frozen=True, slots=True)
class GalleryVotes:
    """Count votes, and have the gallery's rules applied after each change."""

    entries: GalleryStore
    guilds: GuildSettingsStore
    gallery: GalleryService
    gallery_channel: GalleryChannel
    clock: Clock
    _vote_locks: WeakValueDictionary[MessageId, asyncio.Lock] = field(
        init=False, default_factory=WeakValueDictionary
    )

    async def add_vote(
        self,
        guild: GuildId,
        message: MessageId,
        voter: Voter,
        message_age: timedelta,
        *,
        is_burst: bool = False,
    ) -> VoteRefusal | None:
        """Count a vote on a result or its gallery post; return why not, None if it counts."""
        async with self._get_vote_lock(message):
            entry = await self.entries.find_by_message(guild, message)
            if entry is None:
                return VoteRefusal.CLOSED
            rules = (await self.guilds.get(guild)).gallery_rules
            if refusal := find_vote_refusal(rules, entry, voter, message_age):
                return refusal
            vote = Vote(voter.user, message, is_burst)
            entry = await self.entries.add_vote(entry, vote, self.clock.now())
        await self.gallery.apply_rules(entry)
        return None

    async def remove_vote(self, guild: GuildId, vote: Vote) -> None:
        async with self._get_vote_lock(vote.message):
            entry = await self.entries.find_by_message(guild, vote.message)
            if entry is not None:
                entry = await self.entries.remove_vote(entry, vote)
        if entry is not None:
            await self.gallery.apply_rules(entry)

    async def clear_votes(self, guild: GuildId, message: MessageId) -> None:
        """Remove all votes on a message, after a moderator cleared its reactions."""
        async with self._get_vote_lock(message):
            entry = await self.entries.find_by_message(guild, message)
            if entry is not None:
                entry = await self.entries.remove_votes(entry, message)
        if entry is not None:
            await self.gallery.apply_rules(entry)

    def _get_vote_lock(self, message: MessageId) -> asyncio.Lock:
        """Return the lock that keeps a message's votes in the order of their events.

        Events are handled concurrently, and a vote that is cleared must not come after its removal.
        """
        return self._vote_locks.setdefault(message, asyncio.Lock())

    async def sync_votes(self, guilds: Iterable[GuildId]) -> None:
        """Re-sync the votes of the last 14 days, after a time without gateway events."""
        since = self.clock.now() - _VOTE_LOOKBACK
        for guild in guilds:
            if not (await self.guilds.get(guild)).gallery_rules.is_counting_votes:
                continue
            voters: dict[UserId, Voter] = {}
            for entry in await self.entries.list_since(guild, since):
                try:
                    await self._sync_entry(entry, voters)
                except Transient as error:
                    log.info("not recounted", job_id=entry.job, detail=error.detail)

    async def _sync_entry(self, entry: GalleryEntry, voters: dict[UserId, Voter]) -> None:
        """Replace an entry's votes with the reactions that Discord has now."""
        votes: set[Vote] = set()
        unread: set[MessageId] = set()
        async with AsyncExitStack() as stack:
            for channel, message in (
                (entry.channel, entry.message),
                (entry.shown_channel, entry.shown_message),
            ):
                if channel is None or message is None:
                    continue
                # what is heard from now on comes after what is listed
                await stack.enter_async_context(self._get_vote_lock(message))
                found = await self.gallery_channel.list_votes(channel, message)
                votes |= found or set()
                unread |= {message} if found is None else set()
            votes = await self._select_valid_votes(entry, votes, voters)
            now = self.clock.now()
            entry = await self.entries.replace_votes(entry, votes, now, unread=unread)
        await self.gallery.apply_rules(entry)

    async def _select_valid_votes(
        self, entry: GalleryEntry, votes: set[Vote], voters: dict[UserId, Voter]
    ) -> set[Vote]:
        """Return the votes that the guild's rules allow; a vote once counted stays valid."""
        # read only now: moderators may change the rules during a long sync
        rules = (await self.guilds.get(entry.guild)).gallery_rules
        if not rules.self_votes:
            votes = {vote for vote in votes if vote.voter != entry.author}
        counted = await self.entries.list_voters(entry)
        for user in {vote.voter for vote in votes} - counted:
            if user not in voters:
                voters[user] = await self._find_voter(rules, entry.guild, user)
            # when the vote was given is unknown, so the message counts as old enough
            if find_vote_refusal(rules, entry, voters[user], rules.message_age) is not None:
                votes = {vote for vote in votes if vote.voter != user}
        return votes

    async def _find_voter(self, rules: GalleryRules, guild: GuildId, user: UserId) -> Voter:
        now, with_roles = self.clock.now(), bool(rules.voter_roles)
        return await self.gallery_channel.find_voter(guild, user, now, with_roles=with_roles)
