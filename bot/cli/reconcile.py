"""`expanse costs --reconcile`: the ledger beside the provider's bill."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.cli.output.tables import format_table
from bot.composition.core_services import CoreServices
from bot.composition.provider import build_reconciliation, open_provider
from bot.domain.errors import ExpanseError
from bot.domain.money import MicroUsd, format_usd, to_usd
from bot.errors import StartError, get_detail
from bot.services.billing.reconciliation import MAX_DAYS
from bot.services.ports.provider import SpendReading
from bot.ui.texts.provider import list_spend_lines


async def compare_with_provider(core: CoreServices, days: int) -> SpendReading:
    """Compare the last `days` finished days, at most `MAX_DAYS`; raise `StartError`."""
    settings = core.settings
    async with open_provider(settings) as provider:
        client, statements = provider.client, core.statements
        reconciliation = build_reconciliation(settings, client, statements, core.clock)
        last = reconciliation.get_last_day()
        first = last - timedelta(days=min(days, MAX_DAYS) - 1)
        try:
            return await reconciliation.compare_days(first, last)
        except ExpanseError as error:
            why = get_detail(error, str(error))
            raise StartError(f"Runware's bill can't be read: {why}.") from error


def format_comparison(reading: SpendReading) -> list[str]:
    """Return a table of the days, and the verdict."""
    rows = [
        (
            day.day.isoformat(),
            format_usd(day.ledger),
            format_usd(day.held),
            format_usd(day.provider),
        )
        for day in reading.days
    ]
    table = format_table(("day (UTC)", "ledger", "on hold", "Runware's bill"), rows)
    return ["", *table, *list_spend_lines(reading)]


def comparison_to_json(reading: SpendReading) -> dict[str, Any]:
    def convert(amount: MicroUsd) -> float:
        return float(to_usd(amount))

    rows = [
        {
            "day": day.day.isoformat(),
            "ledger_usd": convert(day.ledger),
            "held_usd": convert(day.held),
            "provider_usd": convert(day.provider),
            "difference_usd": convert(day.difference),
            "explained": day.is_explained,
        }
        for day in reading.days
    ]
    return {"agrees": not reading.needs_attention, "days": rows}
