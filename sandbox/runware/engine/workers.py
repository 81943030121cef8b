"""Worker processes for the engine, so that the event loop never processes pixels."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import tempfile
import threading
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from multiprocessing.sharedctypes import RawArray
from typing import TYPE_CHECKING, Any, Final, Self

from sandbox.runware.engine.pixels import SeedUnusableError
from sandbox.runware.engine.render import (
    PATCHES,
    PATCHES_MODULE,
    Rendered,
    choose_engine,
    render_order,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from sandbox.runware.engine.render import RenderOrder

DEADLINE: Final = 120.0
"""Longest render in seconds; the largest canvas needs a twentieth of it."""
_SOCKET_NAME: Final = "/pymp-12345678/listener-12345678"
"""What multiprocessing appends to the folder of temporary files."""
_MAX_SOCKET_NAME: Final = 103
"""Bytes of a Unix socket's name that macOS allows; Linux allows 107 (unix(7))."""
SLOTS: Final = 64
"""Renders whose progress is reported at a time."""


class RenderFailedError(Exception):
    """A worker died, hung or could not read the seed image."""


class Workers:
    """A pool of worker processes, replaced when one of them dies."""

    def __init__(self, count: int, *, wanted: str = PATCHES) -> None:
        """Create `count` processes; `wanted` is the engine to use where the machine can run it."""
        self._count = count
        self._wanted = wanted
        self.method: Final = _choose_method()
        """How its processes are started, as multiprocessing names it."""
        self._shares = RawArray("d", SLOTS)
        self._free = list(range(SLOTS))
        self._pool = self._new_pool()
        self._warmed = threading.Event()
        self.engine: str | None = None
        """The engine's name, once a worker has loaded it."""

    @classmethod
    @asynccontextmanager
    async def open(cls, count: int | None = None) -> AsyncIterator[Self]:
        """Start `count` workers, by default one per processor, at most two, and warm them up."""
        workers = cls(count or min(2, os.cpu_count() or 1))
        warming = asyncio.create_task(asyncio.to_thread(workers.warm), name="engine warming")
        try:
            yield workers
        finally:
            await asyncio.gather(warming, return_exceptions=True)
            await asyncio.to_thread(workers.close)

    def warm(self) -> None:
        """Block until a worker has loaded the engine, compiled the first time on a machine."""
        try:
            self.engine = self._pool.submit(choose_engine, self._wanted).result(DEADLINE)
        finally:
            self._warmed.set()

    def close(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    @property
    def warming(self) -> bool:
        """Return whether renders still wait for the engine to load."""
        return not self._warmed.is_set()

    @property
    def progress(self) -> tuple[float, ...]:
        """Return each running render's progress, 0..1."""
        return tuple(self._shares[slot] for slot in range(SLOTS) if slot not in self._free)

    async def render(self, order: RenderOrder) -> Rendered:
        """Return the finished file; raise `RenderFailedError`."""
        if self.warming:
            await asyncio.to_thread(self._warmed.wait, DEADLINE)
        pool = self._pool
        try:
            async with asyncio.timeout(DEADLINE):
                with self._slot() as slot:
                    return await asyncio.wrap_future(
                        pool.submit(_render, order, slot, self._wanted)
                    )
        except SeedUnusableError as error:
            raise RenderFailedError(str(error)) from error
        except TimeoutError as error:
            raise RenderFailedError(f"no result within {DEADLINE:g} s") from error
        except BrokenExecutor as error:
            # A broken pool fails all its renders at the same time: only the first replaces it.
            if self._pool is pool:
                self._pool = self._new_pool()
            raise RenderFailedError("a worker process died") from error

    @contextmanager
    def _slot(self) -> Iterator[int | None]:
        slot = self._free.pop() if self._free else None
        if slot is None:
            yield None
            return
        self._shares[slot] = 0.0
        try:
            yield slot
        finally:
            self._free.append(slot)

    def _new_pool(self) -> ProcessPoolExecutor:
        context = multiprocessing.get_context(self.method)
        if self.method == "forkserver":
            # Compiled kernels are loaded once, in the process that all workers are forked from.
            context.set_forkserver_preload([render_order.__module__, PATCHES_MODULE])
        return ProcessPoolExecutor(
            self._count,
            mp_context=context,
            initializer=_initialize_worker,
            initargs=(self._shares,),
        )


def _choose_method() -> str:
    """Return "forkserver", or "spawn" where that can't have its socket."""
    name = os.fsencode(tempfile.gettempdir() + _SOCKET_NAME)
    is_there = "forkserver" in multiprocessing.get_all_start_methods()
    return "forkserver" if is_there and len(name) <= _MAX_SOCKET_NAME else "spawn"


_told: Any = None
"""In a worker: the array in which it reports its progress to the parent."""


def _render(order: RenderOrder, slot: int | None, wanted: str) -> Rendered:
    def tell(share: float) -> None:
        if slot is not None:
            _told[slot] = share

    return render_order(order, tell, wanted=wanted)


def _initialize_worker(shares: Any) -> None:
    """Leave interrupts to the parent, and exit with it even if it is killed."""
    global _told  # noqa: PLW0603 - a pool initializer can only set globals
    _told = shares
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow_parent, name="parent watch", daemon=True).start()


def _follow_parent() -> None:
    # A killed parent cannot stop its workers, so each waits for its end.
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
