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
}
"""Each task by the first method that it calls."""


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


@pytest.mark.parametrize(
    ("bad", "hangs"),
    [("retention", True), ("parked", True), *((bad, False) for bad in TASKS.values())],
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
    assert task.called == set(TASKS.values())
