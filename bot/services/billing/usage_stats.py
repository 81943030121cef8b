"""Usage statistics: a guild's ended jobs and refused orders, by days of its time zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from bot.clock import Clock
from bot.domain.ids import GuildId
from bot.domain.job import Job, JobState
from bot.domain.ledger import UsageReport, UsageTotals
from bot.domain.money import ZERO
from bot.domain.order import Origin
from bot.storage.repositories.billing.usage import UsageStore
from bot.storage.repositories.guild_settings import GuildSettingsStore
from bot.storage.sqlite.database import Connection


@dataclass(frozen=True, slots=True)
class UsageStats:
    guilds: GuildSettingsStore
    usage: UsageStore
    clock: Clock

    async def record_ended_job(
        self, tx: Connection, job: Job, target: JobState, results: int
    ) -> None:
        """Count a job in the transaction that ends it, on the day that it was accepted."""
        failed = int(target is JobState.FAILED)
        tally = UsageTotals(0 if failed else results, failed, 0, job.cost or ZERO)
        zone = (await self.guilds.read_settings(tx, job.origin.guild_id)).zone_info
        await self.usage.add_tally(tx, job.origin, job.created_at.astimezone(zone).date(), tally)

    async def record_refusal(self, origin: Origin) -> None:
        async with self.usage.write() as tx:
            zone = (await self.guilds.read_settings(tx, origin.guild_id)).zone_info
            day = self.clock.now().astimezone(zone).date()
            await self.usage.add_tally(tx, origin, day, UsageTotals(refusals=1))

    async def build_report(self, guild: GuildId, days: int) -> tuple[date, date, UsageReport]:
        """Return the first day, last day and statistics of the last `days` days with today."""
        zone = (await self.guilds.get(guild)).zone_info
        last = self.clock.now().astimezone(zone).date()
        first = last - timedelta(days=days - 1)
        return first, last, await self.usage.build_report(guild, first, last)
