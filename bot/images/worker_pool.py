"""Worker processes for everything CPU-bound, bounded in memory and time."""

from __future__ import annotations

import asyncio
import functools
import multiprocessing
import os
import resource
import signal
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import asynccontextmanager
from typing import ParamSpec, Self, TypeVar

from bot.errors import WorkerDied

_P = ParamSpec("_P")
_T = TypeVar("_T")


class ImageWorkerPool:
    """Run functions of this package in processes that can be killed without harm.

    A call that passes `seconds` ends its process, and the pool is made anew; one that passes its
    memory raises `MemoryError`.
    """

    def __init__(self, processes: int, *, memory_mib: int, seconds: float) -> None:
        self._processes = processes
        self._memory = memory_mib * 2**20
        self._seconds = seconds
        self._pool = self._new_pool()

    @classmethod
    @asynccontextmanager
    async def open(cls, processes: int, *, memory_mib: int, seconds: float) -> AsyncIterator[Self]:
        """Start the processes, and end them whatever happens."""
        workers = cls(processes, memory_mib=memory_mib, seconds=seconds)
        try:
            await asyncio.gather(*(workers.run(os.getpid) for _ in range(processes)))
            yield workers
        finally:
            await asyncio.to_thread(workers.close)

    def close(self) -> None:
        """End the processes and wait for them; work that has not begun is dropped."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    async def run(self, function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Call a module-level function in a worker; raise what it raises.

        Raises `WorkerDied` if its process was killed by a limit, its own call's or a neighbour's.
        """
        pool = self._pool
        call = functools.partial(function, *args, **kwargs)
        try:
            return await asyncio.wrap_future(pool.submit(_run_with_deadline, self._seconds, call))
        except BrokenProcessPool:
            if pool is self._pool:
                self._pool = self._new_pool()
            raise WorkerDied("an image worker passed its time or memory") from None

    def _new_pool(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            self._processes,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_start_worker,
            initargs=(self._memory,),
        )


def _start_worker(memory: int) -> None:
    # the parent decides when to stop: Ctrl-C reaches the whole process group
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Leave when the parent is gone, also by kill -9, which tells its children nothing."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _run_with_deadline(seconds: float, call: Callable[[], _T]) -> _T:
    # the default action of SIGALRM ends the process, also inside a C decoder
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        return call()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
