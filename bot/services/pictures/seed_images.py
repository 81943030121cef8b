"""Getting an order's seed image: from the file store, a parent picture or the attachment."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.domain.ids import UserId
from bot.domain.order import Order, StoredSeed
from bot.errors import ComponentReason, ComponentRefused, ImageReason, ImageRefused, WorkerDied
from bot.images.preview import Thumbnail, make_stored_thumbnail, make_thumbnail
from bot.images.validation import ImageLimits, normalise_seed_image
from bot.images.worker_priority import ImageWorkers
from bot.runware.media_download import Downloader
from bot.services.pictures.masters import PictureMasters
from bot.services.pictures.reading_strikes import ReadingStrikes
from bot.storage.disk.file_store import FileStore


@dataclass(frozen=True, slots=True)
class SeedImages:
    files: FileStore
    attachments: Downloader
    workers: ImageWorkers
    masters: PictureMasters
    limits: ImageLimits
    strikes: ReadingStrikes

    async def get_seed_image(
        self, order: Order, author: UserId, *, is_retry: bool = False
    ) -> StoredSeed:
        """Return an order's seed image, normalised and stored; safe to run twice.

        Each worker that it ends is a strike for `author`, who ordered it; on a retry (`is_retry`)
        it is then refused. Raises `ImageRefused`, `ComponentRefused`, or what the download raises.
        """
        if order.seed is not None:
            if not await self.files.has_file(order.seed.digest):
                raise ComponentRefused(ComponentReason.GONE)
            return order.seed
        if order.parent is not None:
            digest, parent = await self.masters.get_master(order.parent)
            return StoredSeed(digest, parent.prepared_plan.canvas, parent.output_format)
        download = await self.attachments.fetch_file(order.attachment.url)
        async with self._blame_author(author, is_final=is_retry):
            seed = await self.workers.run(normalise_seed_image, download.data, self.limits)
        digest = await self.files.save_bytes(seed.data)
        return StoredSeed(digest, seed.size, seed.format, seed.notes)

    async def build_thumbnail(self, order: Order, author: UserId) -> Thumbnail:
        """Return a thumbnail of an order's seed image and its real size, without storing it.

        Checks the image and raises as the last retry of `get_seed_image` does, or `ReadingPaused`.
        """
        await self.strikes.check_member(author)
        if order.is_stored:
            seed = await self.get_seed_image(order, author)
            return await self.workers.run(make_stored_thumbnail, self.files.get_path(seed.digest))
        download = await self.attachments.fetch_file(order.attachment.url)
        async with self._blame_author(author, is_final=True):
            return await self.workers.run(make_thumbnail, download.data, self.limits)

    @asynccontextmanager
    async def _blame_author(self, author: UserId, *, is_final: bool) -> AsyncIterator[None]:
        """Record a strike if the picture ends its worker, and refuse it if that is final."""
        try:
            yield
        except WorkerDied as died:
            if not died.is_call_at_fault:
                raise
            await self.strikes.record_strike(author)
            if is_final:
                raise ImageRefused(ImageReason.TOO_HARD) from died
            raise
