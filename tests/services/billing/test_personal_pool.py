"""Personal use has a pool of its own, kept in the accepting transaction, apart from every guild."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest

from bot.config.settings import LimitSettings, PersonalSettings
from bot.domain.guild import PERSONAL_SETTINGS, PersonalGrant
from bot.domain.ids import PERSONAL_GUILD, GuildId, UserId
from bot.domain.ledger import LedgerUnit, LimitKind, format_guild_month_scope
from bot.errors import BudgetExhausted, QuotaExhausted
from bot.storage.sqlite.database import Database
from tests.support.services.acceptance_harness import ANA, GUILD, AcceptanceHarness

PLENTY = LimitSettings(waiting_per_user=10_000, queue=10_000)
OTHERS = range(100, 130)


@pytest.fixture
async def acceptance(tmp_path: Path) -> AsyncIterator[AcceptanceHarness]:
    budget = PersonalSettings(month_usd=Decimal("1.00"), results_per_day=2)
    async with Database.open(tmp_path / "jobs.db") as database:
        yield AcceptanceHarness(database, tmp_path, PLENTY, personal=budget)


async def read_held(acceptance: AcceptanceHarness, guild: GuildId) -> int:
    scope = format_guild_month_scope(guild, acceptance.clock.now().date())
    return (await acceptance.ledger.get_account(scope, LedgerUnit.MICRO_USD)).held


async def test_many_at_once_never_pass_the_pool_and_guilds_do_not_feel_it(
    acceptance: AcceptanceHarness,
) -> None:
    orders = [acceptance.accept_order(user=user, guild=PERSONAL_GUILD) for user in OTHERS]
    told = await asyncio.gather(*orders, return_exceptions=True)
    refused = [each for each in told if isinstance(each, BudgetExhausted)]
    assert (len(refused), {each.limit_kind for each in refused}) == (10, {LimitKind.PERSONAL_MONTH})
    assert await read_held(acceptance, PERSONAL_GUILD) == 1_000_000
    await acceptance.accept_order()
    assert (await read_held(acceptance, PERSONAL_GUILD), await read_held(acceptance, GUILD)) == (
        1_000_000,
        50_000,
    )
    assert await acceptance.ledger.find_imbalances() == []


async def test_a_day_there_is_none_in_a_guild_and_the_other_way_round(
    acceptance: AcceptanceHarness,
) -> None:
    await acceptance.accept_order(guild=PERSONAL_GUILD, results=2)
    with pytest.raises(QuotaExhausted) as caught:
        await acceptance.accept_order(guild=PERSONAL_GUILD)
    assert (caught.value.used, caught.value.limit) == (2, 2)
    await acceptance.accept_order(results=3)
    usage = await acceptance.quotas.get_daily_usage(GUILD, ANA, acceptance.clock.now())
    assert usage.used == 3


async def test_nothing_can_be_set_or_granted_there(acceptance: AcceptanceHarness) -> None:
    now, mia = acceptance.clock.now(), UserId(1)
    with pytest.raises(sqlite3.IntegrityError, match="no settings"):
        await acceptance.guilds.set_value(PERSONAL_GUILD, "tolerance", 2, mia, now)
    with pytest.raises(sqlite3.IntegrityError, match="no grants"):
        await acceptance.guilds.add_grant(PERSONAL_GUILD, PersonalGrant(ANA, 50, None), mia, now)
    assert await acceptance.guilds.get(PERSONAL_GUILD) == PERSONAL_SETTINGS
