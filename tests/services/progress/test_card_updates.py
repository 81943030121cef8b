"""However fast a job moves, its card is edited at most every three seconds, and ends up right."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from bot.domain.job import Job, JobState
from bot.domain.ledger import Usage
from bot.services.ports.jobs import DeliveryReceipt, DeliveryRoute, QueueStatus, StoredPicture
from bot.services.progress.card_updates import EDIT_INTERVAL, CardUpdater
from tests.support.clocks import LoopClock
from tests.support.job_builders import build_job
from tests.support.simulation.virtual_loop import VirtualLoop


@dataclass(slots=True)
class RecordingPublisher:
    edits: list[tuple[float, QueueStatus]] = field(default_factory=list)
    delivered: list[float] = field(default_factory=list)

    async def show_progress(self, _job: Job, status: QueueStatus) -> None:
        self.edits.append((asyncio.get_running_loop().time(), status))
        await asyncio.sleep(0.2)

    async def show_summary(self, _job: Job, _jobs: Sequence[Job]) -> None:
        raise AssertionError

    async def deliver_result(
        self, _job: Job, _pictures: Sequence[StoredPicture], _usage: Usage
    ) -> DeliveryReceipt:
        self.delivered.append(asyncio.get_running_loop().time())
        return DeliveryReceipt(DeliveryRoute.REPLY)

    async def show_failure(self, job: Job, error: Exception) -> None:
        raise AssertionError(f"{job.id} is not said to have failed: {error}")


async def move_a_thousand_times(watching: RecordingPublisher) -> None:
    """Let a job stand otherwise a thousand times within a minute, and then be delivered."""
    progress, place = CardUpdater(watching, LoopClock()), 1000
    running = asyncio.create_task(
        progress.run(lambda _: QueueStatus(place, timedelta(seconds=place)))
    )
    current = build_job(1)
    for _ in range(1000):
        place -= 1
        progress.queue_update(replace(current, state=JobState.RESERVED))
        await asyncio.sleep(0.06)
    await asyncio.sleep(EDIT_INTERVAL + 1)
    assert watching.edits[-1][1].position == place == 0
    await progress.stop_updates(current.id)
    await watching.deliver_result(current, [], Usage(0, 1, LoopClock().now()))
    await asyncio.sleep(30)
    running.cancel()
    await asyncio.wait([running])


def test_of_a_thousand_edits_one_in_three_seconds_is_made_and_the_last_one_always() -> None:
    loop, watching = VirtualLoop(), RecordingPublisher()
    try:
        loop.run_until_complete(move_a_thousand_times(watching))
    finally:
        loop.close()
    times = [at for at, _ in watching.edits]
    assert 15 < len(times) <= 64 / EDIT_INTERVAL + 1
    assert all(later - before >= EDIT_INTERVAL for before, later in itertools.pairwise(times))
    assert watching.delivered[0] > times[-1]
