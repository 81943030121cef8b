"""The decision whether pictures may be shown: which ones, to whom and in which place.

Every interaction decides again, since a card may offer what is forbidden now.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from bot.clock import Clock
from bot.domain.errors import Refusal
from bot.domain.ids import ChannelId, JobId
from bot.domain.job import Job
from bot.domain.moderation import ApprovalState
from bot.domain.order import Order, Origin
from bot.errors import ComponentReason, ComponentRefused, MemberBlocked
from bot.services.exposure.places import check_place, check_public_place
from bot.services.exposure.provenance import Provenance, ProvenanceReader
from bot.storage.repositories.approvals import ApprovalStore
from bot.storage.repositories.archive import EXPIRED, ArchiveStore
from bot.storage.repositories.guild_settings import GuildSettingsStore
from bot.storage.repositories.jobs import JobStore
from bot.storage.repositories.member_preferences import MemberPreferenceStore
from bot.storage.repositories.moderation import ModerationStore

_APPROVAL_REASONS: Final = {
    ApprovalState.WAITING: ComponentReason.WAITING,
    ApprovalState.DECLINED: ComponentReason.DECLINED,
}


@dataclass(frozen=True, slots=True)
class ExposurePolicy:
    """Decide about pictures of jobs; `check_` methods raise a `Refusal` for what is forbidden."""

    jobs: JobStore
    provenance: ProvenanceReader
    archive: ArchiveStore
    approvals: ApprovalStore
    preferences: MemberPreferenceStore
    moderation: ModerationStore
    guilds: GuildSettingsStore
    clock: Clock

    async def check_view(self, job: Job, viewer: Origin) -> Job:
        """Return a job as a private answer may show it: behind a spoiler if anything in it is."""
        await self._check_shown(job)
        _check_private(job, viewer)
        found = await self.provenance.trace_job(job)
        # what only its author sees is shown in no place
        if job.origin.user_id != viewer.user_id:
            _check_restriction(found, viewer)
        return replace(found.job, order=found.job.order.cover_in(viewer))

    async def check_share(self, jobs: Iterable[JobId], sharer: Origin) -> bool:
        """Check that a member may show jobs to everybody; return whether a spoiler is needed."""
        now, hidden = self.clock.now(), sharer.spoiler_channel
        block = await self.moderation.find_block(sharer.guild_id, sharer.user_id, now)
        if block is not None:
            raise MemberBlocked(block.reason, block.until)
        settings = await self.guilds.get(sharer.guild_id)
        check_place(settings, sharer)
        check_public_place(settings, sharer)
        for job_id in dict.fromkeys(jobs):
            job = await self._get_job(job_id)
            await self._check_shown(job)
            _check_private(job, sharer)
            found = await self.provenance.trace_job(job)
            _check_restriction(found, sharer)
            if not await self._are_people_willing(found, sharer):
                raise ComponentRefused(ComponentReason.NOT_SHARED)
            hidden = hidden or found.content.spoiler
        return hidden

    async def check_offer(self, jobs: Iterable[JobId], viewer: Origin) -> None:
        """Check that a message's pictures of these jobs may be offered to be expanded."""
        for job_id in jobs:
            job = await self._get_job(job_id)
            await self._check_shown(job, is_kept=False)
            _check_private(job, viewer)

    async def check_sources(self, origin: Origin, order: Order) -> Order:
        """Return an order with the properties of its channel and of all that it is made from.

        Raises `ComponentRefused`, or `PlaceNotAllowed` for a public result in the gallery.
        """
        is_secret = order.private or origin.is_direct
        if not is_secret:
            check_public_place(await self.guilds.get(origin.guild_id), origin)
        if order.age_restricted and origin.age_restricted is not True:
            is_own = is_secret and order.source_author is None
            _require(ComponentReason.AGE_RESTRICTED, is_met=is_own)
        content = replace(order.content, spoiler=order.cover_in(origin).attachment.spoiler)
        found = [await self._check_source(origin, order, each) for each in _list_sources(order)]
        place = replace(order.content, age_restricted=origin.age_restricted)
        content = content.inherit(place, *(each.content for each in found))
        is_foreign = any(
            each.content.spoiler and each.job.origin.user_id != origin.user_id for each in found
        )
        covered = order.cover() if content.spoiler else order
        return replace(
            covered,
            age_restricted=content.age_restricted,
            keeps_spoiler=content.covered_by_moderator or is_foreign,
        )

    async def can_publish(self, found: Provenance) -> bool:
        """Return whether no removal, approval, block or opt-out forbids showing a picture."""
        try:
            await self._check_shown(found.job)
        except Refusal:
            return False
        return await self._are_people_willing(found, found.job.origin)

    async def may_be_restricted(self, channel: ChannelId) -> bool:
        """Return whether a channel is age-restricted now, or the bot cannot see it."""
        return await self.provenance.find_age_restriction(channel) is not False

    async def trace_job(self, job: Job) -> Provenance:
        """Return what a job is made from, whether or not it may be shown."""
        return await self.provenance.trace_job(job)

    async def _check_source(self, origin: Origin, order: Order, job_id: JobId) -> Provenance:
        job = await self._get_job(job_id)
        # a message that shows the picture may outlive the stored file
        await self._check_shown(job, is_kept=order.is_stored)
        _check_private(job, origin)
        found = await self.provenance.trace_job(job)
        if not (order.private and job.origin.user_id == origin.user_id):
            _check_restriction(found, origin)
        for person in found.people - {origin.user_id}:
            if await self.preferences.has_opted_out(person):
                raise ComponentRefused(ComponentReason.OPTED_OUT)
        return found

    async def _get_job(self, job_id: JobId) -> Job:
        job = await self.jobs.get(job_id)
        if job is None:
            raise ComponentRefused(ComponentReason.GONE)
        return job

    async def _check_shown(self, job: Job, *, is_kept: bool = True) -> None:
        """Raise `ComponentRefused` for a job that was removed, or is not approved."""
        reason = await self.archive.get_removal_reason(job.id)
        if reason is not None and (is_kept or reason != EXPIRED):
            raise ComponentRefused(ComponentReason.GONE)
        approval = await self.approvals.get(job.origin.guild_id, job.id)
        if approval is not None and approval.state in _APPROVAL_REASONS:
            raise ComponentRefused(_APPROVAL_REASONS[approval.state])

    async def _are_people_willing(self, found: Provenance, actor: Origin) -> bool:
        """Return whether nobody behind a picture is blocked, and nobody but `actor` opted out."""
        guild, now = found.job.origin.guild_id, self.clock.now()
        for person in found.people:
            if await self.moderation.find_block(guild, person, now) is not None:
                return False
            if person != actor.user_id and await self.preferences.has_opted_out(person):
                return False
        return True


def _list_sources(order: Order) -> Sequence[JobId]:
    """Return the jobs that an order is made from or repeats."""
    parent = [] if order.parent is None else [order.parent.job_id]
    repeated = [] if order.repeats is None else [order.repeats]
    return list(dict.fromkeys((*parent, *order.sources, *repeated)))


def _check_private(job: Job, viewer: Origin) -> None:
    is_others = job.origin.user_id != viewer.user_id
    _require(ComponentReason.NOT_YOURS, is_met=not (job.order.private and is_others))


def _check_restriction(found: Provenance, viewer: Origin) -> None:
    # a direct message to its author is as private as an answer
    is_own = viewer.is_direct and found.job.origin.user_id == viewer.user_id
    may_enter = is_own or found.can_enter(viewer.channels, age_restricted=viewer.age_restricted)
    _require(ComponentReason.AGE_RESTRICTED, is_met=may_enter)


def _require(reason: ComponentReason, *, is_met: bool) -> None:
    if not is_met:
        raise ComponentRefused(reason)
