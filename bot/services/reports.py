"""What members report, on one card for each job, until a moderator has settled it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from bot.clock import Clock
from bot.domain.ids import ChannelId, JobId
from bot.domain.job import Job
from bot.domain.moderation import Act, ApprovalState, Card, Report, Stage
from bot.errors import PressRefused, Transient
from bot.services.cases import Cases
from bot.services.quarters import Quarters, QuartersClosed
from bot.storage.approvals import ApprovalStore
from bot.storage.database import Database
from bot.storage.guilds import GuildStore
from bot.storage.moderation import ModerationStore, OpenReports

log = structlog.get_logger(__name__)

MOST: Final = 5
"""Reports that one member may make within an hour."""
_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Reports:
    database: Database
    guilds: GuildStore
    store: ModerationStore
    approvals: ApprovalStore
    cases: Cases
    quarters: Quarters
    clock: Clock

    async def report(self, report: Report) -> None:
        """Bring a result before the moderators; more reports of it join the open card.

        Raises `PressRefused`: too many within an hour, reported before, or nobody to report to.
        """
        job = await self.cases.job(report.guild, report.job)
        channel = (await self.guilds.get(report.guild)).moderators_channel
        if channel is None:
            raise PressRefused("no_moderators")
        is_new = await self._noted(report)
        found = await self.store.open_reports(report.guild, report.job)
        if found is None or not (is_new or found.card is None):
            raise PressRefused("reported")
        await self._show(job, channel, found)

    async def _noted(self, report: Report) -> bool:
        """Take a report down, within the hour's limit; say whether it is the member's first."""
        now = self.clock.now()
        async with self.database.write() as tx:
            if await self.store.reported_since(tx, report, now - _HOUR) >= MOST:
                raise PressRefused("too_many_reports")
            return await self.store.report(tx, report, now)

    async def refresh(self, job: Job) -> None:
        """Bring the cards about a job up to date with it.

        A card that cannot be reached now stays as it is: its buttons do no harm.
        """
        guild = job.origin.guild_id
        latest = await self.store.open_reports(guild, job.id)
        for each in await self.store.report_cards(guild, job.id):
            stage = Stage.REPORTED if each.is_open else Stage.SETTLED
            reasons = latest.reasons if latest is not None and each.is_open else ()
            await self._refresh(job, each.card, stage, reasons, since=each.opened)
        approval = await self.approvals.get(guild, job.id)
        if approval is not None and approval.card is not None:
            waits = approval.state is ApprovalState.WAITING
            await self._refresh(job, approval.card, Stage.WAITS if waits else Stage.SETTLED)

    async def close(self, jobs: Sequence[JobId], act: Act) -> None:
        """Close what is open about these jobs; what still waits for approval stays open."""
        for job_id in jobs:
            async with self.database.write() as tx:
                await self.store.close_reports(tx, act, job_id)
            await self.refresh(await self.cases.job(act.guild, job_id))

    async def _refresh(
        self,
        job: Job,
        card: Card,
        stage: Stage,
        reasons: tuple[str, ...] = (),
        *,
        since: datetime | None = None,
    ) -> None:
        case = await self.cases.of(job, stage, reasons, since=since)
        try:
            await self.quarters.refresh(card, case)
        except Transient as error:
            log.info("card stays", job_id=job.id, detail=error.detail)

    async def _show(self, job: Job, channel: ChannelId, found: OpenReports) -> None:
        guild = job.origin.guild_id
        case = await self.cases.of(job, Stage.REPORTED, found.reasons, since=found.opened)
        if found.card is not None:
            await self.quarters.refresh(found.card, case)
            return
        try:
            message = await self.quarters.show(channel, case, f"r{found.first}")
        except QuartersClosed as closed:
            log.warning("moderators' channel closed", guild_id=guild, reason=str(closed))
            raise PressRefused("no_moderators") from closed
        await self.store.note_report_card(guild, job.id, Card(channel, message))
        now = await self.store.open_reports(guild, job.id)
        if now is not None and now.reasons != found.reasons:
            # others came in between, and the first message of the same nonce was theirs or ours
            await self.refresh(job)
