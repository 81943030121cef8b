"""The fault script: seeded jobs through the services, each with faults of its own, then the sum."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final
from uuid import UUID

from bench.backroom import Backroom, Tempo
from bench.flat import FlatRenderer
from bot.domain.job import Job, JobState
from bot.images.workers import ImageWorkers
from sandbox.runware.faults import SeededPlan
from sandbox.runware.server import LocalRunware

RATE: Final = 0.6
"""Chance of a first fault for a job and, after it, of a second."""
_SECONDS: Final = 240.0


@dataclass(frozen=True, slots=True)
class Sum:
    """What the provider's journal and our books say of all runs together.

    `lost` are billed pictures that no member got, `twice` bills beyond what was ordered, `stray`
    jobs that hold a bill and did not end.
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
    runs: int, folder: Path, *, workers: ImageWorkers, seed: int = 1, tempo: Tempo | None = None
) -> Sum:
    """Run `runs` jobs of one to three results with planned faults, and add up."""
    async with (
        LocalRunware.open(workers=FlatRenderer()) as runware,
        Backroom.open(runware, folder, workers=workers, tempo=tempo, seed=seed) as room,
    ):
        runware.conditions.faults.plan = SeededPlan(seed, RATE)
        chance = Random(seed)  # noqa: S311 - repeatable on purpose
        async with asyncio.timeout(_SECONDS):
            jobs = [await room.order(results=chance.choice((1, 1, 2, 3))) for _ in range(runs)]
            ended = await asyncio.gather(*(room.ended(job) for job in jobs))
        return await add_up(room, runware, ended)


async def add_up(room: Backroom, runware: LocalRunware, jobs: list[Job]) -> Sum:
    """Compare what was billed with what was delivered, picture by picture."""
    got = {
        picture.result.image_uuid
        for pictures in room.publisher.delivered.values()
        for picture in pictures
    }
    pictures = [bill for bill in runware.journal.billed if not bill.moderated]
    per_task = Counter(bill.task_uuid for bill in runware.journal.billed)
    ordered: dict[UUID, int] = {job.task_uuid: job.order.results for job in jobs}
    return Sum(
        runs=len(jobs),
        billed=len(pictures),
        delivered=len(got),
        lost=sum(str(bill.image_uuid) not in got for bill in pictures),
        twice=sum(max(0, bills - ordered[uuid]) for uuid, bills in per_task.items()),
        stray=sum(job.state is JobState.PARKED and bool(per_task[job.task_uuid]) for job in jobs),
        unbalanced=len(await room.ledger.audit()),
        faults=len(runware.journal.struck),
        posts=sum(request.method == "POST" for request in runware.journal.requests),
        states=dict(Counter(str(job.state) for job in jobs)),
    )
