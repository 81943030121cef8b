"""Every cap refuses in the accepting transaction, names itself, and says when it ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.domain.errors import ResultsOutOfRange
from bot.domain.guild import PersonalGrant, RoleTier
from bot.domain.ids import GuildId, RoleId, UserId
from bot.domain.job import Job
from bot.domain.ledger import LimitKind
from bot.domain.money import MicroUsd
from bot.errors import BudgetExhausted, QueueFull, QuotaExhausted
from tests.support.services.acceptance_harness import ANA, GUILD, AcceptanceHarness

MODERATOR = UserId(1)
PLENTY = {"waiting_per_user": 10_000, "queue": 10_000}
OpenHarness = Callable[..., AbstractAsyncContextManager[AcceptanceHarness]]


@pytest.fixture
def open_harness(tmp_path: Path) -> OpenHarness:
    def make(**limits: Any) -> AbstractAsyncContextManager[AcceptanceHarness]:
        return AcceptanceHarness.open(tmp_path, **limits)

    return make


@pytest.fixture
async def acceptance(open_harness: OpenHarness) -> AsyncIterator[AcceptanceHarness]:
    async with open_harness(**PLENTY, results_per_user_day=3, results_per_command=20) as made:
        yield made


async def assert_nothing_stored(acceptance: AcceptanceHarness) -> None:
    assert await acceptance.ledger.find_imbalances() == []
    row = await acceptance.database.reader.fetch_one("SELECT COUNT(*) AS jobs FROM job")
    assert row is not None
    assert row["jobs"] == 0


MONEY = {
    LimitKind.USER_MONTH: ("usd_per_user_month", datetime(2026, 12, 1, tzinfo=UTC)),
    LimitKind.GUILD_MONTH: ("usd_per_guild_month", datetime(2026, 12, 1, tzinfo=UTC)),
    LimitKind.GLOBAL_DAY: ("usd_per_day", datetime(2026, 11, 23, tzinfo=UTC)),
    LimitKind.RATE: ("usd_per_ten_minutes", datetime(2026, 11, 22, 12, 10, tzinfo=UTC)),
}


@pytest.mark.parametrize("cap", MONEY)
async def test_a_budget_refuses_by_its_name_and_leaves_no_trace(
    open_harness: OpenHarness, cap: LimitKind
) -> None:
    setting, ends_at = MONEY[cap]
    async with open_harness(**{setting: "0.09"}) as acceptance:
        with pytest.raises(BudgetExhausted) as caught:
            await acceptance.accept_order(results=2)
        refused = caught.value
        assert (refused.limit_kind, refused.asked, refused.used) == (cap, 100_000, 0)
        assert (refused.limit, refused.renews_at) == (90_000, ends_at)
        await assert_nothing_stored(acceptance)
        await acceptance.accept_order()


async def test_results_of_a_day_are_counted_for_each_member_and_guild(
    acceptance: AcceptanceHarness,
) -> None:
    await acceptance.accept_order(results=3)
    with pytest.raises(QuotaExhausted) as caught:
        await acceptance.accept_order()
    assert (caught.value.used, caught.value.limit) == (3, 3)
    await acceptance.accept_order(user=31)
    await acceptance.accept_order(guild=11)


async def test_what_was_not_billed_is_free_again(acceptance: AcceptanceHarness) -> None:
    await acceptance.settle_job(await acceptance.accept_order(results=3), cost=0)
    await acceptance.accept_order(results=3)


async def test_the_best_role_counts_and_a_grant_stands_above_all(
    acceptance: AcceptanceHarness,
) -> None:
    tiers = (RoleTier(RoleId(1), 5), RoleTier(RoleId(2), 8), RoleTier(RoleId(3), 90))
    await acceptance.guilds.set_value(GUILD, "role_tiers", tiers, MODERATOR, acceptance.clock.now())
    usage = await acceptance.quotas.get_daily_usage(
        GUILD, ANA, acceptance.clock.now(), (RoleId(1), RoleId(2))
    )
    assert usage.limit == 8
    await acceptance.accept_order(results=8, roles=(1, 2))
    with pytest.raises(QuotaExhausted):
        await acceptance.accept_order(roles=(1, 2))
    grant = PersonalGrant(ANA, 9, acceptance.clock.now() + timedelta(hours=1))
    await acceptance.guilds.add_grant(GUILD, grant, MODERATOR, acceptance.clock.now())
    await acceptance.accept_order(roles=(1, 2, 3))
    with pytest.raises(QuotaExhausted):
        await acceptance.accept_order(roles=(1, 2, 3))


@pytest.mark.parametrize("own", [2, 5])
async def test_a_guilds_own_number_of_a_day_replaces_the_operators(
    acceptance: AcceptanceHarness, own: int
) -> None:
    await acceptance.guilds.set_value(
        GUILD, "results_per_user_day", own, MODERATOR, acceptance.clock.now()
    )
    assert (
        await acceptance.quotas.get_daily_usage(GUILD, ANA, acceptance.clock.now())
    ).limit == own
    await acceptance.accept_order(results=own)
    with pytest.raises(QuotaExhausted) as caught:
        await acceptance.accept_order()
    assert (caught.value.used, caught.value.limit) == (own, own)
    assert (
        await acceptance.quotas.get_daily_usage(GuildId(11), ANA, acceptance.clock.now())
    ).limit == 3


async def test_a_guild_gives_no_more_than_the_operator_allows(open_harness: OpenHarness) -> None:
    async with open_harness(
        **PLENTY, most_results_per_user_day=4, results_per_command=20
    ) as acceptance:
        await acceptance.guilds.set_value(
            GUILD, "results_per_user_day", 50, MODERATOR, acceptance.clock.now()
        )
        money = MicroUsd(10**9)
        await acceptance.guilds.set_value(
            GUILD, "usd_per_month", money, MODERATOR, acceptance.clock.now()
        )
        with pytest.raises(QuotaExhausted) as caught:
            await acceptance.accept_order(results=5)
        assert caught.value.limit == 4
        guild = {
            use.cap: use
            for use in await acceptance.quotas.list_limit_usage(
                acceptance.build_origin(), 1, acceptance.clock.current_time
            )
        }
        assert guild[LimitKind.GUILD_MONTH].limit == 100_000_000


@pytest.mark.parametrize("name", ["usd_per_user_month", "usd_per_month"])
async def test_a_guild_narrows_what_its_members_spend(
    acceptance: AcceptanceHarness, name: str
) -> None:
    await acceptance.guilds.set_value(
        GUILD, name, MicroUsd(60_000), MODERATOR, acceptance.clock.now()
    )
    await acceptance.accept_order()
    with pytest.raises(BudgetExhausted) as caught:
        await acceptance.accept_order()
    assert caught.value.limit == 60_000
    await acceptance.accept_order(guild=11)


async def test_a_guild_narrows_the_pictures_of_one_command(acceptance: AcceptanceHarness) -> None:
    await acceptance.guilds.set_value(
        GUILD, "results_per_command", 2, MODERATOR, acceptance.clock.now()
    )
    with pytest.raises(ResultsOutOfRange) as caught:
        await acceptance.accept_order(results=3)
    assert caught.value.maximum == 2
    await assert_nothing_stored(acceptance)


async def test_a_member_has_one_job_running_and_three_waiting(open_harness: OpenHarness) -> None:
    async with open_harness() as door:
        first, *_ = [await door.accept_order() for _ in range(4)]
        with pytest.raises(QueueFull) as caught:
            await door.accept_order()
        assert (caught.value.open, caught.value.limit, caught.value.own) == (4, 4, True)
        await door.accept_order(user=31)
        await door.settle_job(first)
        await door.accept_order()


async def test_the_whole_queue_is_bounded(open_harness: OpenHarness) -> None:
    async with open_harness(queue=5) as door:
        for user in range(5):
            await door.accept_order(user=user)
        with pytest.raises(QueueFull) as caught:
            await door.accept_order(user=9)
        assert (caught.value.open, caught.value.limit, caught.value.own) == (5, 5, False)


async def test_a_hundred_commands_of_one_member_at_once_take_four_places(
    open_harness: OpenHarness,
) -> None:
    async with open_harness() as door:
        outcomes = await asyncio.gather(
            *(door.accept_order() for _ in range(100)), return_exceptions=True
        )
        assert sum(isinstance(outcome, Job) for outcome in outcomes) == 4
        assert sum(isinstance(outcome, QueueFull) for outcome in outcomes) == 96
        assert await door.ledger.find_imbalances() == []


async def test_a_thousand_accounts_spend_no_more_than_their_guild_may(
    open_harness: OpenHarness,
) -> None:
    async with open_harness(queue=2000, usd_per_guild_month="0.60") as door:
        outcomes = await asyncio.gather(
            *(door.accept_order(user=user) for user in range(1000)), return_exceptions=True
        )
        assert sum(isinstance(outcome, Job) for outcome in outcomes) == 12
        refused = [outcome for outcome in outcomes if isinstance(outcome, BudgetExhausted)]
        assert len(refused) == 988
        assert {refusal.limit_kind for refusal in refused} == {LimitKind.GUILD_MONTH}
        await door.accept_order(guild=11)
        assert await door.ledger.find_imbalances() == []


async def test_a_loop_of_refunds_leaves_nothing_behind(acceptance: AcceptanceHarness) -> None:
    for _ in range(30):
        await acceptance.settle_job(await acceptance.accept_order(results=3), cost=0)
    assert {
        use.used
        for use in await acceptance.quotas.list_limit_usage(
            acceptance.build_origin(), 1, acceptance.clock.current_time
        )
    } == {0}
    assert await acceptance.ledger.find_imbalances() == []


async def test_the_day_is_that_of_the_guilds_zone(acceptance: AcceptanceHarness) -> None:
    await acceptance.guilds.set_value(
        GUILD, "time_zone", "Asia/Tokyo", MODERATOR, acceptance.clock.now()
    )
    await acceptance.accept_order(results=3)
    with pytest.raises(QuotaExhausted) as caught:
        await acceptance.accept_order()
    assert caught.value.renews_at == datetime(2026, 11, 22, 15, tzinfo=UTC)
    acceptance.clock.current_time = caught.value.renews_at
    await acceptance.accept_order(results=3)


async def test_neither_a_clock_nor_a_zone_set_back_opens_a_day_twice(
    acceptance: AcceptanceHarness,
) -> None:
    await acceptance.accept_order(results=3)
    acceptance.clock.current_time += timedelta(days=1)
    await acceptance.accept_order(results=3)
    acceptance.clock.current_time -= timedelta(days=1)
    with pytest.raises(QuotaExhausted) as caught:
        await acceptance.accept_order()
    assert caught.value.renews_at == datetime(2026, 11, 24, tzinfo=UTC)
    await acceptance.guilds.set_value(
        GUILD, "time_zone", "Pacific/Niue", MODERATOR, acceptance.clock.now()
    )
    with pytest.raises(QuotaExhausted):
        await acceptance.accept_order()


async def test_usage_is_reported_without_spending(acceptance: AcceptanceHarness) -> None:
    await acceptance.accept_order(results=2)
    before = await acceptance.database.reader.fetch_all("SELECT * FROM guild_day")
    acceptance.clock.current_time += timedelta(minutes=1)
    uses = {
        use.cap: use
        for use in await acceptance.quotas.list_limit_usage(
            acceptance.build_origin(), 2, acceptance.clock.current_time
        )
    }
    assert [cap for cap, use in uses.items() if use.refuses] == [LimitKind.USER_DAY]
    assert (uses[LimitKind.USER_DAY].used, uses[LimitKind.USER_DAY].limit) == (2, 3)
    assert uses[LimitKind.GLOBAL_DAY].used == 100_000
    assert await acceptance.database.reader.fetch_all("SELECT * FROM guild_day") == before


async def test_another_guild_sees_nothing_of_this_one(acceptance: AcceptanceHarness) -> None:
    await acceptance.accept_order(results=3)
    usage = await acceptance.quotas.get_daily_usage(GuildId(11), ANA, acceptance.clock.now())
    assert usage.used == 0
