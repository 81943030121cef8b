"""The program's clock as a test turns it: by a leap, many times as fast, or with the loop."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime


class ScaledClock:
    """Implement `bot.clock.Clock`: the system's time, `ahead` of it, `pace` times as fast."""

    def __init__(self) -> None:
        self._anchor_real = self._anchor = time.time()
        self._pace = 1.0

    def set_pace(self, pace: float) -> None:
        """From now on let time pass so many times as fast; who sleeps already sleeps on."""
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
    """Implement `bot.clock.Clock` by the running loop's time, which is virtual in some tests."""

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.monotonic(), UTC)

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
