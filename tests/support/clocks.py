"""Clocks for tests: one that a test advances or speeds up, and one on the loop's time."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime


class ScaledClock:
    """Implement `bot.clock.Clock`: the system's time, advanced or faster by a factor."""

    def __init__(self) -> None:
        self._anchor_real = self._anchor = time.time()
        self._pace = 1.0

    def set_pace(self, pace: float) -> None:
        """Change how many times faster time passes; sleeps that have begun are not affected."""
        self._anchor, self._anchor_real, self._pace = self._seconds(), time.time(), pace

    def advance(self, seconds: float) -> None:
        self._anchor += seconds

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._seconds(), UTC)

    def monotonic(self) -> float:
        return self._seconds()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._pace)

    def _seconds(self) -> float:
        return self._anchor + (time.time() - self._anchor_real) * self._pace


class LoopClock:
    """Implement `bot.clock.Clock` by the running loop's time, which some tests make virtual."""

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.monotonic(), UTC)

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
