"""The most that the operator allows a member holds, whatever the moderators of a guild do."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections import Counter
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bot.domain.guild import PersonalGrant, RoleTier
from bot.domain.ids import RoleId, UserId
from bot.domain.job import Job
from bot.domain.moderation import MemberBlock
from bot.errors import QuotaExhausted
from tests.support.services.acceptance_harness import ANA, GUILD, AcceptanceHarness

T = TypeVar("T")
CEILING: Final = 6
BOSS, BEN = UserId(1), UserId(31)
LIMITS: Final = {
    "waiting_per_user": 10_000,
    "queue": 10_000,
    "results_per_user_day": 2,
    "most_results_per_user_day": CEILING,
    "results_per_command": 4,
    "usd_per_user_month": "1000",
    "usd_per_guild_month": "1000",
    "usd_per_day": "1000",
    "usd_per_ten_minutes": "1000",
}
ZONES: Final = ("UTC", "Pacific/Kiritimati", "Pacific/Niue", "Asia/Tokyo")
MEMBERS: Final = st.sampled_from([ANA, BEN])


class ModeratorMachine(RuleBasedStateMachine):
    """Members order all they can, while moderators do all that could let them have more."""

    def __init__(self) -> None:
        super().__init__()
        self.runner, self.stack = asyncio.Runner(), AsyncExitStack()
        folder = self.stack.enter_context(tempfile.TemporaryDirectory())
        opening = self.stack.enter_async_context(AcceptanceHarness.open(Path(folder), **LIMITS))
        self.harness = self.run(_await(opening))
        self.made: Counter[UserId] = Counter()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    @rule(member=MEMBERS, results=st.integers(1, 4), is_paid=st.sampled_from([True, True, False]))
    def use_up_the_quota_and_get_it_back(
        self, member: UserId, results: int, *, is_paid: bool
    ) -> None:
        jobs = self.run(self.order_all_they_can(member, results))
        for job in jobs:
            self.run(self.harness.settle_job(job, cost=None if is_paid else 0))
            self.made[member] += job.order.results if is_paid else 0
            self.run(self.harness.services.moderation.decisions.refund_job(GUILD, job.id, BOSS))

    async def order_all_they_can(self, member: UserId, results: int) -> list[Job]:
        jobs: list[Job] = []
        with contextlib.suppress(QuotaExhausted):
            while len(jobs) < 2 * CEILING:
                jobs.append(await self.harness.accept_order(member, results=results, roles=(7,)))
        return jobs

    @rule(member=MEMBERS, results=st.integers(0, 1000))
    def grant(self, member: UserId, results: int) -> None:
        until = self.harness.clock.now() + timedelta(days=9)
        grant = PersonalGrant(member, results, until)
        self.run(self.harness.services.moderation.members.grant_quota(GUILD, grant, BOSS))

    @rule(member=MEMBERS)
    def revoke(self, member: UserId) -> None:
        self.run(self.harness.services.moderation.members.revoke_grant(GUILD, member, BOSS))

    @rule(member=MEMBERS)
    def block_and_lift(self, member: UserId) -> None:
        members = self.harness.services.moderation.members
        self.run(members.block_member(MemberBlock(GUILD, member, BOSS, "", None)))
        self.run(members.unblock_member(GUILD, member, BOSS))

    @rule(results=st.integers(0, 1000))
    def set_quota(self, results: int) -> None:
        self.set_value("results_per_user_day", results)

    @rule(results=st.integers(0, 1000))
    def set_tier(self, results: int) -> None:
        self.set_value("role_tiers", (RoleTier(RoleId(7), results),))

    @rule(zone=st.sampled_from(ZONES))
    def set_zone(self, zone: str) -> None:
        self.set_value("time_zone", zone)

    def set_value(self, name: str, value: object) -> None:
        now = self.harness.clock.now()
        self.run(self.harness.guilds.set_value(GUILD, name, value, BOSS, now))

    @invariant()
    def nobody_has_more_than_the_operator_allows(self) -> None:
        # the clock stands at noon (UTC): with a zone to the east the guild's next day has begun,
        # and no zone opens a third
        days = 2
        assert max(self.made.values(), default=0) <= CEILING * days

    @invariant()
    def the_books_balance(self) -> None:
        assert self.run(self.harness.ledger.find_imbalances()) == []

    def teardown(self) -> None:
        self.runner.run(self.stack.aclose())
        self.runner.close()


class OneZoneMachine(ModeratorMachine):
    """The same in a guild that stays in its zone, where there is one day only."""

    def set_zone(self, zone: str) -> None:
        """Stay where it is."""

    @invariant()
    def nobody_has_more_than_one_days_ceiling(self) -> None:
        assert max(self.made.values(), default=0) <= CEILING


async def _await(opening: Any) -> AcceptanceHarness:
    opened: AcceptanceHarness = await opening
    return opened


TestModerators = ModeratorMachine.TestCase
TestOneZone = OneZoneMachine.TestCase
TestModerators.settings = settings(max_examples=10, stateful_step_count=15)
TestOneZone.settings = settings(max_examples=10, stateful_step_count=15)
