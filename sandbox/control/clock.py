"""The sandbox's time: the system's, or one that a test advances."""

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable
from typing import Protocol


class Timer(Protocol):
    def cancel(self) -> None: ...


class SandboxClock(Protocol):
    def now(self) -> float:
        """Return seconds since 1970-01-01T00:00:00Z."""
        ...

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Timer:
        """Run `callback` once, `seconds` from now, on the event loop's thread."""
        ...

    def advance(self, seconds: float) -> None:
        """Advance the time; due timers run immediately, in order."""
        ...


class RealClock:
    """The system's time plus all that `advance` added."""

    def __init__(self) -> None:
        self._offset_s = 0.0
        self._timers: set[_SystemTimer] = set()

    def now(self) -> float:
        return time.time() + self._offset_s

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Timer:
        timer = _SystemTimer(self._timers, self.now() + seconds, callback)
        timer.arm(seconds)
        return timer

    def advance(self, seconds: float) -> None:
        self._offset_s += seconds
        # A copy: callbacks may add or cancel timers.
        for timer in sorted(self._timers, key=lambda each: each.due):
            left = timer.due - self.now()
            if left <= 0:
                timer.fire()
            elif timer in self._timers:
                timer.arm(left)


class _SystemTimer:
    __slots__ = ("_armed", "_callback", "_handle", "due")

    def __init__(
        self, armed: "set[_SystemTimer]", due: float, callback: Callable[[], None]
    ) -> None:
        self.due = due
        self._armed = armed
        self._callback = callback
        self._handle: asyncio.TimerHandle | None = None

    def arm(self, seconds: float) -> None:
        if self._handle is not None:
            self._handle.cancel()
        self._armed.add(self)
        self._handle = asyncio.get_running_loop().call_later(seconds, self.fire)

    def fire(self) -> None:
        """Run the callback, unless another timer's callback has just cancelled it."""
        if self in self._armed:
            self.cancel()
            self._callback()

    def cancel(self) -> None:
        self._armed.discard(self)
        if self._handle is not None:
            self._handle.cancel()


class _VirtualTimer:
    __slots__ = ("callback",)

    def __init__(self, callback: Callable[[], None]) -> None:
        self.callback: Callable[[], None] | None = callback

    def cancel(self) -> None:
        self.callback = None


class VirtualClock:
    """A clock that only `advance` moves; due timers then run in order."""

    def __init__(self, start: float = 1_767_225_600.0) -> None:
        """Begin at `start`, in seconds since 1970 (by default 2026-01-01T00:00:00Z)."""
        self._now = start  # breaks ties: equal times run in order of their start
        self._order = itertools.count()
        self._timers: list[tuple[float, int, _VirtualTimer]] = []

    def now(self) -> float:
        return self._now

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Timer:
        timer = _VirtualTimer(callback)
        heapq.heappush(self._timers, (self._now + seconds, next(self._order), timer))
        return timer

    def advance(self, seconds: float) -> None:
        target = self._now + seconds
        while self._timers and self._timers[0][0] <= target:
            due, _, timer = heapq.heappop(self._timers)
            # Each callback sees its own due time, as if the time had passed normally.
            self._now = max(self._now, due)
            if timer.callback is not None:
                timer.callback()
        self._now = target


async def sleep_for(clock: SandboxClock, seconds: float) -> None:
    """Wait until the clock has advanced by `seconds`."""
    if seconds <= 0:
        return
    woken = asyncio.Event()
    timer = clock.call_later(seconds, woken.set)
    try:
        await woken.wait()
    finally:
        timer.cancel()
