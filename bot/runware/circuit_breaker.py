"""A circuit breaker: after repeated failures only periodic probe requests are sent."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.errors import ProviderUnavailable

log = logging.getLogger(__name__)


class CircuitState(StrEnum):
    CLOSED = "closed"
    """Requests are sent."""
    OPEN = "open"
    """Requests fail without being sent."""
    HALF_OPEN = "half_open"
    """One probe request is in flight."""


@dataclass(frozen=True, slots=True)
class BreakerLimits:
    """Open after `failures` in a row within `window_seconds`; then probe every `probe_seconds`."""

    failures: int = 5
    window_seconds: float = 30.0
    probe_seconds: float = 15.0


DEFAULT_LIMITS: Final = BreakerLimits()


class CircuitBreaker:
    """Count failed requests in a row; any complete answer below 500 is a success."""

    def __init__(
        self, monotonic: Callable[[], float], limits: BreakerLimits = DEFAULT_LIMITS
    ) -> None:
        self._now = monotonic
        self._limits = limits
        self._failed_at: deque[float] = deque(maxlen=limits.failures)
        self._probe_at: float | None = None
        self._probing = False

    @property
    def circuit_state(self) -> CircuitState:
        if self._probe_at is None:
            return CircuitState.CLOSED
        return CircuitState.HALF_OPEN if self._probing else CircuitState.OPEN

    @property
    def seconds_to_probe(self) -> float | None:
        """Seconds until the next probe may be sent; None while the circuit is closed."""
        return None if self._probe_at is None else max(0.0, self._probe_at - self._now())

    def admit_request(self) -> None:
        """Return if a request may be sent; raise `ProviderUnavailable` with the wait otherwise."""
        if self._probe_at is None:
            return
        wait = self._probe_at - self._now()
        if wait > 0:
            raise ProviderUnavailable("the circuit is open: the provider keeps failing", wait)
        # schedule the next probe now: a cancelled probe never reports its outcome
        self._probe_at = self._now() + self._limits.probe_seconds
        self._probing = True

    def record_success(self) -> None:
        if self._probe_at is not None:
            log.warning("provider circuit closed: it answers again")
        self._failed_at.clear()
        self._probe_at = None
        self._probing = False

    def record_failure(self, detail: str) -> None:
        """Count a failure; open the circuit at the limit, or again if a probe failed."""
        now = self._now()
        self._failed_at.append(now)
        # the deque keeps the last `failures` times, so its first one is when this run began
        many = len(self._failed_at) == self._limits.failures
        if self._probing or (many and now - self._failed_at[0] <= self._limits.window_seconds):
            log.warning(
                "provider circuit open: nothing is sent until the next probe",
                extra={"seconds": self._limits.probe_seconds, "detail": detail},
            )
            self._probe_at = now + self._limits.probe_seconds
            self._probing = False
