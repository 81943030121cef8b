"""Moderators' acts on members and results, each recorded and posted to the log channel.

Callers check the actor's permissions; no act reaches beyond its own guild.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog

from bot.clock import Clock
from bot.domain.guild import PersonalGrant
from bot.domain.ids import GuildId, JobId, UserId
from bot.domain.job import Job
from bot.domain.moderation import ActionKind, MemberBlock, ModerationAction
from bot.errors import ComponentReason, ComponentRefused, Transient
from bot.services.billing.quotas import QuotaService
from bot.services.gallery.copies import PublicCopies
from bot.services.members.history import MemberHistory
from bot.services.moderation.approvals import ApprovalService
from bot.services.moderation.cases import CaseBuilder
from bot.services.moderation.reports import ReportService
from bot.services.orders.job_control import JobControl
from bot.services.ports.channels import ModeratorsChannel
from bot.storage.repositories.billing.ledger import LedgerStore
from bot.storage.repositories.guild_settings import GuildSettingsStore
from bot.storage.repositories.moderation import ModerationStore, insert_act

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ActLog:
    """Record acts and post them to the guild's log channel."""

    store: ModerationStore
    guilds: GuildSettingsStore
    moderators_channel: ModeratorsChannel
    clock: Clock

    def build_act(
        self,
        guild: GuildId,
        actor: UserId,
        kind: ActionKind,
        user: UserId | None = None,
        job: JobId | None = None,
        detail: str = "",
    ) -> ModerationAction:
        """Return an act dated now, not yet recorded."""
        return ModerationAction(guild, actor, self.clock.now(), kind, user, job, detail)

    async def record_act(self, act: ModerationAction) -> None:
        await self.store.record_act(act)
        await self.post_act(act)

    async def record_removal(self, act: ModerationAction, job: JobId) -> Sequence[JobId]:
        """Record the removal of a job and of all that is made from it; return them, itself first.

        Safe to run twice: the act is recorded and posted once.
        """
        line, is_new = await self.store.record_removal(act, job)
        if is_new:
            await self.post_act(act)
        return line

    async def post_act(self, act: ModerationAction) -> None:
        """Post a recorded act to the log channel, if the guild has one."""
        channel = (await self.guilds.get(act.guild)).log_channel
        if channel is not None:
            await self.moderators_channel.post_log_entry(act.guild, channel, act)


@dataclass(frozen=True, slots=True)
class MemberActions:
    """Block members, and grant them personal daily quotas."""

    guilds: GuildSettingsStore
    store: ModerationStore
    acts: ActLog
    reports: ReportService

    async def block_member(self, block: MemberBlock, job: JobId | None = None) -> None:
        """Block a member from ordering; `job` is the job that was the reason."""
        guild, kind = block.guild, ActionKind.BLOCK
        act = self.acts.build_act(guild, block.actor, kind, block.user, job, block.reason)
        await self.store.block_member(block, act.at, job)
        await self.acts.post_act(act)
        if job is not None:
            await self.reports.close_reports([job], act)

    async def unblock_member(self, guild: GuildId, user: UserId, actor: UserId) -> bool:
        """Lift a block; return whether there was one."""
        act = self.acts.build_act(guild, actor, ActionKind.UNBLOCK, user)
        lifted = await self.store.unblock_member(guild, user, actor, act.at)
        if lifted:
            await self.acts.post_act(act)
        return lifted

    async def grant_quota(self, guild: GuildId, grant: PersonalGrant, actor: UserId) -> None:
        """Give a member a personal daily quota."""
        detail = str(grant.results_per_day)
        act = self.acts.build_act(guild, actor, ActionKind.GRANT, grant.user, detail=detail)
        async with self.store.write() as tx:
            await self.guilds.insert_grant(tx, guild, grant, actor, act.at)
            await insert_act(tx, act)
        await self.acts.post_act(act)

    async def revoke_grant(self, guild: GuildId, user: UserId, actor: UserId) -> bool:
        """Revoke a member's grant; return whether there was one."""
        act = self.acts.build_act(guild, actor, ActionKind.GRANT, user)
        async with self.store.write() as tx:
            had = await self.guilds.delete_grant(tx, guild, user)
            if had:
                await insert_act(tx, act)
        if had:
            await self.acts.post_act(act)
        return had


