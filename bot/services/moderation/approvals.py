"""Results that a moderator sees first: kept back, shown to the moderators, posted or not.

A decision is on record before Discord hears of it, and `run` brings to Discord what a process that
died has left undone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog

from bot.clock import Clock
from bot.domain.ids import ChannelId, GuildId, JobId
from bot.domain.job import Job
from bot.domain.moderation import (
    ActionKind,
    ApprovalState,
    CardLocation,
    CaseStage,
    ModerationAction,
)
from bot.errors import ComponentReason, ComponentRefused, Transient
from bot.services.gallery.gallery import GalleryService
from bot.services.members.history import MemberHistory
from bot.services.moderation.cases import CaseBuilder
from bot.services.ports.channels import ModerationCase, ModeratorsChannel, RouteClosed
from bot.services.ports.jobs import DeliveryRoute
from bot.services.progress.result_sender import ResultSender
from bot.storage.repositories.approvals import Approval, ApprovalStore
from bot.storage.repositories.guild_settings import GuildSettingsStore

log = structlog.get_logger(__name__)

_SWEEP_INTERVAL: Final = timedelta(seconds=30)
_BATCH_SIZE: Final = 50
_DECISIONS: Final = {
    ActionKind.APPROVE: ApprovalState.APPROVED,
    ActionKind.DECLINE: ApprovalState.DECLINED,
}


@dataclass(frozen=True, slots=True)
class ApprovalService:
    store: ApprovalStore
    guilds: GuildSettingsStore
    cases: CaseBuilder
    history: MemberHistory
    sender: ResultSender
    moderators_channel: ModeratorsChannel
    gallery: GalleryService
    clock: Clock

    async def withhold_if_needed(self, job: Job) -> DeliveryRoute | None:
        """Say why a result is not to be shown now; return None if it may be.

        Safe to run twice: one that waits goes on waiting, one that was decided stays so.
        """
        if await self.history.is_removed(job.id):
            await self.history.remove_files(job.id, "moderator")
            return DeliveryRoute.REMOVED
        guild = job.origin.guild_id
        known = await self.store.get(guild, job.id)
        if known is None and not (await self.guilds.get(guild)).approve_first:
            return None
        await self.store.add_waiting(guild, job.id, self.clock.now())
        waiting = await self.store.get(guild, job.id)
        if waiting is not None and waiting.state is ApprovalState.WAITING:
            # what was decided meanwhile is on the card already
            await self.moderators_channel.show_awaiting_approval(job)
            await self._finish_approval(waiting)
        return DeliveryRoute.AWAITING_APPROVAL

    async def is_withheld(self, guild: GuildId, job_id: JobId) -> bool:
        """Say whether a result waits for approval, or was declined."""
        approval = await self.store.get(guild, job_id)
        return approval is not None and approval.state is not ApprovalState.APPROVED

    async def apply_decision(self, act: ModerationAction) -> bool:
        """Approve or decline once, and bring it to Discord; False where it was decided before."""
        if act.job is None:
            raise ComponentRefused(ComponentReason.FORGED)
        job = await self.cases.get_job(act.guild, act.job)
        if not await self.store.record_decision(act, _DECISIONS[act.kind]):
            return False
        decided = await self.store.get(act.guild, job.id)
        if decided is not None:
            await self._finish_approval(decided)
        return True

    async def list_waiting_cases(self, guild: GuildId, limit: int) -> Sequence[ModerationCase]:
        """Return what waits for a moderator, the oldest first."""
        waiting = await self.store.list_waiting_jobs(guild, limit)
        jobs = [await self.cases.get_job(guild, job_id) for job_id in waiting]
        return [await self.cases.build_case(job, CaseStage.WAITS) for job in jobs]

    async def run(self) -> None:
        """Bring to Discord what is on record and not there yet, until cancelled."""
        while True:
            try:
                await self._finish_pending()
            except Exception:
                log.exception("approvals not swept")
            await self.clock.sleep(_SWEEP_INTERVAL.total_seconds())

    async def _finish_pending(self) -> None:
        for approval in await self.store.list_unfinished(_BATCH_SIZE):
            try:
                await self._finish_approval(approval)
            except Exception:
                # one that cannot be finished must not keep the others waiting
                log.exception("approval not finished", job_id=approval.job)

    async def _finish_approval(self, approval: Approval) -> None:
        """Do what the state calls for; what passes is done by the next sweep."""
        job = await self.cases.get_job(approval.guild, approval.job)
        try:
            match approval.state:
                case ApprovalState.WAITING:
                    await self._post_case(job)
                case ApprovalState.APPROVED:
                    await self._deliver_result(job)
                case ApprovalState.DECLINED:
                    await self.moderators_channel.notify_declined(job)
        except Transient as error:
            log.info("approval waits for Discord", job_id=job.id, detail=error.detail)
        else:
            await self.store.mark_done(approval, self.clock.now())

    async def _post_case(self, job: Job) -> None:
        guild = job.origin.guild_id
        channel = (await self.guilds.get(guild)).moderators_channel
        if channel is None:
            return
        case = await self.cases.build_case(job, CaseStage.WAITS)
        try:
            message = await self.moderators_channel.post_case(channel, case, f"a{job.id}")
        except RouteClosed as closed:
            log.warning("moderators' channel closed", guild_id=guild, reason=str(closed))
            return
        await self.store.save_card(guild, job.id, CardLocation(ChannelId(channel), message))

    async def _deliver_result(self, job: Job) -> None:
        """Deliver as if the result had just come; the card that said "waits" goes."""
        if await self.history.is_removed(job.id):
            return
        pictures = await self.cases.list_pictures(job)
        if not pictures:
            log.warning("approved too late: the files are gone", job_id=job.id)
            return
        delivered = await self.sender.send_result(job, pictures)
        before, now = job.reply.message_id, delivered.message_id
        if now is None:
            return
        if before is not None and before != now and not job.order.private:
            await self.moderators_channel.delete_message(job, before)
        if delivered.route in {DeliveryRoute.REPLY, DeliveryRoute.CHANNEL}:
            await self.gallery.add_result(job, job.origin.channel_id, now)
