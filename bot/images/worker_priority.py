"""Image workers shared between orders, which come first, and free work."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import ParamSpec, Protocol, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")


class ImageWorkers(Protocol):
    """Run functions of this package in worker processes."""

    async def run(self, function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Call a module-level function in a worker and raise what it raises."""


class WorkerPriority:
    """Share a pool of `processes` workers: free work never takes the last one from orders.

    Free work starts in idle workers only and leaves one for orders; with a single worker, it
    starts while no order needs that worker.
    """

    def __init__(self, pool: ImageWorkers, processes: int) -> None:
        self.pool = pool
        self._processes = processes
        self._most_free = max(1, processes - 1)
        self._orders = self._free = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def orders(self) -> ImageWorkers:
        """The workers as orders use them."""
        return _OrderWorkers(self)

    @property
    def free(self) -> ImageWorkers:
        """The workers as everything else uses them."""
        return _FreeWorkers(self)

    def enter_order(self) -> None:
        self._orders += 1

    def leave_order(self) -> None:
        self._orders -= 1
        self._start_waiting()

    async def enter_free(self) -> None:
        """Wait for a worker that orders do not need."""
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        self._start_waiting()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave_free()
            raise

    def leave_free(self) -> None:
        self._free -= 1
        self._start_waiting()

    def _start_waiting(self) -> None:
        while (
            self._waiting
            and self._free < self._most_free
            and self._orders + self._free < self._processes
        ):
            turn = self._waiting.popleft()
            if not turn.done():
                self._free += 1
                turn.set_result(None)


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
class _FreeWorkers:
    priority: WorkerPriority

    async def run(self, function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        await self.priority.enter_free()
        try:
            return await self.priority.pool.run(function, *args, **kwargs)
        finally:
            self.priority.leave_free()
