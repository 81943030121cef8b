"""What members look up in a guild's gallery: the best, who made them, and what was gone on from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.gallery import AuthorRanking, ChainRanking, GalleryEntry
from bot.domain.ids import GuildId, JobId
from bot.domain.job import Job
from bot.storage.repositories.jobs import JobStore
from bot.storage.repositories.rankings import RankingStore


@dataclass(frozen=True, slots=True)
class GalleryBrowser:
    rankings: RankingStore
    jobs: JobStore

    async def get_job(self, job_id: JobId) -> Job | None:
        return await self.jobs.get(job_id)

    async def list_best(
        self, guild: GuildId, since: datetime, limit: int
    ) -> Sequence[GalleryEntry]:
        return await self.rankings.list_best(guild, since, limit)

    async def list_leaders(self, guild: GuildId, limit: int) -> Sequence[AuthorRanking]:
        return await self.rankings.list_leaders(guild, limit)

    async def list_most_expanded(self, guild: GuildId, limit: int) -> Sequence[ChainRanking]:
        return await self.rankings.list_most_expanded(guild, limit)

    async def pick_entry(self, guild: GuildId, number: int) -> GalleryEntry | None:
        """Return the posted picture of this number, counted round and round from the oldest."""
        return await self.rankings.pick_entry(guild, number)
