"""Getting an order's seed image: from the file store, a parent picture or the attachment."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.order import Order, StoredSeed
from bot.errors import ComponentReason, ComponentRefused, ImageReason, ImageRefused, WorkerDied
from bot.images.preview import Thumbnail, make_stored_thumbnail, make_thumbnail
from bot.images.validation import ImageLimits, SeedImage, normalise_seed_image
from bot.images.worker_priority import ImageWorkers
from bot.runware.media_download import Downloader
from bot.services.pictures.masters import PictureMasters
from bot.storage.disk.file_store import FileStore


@dataclass(frozen=True, slots=True)
class SeedImages:
    files: FileStore
    attachments: Downloader
    workers: ImageWorkers
    masters: PictureMasters
    limits: ImageLimits

    async def get_seed_image(self, order: Order, *, is_retry: bool = False) -> StoredSeed:
        """Return an order's seed image, normalised and stored; safe to run twice.

        On a retry (`is_retry`) a second worker crash is blamed on the image (`ImageRefused`).
        Raises `ImageRefused`, `ComponentRefused`, or what the download raises.
        """
        if order.seed is not None:
            if not await self.files.has_file(order.seed.digest):
                raise ComponentRefused(ComponentReason.GONE)
            return order.seed
        if order.parent is not None:
            digest, parent = await self.masters.get_master(order.parent)
            return StoredSeed(digest, parent.prepared_plan.canvas, parent.output_format)
        download = await self.attachments.fetch_file(order.attachment.url)
        seed = await self._clean_image(download.data, is_retry=is_retry)
        digest = await self.files.save_bytes(seed.data)
        return StoredSeed(digest, seed.size, seed.format, seed.notes)

    async def build_thumbnail(self, order: Order) -> Thumbnail:
        """Return a thumbnail of an order's seed image and its real size, without storing it.

        Checks the image and raises as `get_seed_image` does.
        """
        if order.is_stored:
            seed = await self.get_seed_image(order)
            return await self.workers.run(make_stored_thumbnail, self.files.get_path(seed.digest))
        download = await self.attachments.fetch_file(order.attachment.url)
        return await self.workers.run(make_thumbnail, download.data, self.limits)

    async def _clean_image(self, data: bytes, *, is_retry: bool) -> SeedImage:
        try:
            return await self.workers.run(normalise_seed_image, data, self.limits)
        except WorkerDied as error:
            if is_retry:
                raise ImageRefused(ImageReason.TOO_HARD) from error
            raise
