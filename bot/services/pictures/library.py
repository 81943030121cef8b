"""Stored pictures: to select, expand further, compare, measure, and make films of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

from bot.domain.ids import JobId
from bot.domain.job import Job
from bot.domain.moderation import ApprovalState
from bot.domain.order import Attachment, Order, Origin, PictureRef, StoredSeed
from bot.domain.request import Direction, DirectionalMargins, ExpansionRequest, ExplicitMargins
from bot.errors import ComponentReason, ComponentRefused
from bot.images.chart import Chart, draw_chart
from bot.images.chart_data import Figure
from bot.images.encode import EncodedImage
from bot.images.film.animation import Movie, MovieFormat
from bot.images.film.before_after import animate_wipe, draw_pair
from bot.images.film.film import place_pictures
from bot.images.film.film import render_film as make_film
from bot.images.worker_priority import ImageWorkers
from bot.services.pictures.marking import MarkingPolicy
from bot.services.ports.jobs import StoredPicture
from bot.storage.disk.file_store import FileStore
from bot.storage.repositories.approvals import ApprovalStore
from bot.storage.repositories.archive import ArchiveStore
from bot.storage.repositories.jobs import JobStore
from bot.storage.repositories.lineage import LineageStore

P = ParamSpec("P")
T = TypeVar("T")

DEFAULT_PIXELS: Final = 256
"""Pixels that an arrow adds if the last order named none: a quarter of a usual picture's side."""


_APPROVAL_REASONS: Final = {
    ApprovalState.WAITING: ComponentReason.WAITING,
    ApprovalState.DECLINED: ComponentReason.DECLINED,
}


@dataclass(frozen=True, slots=True)
class SelectedPicture:
    """A job, its delivered pictures, and the number of the selected one."""

    job: Job
    pictures: tuple[StoredPicture, ...]
    ordinal: int

    @property
    def ref(self) -> PictureRef:
        return PictureRef(self.job.id, self.ordinal)

    @property
    def picture(self) -> StoredPicture:
        return next(each for each in self.pictures if each.result.ordinal == self.ordinal)


