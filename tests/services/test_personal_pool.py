"""Personal use has a pool of its own, kept in the accepting transaction, apart from every guild."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest

from bot.config import LimitSettings, PersonalSettings
from bot.domain.guild import PERSONAL_SETTINGS, PersonalGrant
from bot.domain.ids import PERSONAL, GuildId, UserId
from bot.domain.ledger import Cap, Unit, guild_month_scope
from bot.errors import BudgetExhausted, QuotaExhausted
from bot.storage.database import Database
from tests.services.door import ANA, GUILD, Door

PLENTY = LimitSettings(waiting_per_user=10_000, queue=10_000)
OTHERS = range(100, 130)


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    budget = PersonalSettings(month_usd=Decimal("1.00"), results_per_day=2)
    async with Database.open(tmp_path / "jobs.db") as database:
        yield Door(database, tmp_path, PLENTY, personal=budget)


async def held(door: Door, guild: GuildId) -> int:
    scope = guild_month_scope(guild, door.clock.now().date())
    return (await door.ledger.account(scope, Unit.MICRO_USD)).held


async def test_many_at_once_never_pass_the_pool_and_guilds_do_not_feel_it(door: Door) -> None:
    orders = [door.accept(user=user, guild=PERSONAL) for user in OTHERS]
    told = await asyncio.gather(*orders, return_exceptions=True)
    refused = [each for each in told if isinstance(each, BudgetExhausted)]
    assert (len(refused), {each.cap for each in refused}) == (10, {Cap.PERSONAL_MONTH})
    assert await held(door, PERSONAL) == 1_000_000
    await door.accept()
    assert (await held(door, PERSONAL), await held(door, GUILD)) == (1_000_000, 50_000)
    assert await door.ledger.audit() == []


async def test_a_day_there_is_none_in_a_guild_and_the_other_way_round(door: Door) -> None:
    await door.accept(guild=PERSONAL, results=2)
    with pytest.raises(QuotaExhausted) as caught:
        await door.accept(guild=PERSONAL)
    assert (caught.value.used, caught.value.limit) == (2, 2)
    await door.accept(results=3)
    usage = await door.accounting.usage(GUILD, ANA, door.clock.now())
    assert usage.used == 3


async def test_nothing_can_be_settled_or_granted_there(door: Door) -> None:
    now, mia = door.clock.now(), UserId(1)
    with pytest.raises(sqlite3.IntegrityError, match="no settings"):
        await door.guilds.set(PERSONAL, "tolerance", 2, mia, now)
    with pytest.raises(sqlite3.IntegrityError, match="no grants"):
        await door.guilds.grant(PERSONAL, PersonalGrant(ANA, 50, None), mia, now)
    assert await door.guilds.get(PERSONAL) == PERSONAL_SETTINGS
