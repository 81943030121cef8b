"""Details of a picture: how it was made, and how much of the original was changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from bot.domain.geometry import Margins
from bot.domain.ids import Digest
from bot.images.pixel_diff import count_changed_pixels
from bot.images.worker_priority import ImageWorkers
from bot.services.pictures.library import SelectedPicture
from bot.storage.disk.file_store import FileStore
from bot.storage.repositories.archive import ArchiveStore
from bot.storage.repositories.lineage import LineageStore

_MAX_KNOWN: Final = 2000
"""Pictures whose shares are remembered, in some 0.5 MB."""
_Compared = tuple[Digest, Digest, Margins]
"""A seed image, a delivered picture and the margins between them; files never change."""


@dataclass(frozen=True, slots=True)
class PictureDetails:
    """A picture's details; `changed_share` is the share 0..1 of changed original pixels, or None.

    `has_refusals` means that content checks refused other results of the same order.
    """

    selected: SelectedPicture
    changed_share: float | None
    depth: int
    has_refusals: bool


@dataclass(frozen=True, slots=True)
class DetailsReader:
    """Read pictures' details; pixels are compared once and the result is remembered."""

    archive: ArchiveStore
    lineage: LineageStore
    files: FileStore
    workers: ImageWorkers
    _known: dict[_Compared, float | None] = field(default_factory=dict, init=False)

    async def get_details(self, selected: SelectedPicture) -> PictureDetails:
        """Return a picture's details, with the original's pixels compared in a worker."""
        job = selected.job
        try:
            share = await self._find_changed_share(selected)
        except OSError:
            share = None
        depth = len(await self.lineage.list_ancestors(job.id))
        return PictureDetails(selected, share, depth, await self.archive.was_refused(job.id))

    async def _find_changed_share(self, selected: SelectedPicture) -> float | None:
        """Return the share of changed pixels, None where the original was scaled."""
        job, shown = selected.job, Digest(selected.picture.path.name)
        compared = (job.stored_seed, shown, job.prepared_plan.delivered)
        if compared not in self._known:
            seed, size = self.files.get_path(job.stored_seed), job.prepared_plan.seed
            data, margins = await self.files.read_bytes(shown), job.prepared_plan.delivered
            try:
                changed = await self.workers.run(count_changed_pixels, seed, data, margins)
                self._known[compared] = changed / size.pixel_count
            except ValueError:
                self._known[compared] = None
            if len(self._known) > _MAX_KNOWN:
                # dicts keep insertion order: the first is the oldest
                del self._known[next(iter(self._known))]
        return self._known[compared]
