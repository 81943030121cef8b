"""The watch over the provider: tells operators, once a day, what needs their attention."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import UTC, date, timedelta
from typing import Final

import structlog

from bot.clock import Clock
from bot.domain.errors import ExpanseError
from bot.domain.money import to_usd
from bot.errors import ProviderAuth, Transient
from bot.services.billing.provider_checks import ProviderChecks
from bot.services.billing.reconciliation import MAX_DAYS, Reconciliation
from bot.services.ports.provider import (
    KeyReading,
    OperatorsChannel,
    ProviderReading,
    SpendReading,
)
from bot.storage.repositories.key_values import KeyValueStore

log = structlog.get_logger(__name__)

_TOLD_KEY: Final = "told_{name}"
_RECONCILED_KEY: Final = "reconciled_through"
_FIRST_DAYS: Final = 7
"""Days that the very first reconciliation looks back."""


@dataclass(frozen=True, slots=True)
class ProviderWatch:
    """What was told on which day is remembered in the database, so restarts repeat nothing."""

    checks: ProviderChecks
    reconciliation: Reconciliation
    operators: OperatorsChannel
    key_values: KeyValueStore
    clock: Clock

    async def check_provider(self) -> None:
        """Check everything once; a provider that can't be asked is left for the next time."""
        checks: tuple[Callable[[], Awaitable[ProviderReading]], ...] = (
            self.checks.check_balance,
            self.checks.check_price,
            self.checks.check_model,
        )
        for check in checks:
            reading: ProviderReading | None
            try:
                reading = await check()
            except ProviderAuth:
                reading = await self._find_refusal()
            except ExpanseError as error:
                log.debug("provider not checked", reason=str(error))
                continue
            if reading is not None and reading.needs_attention:
                await self._tell_once_a_day(reading)
        try:
            await self._reconcile_new_days()
        except ExpanseError as error:
            log.debug("ledger not reconciled", reason=str(error))

    async def _find_refusal(self) -> KeyReading | None:
        """Return that the key is refused, None if it only may not do what was asked."""
        try:
            await self.checks.check_key()
        except ProviderAuth as error:
            return KeyReading(error.code)
        except ExpanseError as error:
            log.debug("provider not checked", reason=str(error))
        return None

    async def _tell_once_a_day(self, reading: ProviderReading) -> None:
        key = _TOLD_KEY.format(name=reading.name)
        today = self.clock.now().astimezone(UTC).date().isoformat()
        if await self.key_values.get(key) == today:
            return
        log.warning("provider needs attention", what=reading.name, **asdict(reading))
        if await self._tell_operators(reading):
            await self.key_values.set(key, today)

    async def _tell_operators(self, reading: ProviderReading) -> bool:
        """Return whether the operators were told, or surely can't be."""
        try:
            await self.operators.send_notice(reading)
        except Transient as error:
            log.warning("operators not told yet", what=reading.name, reason=error.detail)
            return False
        return True

    async def _reconcile_new_days(self) -> None:
        """Compare the finished days that were not compared before, each once."""
        last = self.reconciliation.get_last_day()
        through = await self.key_values.get(_RECONCILED_KEY)
        earliest = last - timedelta(days=(MAX_DAYS if through else _FIRST_DAYS) - 1)
        first = max(earliest, date.fromisoformat(through) + timedelta(1)) if through else earliest
        if first > last:
            return
        reading = await self.reconciliation.compare_days(first, last)
        _log_spend(reading)
        if not reading.needs_attention or await self._tell_operators(reading):
            await self.key_values.set(_RECONCILED_KEY, last.isoformat())


def _log_spend(reading: SpendReading) -> None:
    total = float(to_usd(reading.total_difference))
    log.info("ledger reconciled with the provider", days=len(reading.days), difference_usd=total)
    for each in reading.days:
        if not each.is_explained:
            log.warning(
                "ledger differs from the provider",
                day=each.day.isoformat(),
                ledger_usd=float(to_usd(each.ledger)),
                held_usd=float(to_usd(each.held)),
                provider_usd=float(to_usd(each.provider)),
            )
