"""What moderators do to members and results; each act is on record and told in the log channel.

Whether the actor may is asked by who calls this, at the click; everything here keeps to the guild
that the act names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from bot.clock import Clock
from bot.domain.guild import PersonalGrant
from bot.domain.ids import GuildId, JobId, UserId
from bot.domain.job import Job
from bot.domain.moderation import (
    ApprovalState,
    CaseStage,
    MemberBlock,
    ModerationAction,
    ModerationActionKind,
)
from bot.errors import ComponentReason, ComponentRefused, Transient
from bot.services.moderation.approvals import ApprovalService
from bot.services.moderation.cases import CaseBuilder
from bot.services.moderation.reports import ReportService
from bot.services.orders.acceptance import OrderAcceptance
from bot.services.ports.moderators_channel import ModerationCase
from bot.storage.repositories.billing.ledger import LedgerStore
from bot.storage.repositories.guild_settings import GuildSettingsStore
from bot.storage.repositories.moderation import ModerationStore, insert_act
from bot.storage.sqlite.database import Database

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ModerationActions:
    database: Database
    guilds: GuildSettingsStore
    store: ModerationStore
    ledger: LedgerStore
    acceptance: OrderAcceptance
    approvals: ApprovalService
    reports: ReportService

    @property
    def cases(self) -> CaseBuilder:
        return self.approvals.cases

    @property
    def _clock(self) -> Clock:
        return self.approvals.clock

    async def block_member(self, block: MemberBlock, job: JobId | None = None) -> None:
        """Keep a member from ordering; `job` is what they are blocked for."""
        at = self._clock.now()
        act = ModerationAction(
            block.guild, block.actor, at, ModerationActionKind.BLOCK, block.user, job, block.reason
        )
        await self.store.block_member(block, at, job)
        await self._post_to_log(act)
        if job is not None:
            await self.reports.close_reports([job], act)

    async def unblock_member(self, guild: GuildId, user: UserId, actor: UserId) -> bool:
        """Lift a block; say whether there was one."""
        at = self._clock.now()
        lifted = await self.store.unblock_member(guild, user, actor, at)
        if lifted:
            await self._post_to_log(
                ModerationAction(guild, actor, at, ModerationActionKind.UNBLOCK, user)
            )
        return lifted

    async def grant_quota(self, guild: GuildId, grant: PersonalGrant, actor: UserId) -> None:
        """Give a member a number of results per day of their own."""
        detail = str(grant.results_per_day)
        act = ModerationAction(
            guild, actor, self._clock.now(), ModerationActionKind.GRANT, grant.user, detail=detail
        )
        async with self.database.write() as tx:
            await self.guilds.insert_grant(tx, guild, grant, actor, act.at)
            await insert_act(tx, act)
        await self._post_to_log(act)

    async def revoke_grant(self, guild: GuildId, user: UserId, actor: UserId) -> bool:
        """Take a grant back; say whether there was one."""
        act = ModerationAction(guild, actor, self._clock.now(), ModerationActionKind.GRANT, user)
        async with self.database.write() as tx:
            had = await self.guilds.delete_grant(tx, guild, user)
            if had:
                await insert_act(tx, act)
        if had:
            await self._post_to_log(act)
        return had

    async def cancel_job(self, guild: GuildId, job_id: JobId, actor: UserId) -> Job:
        """Cancel a job that nothing was sent for yet, or raise `ComponentRefused`."""
        job = await self.cases.get_job(guild, job_id)
        cancelled = await self.acceptance.cancel_job(job, actor)
        if cancelled is None:
            raise ComponentRefused(
                ComponentReason.OVER if job.has_ended else ComponentReason.TOO_LATE
            )
        await self._record_act(
            ModerationAction(
                guild, actor, self._clock.now(), ModerationActionKind.CANCEL, job=job_id
            )
        )
        # a job that has ended keeps no token to edit its card with
        await self.approvals.moderators_channel.show_cancellation(job)
        return cancelled

    async def remove_result(self, guild: GuildId, job_id: JobId, actor: UserId) -> tuple[int, bool]:
        """Remove a result and all that was made from it: messages, gallery, stored files.

        Return how many results went, and whether every message could be deleted. What is still
        under way is cancelled, or not shown when it comes. Safe to run twice.
        """
        await self.cases.get_job(guild, job_id)
        line = [job_id, *await self.cases.lineage.list_descendants(job_id)]
        act = ModerationAction(
            guild, actor, self._clock.now(), ModerationActionKind.REMOVE, job=job_id
        )
        known = await self.store.list_acts_about(guild, job_id)
        if not any(
            each.kind is ModerationActionKind.REMOVE and each.job == job_id for each in known
        ):
            await self._record_act(act)
        clean = True
        for each in line:
            clean = await self._remove_one(guild, each, actor) and clean
        await self.reports.close_reports(line, act)
        return len(line), clean

    async def add_spoiler(self, guild: GuildId, job_id: JobId, actor: UserId) -> None:
        """Put a result behind a spoiler wherever it is shown; what is made from it follows."""
        job = await self.cases.get_job(guild, job_id)
        if not job.has_ended:
            raise ComponentRefused(ComponentReason.UNDER_WAY)
        was_covered = await self.cases.has_moderator_spoiler(job)
        covered = await self.approvals.history.set_spoiler(job, spoiler=True)
        if not was_covered:
            await self._record_and_close(
                ModerationAction(
                    guild, actor, self._clock.now(), ModerationActionKind.SPOILER, job=job_id
                )
            )
        approval = await self.approvals.store.get(guild, job_id)
        if approval is not None and approval.state is not ApprovalState.APPROVED:
            await self.reports.refresh_cards(covered)
            return
        usage = await self.approvals.quotas.get_job_usage(covered)
        entry = await self.approvals.gallery.entries.find_by_job(guild, job_id)
        await self.approvals.moderators_channel.apply_spoiler(
            covered, await self.cases.list_pictures(covered), usage, entry
        )

    async def refund_job(self, guild: GuildId, job_id: JobId, actor: UserId) -> int:
        """Give a job's pictures back to its member's day; return how many.

        The dollars stay booked, since the image service was paid. Raises `ComponentRefused` for one
        that has not ended.
        """
        job = await self.cases.get_job(guild, job_id)
        if not job.has_ended:
            raise ComponentRefused(ComponentReason.UNDER_WAY)
        at = self._clock.now()
        async with self.database.write() as tx:
            given = await self.ledger.refund_results(tx, job_id, at)
            act = ModerationAction(
                guild,
                actor,
                at,
                ModerationActionKind.REFUND,
                job.origin.user_id,
                job_id,
                str(given),
            )
            if given:
                await insert_act(tx, act)
        if given:
            await self._post_to_log(act)
            await self.reports.refresh_cards(job)
        return given

    async def dismiss_reports(self, guild: GuildId, job_id: JobId, actor: UserId) -> None:
        """Close a job's reports, nothing else; raise `ComponentRefused` where none is open."""
        job = await self.cases.get_job(guild, job_id)
        act = ModerationAction(
            guild, actor, self._clock.now(), ModerationActionKind.DISMISS, job=job_id
        )
        async with self.database.write() as tx:
            if not await self.store.close_reports(tx, act, job_id):
                raise ComponentRefused(ComponentReason.DECIDED)
            await insert_act(tx, act)
        await self._post_to_log(act)
        await self.reports.refresh_cards(job)

    async def decide_approval(
        self, guild: GuildId, job_id: JobId, kind: ModerationActionKind, actor: UserId
    ) -> None:
        """Approve or decline; raise `ComponentRefused` where it was decided before."""
        act = ModerationAction(guild, actor, self._clock.now(), kind, job=job_id)
        if not await self.approvals.apply_decision(act):
            raise ComponentRefused(ComponentReason.DECIDED)
        await self._post_to_log(act)
        await self.reports.close_reports([job_id], act)

    async def list_waiting_cases(self, guild: GuildId, limit: int) -> Sequence[ModerationCase]:
        """Return what waits for a moderator, the oldest first."""
        jobs = await self.approvals.list_waiting_jobs(guild, limit)
        return [
            await self.cases.build_case(await self.cases.get_job(guild, job), CaseStage.WAITS)
            for job in jobs
        ]

    async def _remove_one(self, guild: GuildId, job_id: JobId, actor: UserId) -> bool:
        """Remove one result; say whether its message is gone."""
        job = await self.cases.get_job(guild, job_id)
        if not job.has_ended and await self.acceptance.cancel_job(job, actor) is None:
            await self.approvals.history.archive.withhold_result(
                job_id, "moderator", self._clock.now()
            )
            job = await self.cases.get_job(guild, job_id)
        decline = ModerationAction(
            guild, actor, self._clock.now(), ModerationActionKind.DECLINE, job=job_id
        )
        await self.approvals.apply_decision(decline)
        await self.approvals.gallery.withdraw_picture(guild, job_id, actor, is_moderator=True)
        if job.has_ended:
            await self.approvals.history.remove_files(job_id, "moderator")
        return await self._delete_message(job)

    async def _delete_message(self, job: Job) -> bool:
        message = job.reply.message_id
        if message is None:
            return True
        try:
            return await self.approvals.moderators_channel.delete_message(job, message)
        except Transient as error:
            log.info("message stays", job_id=job.id, detail=error.detail)
            return False

    async def _record_and_close(self, act: ModerationAction) -> None:
        """Write down and tell an act that settles what was reported about its job."""
        await self._record_act(act)
        if act.job is not None:
            await self.reports.close_reports([act.job], act)

    async def record_action(self, job: Job, kind: ModerationActionKind, actor: UserId) -> None:
        """Put on record what a moderator did by the buttons that members have for their own."""
        act = ModerationAction(job.origin.guild_id, actor, self._clock.now(), kind, job=job.id)
        if kind is ModerationActionKind.UNCOVER:
            await self._record_act(act)
            await self.reports.refresh_cards(job)
        else:
            await self._record_and_close(act)

    async def _record_act(self, act: ModerationAction) -> None:
        await self.store.record_act(act)
        await self._post_to_log(act)

    async def _post_to_log(self, act: ModerationAction) -> None:
        channel = (await self.guilds.get(act.guild)).log_channel
        if channel is not None:
            await self.approvals.moderators_channel.post_log_entry(act.guild, channel, act)
