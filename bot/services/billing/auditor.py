"""Audit of the ledger: at start, every hour, and when the operator asks."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta
from itertools import groupby
from typing import Final

import structlog

from bot.clock import Clock
from bot.domain.job import Job
from bot.domain.ledger import LedgerUnit
from bot.domain.money import ZERO
from bot.storage.repositories.billing import ledger_audit
from bot.storage.repositories.billing.ledger import LedgerStore
from bot.storage.repositories.billing.ledger_audit import MisbilledJob, UnclosedHold
from bot.storage.repositories.jobs import JobStore
from bot.storage.sqlite.database import Database
from bot.storage.sqlite.ledger_balances import Imbalance

log = structlog.get_logger(__name__)

_LOOKBACK: Final = timedelta(days=7)
"""How far back costs are compared; older ones were audited before."""
Difference = Imbalance | UnclosedHold | MisbilledJob


@dataclass(frozen=True, slots=True)
class AuditFindings:
    """The differences that an audit found and corrected; empty if the ledger balances."""

    accounts: tuple[Imbalance, ...] = ()
    unclosed: tuple[UnclosedHold, ...] = ()
    misbilled: tuple[MisbilledJob, ...] = ()

    @property
    def is_balanced(self) -> bool:
        return not (self.accounts or self.unclosed or self.misbilled)


@dataclass(frozen=True, slots=True)
class Auditor:
    """Audit on a separate read connection, so that writers do not wait."""

    database: Database
    jobs: JobStore
    ledger: LedgerStore
    clock: Clock

    async def audit_ledger(self) -> AuditFindings:
        """Find all differences, log them as errors, and correct them by new entries.

        No entry is ever edited: a hold left open by an ended job is closed, a wrong cost or account
        total gets an adjustment.
        """
        found = await self._find_differences()
        if found.is_balanced:
            log.info("books balance")
            return found
        differences: list[Difference] = [*found.accounts, *found.unclosed, *found.misbilled]
        for difference in differences:
            log.error("books do not balance", **asdict(difference))
        accounts = [each for each in found.accounts if await self._adjust_account(each)]
        for job_id, holds in groupby(found.unclosed, key=lambda each: each.job_id):
            job = await self.jobs.get(job_id)
            if job is not None:
                await self._close_holds(job, [hold.scope for hold in holds])
        for wrong in found.misbilled:
            async with self.database.write() as tx:
                await ledger_audit.adjust_job(tx, wrong, self.clock.now())
        return AuditFindings(tuple(accounts), found.unclosed, found.misbilled)

    async def _find_differences(self) -> AuditFindings:
        since = self.clock.now() - _LOOKBACK
        # one snapshot: entries and account totals must be of the same moment
        async with self.database.open_snapshot() as reader:
            open_holds = await ledger_audit.audit_holds(reader)
            # jobs with open holds have no settled cost to compare
            still_open = {hold.job_id for hold in open_holds}
            wrong = await ledger_audit.audit_bills(reader, since)
            return AuditFindings(
                tuple(await ledger_audit.audit_accounts(reader)),
                tuple(open_holds),
                tuple(each for each in wrong if each.job_id not in still_open),
            )

    async def _adjust_account(self, found: Imbalance) -> bool:
        """Adjust an account if, read again under the write lock, it still differs."""
        async with self.database.write() as tx:
            now = await ledger_audit.audit_accounts(tx, found.scope)
            still = [each for each in now if each.what == found.what]
            for each in still:
                await ledger_audit.adjust_account(tx, each, self.clock.now())
        return bool(still)

    async def _close_holds(self, job: Job, scopes: list[str]) -> None:
        cost = job.cost or ZERO
        billed = len(await self.jobs.list_results(job.id)) if cost else 0
        costs = {LedgerUnit.MICRO_USD: cost, LedgerUnit.RESULT: billed}
        async with self.database.write() as tx:
            await self.ledger.settle_job(tx, job.id, costs, self.clock.now(), only_scopes=scopes)
