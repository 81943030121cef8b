"""Reconciliation of the ledger with what the provider says it billed, by day (UTC)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, timedelta
from typing import Final
from uuid import uuid4

from bot.clock import Clock
from bot.domain.money import ZERO
from bot.runware.client import RunwareClient
from bot.runware.requests import GetUsage
from bot.services.ports.provider import SpendDay, SpendReading
from bot.storage.repositories.billing.statements import StatementStore

MAX_DAYS: Final = 30
"""The most days that the provider reports at once (its public clients)."""
_SETTLING_TIME: Final = timedelta(hours=6)
"""How long after a day's end its bill is compared: the provider adds up late (public clients)."""


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """Compare days; `model` narrows the bill, since other programs may share the account."""

    client: RunwareClient
    statements: StatementStore
    clock: Clock
    model: str

    def get_last_day(self) -> date:
        """Return the latest day whose bill is complete."""
        return (self.clock.now().astimezone(UTC) - _SETTLING_TIME).date() - timedelta(days=1)

    async def compare_days(self, first: date, last: date) -> SpendReading:
        """Compare at most `MAX_DAYS` days; raise what the client raises."""
        usage = await self.client.fetch_usage(
            GetUsage(task_uuid=uuid4(), start_date=first, end_date=last, models=(self.model,))
        )
        sums = await self.statements.list_submission_days(first, last)
        days = (
            SpendDay(each.day, each.spent, each.held, usage.spend.get(each.day, ZERO))
            for each in sums
        )
        return SpendReading(tuple(days))
