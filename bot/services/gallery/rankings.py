"""Rankings of a guild's gallery, and its weekly post of the best pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from bot.clock import Clock
from bot.domain.gallery import AuthorRanking, ChainRanking, GalleryEntry
from bot.domain.ids import GuildId
from bot.errors import Transient
from bot.services.ports.channels import GalleryChannel, RouteClosed
from bot.storage.repositories.guild_settings import GuildSettingsStore
from bot.storage.repositories.rankings import RankingStore

log = structlog.get_logger(__name__)

_CHECK_SECONDS: Final = 600.0
"""Time between two checks for a new week."""
_WEEK: Final = timedelta(days=7)
_MAX_ENTRIES: Final = 5


@dataclass(frozen=True, slots=True)
class GalleryRankings:
    rankings: RankingStore
    guilds: GuildSettingsStore
    gallery_channel: GalleryChannel
    clock: Clock

    async def list_best(
        self, guild: GuildId, since: datetime, limit: int
    ) -> Sequence[GalleryEntry]:
        return await self.rankings.list_best(guild, since, limit)

    async def list_leaders(self, guild: GuildId, limit: int) -> Sequence[AuthorRanking]:
        return await self.rankings.list_leaders(guild, limit)

    async def list_most_expanded(self, guild: GuildId, limit: int) -> Sequence[ChainRanking]:
        return await self.rankings.list_most_expanded(guild, limit)

    async def pick_entry(self, guild: GuildId, number: int) -> GalleryEntry | None:
        """Return the posted picture at index `number` modulo their count, oldest first."""
        return await self.rankings.pick_entry(guild, number)

    async def run(self) -> None:
        while True:
            for guild in await self.rankings.list_weekly_guilds():
                try:
                    await self.post_best(guild)
                except (RouteClosed, Transient) as error:
                    log.warning("best of the week not posted", guild_id=guild, reason=str(error))
            await self.clock.sleep(_CHECK_SECONDS)

    async def post_best(self, guild: GuildId) -> bool:
        """Post last week's best, by the guild's time zone; return whether it was posted.

        The first post comes in the week after it was turned on. Posted before it is recorded:
        after a crash in between, the nonce makes Discord return the first message.
        """
        settings, now = await self.guilds.get(guild), self.clock.now()
        name = _format_week(now - _WEEK, settings.zone_info)
        rankings, channel, zone = self.rankings, settings.gallery_channel, settings.zone_info
        if channel is None or settings.gallery_frozen:
            return False
        changed = await rankings.get_weekly_changed_at(guild)
        is_new = changed is not None and _format_week(changed, zone) == _format_week(now, zone)
        if is_new or await rankings.has_posted_week(guild, name):
            return False
        best = await rankings.list_best(guild, now - _WEEK, _MAX_ENTRIES)
        if best:
            # shortened, because Discord allows 25 characters
            nonce = f"w{guild % 10**12}{name}"
            await self.gallery_channel.post_weekly_best(guild, channel, best, nonce)
        return await rankings.record_week(guild, name, now) and bool(best)


def _format_week(moment: datetime, zone: ZoneInfo) -> str:
    """Return the ISO 8601 week of a time, such as `2026-W09`."""
    year, week, _ = moment.astimezone(zone).isocalendar()
    return f"{year}-W{week:02}"
