"""The program's clock as a test turns it: by a leap, many times as fast, or with the loop."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime


class HurriedClock:
    """Implement `bot.clock.Clock`: the system's time, `ahead` of it, `pace` times as fast."""

    def __init__(self) -> None:
        self._real = self._told = time.time()
        self._pace = 1.0

    def hurry(self, pace: float) -> None:
        """From now on let time pass so many times as fast; who sleeps already sleeps on."""
        self._told, self._real, self._pace = self._seconds(), time.time(), pace

    def leap(self, seconds: float) -> None:
        self._told += seconds

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._seconds(), UTC)

    def monotonic(self) -> float:
        return self._seconds()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._pace)

    def _seconds(self) -> float:
        return self._told + (time.time() - self._real) * self._pace


class LoopClock:
    """Implement `bot.clock.Clock` by the running loop's time, which is virtual in some tests."""

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.monotonic(), UTC)

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
