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
from bot.domain.moderation import Act, ActKind, ApprovalState, Block, Stage
from bot.errors import PressRefused, Transient
from bot.services.approvals import Approvals
from bot.services.cases import Cases
from bot.services.expansion import Expansions
from bot.services.quarters import Case
from bot.services.reports import Reports
from bot.storage.database import Database
from bot.storage.guilds import GuildStore
from bot.storage.ledger import LedgerStore
from bot.storage.moderation import ModerationStore, record

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Moderation:
    database: Database
    guilds: GuildStore
    store: ModerationStore
    ledger: LedgerStore
    expansions: Expansions
    approvals: Approvals
    reports: Reports

    @property
    def cases(self) -> Cases:
        return self.approvals.cases

    @property
    def _clock(self) -> Clock:
        return self.approvals.clock

    async def block(self, block: Block, job: JobId | None = None) -> None:
        """Keep a member from ordering; `job` is what they are blocked for."""
        at = self._clock.now()
        act = Act(block.guild, block.by, at, ActKind.BLOCK, block.user, job, block.reason)
        await self.store.block(block, at, job)
        await self._told(act)
        if job is not None:
            await self.reports.close([job], act)

    async def unblock(self, guild: GuildId, user: UserId, by: UserId) -> bool:
        """Lift a block; say whether there was one."""
        at = self._clock.now()
        lifted = await self.store.unblock(guild, user, by, at)
        if lifted:
            await self._told(Act(guild, by, at, ActKind.UNBLOCK, user))
        return lifted

    async def grant(self, guild: GuildId, grant: PersonalGrant, by: UserId) -> None:
        """Give a member a number of results per day of their own."""
        detail = str(grant.results_per_day)
        act = Act(guild, by, self._clock.now(), ActKind.GRANT, grant.user, detail=detail)
        async with self.database.write() as tx:
            await self.guilds.grant_in(tx, guild, grant, by, act.at)
            await record(tx, act)
        await self._told(act)

    async def revoke(self, guild: GuildId, user: UserId, by: UserId) -> bool:
        """Take a grant back; say whether there was one."""
        act = Act(guild, by, self._clock.now(), ActKind.GRANT, user)
        async with self.database.write() as tx:
            had = await self.guilds.revoke_in(tx, guild, user)
            if had:
                await record(tx, act)
        if had:
            await self._told(act)
        return had

    async def cancel(self, guild: GuildId, job_id: JobId, by: UserId) -> Job:
        """Cancel a job that nothing was sent for yet; raise `PressRefused` if it is too late."""
        job = await self.cases.job(guild, job_id)
        cancelled = await self.expansions.cancel(job, by)
        if cancelled is None:
            raise PressRefused("over" if job.ended else "too_late")
        await self._noted(Act(guild, by, self._clock.now(), ActKind.CANCEL, job=job_id))
        # a job that has ended keeps no token to edit its card with
        await self.approvals.quarters.cancelled(job)
        return cancelled

    async def remove(self, guild: GuildId, job_id: JobId, by: UserId) -> tuple[int, bool]:
        """Remove a result and all that was made from it: messages, gallery, stored files.

        Return how many results went, and whether every message could be deleted. What is still
        under way is cancelled, or not shown when it comes. Safe to run twice.
        """
        await self.cases.job(guild, job_id)
        line = [job_id, *await self.cases.lineage.descendants(job_id)]
        act = Act(guild, by, self._clock.now(), ActKind.REMOVE, job=job_id)
        known = await self.store.acts_about(guild, job_id)
        if not any(each.kind is ActKind.REMOVE and each.job == job_id for each in known):
            await self._noted(act)
        clean = True
        for each in line:
            clean = await self._removed(guild, each, by) and clean
        await self.reports.close(line, act)
        return len(line), clean

    async def spoiler(self, guild: GuildId, job_id: JobId, by: UserId) -> None:
        """Put a result behind a spoiler wherever it is shown; what is made from it follows."""
        job = await self.cases.job(guild, job_id)
        if not job.ended:
            raise PressRefused("under_way")
        was_covered = await self.cases.is_covered(job)
        covered = await self.approvals.history.hide(job, spoiler=True)
        if not was_covered:
            await self._done(Act(guild, by, self._clock.now(), ActKind.SPOILER, job=job_id))
        approval = await self.approvals.store.get(guild, job_id)
        if approval is not None and approval.state is not ApprovalState.APPROVED:
            await self.reports.refresh(covered)
            return
        usage = await self.approvals.accounting.usage_of(covered)
        entry = await self.approvals.gallery.entries.of_job(guild, job_id)
        await self.approvals.quarters.cover(
            covered, await self.cases.pictures(covered), usage, entry
        )

    async def refund(self, guild: GuildId, job_id: JobId, by: UserId) -> int:
        """Give a job's pictures back to its member's day; return how many.

        The dollars stay booked, since the image service was paid. Raises `PressRefused` for a job
        that has not ended.
        """
        job = await self.cases.job(guild, job_id)
        if not job.ended:
            raise PressRefused("under_way")
        at = self._clock.now()
        async with self.database.write() as tx:
            given = await self.ledger.give_back(tx, job_id, at)
            act = Act(guild, by, at, ActKind.REFUND, job.origin.user_id, job_id, str(given))
            if given:
                await record(tx, act)
        if given:
            await self._told(act)
            await self.reports.refresh(job)
        return given

    async def dismiss(self, guild: GuildId, job_id: JobId, by: UserId) -> None:
        """Close a job's reports and do nothing else; raise `PressRefused` where none is open."""
        job = await self.cases.job(guild, job_id)
        act = Act(guild, by, self._clock.now(), ActKind.DISMISS, job=job_id)
        async with self.database.write() as tx:
            if not await self.store.close_reports(tx, act, job_id):
                raise PressRefused("decided")
            await record(tx, act)
        await self._told(act)
        await self.reports.refresh(job)

    async def decide(self, guild: GuildId, job_id: JobId, kind: ActKind, by: UserId) -> None:
        """Approve or decline; raise `PressRefused` where it was decided before."""
        act = Act(guild, by, self._clock.now(), kind, job=job_id)
        if not await self.approvals.decide(act):
            raise PressRefused("decided")
        await self._told(act)
        await self.reports.close([job_id], act)

    async def queue(self, guild: GuildId, limit: int) -> Sequence[Case]:
        """Return what waits for a moderator, the oldest first."""
        jobs = await self.approvals.waiting(guild, limit)
        return [await self.cases.of(await self.cases.job(guild, job), Stage.WAITS) for job in jobs]

    async def _removed(self, guild: GuildId, job_id: JobId, by: UserId) -> bool:
        """Remove one result; say whether its message is gone."""
        job = await self.cases.job(guild, job_id)
        if not job.ended and await self.expansions.cancel(job, by) is None:
            await self.approvals.history.archive.withhold(job_id, "moderator", self._clock.now())
            job = await self.cases.job(guild, job_id)
        decline = Act(guild, by, self._clock.now(), ActKind.DECLINE, job=job_id)
        await self.approvals.decide(decline)
        await self.approvals.gallery.withdraw(guild, job_id, by, moderator=True)
        if job.ended:
            await self.approvals.history.remove(job_id, "moderator")
        return await self._gone(job)

    async def _gone(self, job: Job) -> bool:
        message = job.reply.message_id
        if message is None:
            return True
        try:
            return await self.approvals.quarters.take_down(job, message)
        except Transient as error:
            log.info("message stays", job_id=job.id, detail=error.detail)
            return False

    async def _done(self, act: Act) -> None:
        """Write down and tell an act that settles what was reported about its job."""
        await self._noted(act)
        if act.job is not None:
            await self.reports.close([act.job], act)

    async def did(self, job: Job, kind: ActKind, by: UserId) -> None:
        """Put on record what a moderator did by the buttons that members have for their own."""
        act = Act(job.origin.guild_id, by, self._clock.now(), kind, job=job.id)
        if kind is ActKind.UNCOVER:
            await self._noted(act)
            await self.reports.refresh(job)
        else:
            await self._done(act)

    async def _noted(self, act: Act) -> None:
        await self.store.note(act)
        await self._told(act)

    async def _told(self, act: Act) -> None:
        channel = (await self.guilds.get(act.guild)).log_channel
        if channel is not None:
            await self.approvals.quarters.tell(act.guild, channel, act)
