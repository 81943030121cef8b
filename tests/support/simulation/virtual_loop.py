"""An event loop with virtual time: when nothing can run, it leaps to the next timer."""

from __future__ import annotations

import asyncio
import contextlib
import math
import selectors
from collections.abc import Callable
from typing import Any, Final

_MAX_SPINS: Final = 100_000
"""Loop turns without any time passing after which a task must be spinning."""
_TRANSIT: Final = 0.002
"""Real seconds that data on the loopback may take to arrive."""


class LoopStuck(Exception):
    """A run that will never end: no timer is left, its time is over, or time stands still."""


class _LeapingSelector(selectors.SelectSelector):
    """Select no files; advance virtual time by the timeout instead."""

    def __init__(self, deadline: float) -> None:
        super().__init__()
        self.now = 0.0
        self.last = deadline
        self._spins = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or self.now > self.last or self._spins > _MAX_SPINS:
            raise LoopStuck
        self._spins = 0 if timeout > 0 else self._spins + 1
        self.now += max(0.0, timeout)
        return []


class _LeapBesideSockets(_LeapingSelector):
    """Leap only while no socket is readable; a wait without a timer is a real one."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        real = timeout if timeout is None else min(timeout, _TRANSIT)
        ready = selectors.SelectSelector.select(self, real)
        return ready if ready or timeout is None else super().select(timeout)


class VirtualLoop(asyncio.SelectorEventLoop):
    """Run everything in this thread and in virtual seconds, so that a seed determines a run.

    With `sockets`, both ends of a real connection may be served in this thread. Raise `LoopStuck`
    out of the run after `deadline` virtual seconds, or when nothing can happen any more.
    """

    def __init__(self, deadline: float = math.inf, *, sockets: bool = False) -> None:
        self._selector = (_LeapBesideSockets if sockets else _LeapingSelector)(deadline)
        super().__init__(self._selector)

    def time(self) -> float:
        return self._selector.now

    def close_tasks(self) -> None:
        """Cancel a stuck run's tasks, and give them another virtual hour to end."""
        self._selector.last, left = self.time() + 3600, asyncio.all_tasks(self)
        for task in left:
            task.cancel()
        with contextlib.suppress(LoopStuck):
            self.run_until_complete(asyncio.gather(*left, return_exceptions=True))

    def run_in_executor(  # type: ignore[override] # the stub's variadics gain nothing here
        self,
        executor: Any,  # noqa: ARG002 - asyncio's signature
        func: Callable[..., Any],
        *args: Any,
    ) -> asyncio.Future[Any]:
        """Call immediately, as a thread would run in real time."""
        future = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - passed on to whoever awaits the future
            future.set_exception(error)
        return future
