"""Members' reports, collected on one card per job until a moderator decides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from bot.clock import Clock
from bot.domain.ids import ChannelId, GuildId, JobId, UserId
from bot.domain.job import Job
from bot.domain.moderation import ApprovalState, CardLocation, CaseStage, ModerationAction, Report
from bot.errors import ComponentReason, ComponentRefused, Transient
from bot.services.moderation.cases import CaseBuilder
from bot.services.ports.channels import ModerationCase, ModeratorsChannel, RouteClosed
from bot.storage.repositories.approvals import ApprovalStore
from bot.storage.repositories.guild_settings import GuildSettingsStore
from bot.storage.repositories.moderation import ModerationStore, OpenReports
from bot.storage.sqlite.database import Connection

log = structlog.get_logger(__name__)

MAX_REPORTS_PER_HOUR: Final = 5
"""How many reports a member may make per hour."""
_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class ReportService:
    guilds: GuildSettingsStore
    store: ModerationStore
    approvals: ApprovalStore
    cases: CaseBuilder
    moderators_channel: ModeratorsChannel
    clock: Clock

    async def check_reporter(self, guild: GuildId, job: JobId, reporter: UserId) -> None:
        """Raise `ComponentRefused` if a report would be refused, before a reason is written.

        That is too many per hour, reported before, or no moderators' channel.
        """
        if (await self.guilds.get(guild)).moderators_channel is None:
            raise ComponentRefused(ComponentReason.NO_MODERATORS)
        report = Report(guild, job, reporter, "")
        async with self.store.write() as tx:
            await self._check_hourly_limit(tx, report)
            if await self.store.has_reported(tx, report):
                raise ComponentRefused(ComponentReason.REPORTED)

    async def report_result(self, report: Report) -> bool:
        """Report a result to the moderators, on the job's open card if there is one.

        Return False if no card can be posted now: the report then waits in `list_waiting_cases`.
        Raises `ComponentRefused`: too many per hour, or reported before.
        """
        job = await self.cases.get_job(report.guild, report.job)
        is_new = await self._record_report(report)
        found = await self.store.find_open_reports(report.guild, report.job)
        if found is None or not (is_new or found.card is None):
            raise ComponentRefused(ComponentReason.REPORTED)
        channel = (await self.guilds.get(report.guild)).moderators_channel
        try:
            return channel is not None and await self._post_card(job, channel, found)
        except (RouteClosed, Transient) as error:
            log.warning("report has no card", guild_id=report.guild, reason=str(error))
            return False

    async def list_waiting_cases(
        self, guild: GuildId, limit: int, is_visible: Callable[[Job], bool]
    ) -> Sequence[ModerationCase]:
        """Return at most `limit` visible reported cases that have no card, oldest first."""
        cases = []
        waiting = await self.store.list_jobs_without_card(guild)
        for job in await self.cases.select_jobs(guild, waiting, limit, is_visible):
            found = await self.store.find_open_reports(guild, job.id)
            if found is not None:
                stage, reasons = CaseStage.REPORTED, found.reasons
                cases.append(await self.cases.build_case(job, stage, reasons, found.opened_at))
        return cases

    async def _record_report(self, report: Report) -> bool:
        """Record a report within the hourly limit; return whether it is the member's first."""
        now = self.clock.now()
        async with self.store.write() as tx:
            await self._check_hourly_limit(tx, report)
            return await self.store.add_report(tx, report, now)

    async def _check_hourly_limit(self, tx: Connection, report: Report) -> None:
        since = self.clock.now() - _HOUR
        if await self.store.count_reports_since(tx, report, since) >= MAX_REPORTS_PER_HOUR:
            raise ComponentRefused(ComponentReason.TOO_MANY_REPORTS)

    async def list_cards(self, guild: GuildId, job: JobId) -> Sequence[CardLocation]:
        """Return all cards about a job, those of its reports and of its approval."""
        approval = await self.approvals.get(guild, job)
        cards = [each.card for each in await self.store.list_report_cards(guild, job)]
        return cards if approval is None or approval.card is None else [*cards, approval.card]

    async def refresh_cards(self, job: Job) -> None:
        """Update all cards about a job.

        A card that can't be edited now keeps its buttons, which then only raise a refusal.
        """
        guild = job.origin.guild_id
        latest = await self.store.find_open_reports(guild, job.id)
        for each in await self.store.list_report_cards(guild, job.id):
            stage = CaseStage.REPORTED if each.is_open else CaseStage.SETTLED
            reasons = latest.reasons if latest is not None and each.is_open else ()
            await self._edit_card(job, each.card, stage, reasons, since=each.opened_at)
        approval = await self.approvals.get(guild, job.id)
        if approval is not None and approval.card is not None:
            waits = approval.state is ApprovalState.WAITING
            stage = CaseStage.WAITS if waits else CaseStage.SETTLED
            await self._edit_card(job, approval.card, stage)

    async def close_reports(self, jobs: Sequence[JobId], act: ModerationAction) -> None:
        """Close the open reports of these jobs; approvals stay open."""
        for job_id in jobs:
            async with self.store.write() as tx:
                await self.store.close_reports(tx, act, job_id)
            await self.refresh_cards(await self.cases.get_job(act.guild, job_id))

    async def _edit_card(
        self,
        job: Job,
        card: CardLocation,
        stage: CaseStage,
        reasons: tuple[str, ...] = (),
        *,
        since: datetime | None = None,
    ) -> None:
        case = await self.cases.build_case(job, stage, reasons, since)
        try:
            await self.moderators_channel.edit_case(card, case)
        except Transient as error:
            log.info("card stays", job_id=job.id, detail=error.detail)

    async def _post_card(self, job: Job, channel: ChannelId, found: OpenReports) -> bool:
        """Post the card, or add the reports to it; raise `RouteClosed` or `Transient`."""
        guild = job.origin.guild_id
        stage, reasons = CaseStage.REPORTED, found.reasons
        case = await self.cases.build_case(job, stage, reasons, found.opened_at)
        if found.card is not None:
            await self.moderators_channel.edit_case(found.card, case)
            return True
        message = await self.moderators_channel.post_case(channel, case, f"r{found.first_id}")
        await self.store.save_report_card(guild, job.id, CardLocation(channel, message))
        now = await self.store.find_open_reports(guild, job.id)
        if now is not None and now.reasons != found.reasons:
            # a report was added meanwhile; the nonce gave both the same message, so edit it
            await self.refresh_cards(job)
        return True
