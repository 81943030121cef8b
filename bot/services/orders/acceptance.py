"""Accept an order: check it in memory, then hold the money and make the job in one transaction."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog

from bot.clock import Clock
from bot.domain.errors import Refusal
from bot.domain.ids import JobId, MessageId, TaskUuid, UserId, build_short_id
from bot.domain.job import Job, JobState
from bot.domain.order import Attachment, Order, Origin, ReplyTarget
from bot.domain.plan import plan_expansion
from bot.domain.prompt import MAX_PROMPT_LENGTH, MIN_PROMPT_LENGTH, clean_prompt
from bot.errors import (
    ImageReason,
    ImageRefused,
    IntakePaused,
    PauseReason,
    PromptRefused,
    StorageUnavailable,
)
from bot.images.validation import ImageLimits, check_bytes, check_size
from bot.services.billing.limits import OrderLimit
from bot.services.billing.quotas import QuotaService, build_limit_refusal
from bot.services.billing.usage_stats import UsageStats
from bot.services.orders.admission import AdmissionControl
from bot.services.orders.policy import GuildPolicy
from bot.services.ports.jobs import JobDispatcher
from bot.services.progress.card_updates import CardUpdater
from bot.storage.repositories.billing.ledger import LedgerStore, LimitReached
from bot.storage.repositories.jobs import JobChange, JobStore
from bot.storage.sqlite.database import Database

log = structlog.get_logger(__name__)

_CANCELLABLE: Final = frozenset({JobState.RESERVED, JobState.PREPARED})
"""Nothing has left the house; the intent to send is a move of its own, so the epoch decides."""
CARD_DEADLINE: Final = timedelta(seconds=40)
"""How long a new job is left to the command that is just posting its card: longer than all that
the command may wait for."""


@dataclass(frozen=True, slots=True)
class OrderAcceptance:
    """The way in for every order."""

    database: Database
    jobs: JobStore
    ledger: LedgerStore
    quotas: QuotaService
    policy: GuildPolicy
    usage_stats: UsageStats
    admission: AdmissionControl
    dispatcher: JobDispatcher
    card_updater: CardUpdater
    image_limits: ImageLimits
    max_canvas_pixels: int
    clock: Clock
    new_uuid: Callable[[], UUID]

    async def accept_order(self, origin: Origin, order: Order, token: str) -> Job:
        """Check an order, hold its price, and return its job; nothing is sent anywhere yet.

        The same interaction twice gives the same job. Raises a `Refusal`.
        """
        try:
            return await self._accept_checked(origin, order, token)
        except StorageUnavailable as error:
            log.exception("order not taken")
            raise IntakePaused(PauseReason.STORAGE, None) from error
        except Refusal:
            # to count a refusal is no reason to say anything else than why
            with contextlib.suppress(StorageUnavailable):
                await self.usage_stats.record_refusal(origin)
            raise

    async def _accept_checked(self, origin: Origin, order: Order, token: str) -> Job:
        checked = await self.apply_policy(origin, self.check_order(order))
        job = self._new_job(origin, checked, token)
        limits: Sequence[OrderLimit] = ()
        try:
            async with self.database.write() as tx:
                if not await self.jobs.insert_job(tx, job):
                    known = await self.jobs.find_by_interaction(origin.interaction_id)
                    return known or job
                await self.admission.check_admission(tx, origin.user_id, job.created_at)
                limits = await self.quotas.limit_policy.list_limits_for_charge(
                    tx, origin, checked.results, job.created_at
                )
                charges = [limit.charge for limit in limits]
                await self.ledger.hold_charges(tx, job.id, charges, job.created_at)
        except LimitReached as reached:
            raise build_limit_refusal(limits, reached) from None
        return job

    async def apply_policy(self, origin: Origin, order: Order) -> Order:
        """Return the order as the guild's moderators allow it; raise a `PolicyRefusal`."""
        size = order.attachment.declared
        canvas = None if size is None else size.grow_by(order.request.compute_margins(size))
        return await self.policy.check_order(origin, order, canvas)

    async def start_job(self, job: Job, message_id: MessageId | None) -> bool:
        """Note where the card is and set the job going; False if it was cancelled meanwhile.

        Safe to run twice: an interaction that comes again touches nothing that is under way.
        """
        ready = await self.jobs.mark_ready(job.id, message_id, self.clock.now())
        if ready is not None and ready.state is JobState.CANCELLED:
            return False
        if ready is not None and not ready.epoch:
            self.card_updater.queue_update(ready)
        self.dispatcher.wake(job.id)
        return True

    async def withdraw_job(self, job: Job) -> None:
        """Cancel a job whose card could not be posted in time; the hold is released."""
        await self._cancel_in_states(job.id, {JobState.RESERVED}, JobChange(failure="unanswered"))

    async def cancel_job(self, job: Job, actor: UserId) -> Job | None:
        """Cancel a job while nothing was submitted; the hold is released.

        Return the cancelled job, or None if it is too late. Whether `by` may is for the caller to
        check; it is put on record.
        """
        change = JobChange(failure="cancelled", detail=f"by {actor}")
        cancelled = await self._cancel_in_states(job.id, _CANCELLABLE, change)
        if cancelled is not None:
            await self.card_updater.stop_updates(job.id)
        return cancelled

    async def cancel_for_departure(self, job_id: JobId) -> None:
        """Cancel a job whose guild is left, if nothing was submitted; the hold is released."""
        await self._cancel_in_states(job_id, _CANCELLABLE, JobChange(failure="guild_left"))
        await self.card_updater.stop_updates(job_id)

    async def _cancel_in_states(
        self, job_id: JobId, states: Iterable[JobState], change: JobChange
    ) -> Job | None:
        async with self.database.write() as tx:
            now = self.clock.now()
            seized = await self.jobs.seize_job(tx, job_id, states)
            if seized is None:
                return None
            await self.ledger.settle_job(tx, job_id, {}, now)
            return await self.jobs.move_job(tx, seized, JobState.CANCELLED, now, change)

    def check_order(self, order: Order) -> Order:
        """Return the order with its prompt cleaned; raise what would refuse it in any case."""
        prompt = clean_prompt(order.prompt)
        if order.prompt and not MIN_PROMPT_LENGTH <= len(prompt) <= MAX_PROMPT_LENGTH:
            raise PromptRefused(len(prompt), MIN_PROMPT_LENGTH, MAX_PROMPT_LENGTH)
        if not order.is_stored:
            self._check_attachment(order.attachment)
        size = order.attachment.declared
        if size is not None:
            plan_expansion(
                size, order.request.compute_margins(size), max_canvas_pixels=self.max_canvas_pixels
            )
        return replace(order, prompt=prompt)

    def _check_attachment(self, attachment: Attachment) -> None:
        """Refuse what Discord's own description already rules out; the bytes decide later."""
        if attachment.content_type and not attachment.content_type.startswith("image/"):
            raise ImageRefused(ImageReason.NOT_AN_IMAGE)
        check_bytes(attachment.size, self.image_limits)
        if attachment.declared is not None:
            check_size(attachment.declared, self.image_limits)

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
            hold=self.quotas.quote_price(order.results),
            created_at=now,
            updated_at=now,
            run_at=now + CARD_DEADLINE,
        )
