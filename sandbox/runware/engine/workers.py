"""Worker processes for the engine, so that no pixel is touched on the event loop."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import threading
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, Self

from sandbox.runware.engine.pixels import SeedUnusableError
from sandbox.runware.engine.render import render

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sandbox.runware.engine.render import Order

DEADLINE: Final = 120.0
"""Longest render in seconds; the largest canvas needs a twentieth of it."""


class RenderFailedError(Exception):
    """Say that a worker died, hung or could not read the seed image."""


class Workers:
    """A pool of worker processes that is replaced when one of them dies."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._pool = _pool(count)

    @classmethod
    @asynccontextmanager
    async def open(cls, count: int | None = None) -> AsyncIterator[Self]:
        """Start and warm `count` workers (by default one per processor, two at most)."""
        workers = cls(count or min(2, os.cpu_count() or 1))
        try:
            await asyncio.to_thread(workers.warm)
            yield workers
        finally:
            await asyncio.to_thread(workers.close)

    def warm(self) -> None:
        """Block until a worker has imported the engine."""
        self._pool.submit(os.getpid).result(DEADLINE)

    def close(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    async def render(self, order: Order) -> bytes:
        """Return the finished file, or raise `RenderFailedError`."""
        pool = self._pool
        try:
            async with asyncio.timeout(DEADLINE):
                return await asyncio.wrap_future(pool.submit(render, order))
        except SeedUnusableError as error:
            raise RenderFailedError(str(error)) from error
        except TimeoutError as error:
            raise RenderFailedError(f"no result within {DEADLINE:g} s") from error
        except BrokenExecutor as error:
            if self._pool is pool:
                self._pool = _pool(self._count)
            raise RenderFailedError("a worker process died") from error


def _pool(count: int) -> ProcessPoolExecutor:
    methods = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
    if "forkserver" in methods:
        context.set_forkserver_preload([render.__module__])
    return ProcessPoolExecutor(count, mp_context=context, initializer=_settle_in)


def _settle_in() -> None:
    """Leave interrupts to the parent, and end with it even when it was killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow_parent, name="parent watch", daemon=True).start()


def _follow_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