@dataclass(frozen=True, slots=True)
class PictureLibrary:
    """Read jobs' stored pictures; raise `ComponentRefused` if they are gone or another guild's."""

    jobs: JobStore
    archive: ArchiveStore
    lineage: LineageStore
    files: FileStore
    workers: ImageWorkers
    approvals: ApprovalStore
    marking: MarkingPolicy
    encoder: Path | None = None
    """Path of ffmpeg, which MP4 films need."""

    @property
    def film_formats(self) -> Sequence[MovieFormat]:
        """The available film formats, best first: small files that play by themselves."""
        known = (MovieFormat.WEBP, MovieFormat.GIF, MovieFormat.MP4)
        return known if self.encoder is not None else known[:2]

    async def get_job(self, job_id: JobId, viewer: Origin) -> Job:
        """Return a job of the viewer's guild, or outside guilds one of the viewer's own."""
        job = await self.jobs.get(job_id)
        if job is None:
            raise ComponentRefused(ComponentReason.FORGED)
        if viewer.is_personal:
            if job.origin.user_id != viewer.user_id:
                personal, forged = ComponentReason.NOT_YOURS, ComponentReason.FORGED
                raise ComponentRefused(personal if job.origin.is_personal else forged)
        elif job.origin.guild_id != viewer.guild_id:
            raise ComponentRefused(ComponentReason.FORGED)
        return job

    async def select_picture(
        self, job_id: JobId, viewer: Origin, ordinal: int | None = None
    ) -> SelectedPicture:
        """Return a job's delivered pictures; `ordinal` None takes the first."""
        job = await self.get_job(job_id, viewer)
        pictures = tuple(await list_stored_pictures(self.jobs, self.files, job_id))
        if not pictures or await self.archive.is_removed(job_id):
            raise ComponentRefused(ComponentReason.GONE)
        approval = await self.approvals.get(job.origin.guild_id, job_id)
        if approval is not None and approval.state in _APPROVAL_REASONS:
            raise ComponentRefused(_APPROVAL_REASONS[approval.state])
        chosen = pictures[0].result.ordinal if ordinal is None else ordinal
        if all(picture.result.ordinal != chosen for picture in pictures):
            raise ComponentRefused(ComponentReason.GONE)
        return SelectedPicture(job, pictures, chosen)

    def build_follow_up_order(
        self, selected: SelectedPicture, request: ExpansionRequest, *, upload_limit: int
    ) -> Order:
        """Build an order that expands a picture; a request of the same kind reuses its prompt."""
        before = selected.job.order
        return replace(
            before,
            attachment=_describe_attachment(selected),
            request=request,
            prompt=before.prompt if _is_same_kind(before.request, request) else "",
            results=1,
            format=selected.job.output,
            upload_limit=upload_limit,
            # content checks depend on the channel of the new order
            tolerance=None,
            check_content=False,
            parent=selected.ref,
            seed=None,
            sources=(selected.job.id,),
            repeats=None,
        )

    async def build_retry_order(self, selected: SelectedPicture, *, upload_limit: int) -> Order:
        """Build the same order again, with the same seed image."""
        job = selected.job
        if not await self.files.has_file(job.stored_seed):
            raise ComponentRefused(ComponentReason.GONE)
        size = job.prepared_plan.seed
        return replace(
            job.order,
            attachment=replace(job.order.attachment, declared=size),
            seed=StoredSeed(job.stored_seed, size, job.output_format, job.seed_notes),
            results=1,
            upload_limit=upload_limit,
            tolerance=None,
            check_content=False,
            repeats=job.id,
        )

    async def render_chart(self, figures: Sequence[Figure]) -> Chart:
        return await self.workers.run(draw_chart, tuple(figures))

    async def find_parent(self, job: Job) -> PictureRef | None:
        """Return the picture that a job expanded, None for a first expansion."""
        links = await self.lineage.list_ancestors(job.id)
        return links[0].parent if links else None

    async def render_wipe(self, selected: SelectedPicture, max_bytes: int) -> Movie:
        """Render a wipe from the original to the result in at most `max_bytes`."""
        return await self._render_before_after(animate_wipe, selected, max_bytes)

    async def render_pair(self, selected: SelectedPicture, max_bytes: int) -> EncodedImage:
        """Render original and result side by side in at most `max_bytes`."""
        return await self._render_before_after(draw_pair, selected, max_bytes)

    async def _render_before_after(
        self,
        draw: Callable[..., T],
        selected: SelectedPicture,
        max_bytes: int,
    ) -> T:
        job = selected.job
        seed, after = self.files.get_path(job.stored_seed), selected.picture.path
        margins, is_marked = job.prepared_plan.delivered, await self.marking.is_required(job.origin)
        return await self._run_worker(draw, seed, after, margins, max_bytes, is_marked=is_marked)

    async def _run_worker(self, draw: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `draw` in a worker; raise `ComponentRefused` if a stored file is gone."""
        try:
            return await self.workers.run(draw, *args, **kwargs)
        except FileNotFoundError:
            raise ComponentRefused(ComponentReason.GONE) from None

    async def render_film(
        self, selected: SelectedPicture, fmt: MovieFormat, max_bytes: int
    ) -> tuple[Movie, int]:
        """Render the film of a picture and its ancestors; return it and its number of pictures.

        Raises `ComponentRefused` for fewer than two expansions, or if a file is gone.
        """
        line = [*reversed(await self.list_chain(selected, selected.job.origin))]
        if len(line) < 2:
            raise ComponentRefused(ComponentReason.NO_CHAIN)
        first = line[0].job
        paths = [self.files.get_path(first.stored_seed), *(each.picture.path for each in line)]
        steps = [each.job.prepared_plan.delivered for each in line]
        shots = place_pictures(paths, first.prepared_plan.seed, steps)
        is_marked = await self.marking.is_required(selected.job.origin)
        film = await self._run_worker(
            make_film, shots, fmt, max_bytes, self.encoder, is_marked=is_marked
        )
        return film, len(shots)

    async def list_chain(
        self, selected: SelectedPicture, viewer: Origin
    ) -> Sequence[SelectedPicture]:
        """Return a picture and those that it was expanded from, the first one last."""
        chain = [selected]
        for link in await self.lineage.list_ancestors(selected.job.id):
            parent = link.parent
            chain.append(await self.select_picture(parent.job_id, viewer, parent.ordinal))
        return chain


async def list_stored_pictures(
    jobs: JobStore, files: FileStore, job_id: JobId
) -> list[StoredPicture]:
    """Return a job's delivered pictures; their files may be gone."""
    return [
        StoredPicture(result, files.get_path(result.delivered))
        for result in await jobs.list_results(job_id)
        if result.delivered is not None
    ]


def get_last_amount(job: Job) -> int:
    """Return the pixels that a job's order added on a side, for its card's arrows."""
    match job.order.request:
        case DirectionalMargins(pixels=pixels):
            return pixels
        case ExplicitMargins(wanted=wanted):
            return max(wanted.get_by_side().values())
        case _:
            return DEFAULT_PIXELS


def _describe_attachment(selected: SelectedPicture) -> Attachment:
    before, canvas = selected.job.order.attachment, selected.job.prepared_plan.canvas
    return replace(before, url="", size=0, content_type="image/png", declared=canvas)


def _is_same_kind(before: ExpansionRequest, now: ExpansionRequest) -> bool:
    match before, now:
        case DirectionalMargins(direction=was), DirectionalMargins(direction=wanted):
            return was is wanted or Direction.ALL in {was, wanted}
        case _:
            return type(before) is type(now)
