"""The faults of a schedule, drawn only from its seed; after the last one nothing fails."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final

EPOCH: Final = datetime(2026, 1, 30, 23, 58, tzinfo=UTC)
"""Two minutes before midnight, so that many schedules cross it."""
FAULTS_END: Final = 60.0
"""Virtual seconds after which nothing fails any more."""
MAX_TRANSIT: Final = 12.0
"""Maximum virtual seconds that a request is in transit, even if its sender has given up."""


@dataclass(slots=True)
class FaultSchedule:
    """Rates are chances per call, 0..1; times are virtual seconds."""

    randomness: Random
    lost_request: float
    late_request: float
    lost_response: float
    disk: float
    database: float
    publisher: float
    outage: tuple[float, float]
    jumps: list[tuple[float, float]]
    fault_count: int = field(default=0)

    @classmethod
    def draw_schedule(cls, randomness: Random) -> FaultSchedule:
        """Draw fault rates: most schedules have some fault in every port, a few have none."""

        def rate(most: float) -> float:
            return randomness.choice((0.0, 0.3, 1.0)) * most

        start = randomness.uniform(0, 40)
        jumps = [
            (randomness.uniform(0, 50), randomness.choice((-60.0, -5.0, 30.0, 3600.0, 86400.0)))
        ]
        return cls(
            randomness,
            lost_request=rate(0.25),
            late_request=rate(0.5),
            lost_response=rate(0.25),
            disk=rate(0.3),
            database=rate(0.02),
            publisher=rate(0.4),
            outage=(start, start + randomness.choice((0.0, 0.0, 5.0, 20.0))),
            jumps=jumps if randomness.random() < 0.3 else [],
        )

    def draw_fault(self, rate: float) -> bool:
        """Return whether a fault of this rate occurs now."""
        is_faulty = self.now < FAULTS_END and self.randomness.random() < rate
        self.fault_count += is_faulty
        return is_faulty

    @property
    def now(self) -> float:
        return asyncio.get_running_loop().time()

    @property
    def is_offline(self) -> bool:
        """Return whether the provider cannot be reached now."""
        return self.outage[0] <= self.now < self.outage[1]

    def draw_delay(self, maximum: float) -> float:
        """Draw how long something takes, mostly almost no time."""
        return self.randomness.choice((0.0, 0.001, 0.02, maximum)) * self.randomness.random()


@dataclass(frozen=True, slots=True)
class SimulatedClock:
    """The services' clock: its wall time jumps, its monotonic time does not."""

    faults: FaultSchedule

    def now(self) -> datetime:
        elapsed = self.faults.now
        jumped = sum(jump for at, jump in self.faults.jumps if at <= elapsed)
        return EPOCH + timedelta(seconds=elapsed + jumped)

    def monotonic(self) -> float:
        return self.faults.now

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class ProviderClock:
    """The provider's clock, which never jumps."""

    def now(self) -> float:
        return EPOCH.timestamp() + asyncio.get_running_loop().time()

    def call_later(self, seconds: float, callback: Callable[[], None]) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(seconds, callback)

    def advance(self, seconds: float) -> None:
        """Refuse, as only the loop advances time."""
        raise NotImplementedError
