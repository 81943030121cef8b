from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.clock import SystemClock
from bot.errors import OutcomeUnknown, ProviderBusy, TaskRejected
from bot.runware.client import open_client
from bot.runware.outcomes import SubmitAccepted, SubmitRefused
from bot.services.jobs.submitter import Submitter
from sandbox.runware.api.server import LocalRunware
from sandbox.runware.faults import RunwareFault, RunwareStage
from tests.support.runware.server_fixture import build_task, format_http_answer, serve_answer


@asynccontextmanager
async def open_submitter(url: str, key: str = "k", **options: int) -> AsyncIterator[Submitter]:
    async with open_client(base_url=url, api_key=key, deadline=2.0) as client:
        submitter = Submitter(client, SystemClock(), **options)
        running = asyncio.create_task(submitter.run())
        yield submitter
        running.cancel()
        await asyncio.wait([running])


async def test_tasks_that_come_together_leave_in_one_request(runware: LocalRunware) -> None:
    async with open_submitter(runware.base_url, runware.api_key) as submitter:
        answers = await asyncio.gather(*(submitter.submit(build_task()) for _ in range(20)))
    assert answers == [SubmitAccepted()] * 20
    assert len(runware.journal.requests) == 1


async def test_no_request_holds_more_tasks_than_it_may(runware: LocalRunware) -> None:
    async with open_submitter(runware.base_url, runware.api_key, max_batch=8) as submitter:
        await asyncio.gather(*(submitter.submit(build_task()) for _ in range(20)))
    assert sorted(len(request.tasks) for request in runware.journal.requests) == [4, 8, 8]


async def test_each_task_gets_its_own_answer(runware: LocalRunware) -> None:
    good, bad = build_task(), build_task()
    async with open_submitter(runware.base_url, runware.api_key) as submitter:
        await submitter.submit(bad)
        accepted, refused = await asyncio.gather(submitter.submit(good), submitter.submit(bad))
    assert (accepted, type(refused)) == (SubmitAccepted(), SubmitRefused)


async def test_a_slow_request_holds_up_no_other(runware: LocalRunware) -> None:
    stuck, quick = build_task(), build_task()
    runware.service_state.faults.add(
        RunwareFault("silence", RunwareStage.SUBMIT, task=stuck.task_uuid)
    )
    async with open_submitter(runware.base_url, runware.api_key) as submitter:
        waiting = asyncio.create_task(submitter.submit(stuck))
        await asyncio.sleep(0.1)
        assert await submitter.submit(quick) == SubmitAccepted()
        assert not waiting.done()
        with pytest.raises(OutcomeUnknown):
            await waiting


async def test_a_task_can_have_a_request_of_its_own(runware: LocalRunware) -> None:
    async with open_submitter(runware.base_url, runware.api_key) as submitter:
        tasks = [build_task() for _ in range(5)]
        await asyncio.gather(*(submitter.submit(task, alone=task is tasks[2]) for task in tasks))
    assert sorted(len(request.tasks) for request in runware.journal.requests) == [1, 2, 2]


async def test_a_retry_after_holds_back_every_task(runware: LocalRunware) -> None:
    runware.service_state.faults.add(RunwareFault("busy", RunwareStage.SUBMIT, value=0.5))
    loop = asyncio.get_running_loop()
    async with open_submitter(runware.base_url, runware.api_key) as submitter:
        with pytest.raises(ProviderBusy) as busy:
            await submitter.submit(build_task())
        assert busy.value.retry_after is None or busy.value.retry_after == 0.5
        runware.service_state.faults.add(RunwareFault("busy", RunwareStage.SUBMIT, value=1))
        with pytest.raises(ProviderBusy):
            await submitter.submit(build_task())
        before = loop.time()
        await submitter.submit(build_task())
    assert loop.time() - before >= 0.9


async def test_a_request_that_is_refused_as_a_whole_is_taken_apart() -> None:
    refused = format_http_answer(b'{"errors": [{"code": "invalidRequest"}]}', status="400 No")
    async with serve_answer(refused) as url, open_submitter(url) as submitter:
        outcomes = await asyncio.gather(
            *(submitter.submit(build_task()) for _ in range(3)), return_exceptions=True
        )
    assert [type(outcome) for outcome in outcomes] == [TaskRejected] * 3
