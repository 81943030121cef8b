"""Accepting orders: check, then hold the money and insert the job in one transaction."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
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
from bot.errors import IntakePaused, PauseReason, StorageUnavailable
from bot.services.billing.quotas import QuotaService
from bot.services.billing.usage_stats import UsageStats
from bot.services.orders.admission import AdmissionControl
from bot.services.orders.checks import OrderChecks
from bot.storage.repositories.jobs import JobStore

log = structlog.get_logger(__name__)

CARD_DEADLINE: Final = timedelta(seconds=40)
"""How long a new job waits for its command to post the card; longer than all its timeouts."""


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
        try:
            return await self._accept_checked(origin, order, token)
        except StorageUnavailable as error:
            log.exception("order not taken")
            raise IntakePaused(PauseReason.STORAGE, None) from error
        except Refusal:
            # the member must see the refusal even if counting it fails
            with contextlib.suppress(StorageUnavailable):
                await self.usage_stats.record_refusal(origin)
            raise

    async def _accept_checked(self, origin: Origin, order: Order, token: str) -> Job:
        checked = await self.checks.apply_policy(origin, self.checks.check_order(order))
        job = self._new_job(origin, checked, token)
        async with self.jobs.write() as tx:
            if not await self.jobs.insert_job(tx, job):
                # Discord sent the interaction twice: return the first job
                known = await self.jobs.find_by_interaction(origin.interaction_id)
                return known or job
            # checked after the insert, under the write lock: two orders can't share the last place
            await self.admission.check_admission(tx, origin.user_id, job.created_at)
            await self.quotas.hold_charges(tx, job)
        return job

    def quote_price(self, order: Order) -> MicroUsd:
        """Return the amount that is held for an order."""
        return self.quotas.quote_price(order.results, self.checks.find_canvas_pixels(order))

    def _new_job(self, origin: Origin, order: Order, token: str) -> Job:
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
        )
