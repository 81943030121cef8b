"""A guild's numbers: counted as jobs end and orders are refused, and told by its own days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from bot.clock import Clock
from bot.domain.ids import GuildId
from bot.domain.job import Job, JobState
from bot.domain.money import ZERO
from bot.domain.order import Origin
from bot.domain.usage import Tally, UsageReport
from bot.storage.database import Connection, Database
from bot.storage.guilds import GuildStore
from bot.storage.usage import UsageStore


@dataclass(frozen=True, slots=True)
class UsageBook:
    database: Database
    guilds: GuildStore
    usage: UsageStore
    clock: Clock

    async def ended(self, tx: Connection, job: Job, target: JobState, results: int) -> None:
        """Count a job in the transaction that ends it; its day is that of its acceptance."""
        failed = int(target is JobState.FAILED)
        tally = Tally(0 if failed else results, failed, 0, job.cost or ZERO)
        zone = (await self.guilds.read(tx, job.origin.guild_id)).zone
        await self.usage.add(tx, job.origin, job.created_at.astimezone(zone).date(), tally)

    async def refused(self, origin: Origin) -> None:
        """Count an order that was refused."""
        async with self.database.write() as tx:
            zone = (await self.guilds.read(tx, origin.guild_id)).zone
            day = self.clock.now().astimezone(zone).date()
            await self.usage.add(tx, origin, day, Tally(refusals=1))

    async def report(self, guild: GuildId, days: int) -> tuple[date, date, UsageReport]:
        """Return the guild's last days, today included: first day, last day, numbers."""
        zone = (await self.guilds.get(guild)).zone
        last = self.clock.now().astimezone(zone).date()
        first = last - timedelta(days=days - 1)
        return first, last, await self.usage.report(guild, first, last)
