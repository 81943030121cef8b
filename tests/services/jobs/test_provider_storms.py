"""The provider at its worst, with many jobs under way: each ends once, at what it cost."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bot.domain.errors import ExpanseError
from bot.domain.job import Job, JobState
from bot.domain.ledger import LedgerUnit, format_global_day_scope
from bot.errors import IntakePaused, ProviderAuth, ProviderCredit, TaskRejected
from bot.images.worker_pool import ImageWorkerPool
from sandbox.runware.api.server import LocalRunware
from sandbox.runware.faults import RunwareFault, RunwareStage, SeededRunwareFaults
from tests.support.runware.server_fixture import format_http_answer, open_tcp_server, read_request
from tests.support.services.service_harness import ServiceHarness, Timing

LOAD = 50


@dataclass(slots=True)
class FakeProvider:
    """A provider that a test puts somewhere."""

    base_url: str = ""
    api_key: str = "k"
    sent_counts: Counter[str] = field(default_factory=Counter)
    is_open: bool = True


@asynccontextmanager
async def open_refusing_provider(status: str, code: str) -> AsyncIterator[FakeProvider]:
    """Refuse every request, and count how often each task was sent."""
    provider = FakeProvider()
    answer = format_http_answer(
        json.dumps({"errors": [{"code": code, "message": "no"}]}).encode(), status=status
    )

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sent = json.loads(await read_request(reader))
        provider.sent_counts.update(each["taskUUID"] for each in sent if "taskUUID" in each)
        writer.write(answer)
        await writer.drain()

    async with open_tcp_server(talk) as port:
        provider.base_url = f"http://127.0.0.1:{port}/v1"
        yield provider


async def read_global_total(services: ServiceHarness, job: Job) -> tuple[int, int]:
    account = await services.ledger.get_account(
        format_global_day_scope(job.created_at.date()), LedgerUnit.MICRO_USD
    )
    assert await services.ledger.find_imbalances() == []
    return account.held, account.spent


REFUSALS: list[tuple[str, str, type[ExpanseError]]] = [
    ("400 No", "invalidPositivePrompt", TaskRejected),
    ("401 No", "invalidApiKey", ProviderAuth),
    ("402 Pay", "insufficientCredits", ProviderCredit),
    ("403 No", "forbidden", ProviderAuth),
]


@pytest.mark.parametrize(("status", "code", "kind"), REFUSALS)
async def test_fifty_jobs_that_are_refused_for_good_end_unpaid_and_are_sent_no_second_time(
    tmp_path: Path, image_workers: ImageWorkerPool, status: str, code: str, kind: type[ExpanseError]
) -> None:
    async with (
        open_refusing_provider(status, code) as provider,
        ServiceHarness.open(provider, tmp_path, workers=image_workers) as room,
    ):
        jobs = [await room.accept_order() for _ in range(LOAD)]
        for job in jobs:
            await room.job_control.start_job(job, None)
        ended = await asyncio.gather(*(room.wait_for_end(job) for job in jobs))
        assert {job.state for job in ended} == {JobState.FAILED}
        assert {type(error) for error in room.publisher.failed.values()} == {kind}
        assert await read_global_total(room, jobs[0]) == (0, 0)
        # what is refused with others is asked once more alone, to tell whose fault it was
        most = 2 if kind is TaskRejected else 1
        sent = [provider.sent_counts[str(job.task_uuid)] for job in jobs]
        assert max(sent) <= most
        if kind is not TaskRejected:
            with pytest.raises(IntakePaused):
                await room.accept_order()


async def test_a_third_of_all_answers_being_429_lets_every_job_through_at_four_at_a_time(
    runware: LocalRunware, tmp_path: Path, image_workers: ImageWorkerPool
) -> None:
    runware.service_state.faults.plan = SeededRunwareFaults(2, 0.3, ("busy",))
    tempo = Timing(in_flight=4, longest=60.0)
    runware.pause_tasks()  # until all places are taken, however slow this machine is
    async with ServiceHarness.open(runware, tmp_path, workers=image_workers, tempo=tempo) as room:
        jobs = [await room.place_order() for _ in range(30)]
        waiting = asyncio.gather(*(room.wait_for_end(job) for job in jobs))
        most = 0
        while not waiting.done():
            most = max(most, sum(room.services.jobs.slots.has_slot(job.task_uuid) for job in jobs))
            if most == 4:
                runware.resume_tasks()
            await asyncio.sleep(0.02)
        assert {job.state for job in await waiting} == {JobState.SETTLED}
        assert most == 4
        assert len(runware.journal.faults) > 3
        assert len(runware.journal.bills) == 30
        assert await read_global_total(room, jobs[0]) == (0, 30 * 50_000)


async def test_answers_cut_at_any_byte_are_billed_and_delivered_once(
    runware: LocalRunware, tmp_path: Path, image_workers: ImageWorkerPool
) -> None:
    tempo = Timing(grace=3.0, longest=60.0)
    async with ServiceHarness.open(runware, tmp_path, workers=image_workers, tempo=tempo) as room:
        jobs = [await room.accept_order() for _ in range(40)]
        for number, job in enumerate(jobs):
            cut = RunwareFault("cut", RunwareStage.SUBMIT, task=job.task_uuid, value=number * 3)
            runware.service_state.faults.add(cut)
            await room.job_control.start_job(job, None)
        ended = await asyncio.gather(*(room.wait_for_end(job) for job in jobs))
        assert {(job.state, job.sends) for job in ended} == {(JobState.SETTLED, 1)}
        assert len(runware.journal.bills) == len(room.publisher.delivered) == 40


@asynccontextmanager
async def open_switchable_proxy(runware: LocalRunware) -> AsyncIterator[FakeProvider]:
    """Lead to a provider through a door that may be shut: every connection is then dropped."""
    there = urlsplit(runware.base_url)
    door = FakeProvider(api_key=runware.api_key)

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(2**16):
            writer.write(data)
            await writer.drain()
        writer.close()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not door.is_open:
            return
        inner, outer = await asyncio.open_connection(there.hostname, there.port)
        await asyncio.gather(pump(reader, outer), pump(inner, writer))

    async with open_tcp_server(talk) as port:
        door.base_url = f"http://127.0.0.1:{port}{there.path}"
        yield door


async def test_a_provider_that_is_away_and_comes_back_costs_nothing_in_between(
    runware: LocalRunware, tmp_path: Path, image_workers: ImageWorkerPool
) -> None:
    async with (
        open_switchable_proxy(runware) as door,
        ServiceHarness.open(
            runware, tmp_path, workers=image_workers, tempo=Timing(grace=0.5, longest=60.0)
        ) as room,
    ):
        room.client._base_url = door.base_url
        door.is_open = False
        jobs = [await room.place_order() for _ in range(4)]
        async with asyncio.timeout(15):
            while room.client.seconds_to_probe is None:  # noqa: ASYNC110 - the circuit tells nobody
                await asyncio.sleep(0.02)
        assert runware.journal.bills == ()
        door.is_open = True
        ended = [await room.wait_for_end(job) for job in jobs]
        assert {job.state for job in ended} <= {JobState.SETTLED, JobState.PARKED}
        assert len(runware.journal.bills) == sum(job.state is JobState.SETTLED for job in ended)
        held, spent = await read_global_total(room, jobs[0])
        assert held + spent == 4 * 50_000
