"""Finished pictures: shown again, gone on from, measured, compared, and made into a film."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeVar

from bot.domain.geometry import Margins
from bot.domain.ids import Digest, GuildId, JobId, MessageId, UserId
from bot.domain.job import Job, Result
from bot.domain.moderation import ApprovalState
from bot.domain.order import Attachment, Order, Origin, PictureRef, StoredSeed
from bot.domain.request import Direction, Directional, ExpansionRequest, Sides
from bot.errors import PressRefused
from bot.images.animate import Movie, MovieFormat
from bot.images.chart import Chart, chart
from bot.images.compare import pair, wipe
from bot.images.compose import master as make_master
from bot.images.encode import Encoded
from bot.images.figures import Figure
from bot.images.film import chain
from bot.images.film import film as make_film
from bot.images.measure import changed_pixels
from bot.images.workers import ImageWorkers
from bot.services.ports import Picture
from bot.storage.approvals import ApprovalStore
from bot.storage.archive import ArchiveStore
from bot.storage.files import FileStore
from bot.storage.jobs import JobStore
from bot.storage.lineage import LineageStore

T = TypeVar("T")

DEFAULT_PIXELS: Final = 256
"""What an arrow adds where the last order named no amount: a quarter of a common picture."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A job that has pictures, those that were delivered, and one of them."""

    job: Job
    pictures: tuple[Picture, ...]
    ordinal: int

    @property
    def ref(self) -> PictureRef:
        return PictureRef(self.job.id, self.ordinal)

    @property
    def picture(self) -> Picture:
        return next(each for each in self.pictures if each.result.ordinal == self.ordinal)


@dataclass(frozen=True, slots=True)
class Details:
    """What is known of a picture; `changed` is the share 0..1 of the original's pixels, or None.

    `refused` tells that the service's content checks kept others of the same order back.
    """

    shown: Shown
    changed: float | None
    depth: int
    refused: bool


