"""Accepted jobs are set going, or cancelled while that is possible."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from bot.clock import Clock
from bot.domain.ids import JobId, MessageId, UserId
from bot.domain.job import Job, JobState
from bot.services.ports.jobs import JobDispatcher
from bot.services.progress.card_updates import CardUpdater
from bot.storage.repositories.billing.ledger import LedgerStore
from bot.storage.repositories.jobs import JobChange, JobStore

_CANCELLABLE: Final = frozenset({JobState.RESERVED, JobState.PREPARED})
"""Nothing has left the house; the intent to send is a move of its own, so the epoch decides."""


@dataclass(frozen=True, slots=True)
class JobControl:
    jobs: JobStore
    ledger: LedgerStore
    dispatcher: JobDispatcher
    card_updater: CardUpdater
    clock: Clock

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
        async with self.jobs.write() as tx:
            now = self.clock.now()
            seized = await self.jobs.seize_job(tx, job_id, states)
            if seized is None:
                return None
            await self.ledger.settle_job(tx, job_id, {}, now)
            return await self.jobs.move_job(tx, seized, JobState.CANCELLED, now, change)
