"""Metrics of the event loop's lateness, and a log entry with the stack that blocked it."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from dataclasses import dataclass, field
from types import FrameType
from typing import Final

import structlog
from prometheus_client import Counter, Histogram

log = structlog.get_logger(__name__)

BLOCKED_SECONDS: Final = 0.05
"""Lateness that counts as blocked: a delay of an answer that no member notices."""
_LOG_INTERVAL: Final = 10.0
"""Seconds between two log entries, so that repeated blocking does not fill the disk."""
_MAX_FRAMES: Final = 30
_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


@dataclass(slots=True)
class LoopWatch:
    """Measure how late a short timer of the loop fires, and sample the loop's stack if it is late.

    Stacks name files, lines and functions, never values, which may be secrets or prompts.
    """

    beat_seconds: float = 0.02
    lag: Histogram = field(init=False)
    blocked: Counter = field(init=False)
    _due: float = field(init=False, default=0.0)
    _stack: str = field(init=False, default="")
    _logged_at: float = field(init=False, default=float("-inf"))

    def __post_init__(self) -> None:
        name, about = "expanse_loop_lag_seconds", "lateness of the event loop"
        self.lag = Histogram(name, about, buckets=_BUCKETS, registry=None)
        name, about = "expanse_loop_blocked", "times that the event loop was over 50 ms late"
        self.blocked = Counter(name, about, registry=None)

    async def run(self) -> None:
        """Watch the running loop until cancelled."""
        done, loop_thread = threading.Event(), threading.get_ident()
        self._due = time.monotonic() + self.beat_seconds
        sampler = threading.Thread(
            target=self._sample, args=(done, loop_thread), name="loop watch", daemon=True
        )
        sampler.start()
        try:
            while True:
                await asyncio.sleep(self.beat_seconds)
                self._record_beat(time.monotonic())
        finally:
            done.set()

    def _record_beat(self, now: float) -> None:
        late = max(0.0, now - self._due)
        self.lag.observe(late)
        if late > BLOCKED_SECONDS:
            self.blocked.inc()
            if now - self._logged_at > _LOG_INTERVAL:
                self._logged_at = now
                log.warning("event loop blocked", ms=round(late * 1000), stack=self._stack)
        self._stack = ""
        self._due = now + self.beat_seconds

    def _sample(self, done: threading.Event, loop_thread: int) -> None:
        while not done.wait(self.beat_seconds):
            if not self._stack and time.monotonic() - self._due > BLOCKED_SECONDS / 2:
                self._stack = format_stack(sys._current_frames().get(loop_thread))  # noqa: SLF001


def format_stack(frame: FrameType | None) -> str:
    """Return a stack's innermost frames as `file:line function`, the innermost first."""
    lines: list[str] = []
    while frame is not None and len(lines) < _MAX_FRAMES:
        code = frame.f_code
        lines.append(f"{code.co_filename}:{frame.f_lineno} {code.co_name}")
        frame = frame.f_back
    return " < ".join(lines)
