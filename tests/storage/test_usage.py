"""The numbers that moderators see."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from bot.domain.ids import ChannelId, GuildId, UserId
from bot.domain.money import MicroUsd
from bot.domain.usage import Tally
from bot.storage.database import Database
from bot.storage.usage import UsageStore
from tests.storage.jobs import job

ANA = job().origin
BEN = replace(ANA, user_id=UserId(31), channel_id=ChannelId(21))
MONDAY, TUESDAY = date(2026, 11, 16), date(2026, 11, 17)


async def test_numbers_add_up_by_day_member_and_channel(database: Database) -> None:
    usage = UsageStore(database)
    async with database.write() as tx:
        for origin, day, tally in (
            (ANA, MONDAY, Tally(results=2, cost=MicroUsd(100_000))),
            (ANA, MONDAY, Tally(refusals=1)),
            (BEN, TUESDAY, Tally(failures=1)),
            (BEN, TUESDAY, Tally(results=1, cost=MicroUsd(50_000))),
            (replace(BEN, guild_id=GuildId(11)), MONDAY, Tally(results=9)),
        ):
            await usage.add(tx, origin, day, tally)
    report = await usage.report(ANA.guild_id, MONDAY, TUESDAY)
    assert report.days == {
        MONDAY: Tally(2, 0, 1, MicroUsd(100_000)),
        TUESDAY: Tally(1, 1, 0, MicroUsd(50_000)),
    }
    assert set(report.members) == {ANA.user_id, BEN.user_id}
    assert set(report.channels) == {ANA.channel_id, BEN.channel_id}
    assert report.total == Tally(3, 1, 1, MicroUsd(150_000))
    assert (await usage.report(ANA.guild_id, TUESDAY, TUESDAY)).total.results == 1
