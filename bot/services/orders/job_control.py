"""Starting accepted jobs, and cancelling them while nothing was submitted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from bot.clock import Clock
from bot.domain.ids import JobId, MessageId, UserId
from bot.domain.job import Job, JobState
from bot.services.ports.jobs import JobDispatcher
from bot.services.progress.card_updates import CardUpdater
from bot.services.progress.order_summary import OrderSummary
from bot.storage.repositories.billing.ledger import LedgerStore
from bot.storage.repositories.jobs import JobChange, JobStore

_CANCELLABLE: Final = frozenset({JobState.RESERVED, JobState.PREPARED})
"""States before the first send; the epoch decides a race with the submit's own state change."""


@dataclass(frozen=True, slots=True)
class JobControl:
    jobs: JobStore
    ledger: LedgerStore
    dispatcher: JobDispatcher
    card_updater: CardUpdater
    summary: OrderSummary
    clock: Clock

    async def start_job(self, job: Job, message_id: MessageId | None) -> bool:
        """Save the card's message and start the job; return False if it was cancelled meanwhile.

        Safe to run twice: a job that was started before is not changed.
        """
        ready = await self.jobs.mark_ready(job.id, message_id, self.clock.now())
        if ready is not None and ready.state is JobState.CANCELLED:
            return False
        # epoch 0: no dispatcher has claimed the job, so no newer update can be overwritten
        if ready is not None and not ready.epoch:
            self.card_updater.queue_update(ready)
        self.dispatcher.wake(job.id)
        return True

    async def withdraw_job(self, job: Job) -> None:
        """Cancel a job whose card could not be posted in time, and release its hold."""
        await self._cancel_in_states(job.id, {JobState.RESERVED}, JobChange(failure="unanswered"))

    async def cancel_job(self, job: Job, actor: UserId) -> Job | None:
        """Cancel a job before it is submitted and release its hold; return None if it is too late.

        The caller checks that `actor` may do so; the job's log records the actor.
        """
        change = JobChange(failure="cancelled", detail=f"by {actor}")
        cancelled = await self._cancel_in_states(job.id, _CANCELLABLE, change)
        if cancelled is not None:
            await self.card_updater.stop_updates(job.id)
            await self.summary.update(job)
        return cancelled

    async def cancel_for_departure(self, job_id: JobId) -> None:
        """Cancel a job whose guild the bot has left, unless it was submitted; release its hold."""
        await self._cancel_in_states(job_id, _CANCELLABLE, JobChange(failure="guild_left"))
        await self.card_updater.stop_updates(job_id)

    async def _cancel_in_states(
        self, job_id: JobId, states: Iterable[JobState], change: JobChange
    ) -> Job | None:
        async with self.jobs.write() as tx:
            now = self.clock.now()
            seized = await self.jobs.seize_job(tx, job_id, states)
            if seized is None:
                return None
            await self.ledger.settle_job(tx, job_id, {}, now)
            return await self.jobs.move_job(tx, seized, JobState.CANCELLED, now, change)
