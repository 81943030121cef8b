"""Where a seed image comes from: the store, a picture to go on from, or the member's attachment."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.order import Order, StoredSeed
from bot.errors import ImageRefused, PressRefused, WorkerDied
from bot.images.gate import ImageLimits, SeedImage, normalise
from bot.images.preview import Thumbnail, stored_thumbnail, thumbnail
from bot.images.workers import ImageWorkers
from bot.runware.download import Downloader
from bot.services.pictures import Pictures
from bot.storage.files import FileStore


@dataclass(frozen=True, slots=True)
class Seeds:
    files: FileStore
    attachments: Downloader
    workers: ImageWorkers
    pictures: Pictures
    limits: ImageLimits

    async def of(self, order: Order, *, again: bool = False) -> StoredSeed:
        """Return an order's seed image, clean and in the store; a second call changes nothing.

        `again` says that it was tried before: what a worker dies of twice is the picture's fault.
        Raises `ImageRefused`, `PressRefused`, or what the download raises.
        """
        if order.seed is not None:
            if not await self.files.has(order.seed.digest):
                raise PressRefused("gone")
            return order.seed
        if order.parent is not None:
            digest, parent = await self.pictures.master(order.parent)
            return StoredSeed(digest, parent.prepared_plan.canvas, parent.output_format)
        download = await self.attachments.get(order.attachment.url)
        seed = await self._cleaned(download.data, again=again)
        return StoredSeed(await self.files.put(seed.data), seed.size, seed.format, seed.note)

    async def thumbnail(self, order: Order) -> Thumbnail:
        """Return a small copy of an order's seed image and its true size, without storing it.

        Raises as `of` does; a picture that the gate would refuse is refused here.
        """
        if order.is_stored:
            seed = await self.of(order)
            return await self.workers.run(stored_thumbnail, self.files.path(seed.digest))
        download = await self.attachments.get(order.attachment.url)
        return await self.workers.run(thumbnail, download.data, self.limits)

    async def _cleaned(self, data: bytes, *, again: bool) -> SeedImage:
        try:
            return await self.workers.run(normalise, data, self.limits)
        except WorkerDied as error:
            if again:
                raise ImageRefused("too_hard") from error
            raise
