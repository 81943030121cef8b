"""Another process takes a job over: what the first one still does reaches neither books nor job."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from bench.provider.attachments import Attachments
from bench.provider.backroom import KeepingPublisher, Tempo, host_of, order_of, stopped
from bench.provider.wiring import Outside, Wiring
from bot.domain.geometry import Size
from bot.domain.ids import JobId
from bot.domain.job import Job, JobState
from bot.domain.ledger import Unit, global_day_scope
from bot.domain.order import Attachment
from bot.domain.usage import Usage
from bot.images.workers import ImageWorkers
from bot.runware.client import open_client
from bot.runware.download import Downloader
from bot.services.engine import LEASE
from bot.services.ports import Delivered, Picture
from bot.storage.database import Database
from bot.storage.files import FileStore
from sandbox.runware.faults import Fault, Stage
from sandbox.runware.server import LocalRunware
from tests.clocks import HurriedClock

TEMPO = Tempo(deadline=1.5, longest=300.0)


@dataclass(slots=True)
class GatedPublisher(KeepingPublisher):
    """Let nobody be shown anything before the gate opens."""

    gate: asyncio.Event = field(default_factory=asyncio.Event)
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    async def deliver(self, job: Job, pictures: Sequence[Picture], usage: Usage) -> Delivered:
        self.asked.set()
        await self.gate.wait()
        return await KeepingPublisher.deliver(self, job, pictures, usage)


@dataclass(frozen=True, slots=True)
class Process:
    wiring: Wiring
    publisher: GatedPublisher
    clock: HurriedClock

    async def reached(self, job: JobId, *states: JobState) -> Job:
        async with asyncio.timeout(15):
            while True:
                current = await self.wiring.jobs.get(job)
                if current is not None and current.state in states:
                    return current
                await asyncio.sleep(0.02)

    async def claimed(self, job: JobId, *, epoch: int) -> None:
        async with asyncio.timeout(15):
            while (await self.reached(job, *JobState)).epoch < epoch:  # noqa: ASYNC110 - as below
                await asyncio.sleep(0.02)

    async def idle(self) -> None:
        """Wait until this process carries nothing any more."""
        async with asyncio.timeout(15):
            while self.wiring.dispatcher._carried:  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.02)


@dataclass(frozen=True, slots=True)
class Place:
    """What both processes share."""

    folder: Path
    runware: LocalRunware
    attachments: Attachments
    workers: ImageWorkers

    @asynccontextmanager
    async def process(
        self, owner: str, *, ahead: float = 0.0, pace: float = 1.0
    ) -> AsyncIterator[Process]:
        clock, publisher = HurriedClock(), GatedPublisher()
        clock.leap(ahead)
        clock.hurry(pace)
        url, key = self.runware.base_url, self.runware.api_key
        hosts = {host_of(url), self.attachments.host}
        async with AsyncExitStack() as stack:
            outside = Outside(
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
            wiring = Wiring(outside)
            stack.push_async_callback(stopped, asyncio.create_task(wiring.run()))
            yield Process(wiring, publisher, clock)

    async def order(self, process: Process) -> Job:
        url, length = self.attachments.picture(Size(64, 64))
        attachment = Attachment(url, "seed.png", length, "image/png", Size(64, 64))
        origin, order = order_of(1, attachment)
        job = await process.wiring.expansions.accept(origin, order, "token")
        await process.wiring.expansions.start(job, None)
        return job


@pytest.fixture
async def place(
    tmp_path: Path, runware: LocalRunware, image_workers: ImageWorkers
) -> AsyncIterator[Place]:
    async with Attachments.open() as attachments:
        yield Place(tmp_path, runware, attachments, image_workers)


STUCK = {
    JobState.SUBMITTING: Fault("silence", Stage.SUBMIT),
    JobState.SUBMITTED: None,
    JobState.RENDERED: Fault("media_drip", Stage.MEDIA, value=0.05),
    JobState.STORED: None,
}


@pytest.mark.parametrize("state", STUCK)
async def test_the_late_writes_of_who_lost_a_job_are_fenced(place: Place, state: JobState) -> None:
    fault, runware = STUCK[state], place.runware
    if fault is not None:
        runware.conditions.faults.add(fault)
    if state in {JobState.SUBMITTING, JobState.SUBMITTED}:
        runware.hold()
    ahead = LEASE.total_seconds() + 1
    async with place.process("first") as first:
        job = await place.order(first)
        await first.reached(job.id, state)
        async with place.process("second", ahead=ahead) as second:
            second.publisher.gate.set()
            if state in {JobState.SUBMITTING, JobState.SUBMITTED}:
                await second.claimed(job.id, epoch=2)
                runware.release()
            await second.reached(job.id, JobState.SETTLED)
            # the first one only now comes back from where it was stuck
            first.publisher.gate.set()
            await first.idle()
            assert list(second.publisher.delivered) == [job.id]
        assert list(first.publisher.delivered) in ([], [job.id])
        assert bool(first.publisher.delivered) == (state is JobState.STORED)
        await settled_once(first, job)
    assert len(set(runware.journal.asked("imageInference"))) == len(runware.journal.billed) == 1


async def settled_once(process: Process, job: Job) -> None:
    ledger, jobs = process.wiring.ledger, process.wiring.jobs
    moves = [event.target for event in await jobs.events(job.id)]
    assert len(moves) == len(set(moves))
    day = await ledger.account(global_day_scope(job.created_at.date()), Unit.MICRO_USD)
    assert (day.held, day.spent) == (0, 50_000)
    assert await ledger.audit() == []


async def test_what_only_waits_is_let_go_of_at_the_next_heartbeat(place: Place) -> None:
    place.runware.hold()
    async with place.process("first", pace=15) as first:
        job = await place.order(first)
        await first.reached(job.id, JobState.SUBMITTED)
        async with first.wiring.dispatcher._jobs._database.write() as tx:
            # as another process does that finds the lease run out
            await tx.run("UPDATE job SET owner = 'second', epoch = epoch + 1")
        await first.idle()
        place.runware.release()
        assert (await first.reached(job.id, *JobState)).state is JobState.SUBMITTED
        assert not first.publisher.delivered
