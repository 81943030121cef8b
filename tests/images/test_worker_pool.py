from __future__ import annotations

import asyncio
import os
import signal
import time

import pytest

from bot.errors import ImageRefused, WorkerDied
from bot.images.validation import ImageLimits, normalise_seed_image
from bot.images.worker_pool import ImageWorkerPool


async def test_a_refusal_comes_back_as_it_was_raised(image_workers: ImageWorkerPool) -> None:
    with pytest.raises(ImageRefused) as caught:
        await image_workers.run(
            normalise_seed_image, b"nothing", ImageLimits(10**6, 10**6, 64, 8192)
        )
    assert caught.value.reason == "not_an_image"


async def test_work_past_its_time_is_ended_and_the_pool_goes_on() -> None:
    async with ImageWorkerPool.open(1, memory_mib=1024, seconds=0.3) as workers:
        with pytest.raises(WorkerDied):
            await workers.run(time.sleep, 60)
        assert await workers.run(os.getpid) != os.getpid()


async def test_work_past_its_memory_fails_alone() -> None:
    async with ImageWorkerPool.open(1, memory_mib=512, seconds=20) as workers:
        with pytest.raises(MemoryError):
            await workers.run(bytearray, 600 * 2**20)
        assert await workers.run(len, b"abc") == 3


async def until_it_fails(workers: ImageWorkerPool) -> None:
    while True:
        await workers.run(os.getpid)
        await asyncio.sleep(0)


async def test_a_killed_worker_is_replaced() -> None:
    async with ImageWorkerPool.open(1, memory_mib=1024, seconds=20) as workers:
        pid = await workers.run(os.getpid)
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(WorkerDied):
            await until_it_fails(workers)
        assert await workers.run(os.getpid) != pid
