from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest

from bot.clock import SystemClock
from bot.errors import ProviderUnavailable
from bot.runware.client import RunwareClient, open_client
from bot.runware.outcomes import TaskView
from bot.runware.requests import ImageInference
from bot.services.jobs.poller import Poller, PollSchedule
from sandbox.runware.api.server import LocalRunware
from sandbox.runware.faults import RunwareFault, RunwareStage
from tests.support.runware.server_fixture import build_task

CLOCK = SystemClock()
PACE = PollSchedule(first_delay=0.1, longest_delay=0.4, stall_seconds=0.6)


@dataclass(slots=True)
class PollerHarness:
    client: RunwareClient
    poller: Poller

    async def wait_until_finished(
        self, task: ImageInference, seconds: float = 5.0
    ) -> TaskView | None:
        deadline = CLOCK.now() + timedelta(seconds=seconds)
        return await self.poller.wait_until_finished(task.task_uuid, task.number_results, deadline)

    async def finish_task(self, task: ImageInference) -> TaskView:
        view = await self.wait_until_finished(task)
        assert view is not None
        return view


@asynccontextmanager
async def open_polling_client(
    runware: LocalRunware, pace: PollSchedule = PACE
) -> AsyncIterator[PollerHarness]:
    async with open_client(
        base_url=runware.base_url, api_key=runware.api_key, deadline=1.0
    ) as client:
        poller = Poller(client, CLOCK, pace)
        running = asyncio.create_task(poller.run())
        yield PollerHarness(client, poller)
        running.cancel()
        await asyncio.wait([running])


def count_polls(runware: LocalRunware) -> int:
    return sum(
        any(task.task_type == "getResponse" for task in request.tasks)
        for request in runware.journal.requests
    )


async def test_many_tasks_share_each_poll(runware: LocalRunware) -> None:
    tasks = [build_task() for _ in range(30)]
    async with open_polling_client(runware) as desk:
        await desk.client.submit(tasks)
        views = await asyncio.gather(*(desk.finish_task(task) for task in tasks))
    assert all(len(view.results) == 1 for view in views)
    assert count_polls(runware) == 1


async def test_a_silent_answer_holds_up_only_its_own_tasks(runware: LocalRunware) -> None:
    stuck, quick = build_task(), build_task()
    runware.service_state.faults.add(
        RunwareFault("silence", RunwareStage.POLL, task=stuck.task_uuid)
    )
    async with open_polling_client(runware) as desk:
        await desk.client.submit([stuck, quick])
        waiting = asyncio.create_task(desk.finish_task(stuck))
        await asyncio.sleep(0.3)
        assert (await desk.finish_task(quick)).results
        assert not waiting.done()
        assert (await waiting).results


async def test_the_rest_is_given_up_soon_where_waiting_results_are_shown(
    runware: LocalRunware,
) -> None:
    runware.service_state.switches = runware.service_state.switches.with_changes(
        {"partial": "silent"}
    )
    async with open_polling_client(
        runware, PollSchedule(first_delay=0.05, longest_delay=0.1, stall_seconds=60)
    ) as desk:
        runware.pause_tasks()
        task = build_task(number_results=3, positive_prompt="unsafe-result-6")
        await desk.client.submit([task])
        waiting = asyncio.create_task(desk.finish_task(task))
        await asyncio.sleep(0.2)
        runware.resume_tasks()
        view = await waiting
    assert (len(view.results), view.failures) == (2, ())


async def test_the_rest_is_given_time_where_waiting_results_are_never_shown(
    runware: LocalRunware,
) -> None:
    switches = runware.service_state.switches.with_changes({"partial": "silent", "waiting": "none"})
    runware.service_state.switches = switches
    task = build_task(number_results=3, positive_prompt="unsafe-result-6")
    loop = asyncio.get_running_loop()
    async with open_polling_client(runware) as desk:
        await desk.client.submit([task])
        before = loop.time()
        view = await desk.finish_task(task)
    assert len(view.results) == 2
    assert loop.time() - before >= PACE.stall_seconds


async def test_a_task_that_never_ends_is_given_up_at_the_deadline(runware: LocalRunware) -> None:
    runware.service_state.faults.add(RunwareFault("never", RunwareStage.TASK))
    task = build_task()
    async with open_polling_client(runware) as desk:
        await desk.client.submit([task])
        assert await desk.wait_until_finished(task, seconds=0.5) is None


async def test_a_silent_task_is_asked_for_more_and_more_seldom(runware: LocalRunware) -> None:
    runware.service_state.faults.add(RunwareFault("never", RunwareStage.TASK))
    task = build_task()
    async with open_polling_client(
        runware, PollSchedule(first_delay=0.05, longest_delay=0.5, stall_seconds=60)
    ) as desk:
        await desk.client.submit([task])
        assert await desk.wait_until_finished(task, seconds=2.0) is None
    asked = [
        request.at
        for request in runware.journal.requests
        if any(each.task_type == "getResponse" for each in request.tasks)
    ]
    # 0.05 s, then half as long again each time: 6 of them, and 3 of half a second
    assert 5 <= len(asked) <= 12


async def test_a_single_poll_shows_the_task_as_it_is_or_raises(runware: LocalRunware) -> None:
    runware.pause_tasks()
    task = build_task()
    async with open_polling_client(runware) as desk:
        assert not (await desk.poller.fetch_task(task.task_uuid)).is_known
        await desk.client.submit([task])
        assert (await desk.poller.fetch_task(task.task_uuid)).is_processing
        runware.service_state.faults.add(RunwareFault("unavailable", RunwareStage.POLL))
        with pytest.raises(ProviderUnavailable):
            await desk.poller.fetch_task(task.task_uuid)
