"""The numbers that moderators see."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from bot.domain.ids import ChannelId, GuildId, UserId
from bot.domain.ledger import UsageTotals
from bot.domain.money import MicroUsd
from bot.storage.repositories.billing.usage import UsageStore
from bot.storage.sqlite.database import Database
from tests.support.job_builders import build_job

ANA = build_job().origin
BEN = replace(ANA, user_id=UserId(31), channel_id=ChannelId(21))
MONDAY, TUESDAY = date(2026, 11, 16), date(2026, 11, 17)


async def test_numbers_add_up_by_day_member_and_channel(database: Database) -> None:
    usage = UsageStore(database)
    async with database.write() as tx:
        for origin, day, tally in (
            (ANA, MONDAY, UsageTotals(results=2, cost=MicroUsd(100_000))),
            (ANA, MONDAY, UsageTotals(refusals=1)),
            (BEN, TUESDAY, UsageTotals(failures=1)),
            (BEN, TUESDAY, UsageTotals(results=1, cost=MicroUsd(50_000))),
            (replace(BEN, guild_id=GuildId(11)), MONDAY, UsageTotals(results=9)),
        ):
            await usage.add_tally(tx, origin, day, tally)
    report = await usage.build_report(ANA.guild_id, MONDAY, TUESDAY)
    assert report.days == {
        MONDAY: UsageTotals(2, 0, 1, MicroUsd(100_000)),
        TUESDAY: UsageTotals(1, 1, 0, MicroUsd(50_000)),
    }
    assert set(report.members) == {ANA.user_id, BEN.user_id}
    assert set(report.channels) == {ANA.channel_id, BEN.channel_id}
    assert report.total_usage == UsageTotals(3, 1, 1, MicroUsd(150_000))
    assert (await usage.build_report(ANA.guild_id, TUESDAY, TUESDAY)).total_usage.results == 1
