from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest

from bot.clock import SystemClock
from bot.errors import ProviderUnavailable
from bot.runware.answers import TaskView
from bot.runware.client import RunwareClient, open_client
from bot.runware.models import ImageInference
from bot.services.poller import Pace, Poller
from sandbox.runware.faults import Fault, Stage
from sandbox.runware.server import LocalRunware
from tests.runware.bed import a_task

CLOCK = SystemClock()
PACE = Pace(first=0.1, longest=0.4, patience=0.6)


@dataclass(slots=True)
class Desk:
    client: RunwareClient
    poller: Poller

    async def finished(self, task: ImageInference, seconds: float = 5.0) -> TaskView | None:
        deadline = CLOCK.now() + timedelta(seconds=seconds)
        return await self.poller.finished(task.task_uuid, task.number_results, deadline)

    async def done(self, task: ImageInference) -> TaskView:
        view = await self.finished(task)
        assert view is not None
        return view


@asynccontextmanager
async def polling(runware: LocalRunware, pace: Pace = PACE) -> AsyncIterator[Desk]:
    async with open_client(
        base_url=runware.base_url, api_key=runware.api_key, deadline=1.0
    ) as client:
        poller = Poller(client, CLOCK, pace)
        running = asyncio.create_task(poller.run())
        yield Desk(client, poller)
        running.cancel()
        await asyncio.wait([running])


def polls(runware: LocalRunware) -> int:
    return sum(
        any(task.task_type == "getResponse" for task in request.tasks)
        for request in runware.journal.requests
    )


async def test_many_tasks_share_each_poll(runware: LocalRunware) -> None:
    tasks = [a_task() for _ in range(30)]
    async with polling(runware) as desk:
        await desk.client.submit(tasks)
        views = await asyncio.gather(*(desk.done(task) for task in tasks))
    assert all(len(view.results) == 1 for view in views)
    assert polls(runware) == 1


async def test_a_silent_answer_holds_up_only_its_own_tasks(runware: LocalRunware) -> None:
    stuck, quick = a_task(), a_task()
    runware.conditions.faults.add(Fault("silence", Stage.POLL, task=stuck.task_uuid))
    async with polling(runware) as desk:
        await desk.client.submit([stuck, quick])
        waiting = asyncio.create_task(desk.done(stuck))
        await asyncio.sleep(0.3)
        assert (await desk.done(quick)).results
        assert not waiting.done()
        assert (await waiting).results


async def test_the_rest_is_given_up_soon_where_waiting_results_are_shown(
    runware: LocalRunware,
) -> None:
    runware.conditions.switches = runware.conditions.switches.set({"partial": "silent"})
    async with polling(runware, Pace(first=0.05, longest=0.1, patience=60)) as desk:
        runware.hold()
        task = a_task(number_results=3, positive_prompt="unsafe-result-6")
        await desk.client.submit([task])
        waiting = asyncio.create_task(desk.done(task))
        await asyncio.sleep(0.2)
        runware.release()
        view = await waiting
    assert (len(view.results), view.failures) == (2, ())


async def test_the_rest_is_given_time_where_waiting_results_are_never_shown(
    runware: LocalRunware,
) -> None:
    switches = runware.conditions.switches.set({"partial": "silent", "waiting": "none"})
    runware.conditions.switches = switches
    task = a_task(number_results=3, positive_prompt="unsafe-result-6")
    loop = asyncio.get_running_loop()
    async with polling(runware) as desk:
        await desk.client.submit([task])
        before = loop.time()
        view = await desk.done(task)
    assert len(view.results) == 2
    assert loop.time() - before >= PACE.patience


async def test_a_task_that_never_ends_is_given_up_at_the_deadline(runware: LocalRunware) -> None:
    runware.conditions.faults.add(Fault("never", Stage.TASK))
    task = a_task()
    async with polling(runware) as desk:
        await desk.client.submit([task])
        assert await desk.finished(task, seconds=0.5) is None


async def test_a_silent_task_is_asked_for_more_and_more_seldom(runware: LocalRunware) -> None:
    runware.conditions.faults.add(Fault("never", Stage.TASK))
    task = a_task()
    async with polling(runware, Pace(first=0.05, longest=0.5, patience=60)) as desk:
        await desk.client.submit([task])
        assert await desk.finished(task, seconds=2.0) is None
    asked = [
        request.at
        for request in runware.journal.requests
        if any(each.task_type == "getResponse" for each in request.tasks)
    ]
    # 0.05 s, then half as long again each time: 6 of them, and 3 of half a second
    assert 5 <= len(asked) <= 12


async def test_a_look_shows_the_task_as_it_is_or_raises(runware: LocalRunware) -> None:
    runware.hold()
    task = a_task()
    async with polling(runware) as desk:
        assert not (await desk.poller.look(task.task_uuid)).known
        await desk.client.submit([task])
        assert (await desk.poller.look(task.task_uuid)).processing
        runware.conditions.faults.add(Fault("unavailable", Stage.POLL))
        with pytest.raises(ProviderUnavailable):
            await desk.poller.look(task.task_uuid)
