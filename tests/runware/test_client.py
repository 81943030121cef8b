from __future__ import annotations

import asyncio
import io
from typing import TYPE_CHECKING
from uuid import uuid4

import httpx
import pytest
from PIL import Image

from bot.domain.money import MicroUsd
from bot.errors import ProviderAuth, TaskConflict, TaskRejected
from bot.runware.client import RunwareClient, open_client
from bot.runware.media_download import Downloader
from bot.runware.outcomes import SubmitAccepted, SubmitRefused, TaskView
from bot.runware.requests import GetAccount, ImageInference, Inputs, Outpaint
from tests.support.runware.server_fixture import build_task

if TYPE_CHECKING:
    from sandbox.runware.api.server import LocalRunware


async def wait_for_results(client: RunwareClient, *tasks: ImageInference) -> list[TaskView]:
    """Poll until none of the tasks is at work; return the views in the tasks' order."""
    async with asyncio.timeout(10):
        while True:
            views = await client.fetch_tasks([task.task_uuid for task in tasks])
            if not any(view.is_processing for view in views.values()):
                return [views[task.task_uuid] for task in tasks]
            await asyncio.sleep(0.01)


async def test_a_task_is_accepted_polled_and_downloaded(
    client: RunwareClient, runware: LocalRunware
) -> None:
    task = build_task(outpaint=Outpaint(right=64, top=128))
    assert await client.submit([task]) == {task.task_uuid: SubmitAccepted()}
    (view,) = await wait_for_results(client, task)
    (result,) = view.results
    assert (view.failures, view.is_known, result.cost) == ((), True, MicroUsd(50_000))
    assert result.image_url is not None
    address = httpx.URL(result.image_url)
    hosts = {(address.host, address.port or 0)}
    async with Downloader.open(hosts, max_bytes=10_000_000, deadline=5.0) as downloader:
        download = await downloader.fetch_file(result.image_url)
    assert download.content_type == "image/jpeg"
    assert Image.open(io.BytesIO(download.data)).size == (96 + 64, 80 + 128)
    assert len(runware.journal.bills) == 1


async def test_sync_delivery_brings_the_results_with_the_acceptance(client: RunwareClient) -> None:
    task = build_task(delivery_method="sync", output_type="base64Data", number_results=3)
    accepted = (await client.submit([task]))[task.task_uuid]
    assert isinstance(accepted, SubmitAccepted)
    assert len({result.noise_seed for result in accepted.results}) == 3
    assert all(result.image_base64_data for result in accepted.results)


async def test_many_tasks_share_one_post_and_each_gets_its_own_answer(
    client: RunwareClient, runware: LocalRunware
) -> None:
    good, bad = build_task(), build_task(inputs=Inputs(seed_image="https://example.org/a.png"))
    answers = await client.submit([bad, good])
    refused = answers[bad.task_uuid]
    assert answers[good.task_uuid] == SubmitAccepted()
    assert isinstance(refused, SubmitRefused)
    assert isinstance(refused.error, TaskRejected)
    assert refused.error.parameter == "inputs.seedImage"
    assert len(runware.journal.requests) == 1


async def test_one_post_asks_for_everything_in_flight(
    client: RunwareClient, runware: LocalRunware
) -> None:
    tasks = [build_task() for _ in range(5)]
    await client.submit(tasks)
    before = len(runware.journal.requests)
    views = await client.fetch_tasks([task.task_uuid for task in tasks])
    assert len(views) == 5
    assert len(runware.journal.requests) == before + 1


async def test_a_second_submit_with_the_same_uuid_is_a_conflict_and_costs_nothing(
    client: RunwareClient, runware: LocalRunware
) -> None:
    task = build_task()
    await client.submit([task])
    again = (await client.submit([task]))[task.task_uuid]
    assert isinstance(again, SubmitRefused)
    assert isinstance(again.error, TaskConflict)
    assert again.error.task_uuid == task.task_uuid
    await wait_for_results(client, task)
    assert len(runware.journal.bills) == 1


async def test_a_held_task_is_processing_until_it_is_released(
    client: RunwareClient, runware: LocalRunware
) -> None:
    runware.pause_tasks()
    task = build_task(number_results=2)
    await client.submit([task])
    assert (await client.fetch_tasks([task.task_uuid]))[task.task_uuid] == TaskView(
        is_processing=True
    )
    assert runware.journal.bills == ()
    runware.resume_tasks()
    (view,) = await wait_for_results(client, task)
    assert len(view.results) == 2


async def test_a_task_that_was_never_sent_is_not_known(client: RunwareClient) -> None:
    uuid = uuid4()
    assert await client.fetch_tasks([uuid]) == {uuid: TaskView(is_known=False)}


async def test_asking_for_nothing_sends_nothing(
    client: RunwareClient, runware: LocalRunware
) -> None:
    assert await client.fetch_tasks([]) == {}
    assert runware.journal.requests == ()


async def test_a_wrong_key_is_refused_on_every_call(runware: LocalRunware) -> None:
    task = build_task()
    async with open_client(base_url=runware.base_url, api_key="wrong") as client:
        with pytest.raises(ProviderAuth):
            await client.submit([task])
        with pytest.raises(ProviderAuth):
            await client.fetch_tasks([task.task_uuid])
        with pytest.raises(ProviderAuth) as refused:
            await client.fetch_account(GetAccount(task_uuid=uuid4()))
    assert refused.value.code == "invalidApiKey"
    assert "wrong" not in repr(refused.value)


async def test_a_result_can_be_the_next_seed_image(client: RunwareClient) -> None:
    first = build_task()
    await client.submit([first])
    (view,) = await wait_for_results(client, first)
    named = view.results[0].image_url
    assert named is not None
    second = build_task(inputs=Inputs(seed_image=named), delivery_method="sync")
    assert isinstance((await client.submit([second]))[second.task_uuid], SubmitAccepted)