@dataclass(frozen=True, slots=True)
class Pictures:
    """Read what jobs left behind; raise `PressRefused` where it is gone or of another guild."""

    jobs: JobStore
    archive: ArchiveStore
    lineage: LineageStore
    files: FileStore
    workers: ImageWorkers
    approvals: ApprovalStore
    encoder: Path | None = None
    """Where ffmpeg is, for films as MP4."""

    @property
    def film_formats(self) -> Sequence[MovieFormat]:
        """The formats that a film can be made in here, the smallest that plays by itself first."""
        known = (MovieFormat.WEBP, MovieFormat.GIF, MovieFormat.MP4)
        return known if self.encoder is not None else known[:2]

    async def job(self, job_id: JobId, seen_by: Origin) -> Job:
        """Return a job of the same guild, or where there is none one of the member's own."""
        job = await self.jobs.get(job_id)
        if job is None:
            raise PressRefused("forged")
        if seen_by.is_personal:
            if job.origin.user_id != seen_by.user_id:
                raise PressRefused("not_yours" if job.origin.is_personal else "forged")
        elif job.origin.guild_id != seen_by.guild_id:
            raise PressRefused("forged")
        return job

    async def shown(self, job_id: JobId, seen_by: Origin, ordinal: int | None = None) -> Shown:
        """Return a job's delivered pictures; `ordinal` None takes the first."""
        job = await self.job(job_id, seen_by)
        pictures = tuple(
            Picture(result, self.files.path(result.delivered))
            for result in await self.jobs.results(job_id)
            if result.delivered is not None
        )
        if not pictures or await self.archive.is_removed(job_id):
            raise PressRefused("gone")
        approval = await self.approvals.get(job.origin.guild_id, job_id)
        if approval is not None and approval.state is not ApprovalState.APPROVED:
            raise PressRefused(approval.state)
        chosen = pictures[0].result.ordinal if ordinal is None else ordinal
        if all(picture.result.ordinal != chosen for picture in pictures):
            raise PressRefused("gone")
        return Shown(job, pictures, chosen)

    async def author_of(self, guild: GuildId, message: MessageId) -> UserId | None:
        """Return who had a result of this guild made, by its message."""
        job_id = await self.archive.by_message(guild, message)
        job = None if job_id is None else await self.jobs.get(job_id)
        return None if job is None else job.origin.user_id

    def onward(self, shown: Shown, request: ExpansionRequest, *, upload_limit: int) -> Order:
        """Order another expansion of a picture; its prompt is kept where the way is the same."""
        before = shown.job.order
        return replace(
            before,
            attachment=_described(shown),
            request=request,
            prompt=before.prompt if _same_way(before.request, request) else "",
            results=1,
            format=shown.job.output,
            upload_limit=upload_limit,
            # the place that it is ordered from decides anew
            tolerance=None,
            check_content=False,
            parent=shown.ref,
            seed=None,
        )

    async def again(self, shown: Shown, *, upload_limit: int) -> Order:
        """Order the same once more, from the same seed image."""
        job = shown.job
        if not await self.files.has(job.stored_seed):
            raise PressRefused("gone")
        seed = StoredSeed(job.stored_seed, job.prepared_plan.seed, job.output_format, job.seed_note)
        attachment = replace(job.order.attachment, declared=seed.size)
        return replace(
            job.order,
            attachment=attachment,
            seed=seed,
            results=1,
            upload_limit=upload_limit,
            tolerance=None,
            check_content=False,
        )

    async def chart(self, figures: Sequence[Figure]) -> Chart:
        """Draw figures in a worker."""
        return await self.workers.run(chart, tuple(figures))

    async def master(self, ref: PictureRef) -> tuple[Digest, Job]:
        """Return the lossless picture, made now if nobody has needed it before."""
        job = await self.jobs.get(ref.job_id)
        if job is None or await self.archive.is_removed(ref.job_id):
            raise PressRefused("gone")
        known = await self.lineage.master(ref)
        if known is not None and await self.files.has(known):
            return known, job
        result = await self._result(ref)
        digest = await self._made(job, result)
        await self.lineage.put_master(ref, digest)
        return digest, job

    async def details(self, shown: Shown) -> Details:
        """Measure how much of the original the delivered file changed."""
        job = shown.job
        data = await self.files.get(Digest(shown.picture.path.name))
        try:
            changed = await self.workers.run(
                changed_pixels,
                self.files.path(job.stored_seed),
                data,
                job.prepared_plan.delivered,
            )
        except (ValueError, OSError):
            share = None
        else:
            share = changed / job.prepared_plan.seed.pixels
        depth = len(await self.lineage.ancestors(job.id))
        return Details(shown, share, depth, await self.archive.was_refused(job.id))

    async def parent(self, job: Job) -> PictureRef | None:
        """Return the picture that a job went on from."""
        links = await self.lineage.ancestors(job.id)
        return links[0].parent if links else None

    async def compare(self, shown: Shown, max_bytes: int) -> Movie:
        """Make a short wipe from before to after, aligned, in at most `max_bytes`."""
        return await self._drawn(wipe, shown, max_bytes)

    async def pair(self, shown: Shown, max_bytes: int) -> Encoded:
        """Set before and after beside one another, aligned, in at most `max_bytes`."""
        return await self._drawn(pair, shown, max_bytes)

    async def _drawn(
        self, draw: Callable[[Path, Path, Margins, int], T], shown: Shown, max_bytes: int
    ) -> T:
        """Draw before and after of a picture; raise `PressRefused` if its files are gone."""
        plan = shown.job.prepared_plan
        seed = self.files.path(shown.job.stored_seed)
        try:
            return await self.workers.run(draw, seed, shown.picture.path, plan.delivered, max_bytes)
        except FileNotFoundError:
            raise PressRefused("gone") from None

    async def film(self, shown: Shown, fmt: MovieFormat, max_bytes: int) -> tuple[Movie, int]:
        """Make the film of a picture's whole line of descent; return it and how many pictures.

        Raises `PressRefused` unless there are at least two expansions whose files are all kept.
        """
        line = [shown]
        for link in await self.lineage.ancestors(shown.job.id):
            parent = link.parent
            line.append(await self.shown(parent.job_id, shown.job.origin, parent.ordinal))
        if len(line) < 2:
            raise PressRefused("no_chain")
        line.reverse()
        first = line[0].job
        paths = [self.files.path(first.stored_seed), *(each.picture.path for each in line)]
        steps = [each.job.prepared_plan.delivered for each in line]
        shots = chain(paths, first.prepared_plan.seed, steps)
        try:
            made = await self.workers.run(make_film, shots, fmt, max_bytes, self.encoder)
        except FileNotFoundError:
            raise PressRefused("gone") from None
        return made, len(shots)

    async def _result(self, ref: PictureRef) -> Result:
        for result in await self.jobs.results(ref.job_id):
            if result.ordinal == ref.ordinal and result.raw is not None:
                return result
        raise PressRefused("gone")

    async def _made(self, job: Job, result: Result) -> Digest:
        if result.raw is None:
            raise PressRefused("gone")
        seed, raw = self.files.path(job.stored_seed), self.files.path(result.raw)
        try:
            data = await self.workers.run(make_master, seed, raw, job.prepared_plan)
        except FileNotFoundError:
            raise PressRefused("gone") from None
        return await self.files.put(data)


def last_amount(job: Job) -> int:
    """Return the pixels that the job's order added on a side, for the arrows of its card."""
    match job.order.request:
        case Directional(pixels=pixels):
            return pixels
        case Sides(wanted=wanted):
            return max(wanted.by_side().values())
        case _:
            return DEFAULT_PIXELS


def _described(shown: Shown) -> Attachment:
    before = shown.job.order.attachment
    return replace(
        before,
        url="",
        size=0,
        content_type="image/png",
        declared=shown.job.prepared_plan.canvas,
    )


def _same_way(before: ExpansionRequest, now: ExpansionRequest) -> bool:
    match before, now:
        case Directional(direction=was), Directional(direction=wanted):
            return was is wanted or Direction.ALL in {was, wanted}
        case _:
            return type(before) is type(now)
