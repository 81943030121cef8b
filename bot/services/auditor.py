"""Prove that the books balance: at the start, every hour, and whenever the operator asks."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta
from itertools import groupby
from typing import Final

import structlog

from bot.clock import Clock
from bot.domain.job import Job
from bot.domain.ledger import Unit
from bot.domain.money import ZERO
from bot.storage import audit
from bot.storage.audit import Misbilled, Unclosed
from bot.storage.balances import Imbalance
from bot.storage.database import Database
from bot.storage.jobs import JobStore
from bot.storage.ledger import LedgerStore

log = structlog.get_logger(__name__)

_LOOKED_BACK: Final = timedelta(days=7)
"""How far back costs are compared; what is older was compared when it was new."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What an audit found and put on record; all empty when the books balance."""

    accounts: tuple[Imbalance, ...] = ()
    unclosed: tuple[Unclosed, ...] = ()
    misbilled: tuple[Misbilled, ...] = ()

    @property
    def balanced(self) -> bool:
        return not (self.accounts or self.unclosed or self.misbilled)


@dataclass(frozen=True, slots=True)
class Auditor:
    """Read on a connection of its own, so that nobody waits; write only what was found."""

    database: Database
    jobs: JobStore
    ledger: LedgerStore
    clock: Clock

    async def audit(self) -> Findings:
        """Find every difference, record it by an entry, and raise the alarm in the log.

        Nothing is ever edited: a hold that outlived its job is closed, a cost that differs and an
        account that differs get an adjustment.
        """
        found = await self._found()
        if found.balanced:
            log.info("books balance")
            return found
        differences: list[Imbalance | Unclosed | Misbilled] = [*found.accounts, *found.unclosed]
        for difference in (*differences, *found.misbilled):
            log.error("books do not balance", **asdict(difference))
        accounts = [each for each in found.accounts if await self._adjust(each)]
        for job_id, holds in groupby(found.unclosed, key=lambda each: each.job_id):
            job = await self.jobs.get(job_id)
            if job is not None:
                await self._close(job, [hold.scope for hold in holds])
        for wrong in found.misbilled:
            async with self.database.write() as tx:
                await audit.adjust_job(tx, wrong, self.clock.now())
        return Findings(tuple(accounts), found.unclosed, found.misbilled)

    async def _found(self) -> Findings:
        since = self.clock.now() - _LOOKED_BACK
        async with self.database.apart() as reader:
            open_holds = await audit.unclosed(reader)
            # what is not closed yet is not settled at anything
            still_open = {hold.job_id for hold in open_holds}
            wrong = await audit.misbilled(reader, since)
            return Findings(
                tuple(await audit.imbalances(reader)),
                tuple(open_holds),
                tuple(each for each in wrong if each.job_id not in still_open),
            )

    async def _adjust(self, found: Imbalance) -> bool:
        """Look once more, alone with the books: they may have moved since they were read."""
        async with self.database.write() as tx:
            still = [
                each for each in await audit.imbalances(tx, found.scope) if each.what == found.what
            ]
            for each in still:
                await audit.adjust_account(tx, each, self.clock.now())
        return bool(still)

    async def _close(self, job: Job, scopes: list[str]) -> None:
        cost = job.cost or ZERO
        billed = len(await self.jobs.results(job.id)) if cost else 0
        costs = {Unit.MICRO_USD: cost, Unit.RESULT: billed}
        async with self.database.write() as tx:
            await self.ledger.settle(tx, job.id, costs, self.clock.now(), only=scopes)
