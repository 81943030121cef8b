"""However fast a job moves, its card is edited at most every three seconds, and ends up right."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from bench.simulate.loop import VirtualLoop
from bot.domain.job import Job, JobState
from bot.domain.usage import Usage
from bot.services.ports import Delivered, Picture, Route, Standing
from bot.services.progress import INTERVAL, Progress
from tests.clocks import LoopClock
from tests.storage.jobs import job


@dataclass(slots=True)
class Watching:
    edits: list[tuple[float, Standing]] = field(default_factory=list)
    delivered: list[float] = field(default_factory=list)

    async def progress(self, _job: Job, standing: Standing) -> None:
        self.edits.append((asyncio.get_running_loop().time(), standing))
        await asyncio.sleep(0.2)

    async def deliver(self, _job: Job, _pictures: Sequence[Picture], _usage: Usage) -> Delivered:
        self.delivered.append(asyncio.get_running_loop().time())
        return Delivered(Route.REPLY)

    async def fail(self, job: Job, error: Exception) -> None:
        raise AssertionError(f"{job.id} is not said to have failed: {error}")


async def moved_a_thousand_times(watching: Watching) -> None:
    """Let a job stand otherwise a thousand times within a minute, and then be delivered."""
    progress, place = Progress(watching, LoopClock()), 1000
    running = asyncio.create_task(progress.run(lambda _: Standing(place, timedelta(seconds=place))))
    current = job(1)
    for _ in range(1000):
        place -= 1
        progress.note(replace(current, state=JobState.RESERVED))
        await asyncio.sleep(0.06)
    await asyncio.sleep(INTERVAL + 1)
    assert watching.edits[-1][1].place == place == 0
    await progress.finish(current.id)
    await watching.deliver(current, [], Usage(0, 1, LoopClock().now()))
    await asyncio.sleep(30)
    running.cancel()
    await asyncio.wait([running])


def test_of_a_thousand_edits_one_in_three_seconds_is_made_and_the_last_one_always() -> None:
    loop, watching = VirtualLoop(), Watching()
    try:
        loop.run_until_complete(moved_a_thousand_times(watching))
    finally:
        loop.close()
    times = [at for at, _ in watching.edits]
    assert 15 < len(times) <= 64 / INTERVAL + 1
    assert all(later - before >= INTERVAL for before, later in itertools.pairwise(times))
    assert watching.delivered[0] > times[-1]
