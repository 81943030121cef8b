"""Storing results: download them, paste the original back in, save them on disk."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import structlog

from bot.clock import Clock
from bot.domain.job import Job, JobState, Result
from bot.errors import MediaUnavailable, Permanent, ResultUnusable, Transient
from bot.images.compose import ComposedImage, compose_result
from bot.images.worker_priority import ImageWorkers
from bot.runware.media_download import Downloader
from bot.services.jobs.poller import Poller
from bot.services.pictures.marking import MarkingPolicy
from bot.storage.disk.file_store import FileStore
from bot.storage.repositories.jobs import JobStore

log = structlog.get_logger(__name__)

_MAX_MEDIA_TRIES: Final = 8
"""Downloads of a picture before it counts as unusable: over a minute, with the back-off."""
_WRONG_CONTENT: Final = frozenset({"seed_not_found", "no_margins", "wrong_size"})
"""Codes of whole files that show something else: fetched again, they are hardly ever better."""
_MAX_WRONG_TRIES: Final = 2
"""Downloads of wrong content before it is final: the first may have been another file's."""


@dataclass(frozen=True, slots=True)
class ResultStorage:
    jobs: JobStore
    files: FileStore
    media: Downloader
    workers: ImageWorkers
    poller: Poller
    marking: MarkingPolicy
    clock: Clock

    async def store_results(self, job: Job) -> Job:
        """Download every result, paste the original back in, and save the pictures.

        Safe to run twice: files are named by content, and saved ones are not downloaded again.
        Unusable ones are retried with fresh links, whole files of the wrong content once only,
        then left out; if all are, raise `ResultUnusable`.
        """
        links = await self._fetch_links(job) if job.attempts else {}
        results = [
            await self._store_result(
                job, replace(result, url=links.get(result.image_uuid, result.url))
            )
            if result.delivered is None and not _is_given_up(result)
            else result
            for result in await self.jobs.list_results(job.id)
        ]
        if not results:
            raise ValueError(f"job {job.id} has no results in state {job.state}")
        spoilt = [result for result in results if result.delivered is None]
        last = all(map(_is_given_up, spoilt))
        codes = "; ".join(" ".join(result.fetch_errors) for result in spoilt)
        if last and len(spoilt) == len(results):
            raise ResultUnusable("no_usable_result", codes)
        async with self.jobs.write() as tx:
            await self.jobs.save_results(tx, job, results)
            if last:
                return await self.jobs.move_job(tx, job, JobState.STORED, self.clock.now())
        raise MediaUnavailable(f"to be fetched again: {codes}")

    async def _fetch_links(self, job: Job) -> dict[str, str]:
        """Return fresh links by image UUID, as links expire; empty if the provider is down."""
        try:
            view = await self.poller.fetch_task(job.task_uuid)
        except Transient as error:
            log.info("no fresh links", job_id=job.id, detail=error.detail)
            return {}
        return {item.image_uuid: item.media_source for item in view.results if item.image_uuid}

    async def _store_result(self, job: Job, result: Result) -> Result:
        try:
            raw = await self.files.save_bytes((await self.media.fetch_file(result.url)).data)
            delivery = await self._compose_result(job, replace(result, raw=raw))
        except Permanent as error:
            return replace(result, fetch_errors=(*result.fetch_errors, error.code))
        return replace(
            result,
            raw=raw,
            delivered=await self.files.save_bytes(delivery.data),
            format=delivery.format,
            bytes=len(delivery.data),
            notes=delivery.notes,
            fetch_errors=(),
        )

    async def _compose_result(self, job: Job, result: Result) -> ComposedImage:
        if result.raw is None:
            raise ResultUnusable("no_file", f"result {result.ordinal} was not fetched")
        return await self.workers.run(
            compose_result,
            self.files.get_path(job.stored_seed),
            self.files.get_path(result.raw),
            job.prepared_plan,
            job.output_format,
            max_bytes=job.order.upload_limit,
            is_marked=await self.marking.is_required(job.origin),
        )


def _is_given_up(result: Result) -> bool:
    """Return whether a result was fetched as often as its errors are worth."""
    wrong = sum(code in _WRONG_CONTENT for code in result.fetch_errors)
    return wrong >= _MAX_WRONG_TRIES or len(result.fetch_errors) >= _MAX_MEDIA_TRIES
