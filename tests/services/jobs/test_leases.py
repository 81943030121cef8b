"""Another process takes a job over: what the first one still does reaches neither books nor job."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from bot.composition.services import Services
from bot.domain.geometry import Size
from bot.domain.ids import JobId
from bot.domain.job import Job, JobState
from bot.domain.ledger import LedgerUnit, Usage, format_global_day_scope
from bot.domain.order import Attachment
from bot.images.worker_pool import ImageWorkerPool
from bot.runware.client import open_client
from bot.runware.media_download import Downloader
from bot.services.jobs.dispatcher import LEASE_DURATION
from bot.services.ports.jobs import DeliveryReceipt, StoredPicture
from bot.storage.disk.file_store import FileStore
from bot.storage.sqlite.database import Database
from sandbox.runware.api.server import LocalRunware
from sandbox.runware.faults import RunwareFault, RunwareStage
from tests.support.clocks import ScaledClock
from tests.support.services.attachment_server import AttachmentServer
from tests.support.services.service_harness import (
    RecordingPublisher,
    Timing,
    build_order,
    parse_host,
    stop_task,
)
from tests.support.services.service_wiring import ServiceInputs, run_services, wire_services

TEMPO = Timing(deadline=1.5, longest=300.0)


@dataclass(slots=True)
class GatedPublisher(RecordingPublisher):
    """Let nobody be shown anything before the gate opens."""

    gate: asyncio.Event = field(default_factory=asyncio.Event)
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    async def deliver_result(
        self, job: Job, pictures: Sequence[StoredPicture], usage: Usage
    ) -> DeliveryReceipt:
        self.asked.set()
        await self.gate.wait()
        return await RecordingPublisher.deliver_result(self, job, pictures, usage)


@dataclass(frozen=True, slots=True)
class ServiceProcess:
    services: Services
    publisher: GatedPublisher
    clock: ScaledClock

    async def wait_for_state(self, job: JobId, *states: JobState) -> Job:
        async with asyncio.timeout(15):
            while True:
                current = await self.services.core.jobs.get(job)
                if current is not None and current.state in states:
                    return current
                await asyncio.sleep(0.02)

    async def wait_for_claim(self, job: JobId, *, epoch: int) -> None:
        async with asyncio.timeout(15):
            while (await self.wait_for_state(job, *JobState)).epoch < epoch:  # noqa: ASYNC110 - as below
                await asyncio.sleep(0.02)

    async def wait_until_idle(self) -> None:
        """Wait until this process carries nothing any more."""
        async with asyncio.timeout(15):
            while self.services.jobs.dispatcher._running:  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.02)


@dataclass(frozen=True, slots=True)
class LeaseSetup:
    """What both processes share."""

    folder: Path
    runware: LocalRunware
    attachments: AttachmentServer
    workers: ImageWorkerPool

    @asynccontextmanager
    async def start_process(
        self, owner: str, *, ahead: float = 0.0, pace: float = 1.0
    ) -> AsyncIterator[ServiceProcess]:
        clock, publisher = ScaledClock(), GatedPublisher()
        clock.advance(ahead)
        clock.set_pace(pace)
        url, key = self.runware.base_url, self.runware.api_key
        hosts = {parse_host(url), self.attachments.host}
        async with AsyncExitStack() as stack:
            outside = ServiceInputs(
                await stack.enter_async_context(Database.open(self.folder / "jobs.db")),
                await stack.enter_async_context(
                    open_client(base_url=url, api_key=key, deadline=TEMPO.deadline)
                ),
                await stack.enter_async_context(
                    Downloader.open(hosts, max_bytes=250_000, deadline=TEMPO.deadline)
                ),
                self.workers,
                FileStore(self.folder / "files"),
                publisher,
                random.Random(owner),  # noqa: S311 - repeatable
                replace(TEMPO, clock=clock),
                owner=owner,
            )
            services = wire_services(outside)
            stack.push_async_callback(stop_task, asyncio.create_task(run_services(services)))
            yield ServiceProcess(services, publisher, clock)

    async def place_order(self, process: ServiceProcess) -> Job:
        url, length = self.attachments.get_picture(Size(64, 64))
        attachment = Attachment(url, "seed.png", length, "image/png", Size(64, 64))
        origin, order = build_order(1, attachment)
        job = await process.services.acceptance.accept_order(origin, order, "token")
        await process.services.jobs.control.start_job(job, None)
        return job


@pytest.fixture
async def setup(
    tmp_path: Path, runware: LocalRunware, image_workers: ImageWorkerPool
) -> AsyncIterator[LeaseSetup]:
    async with AttachmentServer.open() as attachments:
        yield LeaseSetup(tmp_path, runware, attachments, image_workers)


STUCK = {
    JobState.SUBMITTING: RunwareFault("silence", RunwareStage.SUBMIT),
    JobState.SUBMITTED: None,
    JobState.RENDERED: RunwareFault("media_drip", RunwareStage.MEDIA, value=0.05),
    JobState.STORED: None,
}


@pytest.mark.parametrize("state", STUCK)
async def test_the_late_writes_of_who_lost_a_job_are_fenced(
    setup: LeaseSetup, state: JobState
) -> None:
    fault, runware = STUCK[state], setup.runware
    if fault is not None:
        runware.service_state.faults.add(fault)
    if state in {JobState.SUBMITTING, JobState.SUBMITTED}:
        runware.pause_tasks()
    ahead = LEASE_DURATION.total_seconds() + 1
    async with setup.start_process("first") as first:
        job = await setup.place_order(first)
        await first.wait_for_state(job.id, state)
        async with setup.start_process("second", ahead=ahead) as second:
            second.publisher.gate.set()
            if state in {JobState.SUBMITTING, JobState.SUBMITTED}:
                await second.wait_for_claim(job.id, epoch=2)
                runware.resume_tasks()
            await second.wait_for_state(job.id, JobState.SETTLED)
            # the first one only now comes back from where it was stuck
            first.publisher.gate.set()
            await first.wait_until_idle()
            assert list(second.publisher.delivered) == [job.id]
        assert list(first.publisher.delivered) in ([], [job.id])
        assert bool(first.publisher.delivered) == (state is JobState.STORED)
        await assert_settled_once(first, job)
    assert (
        len(set(runware.journal.list_task_uuids("imageInference")))
        == len(runware.journal.bills)
        == 1
    )


async def assert_settled_once(process: ServiceProcess, job: Job) -> None:
    ledger, jobs = process.services.core.ledger, process.services.core.jobs
    moves = [event.target for event in await jobs.list_events(job.id)]
    assert len(moves) == len(set(moves))
    day = await ledger.get_account(
        format_global_day_scope(job.created_at.date()), LedgerUnit.MICRO_USD
    )
    assert (day.held, day.spent) == (0, 50_000)
    assert await ledger.find_imbalances() == []


async def test_what_only_waits_is_let_go_of_at_the_next_heartbeat(setup: LeaseSetup) -> None:
    setup.runware.pause_tasks()
    async with setup.start_process("first", pace=15) as first:
        job = await setup.place_order(first)
        await first.wait_for_state(job.id, JobState.SUBMITTED)
        async with first.services.jobs.dispatcher.jobs._database.write() as tx:
            # as another process does that finds the lease run out
            await tx.execute("UPDATE job SET owner = 'second', epoch = epoch + 1")
        await first.wait_until_idle()
        setup.runware.resume_tasks()
        assert (await first.wait_for_state(job.id, *JobState)).state is JobState.SUBMITTED
        assert not first.publisher.delivered
