"""Results that a moderator sees first: kept back, shown to the moderators, posted or not.

A decision is on record before Discord hears of it, and `run` brings to Discord what a process that
died has left undone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog

from bot.clock import Clock
from bot.domain.ids import ChannelId, GuildId, JobId
from bot.domain.job import Job
from bot.domain.moderation import Act, ActKind, ApprovalState, Card, Stage
from bot.errors import PressRefused, Transient
from bot.services.accounting import Accounting
from bot.services.cases import Cases
from bot.services.gallery import Gallery
from bot.services.history import History
from bot.services.ports import Publisher, Route
from bot.services.quarters import Quarters, QuartersClosed
from bot.storage.approvals import Approval, ApprovalStore
from bot.storage.guilds import GuildStore

log = structlog.get_logger(__name__)

_SWEEP: Final = timedelta(seconds=30)
_AT_ONCE: Final = 50
REMOVED: Final = "removed"
WAITS: Final = "approval"
_DECISIONS: Final = {
    ActKind.APPROVE: ApprovalState.APPROVED,
    ActKind.DECLINE: ApprovalState.DECLINED,
}


@dataclass(frozen=True, slots=True)
class Approvals:
    store: ApprovalStore
    guilds: GuildStore
    cases: Cases
    history: History
    accounting: Accounting
    publisher: Publisher
    quarters: Quarters
    gallery: Gallery
    clock: Clock

    async def withheld(self, job: Job) -> str:
        """Say why a result is not to be shown now, or return an empty text if it may be.

        Safe to run twice: one that waits goes on waiting, one that was decided stays so.
        """
        if await self.history.archive.is_removed(job.id):
            await self.history.remove(job.id, "moderator")
            return REMOVED
        guild = job.origin.guild_id
        known = await self.store.get(guild, job.id)
        if known is None and not (await self.guilds.get(guild)).approve_first:
            return ""
        await self.store.wait(guild, job.id, self.clock.now())
        waiting = await self.store.get(guild, job.id)
        if waiting is not None and waiting.state is ApprovalState.WAITING:
            # what was decided meanwhile is on the card already
            await self.quarters.waits(job)
            await self._finish(waiting)
        return WAITS

    async def decide(self, act: Act) -> bool:
        """Approve or decline once, and bring it to Discord; False where it was decided before."""
        if act.job is None:
            raise PressRefused("forged")
        job = await self.cases.job(act.guild, act.job)
        if not await self.store.decide(act, _DECISIONS[act.kind]):
            return False
        decided = await self.store.get(act.guild, job.id)
        if decided is not None:
            await self._finish(decided)
        return True

    async def waiting(self, guild: GuildId, limit: int) -> list[JobId]:
        return list(await self.store.waiting(guild, limit))

    async def run(self) -> None:
        """Bring to Discord what is on record and not there yet, until cancelled."""
        while True:
            try:
                await self._sweep()
            except Exception:
                log.exception("approvals not swept")
            await self.clock.sleep(_SWEEP.total_seconds())

    async def _sweep(self) -> None:
        for approval in await self.store.undone(_AT_ONCE):
            try:
                await self._finish(approval)
            except Exception:
                # one that cannot be finished must not keep the others waiting
                log.exception("approval not finished", job_id=approval.job)

    async def _finish(self, approval: Approval) -> None:
        """Do what the state calls for; what passes is done by the next sweep."""
        job = await self.cases.job(approval.guild, approval.job)
        try:
            match approval.state:
                case ApprovalState.WAITING:
                    await self._show(job)
                case ApprovalState.APPROVED:
                    await self._post(job)
                case ApprovalState.DECLINED:
                    await self.quarters.declined(job)
        except Transient as error:
            log.info("approval waits for Discord", job_id=job.id, detail=error.detail)
        else:
            await self.store.note_done(approval, self.clock.now())

    async def _show(self, job: Job) -> None:
        guild = job.origin.guild_id
        channel = (await self.guilds.get(guild)).moderators_channel
        if channel is None:
            return
        case = await self.cases.of(job, Stage.WAITS)
        try:
            message = await self.quarters.show(channel, case, f"a{job.id}")
        except QuartersClosed as closed:
            log.warning("moderators' channel closed", guild_id=guild, reason=str(closed))
            return
        await self.store.note_card(guild, job.id, Card(ChannelId(channel), message))

    async def _post(self, job: Job) -> None:
        """Deliver as if the result had just come; the card that said "waits" goes."""
        if await self.history.archive.is_removed(job.id):
            return
        pictures = await self.cases.pictures(job)
        if not pictures:
            log.warning("approved too late: the files are gone", job_id=job.id)
            return
        usage = await self.accounting.usage_of(job)
        delivered = await self.publisher.deliver(job, pictures, usage)
        before, now = job.reply.message_id, delivered.message_id
        if now is None:
            return
        await self.cases.jobs.note_message(job.id, now)
        if before is not None and before != now and not job.order.private:
            await self.quarters.take_down(job, before)
        if delivered.route in {Route.REPLY, Route.CHANNEL}:
            await self.gallery.delivered(job, job.origin.channel_id, now)