@dataclass(frozen=True, slots=True)
class CaseActions:
    """Decide about a result without changing where it is shown."""

    store: ModerationStore
    ledger: LedgerStore
    cases: CaseBuilder
    approvals: ApprovalService
    reports: ReportService
    acts: ActLog

    async def refund_job(self, guild: GuildId, job_id: JobId, actor: UserId) -> int:
        """Refund a job's results to its member's daily quota; return how many.

        The cost stays in the ledger, since the provider was paid. Raises `ComponentRefused` if the
        job has not ended.
        """
        job = await self.cases.get_job(guild, job_id)
        if not job.has_ended:
            raise ComponentRefused(ComponentReason.UNDER_WAY)
        member, kind = job.origin.user_id, ActionKind.REFUND
        act = self.acts.build_act(guild, actor, kind, member, job_id)
        async with self.store.write() as tx:
            given = await self.ledger.refund_results(tx, job_id, act.at)
            act = replace(act, detail=str(given))
            if given:
                await insert_act(tx, act)
        if given:
            await self.acts.post_act(act)
            await self.reports.refresh_cards(job)
        return given

    async def dismiss_reports(self, guild: GuildId, job_id: JobId, actor: UserId) -> None:
        """Close a job's reports; raise `ComponentRefused` if none is open."""
        job = await self.cases.get_job(guild, job_id)
        act = self.acts.build_act(guild, actor, ActionKind.DISMISS, job=job_id)
        async with self.store.write() as tx:
            if not await self.store.close_reports(tx, act, job_id):
                raise ComponentRefused(ComponentReason.DECIDED)
            await insert_act(tx, act)
        await self.acts.post_act(act)
        await self.reports.refresh_cards(job)

    async def decide_approval(
        self, guild: GuildId, job_id: JobId, kind: ActionKind, actor: UserId
    ) -> None:
        """Approve or decline a result; raise `ComponentRefused` if it was decided before."""
        act = self.acts.build_act(guild, actor, kind, job=job_id)
        if not await self.approvals.apply_decision(act):
            raise ComponentRefused(ComponentReason.DECIDED)
        await self.acts.post_act(act)
        await self.reports.close_reports([job_id], act)


@dataclass(frozen=True, slots=True)
class SpoilerActions:
    """Add spoilers, and record what moderators do with members' own buttons."""

    cases: CaseBuilder
    history: MemberHistory
    approvals: ApprovalService
    quotas: QuotaService
    copies: PublicCopies
    moderators_channel: ModeratorsChannel
    reports: ReportService
    acts: ActLog

    async def add_spoiler(self, guild: GuildId, job_id: JobId, actor: UserId) -> None:
        """Add a spoiler to a result wherever it is shown, and to results made from it later.

        Its stored files need not exist any more. Raises `ComponentRefused` if the job has not ended
        or was removed.
        """
        job = await self.cases.get_job(guild, job_id)
        if not job.has_ended:
            raise ComponentRefused(ComponentReason.UNDER_WAY)
        if not await self.cases.is_shown(job):
            raise ComponentRefused(ComponentReason.GONE)
        was_covered = await self.cases.has_moderator_spoiler(job)
        covered = await self.history.set_spoiler(job, spoiler=True)
        if not was_covered:
            await self.record_action(job, ActionKind.SPOILER, actor)
        if await self.approvals.is_withheld(guild, job_id):
            await self.reports.refresh_cards(covered)
            return
        await self.copies.plan_cover(covered)
        line = await self._cover_descendants(guild, job_id)
        for each in (covered, *line):
            await self._cover_messages(each)

    async def cover_descendants(self, guild: GuildId, job_id: JobId) -> None:
        """Cover the messages of what was made from a covered result; open jobs at delivery."""
        for each in await self._cover_descendants(guild, job_id):
            await self._cover_messages(each)

    async def _cover_descendants(self, guild: GuildId, job_id: JobId) -> Sequence[Job]:
        """Record the spoilers of what was made from a covered result, and plan to show them."""
        line = []
        for each in await self.cases.list_descendants(job_id):
            job = await self.cases.get_job(guild, each)
            is_shown = job.has_ended and not await self.approvals.is_withheld(guild, each)
            if is_shown and await self.cases.is_covered_by_moderator(job):
                line.append(await self.history.set_spoiler(job, spoiler=True))
                await self.copies.plan_cover(job)
        return line

    async def _cover_messages(self, job: Job) -> None:
        """Make the planned covers of a job's messages; what Discord refuses now is retried."""
        pictures, message = await self.cases.list_pictures(job), job.reply.message_id
        if pictures and message is not None:
            usage = await self.quotas.get_job_usage(job)
            try:
                if await self.moderators_channel.apply_spoiler(job, pictures, usage):
                    await self.copies.drop_cover(message)
            except Transient as error:
                log.info("result not covered yet", job_id=job.id, detail=error.detail)
        await self.copies.cover_copies(job)

    async def record_action(
        self, job: Job, kind: ActionKind, actor: UserId, *, settles: bool = True
    ) -> None:
        """Record what a moderator did with the buttons that members have on their results.

        With `settles` it decides the case too, which is for those who may see that.
        """
        act = self.acts.build_act(job.origin.guild_id, actor, kind, job=job.id)
        await self.acts.record_act(act)
        if settles and kind is not ActionKind.UNCOVER:
            await self.reports.close_reports([job.id], act)
        else:
            await self.reports.refresh_cards(job)


