"""What a result is made from, and the properties that it inherits from that now."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.domain.content import ContentProperties, can_enter_place
from bot.domain.ids import ChannelId, JobId, UserId
from bot.domain.job import Job
from bot.domain.moderation import ActionKind
from bot.services.ports.channels import PictureChannels
from bot.storage.repositories.jobs import JobStore
from bot.storage.repositories.lineage import LineageStore
from bot.storage.repositories.moderation import ModerationStore


@dataclass(frozen=True, slots=True)
class Provenance:
    """A job with all that it is made from, itself first; `content` is the strictest of them.

    `root` is the first picture of its chain.
    """

    jobs: Sequence[Job]
    content: ContentProperties
    root: JobId

    @property
    def job(self) -> Job:
        """The job itself, behind a spoiler if anything that it is made from is."""
        own = self.jobs[0]
        return replace(own, order=own.order.cover()) if self.content.spoiler else own

    @property
    def people(self) -> set[UserId]:
        """Who ordered and who posted the pictures."""
        authors = {job.origin.user_id for job in self.jobs}
        posters = {job.order.source_author for job in self.jobs}
        return authors | {each for each in posters if each is not None}

    def can_enter(self, channels: Sequence[ChannelId], *, age_restricted: bool | None) -> bool:
        """Return whether a place, a channel or thread with its channel, may show the picture."""
        return all(
            can_enter_place(
                age_restricted=job.order.age_restricted,
                place=age_restricted,
                is_own_place=job.origin.channel_id in channels,
            )
            for job in self.jobs
        )


@dataclass(frozen=True, slots=True)
class ProvenanceReader:
    jobs: JobStore
    lineage: LineageStore
    moderation: ModerationStore
    channels: PictureChannels

    async def trace_job(self, job: Job) -> Provenance:
        """Return what a job is made from, with the spoilers that apply now."""
        sources = await self.lineage.list_sources(job.id)
        found = [await self.jobs.get(each) for each in sources if each != job.id]
        line = [job, *(each for each in found if each is not None)]
        content = job.order.content.inherit(*(each.order.content for each in line[1:]))
        covered = await self._find_cover(job.id, sources, {}) > 0
        is_hidden = covered or content.spoiler or await self._is_from_spoiler_channel(line)
        ancestors = await self.lineage.list_ancestors(job.id)
        return Provenance(
            line,
            replace(
                content,
                spoiler=is_hidden,
                covered_by_moderator=covered or content.covered_by_moderator,
            ),
            ancestors[-1].parent.job_id if ancestors else job.id,
        )

    async def is_covered_by_moderator(self, job: Job) -> bool:
        """Return whether a moderator put this job, or what it is made from, behind a spoiler."""
        sources = await self.lineage.list_sources(job.id)
        return await self._find_cover(job.id, sources, {}) > 0

    async def find_age_restriction(self, channel: ChannelId) -> bool | None:
        """Return whether a channel is age-restricted now; None if that is unknown."""
        return await self.channels.find_age_restriction(channel)

    async def _is_from_spoiler_channel(self, line: Sequence[Job]) -> bool:
        channels = {job.origin.channel_id for job in line if not job.origin.is_personal}
        asked = (self.channels.is_spoiler_channel(each) for each in sorted(channels))
        return any(await asyncio.gather(*asked))

    async def _find_cover(
        self, job: JobId, sources: Mapping[JobId, Sequence[JobId]], known: dict[JobId, int]
    ) -> int:
        """Return the number of the act by which a moderator covers a job, 0 if none does.

        The latest act on the job counts, and later acts on what it is made from.
        """
        if job in known:
            return known[job]
        known[job] = 0
        own = await self.moderation.get_spoiler_act(job)
        inherited = [await self._find_cover(each, sources, known) for each in sources.get(job, ())]
        latest, number = max(inherited, default=0), 0 if own is None else own[0]
        is_covering = own is not None and own[1] is ActionKind.SPOILER
        known[job] = max(latest, number) if is_covering else latest if latest > number else 0
        return known[job]
