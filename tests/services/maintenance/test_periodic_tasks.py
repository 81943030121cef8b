"""The schedule of periodic tasks, over tasks that hang or fail."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.clock import SystemClock
from bot.services.maintenance.periodic_tasks import PeriodicTasks

TASKS = {
    "delete_expired": "retention",
    "audit_ledger": "audit",
    "get": "backup",
    "check_parked_jobs": "parked",
    "check_provider": "provider",
}
"""Each task by the first method that it calls."""
AT_START = set(TASKS.values()) - {"provider"}


class RecordingTask:
    """Stand for all services at once: record calls, and hang or fail in one of them."""

    def __init__(self, bad: str, *, hangs: bool) -> None:
        self.called: set[str] = set()
        self._bad = bad
        self._hangs = hangs

    def __getattr__(self, method: str) -> Any:
        name = TASKS[method]

        async def run(*_: object) -> str:
            self.called.add(name)
            if name == self._bad and self._hangs:
                await asyncio.Event().wait()
            if name == self._bad:
                raise RuntimeError(name)
            return SystemClock().now().isoformat()

        return run


class SleepCounter(SystemClock):
    """Record sleeps; one of a minute ends immediately, others never."""

    def __init__(self) -> None:
        self.naps: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        if seconds != 60.0:
            await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("bad", "hangs"),
    [("retention", True), ("parked", True), *((bad, False) for bad in sorted(AT_START))],
)
async def test_a_task_that_hangs_or_fails_keeps_no_other_from_its_turn(
    bad: str, *, hangs: bool
) -> None:
    task: Any = RecordingTask(bad, hangs=hangs)
    tasks = PeriodicTasks(task, task, task, task, task, task, SystemClock(), max_backups=1)
    running = asyncio.create_task(tasks.run())
    await asyncio.sleep(0.01)
    assert not running.done()
    running.cancel()
    await asyncio.wait([running])
    assert task.called == AT_START


async def test_the_provider_is_checked_a_minute_after_the_start_and_then_every_hour() -> None:
    clock = SleepCounter()
    task: Any = RecordingTask("provider", hangs=False)
    tasks = PeriodicTasks(task, task, task, task, task, task, clock, max_backups=1)
    running = asyncio.create_task(tasks.run())
    await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.wait([running])
    assert task.called == set(TASKS.values())
    assert clock.naps.count(60.0) == 1
    assert clock.naps.count(3600.0) >= 3
