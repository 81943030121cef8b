"""The fault script: seeded jobs with faults through the services, and their totals."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final
from uuid import UUID

from bot.domain.job import Job, JobState
from bot.images.worker_pool import ImageWorkerPool
from sandbox.runware.api.server import LocalRunware
from sandbox.runware.faults import SeededRunwareFaults
from tests.support.runware.flat_renderer import FlatRenderer
from tests.support.services.service_harness import ServiceHarness, Timing

RATE: Final = 0.6
"""Chance of a first fault for a job and, after it, of a second."""
_SECONDS: Final = 240.0


@dataclass(frozen=True, slots=True)
class FaultTotals:
    """Totals of all runs, from the provider's journal and our ledger.

    `lost` are billed pictures that no member got, `twice` bills beyond what was ordered, `stray`
    parked jobs with a bill.
    """

    runs: int
    billed: int
    delivered: int
    lost: int
    twice: int
    stray: int
    unbalanced: int
    faults: int
    posts: int
    states: dict[str, int]


async def run_script(
    runs: int, folder: Path, *, workers: ImageWorkerPool, seed: int = 1, tempo: Timing | None = None
) -> FaultTotals:
    """Run `runs` jobs of one to three results with planned faults; return the totals."""
    async with (
        LocalRunware.open(workers=FlatRenderer()) as runware,
        ServiceHarness.open(runware, folder, workers=workers, tempo=tempo, seed=seed) as harness,
    ):
        runware.service_state.faults.plan = SeededRunwareFaults(seed, RATE)
        chance = Random(seed)  # noqa: S311 - repeatable on purpose
        async with asyncio.timeout(_SECONDS):
            jobs = [
                await harness.place_order(results=chance.choice((1, 1, 2, 3))) for _ in range(runs)
            ]
            ended = await asyncio.gather(*(harness.wait_for_end(job) for job in jobs))
        return await sum_results(harness, runware, ended)


async def sum_results(
    harness: ServiceHarness, runware: LocalRunware, jobs: list[Job]
) -> FaultTotals:
    """Compare billed with delivered pictures, one by one."""
    got = {
        picture.result.image_uuid
        for pictures in harness.publisher.delivered.values()
        for picture in pictures
    }
    pictures = [bill for bill in runware.journal.bills if not bill.moderated]
    per_task = Counter(bill.task_uuid for bill in runware.journal.bills)
    ordered: dict[UUID, int] = {job.task_uuid: job.order.results for job in jobs}
    return FaultTotals(
        runs=len(jobs),
        billed=len(pictures),
        delivered=len(got),
        lost=sum(str(bill.image_uuid) not in got for bill in pictures),
        twice=sum(max(0, bills - ordered[uuid]) for uuid, bills in per_task.items()),
        stray=sum(job.state is JobState.PARKED and bool(per_task[job.task_uuid]) for job in jobs),
        unbalanced=len(await harness.ledger.find_imbalances()),
        faults=len(runware.journal.faults),
        posts=sum(request.method == "POST" for request in runware.journal.requests),
        states=dict(Counter(str(job.state) for job in jobs)),
    )
