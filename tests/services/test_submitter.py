from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.clock import SystemClock
from bot.errors import OutcomeUnknown, ProviderBusy, TaskRejected
from bot.runware.answers import Accepted, Refused
from bot.runware.client import open_client
from bot.services.submitter import Submitter
from sandbox.runware.faults import Fault, Stage
from sandbox.runware.server import LocalRunware
from tests.runware.bed import a_task, http_answer, saying


@asynccontextmanager
async def submitting(url: str, key: str = "k", **options: int) -> AsyncIterator[Submitter]:
    async with open_client(base_url=url, api_key=key, deadline=2.0) as client:
        submitter = Submitter(client, SystemClock(), **options)
        running = asyncio.create_task(submitter.run())
        yield submitter
        running.cancel()
        await asyncio.wait([running])


async def test_tasks_that_come_together_leave_in_one_request(runware: LocalRunware) -> None:
    async with submitting(runware.base_url, runware.api_key) as submitter:
        answers = await asyncio.gather(*(submitter.submit(a_task()) for _ in range(20)))
    assert answers == [Accepted()] * 20
    assert len(runware.journal.requests) == 1


async def test_no_request_holds_more_tasks_than_it_may(runware: LocalRunware) -> None:
    async with submitting(runware.base_url, runware.api_key, most=8) as submitter:
        await asyncio.gather(*(submitter.submit(a_task()) for _ in range(20)))
    assert sorted(len(request.tasks) for request in runware.journal.requests) == [4, 8, 8]


async def test_each_task_gets_its_own_answer(runware: LocalRunware) -> None:
    good, bad = a_task(), a_task()
    async with submitting(runware.base_url, runware.api_key) as submitter:
        await submitter.submit(bad)
        accepted, refused = await asyncio.gather(submitter.submit(good), submitter.submit(bad))
    assert (accepted, type(refused)) == (Accepted(), Refused)


async def test_a_slow_request_holds_up_no_other(runware: LocalRunware) -> None:
    stuck, quick = a_task(), a_task()
    runware.conditions.faults.add(Fault("silence", Stage.SUBMIT, task=stuck.task_uuid))
    async with submitting(runware.base_url, runware.api_key) as submitter:
        waiting = asyncio.create_task(submitter.submit(stuck))
        await asyncio.sleep(0.1)
        assert await submitter.submit(quick) == Accepted()
        assert not waiting.done()
        with pytest.raises(OutcomeUnknown):
            await waiting


async def test_a_task_can_have_a_request_of_its_own(runware: LocalRunware) -> None:
    async with submitting(runware.base_url, runware.api_key) as submitter:
        tasks = [a_task() for _ in range(5)]
        await asyncio.gather(*(submitter.submit(task, alone=task is tasks[2]) for task in tasks))
    assert sorted(len(request.tasks) for request in runware.journal.requests) == [1, 2, 2]


async def test_a_retry_after_holds_back_every_task(runware: LocalRunware) -> None:
    runware.conditions.faults.add(Fault("busy", Stage.SUBMIT, value=0.5))
    loop = asyncio.get_running_loop()
    async with submitting(runware.base_url, runware.api_key) as submitter:
        with pytest.raises(ProviderBusy) as busy:
            await submitter.submit(a_task())
        assert busy.value.retry_after is None or busy.value.retry_after == 0.5
        runware.conditions.faults.add(Fault("busy", Stage.SUBMIT, value=1))
        with pytest.raises(ProviderBusy):
            await submitter.submit(a_task())
        before = loop.time()
        await submitter.submit(a_task())
    assert loop.time() - before >= 0.9


async def test_a_request_that_is_refused_as_a_whole_is_taken_apart() -> None:
    refused = http_answer(b'{"errors": [{"code": "invalidRequest"}]}', status="400 No")
    async with saying(refused) as url, submitting(url) as submitter:
        outcomes = await asyncio.gather(
            *(submitter.submit(a_task()) for _ in range(3)), return_exceptions=True
        )
    assert [type(outcome) for outcome in outcomes] == [TaskRejected] * 3
