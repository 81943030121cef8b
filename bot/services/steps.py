"""The steps of a job, each safe to run twice, and its failure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

import structlog

from bot.clock import Clock
from bot.domain.geometry import plan
from bot.domain.job import Job, JobState, Result
from bot.domain.ledger import Unit
from bot.domain.money import ZERO
from bot.errors import (
    ContentRefused,
    MediaUnavailable,
    Permanent,
    ProviderAuth,
    ProviderCredit,
    ResultUnusable,
    Transient,
    code_of,
)
from bot.images.compose import Delivery, compose
from bot.images.workers import ImageWorkers
from bot.runware.download import Downloader
from bot.services.accounting import Accounting
from bot.services.approvals import Approvals
from bot.services.gallery import Gallery
from bot.services.intake import Intake
from bot.services.policy import Policy
from bot.services.ports import Delivered, Picture, Publisher, Route
from bot.services.progress import Progress
from bot.services.provider_slots import ProviderSlots
from bot.services.rendering import Rendering
from bot.services.seeds import Seeds
from bot.services.usage import UsageBook
from bot.storage.database import Database
from bot.storage.files import FileStore
from bot.storage.jobs import Change, JobStore
from bot.storage.ledger import LedgerStore
from bot.storage.stays import StayStore

log = structlog.get_logger(__name__)

_TELL_AGAIN: Final = (1.0, 4.0, 0.0)
"""Seconds to wait after each try to show a failure."""
_MEDIA_TRIES: Final = 8
"""How often a picture is fetched before it counts as unusable: over a minute, with the back-off."""


@dataclass(frozen=True, slots=True)
class Steps:
    """Carry one job forward by one step; every external effect stands between two commits.

    `gallery` is None where nothing is shown, `approvals` where nobody looks first.
    """

    database: Database
    jobs: JobStore
    ledger: LedgerStore
    files: FileStore
    accounting: Accounting
    intake: Intake
    policy: Policy
    usage: UsageBook
    stays: StayStore
    rendering: Rendering
    slots: ProviderSlots
    seeds: Seeds
    media: Downloader
    workers: ImageWorkers
    publisher: Publisher
    gallery: Gallery | None
    approvals: Approvals | None
    progress: Progress
    clock: Clock
    max_canvas_pixels: int

    @property
    def look(self) -> timedelta:
        """How long to wait before an unanswered submit is first looked for."""
        return self.rendering.look

    async def advance(self, job: Job) -> Job:
        """Make the step that the job's state calls for and return the job as it is then.

        A job whose `run_at` is ahead has to wait. Raises what the step raises.
        """
        match job.state:
            case JobState.RESERVED:
                moved = await self.prepare(job)
            case JobState.PREPARED:
                moved = await self.rendering.submit(job)
            case JobState.SUBMITTING:
                moved = await self.rendering.reconcile(job)
            case JobState.SUBMITTED:
                moved = await self.rendering.collect(job)
            case JobState.RENDERED:
                moved = await self.store(job)
            case JobState.STORED:
                # from here on the card is the result: no progress may be noted after it
                return await self.deliver(job)
            case JobState.DELIVERED:
                return await self.settle(job)
            case _:
                msg = f"job {job.id} has no step in state {job.state}"
                raise ValueError(msg)
        self.progress.note(moved)
        return moved

    async def prepare(self, job: Job) -> Job:
        """Fetch the attachment once, clean it, store it, and plan from its true size.

        Safe to run twice: the file is named by its content.
        """
        seed = await self.seeds.of(job.order, again=bool(job.attempts))
        planned = plan(
            seed.size,
            job.order.request.margins(seed.size),
            max_canvas_pixels=self.max_canvas_pixels,
        )
        await self.policy.check_plan(job.origin.guild_id, planned.canvas)
        change = Change(
            seed=seed.digest,
            seed_note=seed.note,
            plan=planned,
            output=job.order.format or seed.format,
        )
        return await self._move(job, JobState.PREPARED, change)

    async def store(self, job: Job) -> Job:
        """Fetch every result, paste the original back, and put the pictures on disk.

        Safe to run twice: files are named by content, and what is stored is not fetched again. What
        is paid for and cannot be used is fetched some times more, by fresh links; then one such
        result of several is noted and left out, and if none is usable the job fails.
        """
        links = await self._links(job) if job.attempts else {}
        results = [
            await self._stored(job, replace(result, url=links.get(result.image_uuid, result.url)))
            if result.delivered is None
            else result
            for result in await self.jobs.results(job.id)
        ]
        if not results:
            raise ValueError(f"job {job.id} has no results in state {job.state}")
        spoilt = [result.note for result in results if result.delivered is None]
        last = all(len(note.split()) >= _MEDIA_TRIES for note in spoilt)
        if last and len(spoilt) == len(results):
            raise ResultUnusable("no_usable_result", "; ".join(spoilt))
        async with self.database.write() as tx:
            await self.jobs.put_results(tx, job, results)
            if last:
                return await self.jobs.move(tx, job, JobState.STORED, self.clock.now())
        raise MediaUnavailable(f"to be fetched again: {'; '.join(spoilt)}")

    async def _links(self, job: Job) -> dict[str, str]:
        """Ask for fresh links; where that fails now, the old ones have to do."""
        try:
            return await self.rendering.links(job)
        except Transient as error:
            log.info("no fresh links", job_id=job.id, detail=error.detail)
            return {}

    async def _stored(self, job: Job, result: Result) -> Result:
        try:
            raw = await self.files.put((await self.media.get(result.url)).data)
            delivery = await self._composed(job, replace(result, raw=raw))
        except Permanent as error:
            # one code for each try that met a file or its absence; one that met nobody leaves none
            return replace(result, note=f"{result.note} {error.code}".strip())
        return replace(
            result,
            raw=raw,
            delivered=await self.files.put(delivery.data),
            format=delivery.format,
            bytes=len(delivery.data),
            note=delivery.note,
        )

    async def _composed(self, job: Job, result: Result) -> Delivery:
        if result.raw is None:
            raise ResultUnusable("no_file", f"result {result.ordinal} was not fetched")
        return await self.workers.run(
            compose,
            self.files.path(job.stored_seed),
            self.files.path(result.raw),
            job.prepared_plan,
            job.output_format,
            max_bytes=job.order.upload_limit,
        )

    async def deliver(self, job: Job) -> Job:
        """Bring the pictures to the member, or note that no way is open.

        Safe to run twice: the same card is edited, and a new message carries a nonce. What waits
        for a moderator ends here: the approval lives on by itself.
        """
        await self.progress.finish(job.id)
        detail = await self._dropped(job) or await self._withheld(job) or await self._shown(job)
        return await self._move(job, JobState.DELIVERED, Change(detail=detail))

    async def _dropped(self, job: Job) -> str:
        """Say that the guild is left and nothing can be brought to it; empty where the bot is."""
        return "dropped" if await self.stays.has_left(job.origin.guild_id) else ""

    async def _withheld(self, job: Job) -> str:
        """Say why the pictures are not shown now; empty where they may be."""
        return "" if self.approvals is None else await self.approvals.withheld(job)

    async def _shown(self, job: Job) -> str:
        """Bring the pictures to the member and say by which way."""
        pictures = await self._pictures(job)
        usage = await self.accounting.usage_of(job)
        delivered = await self.publisher.deliver(job, pictures, usage)
        if delivered.message_id is not None:
            await self.jobs.note_message(job.id, delivered.message_id)
        await self._hang(job, delivered)
        return f"{delivered.route}:{delivered.message_id or ''}"

    async def _hang(self, job: Job, delivered: Delivered) -> None:
        """Let the gallery know; whatever goes wrong there, the job goes on."""
        in_channel = delivered.route in {Route.REPLY, Route.CHANNEL}
        if self.gallery is None or delivered.message_id is None or not in_channel:
            return
        try:
            await self.gallery.delivered(job, job.origin.channel_id, delivered.message_id)
        except Exception:
            log.exception("gallery not told", job_id=job.id)

    async def _pictures(self, job: Job) -> Sequence[Picture]:
        return [
            Picture(result, self.files.path(result.delivered))
            for result in await self.jobs.results(job.id)
            if result.delivered is not None
        ]

    async def settle(self, job: Job) -> Job:
        """Turn the hold into the reported cost, in the same transaction as the move."""
        return await self._close(job, JobState.SETTLED, Change())

    async def fail(self, job: Job, error: Exception) -> Job:
        """End the job: tell the member, then release the hold or settle what was billed.

        Told first, so that after a crash between the two the member is told again, not never.
        """
        await self.progress.finish(job.id)
        self.slots.release_slot(job.task_uuid)
        billed = job.cost or (error.billed if isinstance(error, Permanent) else ZERO)
        told = replace(job, cost=billed)
        await self._tell(told, error)
        if isinstance(error, ProviderAuth | ProviderCredit):
            await self.intake.provider_refused(error.code)
        change = Change(failure=code_of(error), cost=billed)
        strike = isinstance(error, ContentRefused)
        return await self._close(told, JobState.FAILED, change, strike=strike)

    async def _tell(self, job: Job, error: Exception) -> None:
        """Show the failure; the job must end though nobody can be told."""
        if await self._dropped(job):
            return
        for pause in _TELL_AGAIN:
            try:
                await self.publisher.fail(job, error)
            except Transient as trouble:
                log.warning("failure not shown", job_id=job.id, detail=trouble.detail)
                await self.clock.sleep(pause)
            except Exception:
                log.exception("failure not shown", job_id=job.id)
                break
            else:
                break

    async def give_up(self, job: Job, error: Exception) -> Job:
        """End what was tried too often: pictures on disk are kept, everything else fails."""
        if job.state is JobState.STORED:
            log.error("result kept, not delivered", job_id=job.id, error=repr(error))
            return await self._move(job, JobState.DELIVERED, Change(detail=Route.KEPT))
        return await self.fail(job, error)

    async def _close(
        self, job: Job, target: JobState, change: Change, *, strike: bool = False
    ) -> Job:
        cost = job.cost or ZERO
        billed = len(await self.jobs.results(job.id)) if cost else 0
        async with self.database.write() as tx:
            now = self.clock.now()
            await self.ledger.settle(tx, job.id, {Unit.MICRO_USD: cost, Unit.RESULT: billed}, now)
            if strike:
                await self.intake.strike(tx, job.id, job.origin.user_id)
            await self.usage.ended(tx, job, target, billed)
            return await self.jobs.move(tx, job, target, now, change)

    async def _move(self, job: Job, target: JobState, change: Change) -> Job:
        async with self.database.write() as tx:
            return await self.jobs.move(tx, job, target, self.clock.now(), change)
