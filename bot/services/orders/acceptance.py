"""Accepting orders: check, then hold the money and insert the job in one transaction."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog

from bot.clock import Clock
from bot.domain.errors import Refusal
from bot.domain.ids import JobId, TaskUuid, build_short_id
from bot.domain.job import Job, JobState
from bot.domain.money import MicroUsd
from bot.domain.order import Order, Origin, ReplyTarget
from bot.errors import (
    ComponentReason,
    ComponentRefused,
    IntakePaused,
    PauseReason,
    StorageUnavailable,
)
from bot.services.billing.quotas import QuotaService
from bot.services.billing.usage_stats import UsageStats
from bot.services.orders.admission import AdmissionControl
from bot.services.orders.checks import OrderChecks
from bot.storage.repositories.jobs import JobStore
from bot.storage.repositories.lineage import is_source_removed
from bot.storage.sqlite.database import Connection

log = structlog.get_logger(__name__)

CARD_DEADLINE: Final = timedelta(seconds=40)
"""How long a new job waits for its command to post the card; longer than all its timeouts."""


@dataclass(frozen=True, slots=True)
class AcceptedOrders:
    """The jobs of one interaction; `refusals` has by position the orders that were not accepted."""

    jobs: Sequence[Job]
    refusals: Mapping[int, Refusal]


@dataclass(frozen=True, slots=True)
class OrderAcceptance:
    """Accept orders; every command and component uses this service."""

    jobs: JobStore
    checks: OrderChecks
    quotas: QuotaService
    usage_stats: UsageStats
    admission: AdmissionControl
    clock: Clock
    new_uuid: Callable[[], UUID]

    async def accept_order(self, origin: Origin, order: Order, token: str) -> Job:
        """Check an order, hold its price, and return its job; raise a `Refusal`.

        Safe to run twice: the same interaction returns the same job.
        """
        return (await self.accept_orders(origin, [order], token)).jobs[0]

    async def accept_orders(
        self, origin: Origin, orders: Sequence[Order], token: str
    ) -> AcceptedOrders:
        """Accept, in their order and in one transaction, all orders that checks and limits allow.

        Each order is held and refused by itself; if none is accepted, raise the first `Refusal`.
        Safe to run twice: the same interaction returns the same jobs.
        """
        try:
            accepted = await self._accept_checked(origin, orders, token)
        except StorageUnavailable as error:
            log.exception("order not taken")
            raise IntakePaused(PauseReason.STORAGE, None) from error
        # the member must see the refusals even if counting them fails
        with contextlib.suppress(StorageUnavailable):
            for _ in accepted.refusals:
                await self.usage_stats.record_refusal(origin)
        if not accepted.jobs:
            raise accepted.refusals[0]
        return accepted

    async def _accept_checked(
        self, origin: Origin, orders: Sequence[Order], token: str
    ) -> AcceptedOrders:
        refusals, checked = dict[int, Refusal](), dict[int, Order]()
        for at, order in enumerate(orders):
            try:
                known = self.checks.check_order(order)
                checked[at] = await self.checks.apply_policy(origin, known)
            except Refusal as refusal:
                refusals[at] = refusal
        if not checked:
            return AcceptedOrders((), refusals)
        return await self._hold_orders(origin, checked, refusals, token)

    async def _hold_orders(
        self, origin: Origin, orders: Mapping[int, Order], refused: dict[int, Refusal], token: str
    ) -> AcceptedOrders:
        """Hold each order that the limits allow, in one transaction, and add to `refused`."""
        jobs, several = list[Job](), len(orders) + len(refused) > 1
        async with self.jobs.write() as tx:
            known = await self.jobs.list_by_interaction(origin.interaction_id)
            if known:
                # Discord sent the interaction twice: return the first jobs
                return AcceptedOrders(known, {})
            for at, order in orders.items():
                job = self._new_job(origin, order, token, at + 1 if several else 0)
                try:
                    async with tx.savepoint():
                        await self._hold_job(tx, job, sum(each.order.results for each in jobs))
                except Refusal as refusal:
                    refused[at] = refusal
                else:
                    jobs.append(job)
        return AcceptedOrders(jobs, refused)

    def quote_price(self, order: Order) -> MicroUsd:
        """Return the amount that is held for an order."""
        return self.quotas.quote_price(order.results, self.checks.find_canvas_pixels(order))

    async def _hold_job(self, tx: Connection, job: Job, besides: int) -> None:
        """Insert a job and hold its price; raise the `Refusal` of a limit."""
        await self.jobs.insert_job(tx, job)
        # a removal since the check has not seen this job, so it would not reach it
        if await is_source_removed(tx, job.id):
            raise ComponentRefused(ComponentReason.GONE)
        # checked after the insert, under the write lock: two orders can't share the last place
        await self.admission.check_admission(tx, job.origin.user_id, job.created_at)
        await self.quotas.hold_charges(tx, job, besides)

    def _new_job(self, origin: Origin, order: Order, token: str, part: int) -> Job:
        now = self.clock.now()
        return Job(
            id=JobId(build_short_id(self.new_uuid())),
            origin=origin,
            order=order,
            reply=ReplyTarget(token),
            task_uuid=TaskUuid(self.new_uuid()),
            state=JobState.RESERVED,
            epoch=0,
            attempts=0,
            sends=0,
            hold=self.quote_price(order),
            created_at=now,
            updated_at=now,
            run_at=now + CARD_DEADLINE,
            part=part,
        )
