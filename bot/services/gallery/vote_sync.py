"""Counts votes anew, after a time in which nobody heard of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog

from bot.clock import Clock
from bot.domain.gallery import GalleryEntry, GalleryRules
from bot.domain.ids import GuildId, UserId
from bot.errors import Transient
from bot.services.gallery.gallery import GalleryService
from bot.services.ports.channels import GalleryChannel
from bot.storage.repositories.gallery import GalleryStore
from bot.storage.repositories.guild_settings import GuildSettingsStore

log = structlog.get_logger(__name__)

_LOOKBACK: Final = timedelta(days=14)
"""How far back votes are counted anew."""


@dataclass(frozen=True, slots=True)
class VoteSync:
    gallery: GalleryService
    entries: GalleryStore
    guilds: GuildSettingsStore
    gallery_channel: GalleryChannel
    clock: Clock

    async def sync_entry(self, guild: GuildId, entry: GalleryEntry) -> None:
        """Make the votes what Discord says that they are, after a time of hearing nothing."""
        voters: set[UserId] = set()
        for channel, message in (
            (entry.channel, entry.message),
            (entry.shown_channel, entry.shown_message),
        ):
            if channel is not None and message is not None:
                voters |= await self.gallery_channel.list_voters(channel, message) or set()
        if not (await self._get_rules(guild)).self_votes:
            voters.discard(entry.author)
        await self.gallery.apply_rules(
            await self.entries.replace_votes(entry, voters, self.clock.now())
        )

    async def sync_guilds(self, guilds: Iterable[GuildId]) -> None:
        """Recount what was made lately, in every guild where votes count."""
        since = self.clock.now() - _LOOKBACK
        for guild in guilds:
            if not (await self._get_rules(guild)).is_counting_votes:
                continue
            for entry in await self.entries.list_since(guild, since):
                try:
                    await self.sync_entry(guild, entry)
                except Transient as error:
                    log.info("not recounted", job_id=entry.job, detail=error.detail)

    async def _get_rules(self, guild: GuildId) -> GalleryRules:
        return (await self.guilds.get(guild)).gallery_rules
