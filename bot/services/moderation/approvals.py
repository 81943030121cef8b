"""Approval of results by moderators before they are shown.

A decision is committed before Discord is called; `run` finishes what a crash left undone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
from bot.services.gallery.copies import PublicCopies
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
    copies: PublicCopies
    clock: Clock

    async def withhold_if_needed(self, job: Job) -> DeliveryRoute | None:
        """Return why a result may not be shown now, None if it may.

        Safe to run twice: a waiting approval stays one, and a decision is not changed.
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
            # read again after the insert: a result decided meanwhile must not show as waiting
            await self.moderators_channel.show_awaiting_approval(job)
            await self._finish_approval(waiting)
        return DeliveryRoute.AWAITING_APPROVAL

    async def check_result(self, sent: Job) -> None:
        """Delete or cover an ended job's result that was removed or covered while it was sent.

        Moderators' acts leave the messages of open jobs to their delivery.
        """
        reason = await self.history.get_removal_reason(sent.id)
        job = await self.cases.get_job(sent.origin.guild_id, sent.id)
        if reason is not None:
            await self.history.remove_files(job.id, reason)
        elif job.order.attachment.spoiler or not await self.cases.is_covered(job):
            return
        else:
            await self.history.set_spoiler(job, spoiler=True)
            await self.copies.plan_cover(job)
        await self.copies.apply_changes(job)

    async def is_withheld(self, guild: GuildId, job_id: JobId) -> bool:
        """Return whether a result awaits approval or was declined."""
        approval = await self.store.get(guild, job_id)
        return approval is not None and approval.state is not ApprovalState.APPROVED

    async def apply_decision(self, act: ModerationAction) -> bool:
        """Record a decision and show it on Discord; return False if there was one before."""
        if act.job is None:
            raise ComponentRefused(ComponentReason.FORGED)
        job = await self.cases.get_job(act.guild, act.job)
        if not await self.store.record_decision(act, _DECISIONS[act.kind]):
            return False
        decided = await self.store.get(act.guild, job.id)
        if decided is not None:
            await self._finish_approval(decided)
        return True

    async def list_waiting_cases(
        self, guild: GuildId, limit: int, is_visible: Callable[[Job], bool]
    ) -> Sequence[ModerationCase]:
        """Return at most `limit` visible cases that await approval, oldest first."""
        waiting = await self.store.list_waiting_jobs(guild)
        jobs = await self.cases.select_jobs(guild, waiting, limit, is_visible)
        return [await self.cases.build_case(job, CaseStage.WAITS) for job in jobs]

    async def run(self) -> None:
        """Show recorded states that Discord does not show yet, every 30 s until cancelled."""
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
                # one failing approval must not block the others
                log.exception("approval not finished", job_id=approval.job)

    async def _finish_approval(self, approval: Approval) -> None:
        """Show the approval's state on Discord; after a `Transient` the next sweep retries."""
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
        """Deliver an approved result, and delete the public card that said it was waiting."""
        if await self.history.is_removed(job.id):
            return
        pictures = await self.cases.list_pictures(job)
        if not pictures:
            log.warning("approved too late: the files are gone", job_id=job.id)
            return
        delivered = await self.sender.send_result(job, pictures)
        await self.check_result(job)
        before, now = job.reply.message_id, delivered.message_id
        if now is None:
            return
        if before is not None and before != now and not job.order.private:
            await self.moderators_channel.delete_message(job, before)
        if delivered.route in {DeliveryRoute.REPLY, DeliveryRoute.CHANNEL}:
            await self.copies.add_result(job, job.origin.channel_id, now)
