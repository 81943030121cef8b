"""Worker processes for CPU-bound image work, with memory and time limits."""

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
    """Run functions of this package in worker processes that hold no state.

    A call longer than `seconds` kills its process, and the pool is replaced; a call over its
    memory limit raises `MemoryError`.
    """

    def __init__(self, processes: int, *, memory_mib: int, seconds: float) -> None:
        self._processes = processes
        self._memory = memory_mib * 2**20
        self._seconds = seconds
        self._pool = self._new_pool()

    @classmethod
    @asynccontextmanager
    async def open(cls, processes: int, *, memory_mib: int, seconds: float) -> AsyncIterator[Self]:
        """Start the processes, and stop them on exit."""
        workers = cls(processes, memory_mib=memory_mib, seconds=seconds)
        try:
            # the executor starts processes on demand: start all now, not at the first order
            await asyncio.gather(*(workers.run(os.getpid) for _ in range(processes)))
            yield workers
        finally:
            await asyncio.to_thread(workers.close)

    def close(self) -> None:
        """Stop the processes and wait for them; queued calls are cancelled."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    async def run(self, function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Call a module-level function in a worker and raise what it raises.

        Raises `WorkerDied` if this or a concurrent call had its process killed by a limit.
        """
        pool = self._pool
        call = functools.partial(function, *args, **kwargs)
        try:
            return await asyncio.wrap_future(pool.submit(_run_with_deadline, self._seconds, call))
        except BrokenProcessPool:
            # one dead process breaks the whole pool: only the first caller replaces it
            if pool is self._pool:
                self._pool = self._new_pool()
            raise WorkerDied("an image worker passed its time or memory") from None

    def _new_pool(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            self._processes,
            mp_context=multiprocessing.get_context("spawn"),  # fork is unsafe beside threads
            initializer=_start_worker,
            initargs=(self._memory,),
        )


def _start_worker(memory: int) -> None:
    # numpy's linear algebra would reserve memory for a thread per core, against the limit
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    # Ctrl-C reaches the whole process group, but only the parent decides when to stop
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))  # allocations over it fail
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Exit when the parent is gone, even after kill -9, which children aren't notified of."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _run_with_deadline(seconds: float, call: Callable[[], _T]) -> _T:
    # SIGALRM's default action kills the process even while a C decoder runs
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        return call()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
