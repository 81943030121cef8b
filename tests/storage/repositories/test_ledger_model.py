"""The ledger against a model that a page holds, with caps small enough to be reached."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bot.domain.ids import JobId
from bot.domain.ledger import Charge, LedgerUnit
from bot.storage.repositories.billing.ledger import LedgerStore, LimitReached
from bot.storage.repositories.jobs import JobStore
from bot.storage.sqlite.database import Database
from tests.support.job_builders import NOW, build_job

UNITS = {
    "a": LedgerUnit.RESULT,
    "b": LedgerUnit.RESULT,
    "m": LedgerUnit.MICRO_USD,
    "w": LedgerUnit.MICRO_USD,
}


@dataclass
class LedgerModel:
    """What each scope holds and has spent, and what each open job holds."""

    held: dict[str, int] = field(default_factory=lambda: dict.fromkeys(UNITS, 0))
    spent: dict[str, int] = field(default_factory=lambda: dict.fromkeys(UNITS, 0))
    open: dict[JobId, dict[str, int]] = field(default_factory=dict)

    def find_refusal(self, asked: dict[str, int], caps: dict[str, int | None]) -> str | None:
        for scope in sorted(asked):
            cap = caps[scope]
            if cap is not None and self.held[scope] + self.spent[scope] + asked[scope] > cap:
                return scope
        return None

    def hold(self, job_id: JobId, asked: dict[str, int]) -> None:
        self.open[job_id] = asked
        for scope, amount in asked.items():
            self.held[scope] += amount

    def settle(self, job_id: JobId, costs: dict[LedgerUnit, int]) -> None:
        for scope, amount in self.open.pop(job_id).items():
            self.held[scope] -= amount
            self.spent[scope] += costs.get(UNITS[scope], 0)


SCOPES = st.dictionaries(st.sampled_from(sorted(UNITS)), st.integers(0, 4), min_size=1)
CAPS = st.fixed_dictionaries({scope: st.none() | st.integers(0, 12) for scope in UNITS})
COSTS = st.dictionaries(st.sampled_from(list(LedgerUnit)), st.integers(0, 6))


class LedgerMachine(RuleBasedStateMachine):
    """Do to the real ledger, on a real file, what the model does in a few lines."""

    def __init__(self) -> None:
        super().__init__()
        self.model, self.number = LedgerModel(), 0
        self.runner, self.stack = asyncio.Runner(), AsyncExitStack()
        folder = self.stack.enter_context(tempfile.TemporaryDirectory())
        opening = self.stack.enter_async_context(Database.open(Path(folder, "ledger.db")))
        self.database = self.runner.run(_awaited(opening))
        self.ledger, self.jobs = LedgerStore(self.database), JobStore(self.database)

    @rule(asked=SCOPES, caps=CAPS)
    def hold(self, asked: dict[str, int], caps: dict[str, int | None]) -> None:
        self.number += 1
        made = build_job(self.number)
        charges = [Charge(scope, UNITS[scope], asked[scope], caps[scope]) for scope in asked]

        async def act() -> None:
            async with self.database.write() as tx:
                await self.jobs.insert_job(tx, made)
                await self.ledger.hold_charges(tx, made.id, charges, NOW)

        refused = self.model.find_refusal(asked, caps)
        if refused is None:
            self.runner.run(act())
            self.model.hold(made.id, asked)
            return
        with pytest.raises(LimitReached) as reached:
            self.runner.run(act())
        used = self.model.held[refused] + self.model.spent[refused]
        assert (reached.value.charge.scope, reached.value.used) == (refused, used)

    @precondition(lambda self: self.model.open)
    @rule(data=st.data(), costs=COSTS)
    def settle(self, data: st.DataObject, costs: dict[LedgerUnit, int]) -> None:
        job_id = data.draw(st.sampled_from(sorted(self.model.open)))

        async def act() -> None:
            async with self.database.write() as tx:
                await self.ledger.settle_job(tx, job_id, costs, NOW)

        self.runner.run(act())
        self.model.settle(job_id, costs)

    @invariant()
    def the_accounts_are_the_model(self) -> None:
        async def look() -> dict[str, tuple[int, int]]:
            accounts = [await self.ledger.get_account(scope, unit) for scope, unit in UNITS.items()]
            assert await self.ledger.find_imbalances() == []
            return {each.scope: (each.held, each.spent) for each in accounts}

        model = {scope: (self.model.held[scope], self.model.spent[scope]) for scope in UNITS}
        assert self.runner.run(look()) == model

    def teardown(self) -> None:
        self.runner.run(self.stack.aclose())
        self.runner.close()


async def _awaited(opening: Any) -> Database:
    opened: Database = await opening
    return opened


TestLedger = LedgerMachine.TestCase
TestLedger.settings = settings(max_examples=20, stateful_step_count=15)


async def test_a_thousand_parallel_reservations_at_a_cap_of_ten_grant_exactly_ten(
    tmp_path: Path,
) -> None:
    async with Database.open(tmp_path / "ledger.db") as database:
        ledger, jobs = LedgerStore(database), JobStore(database)

        async def reserve(number: int) -> bool:
            made = build_job(number)
            try:
                async with database.write() as tx:
                    await jobs.insert_job(tx, made)
                    await ledger.hold_charges(
                        tx, made.id, [Charge("w", LedgerUnit.RESULT, 1, 10)], NOW
                    )
            except LimitReached:
                return False
            return True

        granted = await asyncio.gather(*(reserve(number) for number in range(1, 1001)))
        account = await ledger.get_account("w", LedgerUnit.RESULT)
    assert sum(granted) == account.held == 10
