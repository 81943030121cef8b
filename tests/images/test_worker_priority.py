"""Orders come first at the image workers; heavy ones and free work never take the last."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import pytest

from bot.images.worker_priority import ImageWorkers, WorkerPriority

_P = ParamSpec("_P")
_T = TypeVar("_T")


class SlowWorkers:
    """Implement `ImageWorkers`: a function's worker is busy until `finish` is called."""

    def __init__(self) -> None:
        self.started: list[str] = []
        self._running: dict[str, asyncio.Event] = {}

    async def run(self, function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        name = str(args[0])
        self.started.append(name)
        self._running[name] = asyncio.Event()
        await self._running[name].wait()
        return function(*args, **kwargs)

    async def finish(self, name: str) -> None:
        self._running[name].set()
        await run_tasks()


async def run_tasks() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


class Calls:
    def __init__(self, processes: int) -> None:
        self.pool = SlowWorkers()
        self.priority = WorkerPriority(self.pool, processes)
        self.tasks: dict[str, asyncio.Task[str]] = {}

    async def start(self, *names: str) -> None:
        """Start calls of orders (`o…`), heavy orders (`h…`) and free work (`f…`)."""
        kinds = {
            "o": self.priority.orders,
            "h": self.priority.heavy_orders,
            "f": self.priority.free,
        }
        for name in names:
            workers: ImageWorkers = kinds[name[0]]
            self.tasks[name] = asyncio.create_task(workers.run(str.upper, name))
            await run_tasks()


async def test_of_two_workers_free_work_has_one() -> None:
    calls = Calls(2)
    await calls.start("f1", "f2", "o1")
    assert calls.pool.started == ["f1", "o1"]
    await calls.pool.finish("o1")
    assert calls.pool.started == ["f1", "o1"]
    await calls.pool.finish("f1")
    assert calls.pool.started == ["f1", "o1", "f2"]
    assert await calls.tasks["o1"] == "O1"


async def test_free_work_waits_while_orders_use_all_workers() -> None:
    calls = Calls(2)
    await calls.start("o1", "o2", "f1", "o3")
    assert calls.pool.started == ["o1", "o2", "o3"]
    await calls.pool.finish("o1")
    assert calls.pool.started == ["o1", "o2", "o3"], "o3 has the worker that o1 left"
    await calls.pool.finish("o2")
    assert calls.pool.started == ["o1", "o2", "o3", "f1"]


async def test_heavy_orders_leave_a_worker_to_others_and_come_before_free_work() -> None:
    calls = Calls(2)
    await calls.start("h1", "h2", "f1", "o1", "o2")
    assert calls.pool.started == ["h1", "o1", "o2"]
    await calls.pool.finish("h1")
    assert calls.pool.started == ["h1", "o1", "o2", "h2"], "it queues like any order"
    await calls.pool.finish("h2")
    assert calls.pool.started == ["h1", "o1", "o2", "h2"], "orders use both workers"
    await calls.pool.finish("o1")
    assert calls.pool.started == ["h1", "o1", "o2", "h2", "f1"]


async def test_a_heavy_order_waits_for_free_work_that_runs_and_no_other() -> None:
    calls = Calls(2)
    await calls.start("f1", "f2", "h1")
    assert calls.pool.started == ["f1"]
    await calls.pool.finish("f1")
    assert calls.pool.started == ["f1", "h1"]


async def test_a_single_worker_is_free_works_while_orders_have_nothing_for_it() -> None:
    calls = Calls(1)
    await calls.start("o1", "f1", "f2")
    assert calls.pool.started == ["o1"]
    await calls.pool.finish("o1")
    assert calls.pool.started == ["o1", "f1"]
    await calls.start("o2")
    await calls.pool.finish("f1")
    assert calls.pool.started == ["o1", "f1", "o2"]
    await calls.pool.finish("o2")
    assert calls.pool.started == ["o1", "f1", "o2", "f2"]


@pytest.mark.parametrize(("processes", "free"), [(1, 1), (2, 1), (3, 2), (8, 7)])
async def test_one_worker_is_left_to_orders(processes: int, free: int) -> None:
    calls = Calls(processes)
    await calls.start(*(f"f{number}" for number in range(10)))
    assert len(calls.pool.started) == free


async def test_who_goes_away_frees_the_worker_and_the_place_in_the_queue() -> None:
    calls = Calls(1)
    await calls.start("f1", "f2", "f3")
    calls.tasks["f2"].cancel()
    await run_tasks()
    assert calls.pool.started == ["f1"]
    calls.tasks["f1"].cancel()
    await run_tasks()
    assert calls.pool.started == ["f1", "f3"]
    calls.tasks["f3"].cancel()
    await calls.start("f4")
    assert calls.pool.started == ["f1", "f3", "f4"]


async def test_a_failing_call_frees_its_worker() -> None:
    calls = Calls(1)
    failing = asyncio.create_task(calls.priority.free.run(int, "x"))
    await run_tasks()
    await calls.pool.finish("x")
    with pytest.raises(ValueError, match="invalid literal"):
        await failing
    await calls.start("f1")
    assert calls.pool.started == ["x", "f1"]
