"""Accept an order: check it in memory, then hold the money and make the job in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import UUID

from bot.clock import Clock
from bot.domain.geometry import plan
from bot.domain.ids import JobId, MessageId, TaskUuid, short_id
from bot.domain.job import Job, JobState
from bot.domain.order import Attachment, Order, Origin, Reply
from bot.domain.problems import ResultsOutOfRange
from bot.domain.prompt import MAX_LENGTH, MIN_LENGTH, clean_prompt
from bot.errors import ImageRefused, PromptRefused
from bot.images.gate import ImageLimits, check_bytes, check_size
from bot.services.accounting import Accounting
from bot.services.engine import Dispatcher
from bot.storage.database import Database
from bot.storage.jobs import Change, JobStore
from bot.storage.ledger import CapReached, LedgerStore


@dataclass(frozen=True, slots=True)
class Expansions:
    """The way in for every order."""

    database: Database
    jobs: JobStore
    ledger: LedgerStore
    accounting: Accounting
    dispatcher: Dispatcher
    images: ImageLimits
    max_canvas_pixels: int
    max_results: int
    clock: Clock
    new_uuid: Callable[[], UUID]

    async def accept(self, origin: Origin, order: Order, token: str) -> Job:
        """Check an order, hold its price, and return its job; nothing is sent anywhere yet.

        The same interaction twice gives the same job. Raises a `Refusal` or a `Problem`.
        """
        checked = self.check(order)
        job = self._new_job(origin, checked, token)
        charges = self.accounting.charges(origin, checked.results, job.created_at)
        try:
            async with self.database.write() as tx:
                if not await self.jobs.insert(tx, job):
                    known = await self.jobs.by_interaction(origin.interaction_id)
                    return known or job
                await self.ledger.hold(tx, job.id, charges, job.created_at)
        except CapReached as reached:
            raise self.accounting.refusal(reached) from None
        return job

    async def start(self, job: Job, message_id: MessageId | None) -> None:
        """Note where the card is and set the job going."""
        if message_id is not None:
            await self.jobs.note_message(job.id, message_id)
        self.dispatcher.wake(job.id)

    async def cancel(self, job_id: JobId) -> Job | None:
        """End a job that nothing was submitted for; None if it is too late for that."""
        for state in (JobState.RESERVED, JobState.PREPARED):
            claimed = await self.jobs.claim(job_id, only=state)
            if claimed is not None:
                return await self._withdrawn(claimed, "cancelled")
        return None

    async def withdraw(self, job: Job) -> None:
        """Cancel a job whose card could not be posted in time; the hold is released."""
        claimed = await self.jobs.claim(job.id, only=JobState.RESERVED)
        if claimed is not None:
            await self._withdrawn(claimed, "unanswered")

    async def _withdrawn(self, job: Job, why: str) -> Job:
        async with self.database.write() as tx:
            now = self.clock.now()
            await self.ledger.settle(tx, job.id, {}, now)
            return await self.jobs.move(tx, job, JobState.CANCELLED, now, Change(failure=why))

    def check(self, order: Order) -> Order:
        """Return the order with its prompt cleaned; raise what would refuse it in any case."""
        prompt = clean_prompt(order.prompt)
        if order.prompt and not MIN_LENGTH <= len(prompt) <= MAX_LENGTH:
            raise PromptRefused(len(prompt), MIN_LENGTH, MAX_LENGTH)
        if not 1 <= order.results <= self.max_results:
            raise ResultsOutOfRange(order.results, 1, self.max_results)
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
            run_at=now + Dispatcher.CARD_TIME,
        )