@dataclass(frozen=True, slots=True)
class RemovalActions:
    """Remove results, or cancel jobs before they are submitted."""

    cases: CaseBuilder
    history: MemberHistory
    approvals: ApprovalService
    copies: PublicCopies
    job_control: JobControl
    moderators_channel: ModeratorsChannel
    reports: ReportService
    acts: ActLog

    async def cancel_job(self, guild: GuildId, job_id: JobId, actor: UserId) -> Job:
        """Cancel a job before it is submitted; raise `ComponentRefused` if it is too late."""
        job = await self.cases.get_job(guild, job_id)
        cancelled = await self.job_control.cancel_job(job, actor)
        if cancelled is None:
            reason = ComponentReason.OVER if job.has_ended else ComponentReason.TOO_LATE
            raise ComponentRefused(reason)
        await self.acts.record_act(self.acts.build_act(guild, actor, ActionKind.CANCEL, job=job_id))
        # the card is edited with the job as it was: an ended job has no interaction token
        await self.moderators_channel.show_cancellation(job)
        return cancelled

    async def remove_result(self, guild: GuildId, job_id: JobId, actor: UserId) -> tuple[int, bool]:
        """Remove a result and its descendants: messages, gallery entries, stored files.

        Return how many results were removed and whether all messages were deleted. Open jobs are
        cancelled, or their results withheld. Safe to run twice.
        """
        await self.cases.get_job(guild, job_id)
        act = self.acts.build_act(guild, actor, ActionKind.REMOVE, job=job_id)
        line = await self.acts.record_removal(act, job_id)
        clean = True
        for each in line:
            clean = await self._remove_one(guild, each, actor) and clean
        await self.reports.close_reports(line, act)
        return len(line), clean

    async def _remove_one(self, guild: GuildId, job_id: JobId, actor: UserId) -> bool:
        """Remove one result; return whether all messages that show it are gone."""
        job = await self.cases.get_job(guild, job_id)
        if not job.has_ended:
            await self.job_control.cancel_job(job, actor)
            job = await self.cases.get_job(guild, job_id)
        decline = self.acts.build_act(guild, actor, ActionKind.DECLINE, job=job_id)
        await self.approvals.apply_decision(decline)
        if job.has_ended:
            await self.history.remove_files(job_id, "moderator")
        clean = await self.copies.remove_copies(guild, job_id, actor)
        # only its member can dismiss a private answer
        return clean and not (job.order.private and job.reply.message_id is not None)


@dataclass(frozen=True, slots=True)
class ModerationServices:
    """The moderation services that commands and components use."""

    cases: CaseBuilder
    reports: ReportService
    approvals: ApprovalService
    decisions: CaseActions
    members: MemberActions
    spoilers: SpoilerActions
    removal: RemovalActions
