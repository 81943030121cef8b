from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.errors import ImageRefused, WorkerDied
from bot.images.validation import ImageLimits, normalise_seed_image
from bot.images.worker_pool import ImageWorkerPool

PIECE_SECONDS = 0.02
PIECES = 40


def work_a_little(number: int) -> int:
    time.sleep(PIECE_SECONDS)
    return number


def loop_for_ever() -> None:
    while True:
        pass


def read_address_zero() -> None:
    ctypes.string_at(0)


def stop_itself() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def take_endless_memory() -> None:
    taken = []
    while True:
        taken.append(bytes(32 * 2**20))


def raise_what_cannot_be_sent() -> None:
    raise UnsendableError(1, 2)


def return_what_cannot_be_sent() -> object:
    return lambda: None


def start_a_child_and_wait(path: str) -> None:
    child = subprocess.Popen(["sleep", "60"])  # noqa: S607 - the system's own
    Path(path).write_text(str(child.pid))
    child.wait()


class UnsendableError(Exception):
    def __init__(self, one: int, other: int) -> None:
        super().__init__(f"{one} {other}")


async def run_neighbours(workers: ImageWorkerPool) -> list[int]:
    return list(await asyncio.gather(*(workers.run(work_a_little, each) for each in range(PIECES))))


async def test_a_refusal_comes_back_as_it_was_raised(image_workers: ImageWorkerPool) -> None:
    with pytest.raises(ImageRefused) as caught:
        await image_workers.run(
            normalise_seed_image, b"nothing", ImageLimits(10**6, 10**6, 64, 8192)
        )
    assert caught.value.reason == "not_an_image"


@pytest.mark.parametrize(
    "kill",
    [loop_for_ever, read_address_zero, os.abort],
    ids=["endless", "segmentation fault", "abort"],
)
async def test_work_that_ends_its_worker_ends_no_other_work(kill: Callable[[], None]) -> None:
    async with ImageWorkerPool.open(2, memory_mib=1024, seconds=2.0) as workers:
        killers = [asyncio.create_task(workers.run(kill)) for _ in range(3)]
        await asyncio.sleep(0)
        assert await run_neighbours(workers) == list(range(PIECES))
        outcomes = await asyncio.gather(*killers, return_exceptions=True)
    assert [type(each) for each in outcomes] == [WorkerDied] * 3
    assert all(isinstance(each, WorkerDied) and each.is_call_at_fault for each in outcomes)


@pytest.mark.parametrize("code", [0, 1, 77])
async def test_work_that_exits_is_at_fault_itself(code: int) -> None:
    async with ImageWorkerPool.open(1, memory_mib=1024, seconds=20) as workers:
        with pytest.raises(WorkerDied) as caught:
            await workers.run(os._exit, code)
        assert caught.value.is_call_at_fault
        assert await workers.run(len, b"abc") == 3


async def test_work_past_its_memory_fails_alone_and_its_worker_goes_on() -> None:
    async with ImageWorkerPool.open(2, memory_mib=512, seconds=20) as workers:
        bomb = asyncio.create_task(workers.run(take_endless_memory))
        assert await run_neighbours(workers) == list(range(PIECES))
        with pytest.raises(MemoryError):
            await bomb


async def test_the_time_is_bounded_when_a_worker_no_longer_hears_the_alarm() -> None:
    async with ImageWorkerPool.open(1, memory_mib=1024, seconds=0.3) as workers:
        start = time.monotonic()
        with pytest.raises(WorkerDied):
            await workers.run(stop_itself)
        assert time.monotonic() - start < 8
        assert await workers.run(len, b"abc") == 3


async def test_calls_are_made_in_the_order_in_which_they_came() -> None:
    ended = []

    async def note(workers: ImageWorkerPool, number: int) -> None:
        ended.append(await workers.run(work_a_little, number))

    async with ImageWorkerPool.open(1, memory_mib=1024, seconds=20) as workers:
        tasks = [asyncio.create_task(note(workers, number)) for number in range(20)]
        await asyncio.sleep(0)
        tasks[7].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    assert ended == [number for number in range(20) if number != 7]


async def test_a_cancelled_call_ends_its_work_and_not_the_next() -> None:
    async with ImageWorkerPool.open(1, memory_mib=1024, seconds=20) as workers:
        endless = asyncio.create_task(workers.run(loop_for_ever))
        await asyncio.sleep(0.2)
        following = asyncio.create_task(workers.run(work_a_little, 5))
        await asyncio.sleep(0)
        endless.cancel()
        async with asyncio.timeout(5):
            assert await following == 5


async def test_a_worker_killed_from_outside_is_nobodys_fault() -> None:
    async with ImageWorkerPool.open(1, memory_mib=1024, seconds=20) as workers:
        pid = await workers.run(os.getpid)
        os.kill(pid, signal.SIGKILL)
        assert await workers.run(os.getpid) != pid
        pid = await workers.run(os.getpid)
        working = asyncio.create_task(workers.run(time.sleep, 0.5))
        await asyncio.sleep(0.2)
        os.kill(pid, signal.SIGKILL)
        await working  # made again, in a new process


async def test_a_service_managers_signals_leave_the_workers_to_the_parent() -> None:
    async with ImageWorkerPool.open(1, memory_mib=1024, seconds=20) as workers:
        pid = await workers.run(os.getpid)
        for number in (signal.SIGINT, signal.SIGTERM):
            os.kill(pid, number)
        assert await workers.run(os.getpid) == pid


async def test_what_a_worker_started_ends_with_it(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    async with ImageWorkerPool.open(1, memory_mib=1024, seconds=1.0) as workers:
        with pytest.raises(WorkerDied):
            await workers.run(start_a_child_and_wait, str(note))
        assert await wait_for_end(int(note.read_text()))


async def wait_for_end(pid: int) -> bool:
    for _ in range(100):
        status = Path(f"/proc/{pid}/stat")
        if not status.exists() or status.read_text().split()[2] == "Z":
            return True
        await asyncio.sleep(0.02)
    return False


@pytest.mark.parametrize("call", [raise_what_cannot_be_sent, return_what_cannot_be_sent])
async def test_an_answer_that_cannot_be_sent_fails_its_call_alone(
    call: Callable[[], object],
) -> None:
    async with ImageWorkerPool.open(1, memory_mib=1024, seconds=20) as workers:
        pid = await workers.run(os.getpid)
        with pytest.raises(Exception, match=r"argument|pickle") as caught:
            await workers.run(call)
        assert not isinstance(caught.value, WorkerDied)
        assert await workers.run(os.getpid) == pid


async def test_large_arguments_and_results_come_through_whole() -> None:
    async with ImageWorkerPool.open(1, memory_mib=1024, seconds=20) as workers:
        data = os.urandom(2**20) * 64
        assert await workers.run(bytes.upper, data) == data.upper()


async def test_closing_ends_the_work_under_way() -> None:
    workers = ImageWorkerPool(1, memory_mib=1024, seconds=20)
    pid = await workers.run(os.getpid)
    endless = asyncio.create_task(workers.run(loop_for_ever))
    await asyncio.sleep(0.2)
    workers.close()
    async with asyncio.timeout(5):
        with pytest.raises(WorkerDied):
            await endless
    assert await wait_for_end(pid)
