"""Image workers shared between orders, which come first, heavy orders, and free work."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import ParamSpec, Protocol, TypeAlias, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")
_Waiting: TypeAlias = deque[asyncio.Future[None]]


class ImageWorkers(Protocol):
    """Run functions of this package in worker processes."""

    async def run(self, function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Call a module-level function in a worker and raise what it raises."""


class WorkerPriority:
    """Share a pool of `processes` workers: heavy orders and free work leave one to other orders.

    Heavy orders queue like the others, but never have the last worker. Free work starts in idle
    workers only, behind heavy orders; with a single worker, it starts while no order needs it.
    """

    def __init__(self, pool: ImageWorkers, processes: int) -> None:
        self.pool = pool
        self._processes = processes
        self._most_slow = max(1, processes - 1)
        self._orders = self._slow = 0
        self._heavy: _Waiting = deque()
        self._free: _Waiting = deque()

    @property
    def orders(self) -> ImageWorkers:
        """The workers as orders use them."""
        return _OrderWorkers(self)

    @property
    def heavy_orders(self) -> ImageWorkers:
        """The workers as orders use them that take long to read."""
        return _SlowWorkers(self, self._heavy)

    @property
    def free(self) -> ImageWorkers:
        """The workers as everything else uses them."""
        return _SlowWorkers(self, self._free)

    def enter_order(self) -> None:
        self._orders += 1

    def leave_order(self) -> None:
        self._orders -= 1
        self._start_waiting()

    async def enter_slow(self, waiting: _Waiting) -> None:
        """Wait for a worker that other orders do not need."""
        place = asyncio.get_running_loop().create_future()
        waiting.append(place)
        self._start_waiting()
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self.leave_slow()
            raise

    def leave_slow(self) -> None:
        self._slow -= 1
        self._start_waiting()

    def _start_waiting(self) -> None:
        while self._slow < self._most_slow and self._start_next(self._heavy):
            pass
        while (
            self._slow < self._most_slow
            and self._orders + self._slow < self._processes
            and self._start_next(self._free)
        ):
            pass

    def _start_next(self, waiting: _Waiting) -> bool:
        """Start the first that still waits; return False if there is none."""
        while waiting:
            place = waiting.popleft()
            if not place.done():
                self._slow += 1
                place.set_result(None)
                return True
        return False


@dataclass(frozen=True, slots=True)
class _OrderWorkers:
    priority: WorkerPriority

    async def run(self, function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        self.priority.enter_order()
        try:
            return await self.priority.pool.run(function, *args, **kwargs)
        finally:
            self.priority.leave_order()


@dataclass(frozen=True, slots=True)
class _SlowWorkers:
    priority: WorkerPriority
    waiting: _Waiting

    async def run(self, function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        await self.priority.enter_slow(self.waiting)
        try:
            return await self.priority.pool.run(function, *args, **kwargs)
        finally:
            self.priority.leave_slow()
