"""What goes wrong in a schedule, drawn from its seed alone; after the last fault all is well."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final

EPOCH: Final = datetime(2026, 1, 30, 23, 58, tzinfo=UTC)
"""Two minutes before a midnight, so that many schedules cross one."""
HEALED: Final = 60.0
"""Virtual seconds after which nothing goes wrong any more."""
TRANSIT: Final = 12.0
"""Longest virtual seconds that a request is under way, though its sender may have given up."""


@dataclass(slots=True)
class Weather:
    """Rates are chances per call, 0..1; times are virtual seconds."""

    chance: Random
    lost: float
    late: float
    mute: float
    disk: float
    database: float
    publisher: float
    outage: tuple[float, float]
    jumps: list[tuple[float, float]]
    struck: int = field(default=0)

    @classmethod
    def of(cls, chance: Random) -> Weather:
        """Draw a climate: every port has some fault in most schedules, and none in a few."""

        def rate(most: float) -> float:
            return chance.choice((0.0, 0.3, 1.0)) * most

        start = chance.uniform(0, 40)
        jumps = [(chance.uniform(0, 50), chance.choice((-60.0, -5.0, 30.0, 3600.0, 86400.0)))]
        return cls(
            chance,
            lost=rate(0.25),
            late=rate(0.5),
            mute=rate(0.25),
            disk=rate(0.3),
            database=rate(0.02),
            publisher=rate(0.4),
            outage=(start, start + chance.choice((0.0, 0.0, 5.0, 20.0))),
            jumps=jumps if chance.random() < 0.3 else [],
        )

    def strikes(self, rate: float) -> bool:
        """Say whether a fault of this rate strikes now."""
        struck = self.now < HEALED and self.chance.random() < rate
        self.struck += struck
        return struck

    @property
    def now(self) -> float:
        return asyncio.get_running_loop().time()

    @property
    def out(self) -> bool:
        """Whether nothing reaches the provider just now."""
        return self.outage[0] <= self.now < self.outage[1]

    def delay(self, most: float) -> float:
        """Draw how long something takes: mostly no time worth speaking of."""
        return self.chance.choice((0.0, 0.001, 0.02, most)) * self.chance.random()


@dataclass(frozen=True, slots=True)
class WeatherClock:
    """The services' clock: its wall time jumps, its monotonic time does not."""

    weather: Weather

    def now(self) -> datetime:
        elapsed = self.weather.now
        jumped = sum(jump for at, jump in self.weather.jumps if at <= elapsed)
        return EPOCH + timedelta(seconds=elapsed + jumped)

    def monotonic(self) -> float:
        return self.weather.now

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class ProviderClock:
    """The provider's clock, which does not jump."""

    def now(self) -> float:
        return EPOCH.timestamp() + asyncio.get_running_loop().time()

    def call_later(self, seconds: float, callback: Callable[[], None]) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(seconds, callback)

    def advance(self, seconds: float) -> None:
        """Refuse: the loop turns the time."""
        raise NotImplementedError
