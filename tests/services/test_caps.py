"""Every cap refuses in the accepting transaction, names itself, and says when it ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.domain.guild import PersonalGrant, RoleTier
from bot.domain.ids import GuildId, RoleId, UserId
from bot.domain.job import Job
from bot.domain.ledger import Cap
from bot.domain.money import MicroUsd
from bot.domain.problems import ResultsOutOfRange
from bot.errors import BudgetExhausted, QueueFull, QuotaExhausted
from tests.services.door import ANA, GUILD, Door

MODERATOR = UserId(1)
PLENTY = {"waiting_per_user": 10_000, "queue": 10_000}
Opened = Callable[..., AbstractAsyncContextManager[Door]]


@pytest.fixture
def opened(tmp_path: Path) -> Opened:
    def make(**limits: Any) -> AbstractAsyncContextManager[Door]:
        return Door.open(tmp_path, **limits)

    return make


@pytest.fixture
async def door(opened: Opened) -> AsyncIterator[Door]:
    async with opened(**PLENTY, results_per_user_day=3, results_per_command=20) as made:
        yield made


async def nothing_was_kept(door: Door) -> None:
    assert await door.ledger.audit() == []
    row = await door.database.reader.one("SELECT COUNT(*) AS jobs FROM job")
    assert row is not None
    assert row["jobs"] == 0


MONEY = {
    Cap.USER_MONTH: ("usd_per_user_month", datetime(2026, 12, 1, tzinfo=UTC)),
    Cap.GUILD_MONTH: ("usd_per_guild_month", datetime(2026, 12, 1, tzinfo=UTC)),
    Cap.GLOBAL_DAY: ("usd_per_day", datetime(2026, 11, 23, tzinfo=UTC)),
    Cap.RATE: ("usd_per_ten_minutes", datetime(2026, 11, 22, 12, 10, tzinfo=UTC)),
}


@pytest.mark.parametrize("cap", MONEY)
async def test_a_budget_refuses_by_its_name_and_leaves_no_trace(opened: Opened, cap: Cap) -> None:
    setting, ends_at = MONEY[cap]
    async with opened(**{setting: "0.09"}) as door:
        with pytest.raises(BudgetExhausted) as caught:
            await door.accept(results=2)
        refused = caught.value
        assert (refused.cap, refused.asked, refused.used) == (cap, 100_000, 0)
        assert (refused.limit, refused.renews_at) == (90_000, ends_at)
        await nothing_was_kept(door)
        await door.accept()


async def test_results_of_a_day_are_counted_for_each_member_and_guild(door: Door) -> None:
    await door.accept(results=3)
    with pytest.raises(QuotaExhausted) as caught:
        await door.accept()
    assert (caught.value.used, caught.value.limit) == (3, 3)
    await door.accept(user=31)
    await door.accept(guild=11)


async def test_what_was_not_billed_is_free_again(door: Door) -> None:
    await door.done(await door.accept(results=3), cost=0)
    await door.accept(results=3)


async def test_the_best_role_counts_and_a_grant_stands_above_all(door: Door) -> None:
    tiers = (RoleTier(RoleId(1), 5), RoleTier(RoleId(2), 8), RoleTier(RoleId(3), 90))
    await door.guilds.set(GUILD, "role_tiers", tiers, MODERATOR, door.clock.now())
    usage = await door.accounting.usage(GUILD, ANA, door.clock.now(), (RoleId(1), RoleId(2)))
    assert usage.limit == 8
    await door.accept(results=8, roles=(1, 2))
    with pytest.raises(QuotaExhausted):
        await door.accept(roles=(1, 2))
    grant = PersonalGrant(ANA, 9, door.clock.now() + timedelta(hours=1))
    await door.guilds.grant(GUILD, grant, MODERATOR, door.clock.now())
    await door.accept(roles=(1, 2, 3))
    with pytest.raises(QuotaExhausted):
        await door.accept(roles=(1, 2, 3))


@pytest.mark.parametrize("own", [2, 5])
async def test_a_guilds_own_number_of_a_day_replaces_the_operators(door: Door, own: int) -> None:
    await door.guilds.set(GUILD, "results_per_user_day", own, MODERATOR, door.clock.now())
    assert (await door.accounting.usage(GUILD, ANA, door.clock.now())).limit == own
    await door.accept(results=own)
    with pytest.raises(QuotaExhausted) as caught:
        await door.accept()
    assert (caught.value.used, caught.value.limit) == (own, own)
    assert (await door.accounting.usage(GuildId(11), ANA, door.clock.now())).limit == 3


async def test_a_guild_gives_no_more_than_the_operator_allows(opened: Opened) -> None:
    async with opened(**PLENTY, most_results_per_user_day=4, results_per_command=20) as door:
        await door.guilds.set(GUILD, "results_per_user_day", 50, MODERATOR, door.clock.now())
        money = MicroUsd(10**9)
        await door.guilds.set(GUILD, "usd_per_month", money, MODERATOR, door.clock.now())
        with pytest.raises(QuotaExhausted) as caught:
            await door.accept(results=5)
        assert caught.value.limit == 4
        guild = {
            use.cap: use for use in await door.accounting.uses(door.origin(), 1, door.clock.at)
        }
        assert guild[Cap.GUILD_MONTH].limit == 100_000_000


@pytest.mark.parametrize("name", ["usd_per_user_month", "usd_per_month"])
async def test_a_guild_narrows_what_its_members_spend(door: Door, name: str) -> None:
    await door.guilds.set(GUILD, name, MicroUsd(60_000), MODERATOR, door.clock.now())
    await door.accept()
    with pytest.raises(BudgetExhausted) as caught:
        await door.accept()
    assert caught.value.limit == 60_000
    await door.accept(guild=11)


async def test_a_guild_narrows_the_pictures_of_one_command(door: Door) -> None:
    await door.guilds.set(GUILD, "results_per_command", 2, MODERATOR, door.clock.now())
    with pytest.raises(ResultsOutOfRange) as caught:
        await door.accept(results=3)
    assert caught.value.maximum == 2
    await nothing_was_kept(door)


async def test_a_member_has_one_job_running_and_two_waiting(opened: Opened) -> None:
    async with opened() as door:
        first, *_ = [await door.accept() for _ in range(3)]
        with pytest.raises(QueueFull) as caught:
            await door.accept()
        assert (caught.value.open, caught.value.limit, caught.value.own) == (3, 3, True)
        await door.accept(user=31)
        await door.done(first)
        await door.accept()


async def test_the_whole_queue_is_bounded(opened: Opened) -> None:
    async with opened(queue=5) as door:
        for user in range(5):
            await door.accept(user=user)
        with pytest.raises(QueueFull) as caught:
            await door.accept(user=9)
        assert (caught.value.open, caught.value.limit, caught.value.own) == (5, 5, False)


async def test_a_hundred_commands_of_one_member_at_once_take_three_places(opened: Opened) -> None:
    async with opened() as door:
        outcomes = await asyncio.gather(
            *(door.accept() for _ in range(100)), return_exceptions=True
        )
        assert sum(isinstance(outcome, Job) for outcome in outcomes) == 3
        assert sum(isinstance(outcome, QueueFull) for outcome in outcomes) == 97
        assert await door.ledger.audit() == []


async def test_a_thousand_accounts_spend_no_more_than_their_guild_may(opened: Opened) -> None:
    async with opened(queue=2000, usd_per_guild_month="0.60") as door:
        outcomes = await asyncio.gather(
            *(door.accept(user=user) for user in range(1000)), return_exceptions=True
        )
        assert sum(isinstance(outcome, Job) for outcome in outcomes) == 12
        refused = [outcome for outcome in outcomes if isinstance(outcome, BudgetExhausted)]
        assert len(refused) == 988
        assert {refusal.cap for refusal in refused} == {Cap.GUILD_MONTH}
        await door.accept(guild=11)
        assert await door.ledger.audit() == []


async def test_a_loop_of_refunds_leaves_nothing_behind(door: Door) -> None:
    for _ in range(30):
        await door.done(await door.accept(results=3), cost=0)
    assert {use.used for use in await door.accounting.uses(door.origin(), 1, door.clock.at)} == {0}
    assert await door.ledger.audit() == []


async def test_the_day_is_that_of_the_guilds_zone(door: Door) -> None:
    await door.guilds.set(GUILD, "time_zone", "Asia/Tokyo", MODERATOR, door.clock.now())
    await door.accept(results=3)
    with pytest.raises(QuotaExhausted) as caught:
        await door.accept()
    assert caught.value.renews_at == datetime(2026, 11, 22, 15, tzinfo=UTC)
    door.clock.at = caught.value.renews_at
    await door.accept(results=3)


async def test_neither_a_clock_nor_a_zone_set_back_opens_a_day_twice(door: Door) -> None:
    await door.accept(results=3)
    door.clock.at += timedelta(days=1)
    await door.accept(results=3)
    door.clock.at -= timedelta(days=1)
    with pytest.raises(QuotaExhausted) as caught:
        await door.accept()
    assert caught.value.renews_at == datetime(2026, 11, 24, tzinfo=UTC)
    await door.guilds.set(GUILD, "time_zone", "Pacific/Niue", MODERATOR, door.clock.now())
    with pytest.raises(QuotaExhausted):
        await door.accept()


async def test_how_an_order_stands_is_said_without_spending(door: Door) -> None:
    await door.accept(results=2)
    before = await door.database.reader.all("SELECT * FROM guild_day")
    door.clock.at += timedelta(minutes=1)
    uses = {use.cap: use for use in await door.accounting.uses(door.origin(), 2, door.clock.at)}
    assert [cap for cap, use in uses.items() if use.refuses] == [Cap.USER_DAY]
    assert (uses[Cap.USER_DAY].used, uses[Cap.USER_DAY].limit) == (2, 3)
    assert uses[Cap.GLOBAL_DAY].used == 100_000
    assert await door.database.reader.all("SELECT * FROM guild_day") == before


async def test_another_guild_sees_nothing_of_this_one(door: Door) -> None:
    await door.accept(results=3)
    usage = await door.accounting.usage(GuildId(11), ANA, door.clock.now())
    assert usage.used == 0
