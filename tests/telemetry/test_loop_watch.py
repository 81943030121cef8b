"""What blocks the event loop is counted and said, by the place and without any values."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from structlog.testing import capture_logs

from bot.telemetry.loop_watch import LoopWatch


@asynccontextmanager
async def run_watch() -> AsyncIterator[LoopWatch]:
    watch = LoopWatch()
    running = asyncio.create_task(watch.run())
    await asyncio.sleep(0.1)
    yield watch
    await asyncio.sleep(0.1)
    running.cancel()
    await asyncio.wait([running])


def read_sample(watch: LoopWatch, name: str) -> float:
    return next(
        sample.value
        for metric in (*watch.lag.collect(), *watch.blocked.collect())
        for sample in metric.samples
        if sample.name == name
    )


def compute_for_long(prompt: str) -> None:
    end = time.monotonic() + 0.4
    while time.monotonic() < end:
        sum(map(ord, prompt))


def wait_for_long(_: str) -> None:
    time.sleep(0.4)


@pytest.mark.parametrize("block", [compute_for_long, wait_for_long])
async def test_a_call_that_blocks_is_counted_and_named(block: Callable[[str], None]) -> None:
    with capture_logs() as logs:
        async with run_watch() as watch:
            before = read_sample(watch, "expanse_loop_blocked_total")
            block("a secret prompt")
    assert read_sample(watch, "expanse_loop_blocked_total") > before
    assert read_sample(watch, "expanse_loop_lag_seconds_sum") > 0.3
    (entry,) = [each for each in logs if each["event"] == "event loop blocked"][-1:]
    assert entry["ms"] > 300
    assert block.__name__ in entry["stack"]
    assert "secret" not in str(logs)


async def test_what_is_short_is_measured_and_not_said() -> None:
    with capture_logs() as logs:
        async with run_watch() as watch:
            await asyncio.sleep(0.5)
    assert read_sample(watch, "expanse_loop_lag_seconds_count") >= 5
    assert len(logs) == read_sample(watch, "expanse_loop_blocked_total") or len(logs) <= 1
