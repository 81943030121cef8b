"""Wiring of the provider: its client and catalogue, and what checks them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.clock import Clock
from bot.config.settings import Settings
from bot.runware.catalog import ModelCatalog
from bot.runware.client import RunwareClient, open_client
from bot.services.billing.provider_checks import ProviderChecks
from bot.services.billing.reconciliation import Reconciliation
from bot.storage.repositories.billing.statements import StatementStore


@dataclass(frozen=True, slots=True)
class Provider:
    client: RunwareClient
    catalog: ModelCatalog


@asynccontextmanager
async def open_provider(settings: Settings) -> AsyncIterator[Provider]:
    """Open the client and the catalogue that the settings name."""
    runware = settings.runware
    key, deadline = runware.api_key.get_secret_value(), runware.request_seconds
    async with (
        open_client(base_url=runware.base_url, api_key=key, deadline=deadline) as client,
        ModelCatalog.open(runware.catalog_base) as catalog,
    ):
        yield Provider(client, catalog)


def build_provider_checks(
    settings: Settings, client: RunwareClient, catalog: ModelCatalog
) -> ProviderChecks:
    model, price, low = settings.image_model, settings.price_rule, settings.runware.low_balance
    return ProviderChecks(client, catalog, model, price, low)


def build_reconciliation(
    settings: Settings, client: RunwareClient, statements: StatementStore, clock: Clock
) -> Reconciliation:
    return Reconciliation(client, statements, clock, settings.runware.model)
