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
from bot.domain.geometry import plan
from bot.domain.ids import JobId, MessageId, TaskUuid, UserId, short_id
from bot.domain.job import Job, JobState
from bot.domain.order import Attachment, Order, Origin, Reply
from bot.domain.problems import Problem
from bot.domain.prompt import MAX_LENGTH, MIN_LENGTH, clean_prompt
from bot.errors import ImageRefused, IntakePaused, PromptRefused, Refusal, StorageUnavailable
from bot.images.gate import ImageLimits, check_bytes, check_size
from bot.services.accounting import Accounting, refusal
from bot.services.caps import Limit
from bot.services.intake import Intake
from bot.services.policy import Policy
from bot.services.ports import JobEngine
from bot.services.progress import Progress
from bot.services.usage import UsageBook
from bot.storage.database import Database
from bot.storage.jobs import Change, JobStore
from bot.storage.ledger import CapReached, LedgerStore

log = structlog.get_logger(__name__)

_CANCELLABLE: Final = frozenset({JobState.RESERVED, JobState.PREPARED})
"""Nothing has left the house; the intent to send is a move of its own, so the epoch decides."""
CARD_TIME: Final = timedelta(seconds=40)
"""How long a new job is left to the command that is just posting its card: longer than all that
the command may wait for."""


@dataclass(frozen=True, slots=True)
class Expansions:
    """The way in for every order."""

    database: Database
    jobs: JobStore
    ledger: LedgerStore
    accounting: Accounting
    policy: Policy
    usage: UsageBook
    intake: Intake
    engine: JobEngine
    progress: Progress
    images: ImageLimits
    max_canvas_pixels: int
    clock: Clock
    new_uuid: Callable[[], UUID]

    async def accept(self, origin: Origin, order: Order, token: str) -> Job:
        """Check an order, hold its price, and return its job; nothing is sent anywhere yet.

        The same interaction twice gives the same job. Raises a `Refusal` or a `Problem`.
        """
        try:
            return await self._accepted(origin, order, token)
        except StorageUnavailable as error:
            log.exception("order not taken")
            raise IntakePaused("storage", None) from error
        except (Refusal, Problem):
            # to count a refusal is no reason to say anything else than why
            with contextlib.suppress(StorageUnavailable):
                await self.usage.refused(origin)
            raise

    async def _accepted(self, origin: Origin, order: Order, token: str) -> Job:
        checked = await self.allowed(origin, self.check(order))
        job = self._new_job(origin, checked, token)
        limits: Sequence[Limit] = ()
        try:
            async with self.database.write() as tx:
                if not await self.jobs.insert(tx, job):
                    known = await self.jobs.by_interaction(origin.interaction_id)
                    return known or job
                await self.intake.admit(tx, origin.user_id, job.created_at)
                limits = await self.accounting.caps.charged(
                    tx, origin, checked.results, job.created_at
                )
                charges = [limit.charge for limit in limits]
                await self.ledger.hold(tx, job.id, charges, job.created_at)
        except CapReached as reached:
            raise refusal(limits, reached) from None
        return job

    async def allowed(self, origin: Origin, order: Order) -> Order:
        """Return the order as the guild's moderators allow it; raise a `PolicyRefusal`."""
        size = order.attachment.declared
        canvas = None if size is None else size.grown(order.request.margins(size))
        return await self.policy.allowed(origin, order, canvas)

    async def start(self, job: Job, message_id: MessageId | None) -> bool:
        """Note where the card is and set the job going; False if it was cancelled meanwhile.

        Safe to run twice: an interaction that comes again touches nothing that is under way.
        """
        ready = await self.jobs.ready(job.id, message_id, self.clock.now())
        if ready is not None and ready.state is JobState.CANCELLED:
            return False
        if ready is not None and not ready.epoch:
            self.progress.note(ready)
        self.engine.wake(job.id)
        return True

    async def withdraw(self, job: Job) -> None:
        """Cancel a job whose card could not be posted in time; the hold is released."""
        await self._cancel(job.id, {JobState.RESERVED}, Change(failure="unanswered"))

    async def cancel(self, job: Job, by: UserId) -> Job | None:
        """Cancel a job while nothing was submitted; the hold is released.

        Return the cancelled job, or None if it is too late. Whether `by` may is for the caller to
        check; it is put on record.
        """
        change = Change(failure="cancelled", detail=f"by {by}")
        cancelled = await self._cancel(job.id, _CANCELLABLE, change)
        if cancelled is not None:
            await self.progress.finish(job.id)
        return cancelled

    async def drop(self, job_id: JobId) -> None:
        """Cancel a job whose guild is left, if nothing was submitted; the hold is released."""
        await self._cancel(job_id, _CANCELLABLE, Change(failure="guild_left"))
        await self.progress.finish(job_id)

    async def _cancel(
        self, job_id: JobId, states: Iterable[JobState], change: Change
    ) -> Job | None:
        async with self.database.write() as tx:
            now = self.clock.now()
            seized = await self.jobs.seize(tx, job_id, states)
            if seized is None:
                return None
            await self.ledger.settle(tx, job_id, {}, now)
            return await self.jobs.move(tx, seized, JobState.CANCELLED, now, change)

    def check(self, order: Order) -> Order:
        """Return the order with its prompt cleaned; raise what would refuse it in any case."""
        prompt = clean_prompt(order.prompt)
        if order.prompt and not MIN_LENGTH <= len(prompt) <= MAX_LENGTH:
            raise PromptRefused(len(prompt), MIN_LENGTH, MAX_LENGTH)
        if not order.is_stored:
            self._check_attachment(order.attachment)
        size = order.attachment.declared
        if size is not None:
            plan(size, order.request.margins(size), max_canvas_pixels=self.max_canvas_pixels)
        return replace(order, prompt=prompt)

    def _check_attachment(self, attachment: Attachment) -> None:
        """Refuse what Discord's own description already rules out; the bytes decide later."""
        if attachment.content_type and not attachment.content_type.startswith("image/"):
            raise ImageRefused("not_an_image")
        check_bytes(attachment.size, self.images)
        if attachment.declared is not None:
            check_size(attachment.declared, self.images)

    def _new_job(self, origin: Origin, order: Order, token: str) -> Job:
        now = self.clock.now()
        return Job(
            id=JobId(short_id(self.new_uuid())),
            origin=origin,
            order=order,
            reply=Reply(token),
            task_uuid=TaskUuid(self.new_uuid()),
            state=JobState.RESERVED,
            epoch=0,
            attempts=0,
            sends=0,
            hold=self.accounting.price(order.results),
            created_at=now,
            updated_at=now,
            run_at=now + CARD_TIME,
        )
