"""Worker processes for CPU-bound image work, with memory and time limits."""

from __future__ import annotations

import asyncio
import atexit
import functools
import os
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, ParamSpec, Self, TypeVar

from bot.errors import WorkerDied
from bot.images.workers.process import WorkerProcess

_P = ParamSpec("_P")
_T = TypeVar("_T")


class ImageWorkerPool:
    """Run functions of this package in worker processes that hold no state.

    Calls wait for a process in the order in which they came. A call longer than `seconds` ends its
    process and no other call's; a call over its memory limit raises `MemoryError`.
    """

    def __init__(self, processes: int, *, memory_mib: int, seconds: float) -> None:
        self._workers = [
            WorkerProcess(memory=memory_mib * 2**20, seconds=seconds) for _ in range(processes)
        ]
        self._idle = list(self._workers)
        self._waiting: deque[asyncio.Future[WorkerProcess]] = deque()
        # the interpreter waits for child processes at its exit
        atexit.register(self.close)

    @classmethod
    @asynccontextmanager
    async def open(cls, processes: int, *, memory_mib: int, seconds: float) -> AsyncIterator[Self]:
        """Start the processes, and end them on exit."""
        pool = cls(processes, memory_mib=memory_mib, seconds=seconds)
        try:
            # all start now, not at the first order
            await asyncio.gather(*(pool.run(os.getpid) for _ in range(processes)))
            yield pool
        finally:
            for turn in pool._waiting:
                turn.cancel()
            pool.close()

    def close(self) -> None:
        """End the processes and what they work on."""
        atexit.unregister(self.close)
        for worker in self._workers:
            worker.close()

    async def run(self, function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Call a module-level function in a worker and raise what it raises.

        Raises `WorkerDied` if the worker crashed, passed its time, or was killed from outside
        twice. Cancelling ends the work.
        """
        call = functools.partial(function, *args, **kwargs)
        worker = await self._acquire_worker()
        try:
            done: _T = await _make_call(worker, call)
            return done
        finally:
            self._release_worker(worker)

    async def _acquire_worker(self) -> WorkerProcess:
        if self._idle:
            return self._idle.pop()
        turn: asyncio.Future[WorkerProcess] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # a worker was assigned at the same moment
                self._release_worker(turn.result())
            raise

    def _release_worker(self, worker: WorkerProcess) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(worker)
                return
        self._idle.append(worker)


async def _make_call(worker: WorkerProcess, call: Callable[[], object]) -> Any:
    try:
        return await worker.make_call(call)
    except WorkerDied as died:
        if died.is_call_at_fault:
            raise
        return await worker.make_call(call)  # once more: the functions hold no state
