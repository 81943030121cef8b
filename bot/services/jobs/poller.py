"""The poller: asks the provider about all due tasks in one request."""

from __future__ import annotations

import asyncio
import contextlib
import math
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

import structlog

from bot.clock import Clock
from bot.domain.errors import ExpanseError
from bot.errors import Permanent, ProviderUnavailable, Transient, get_log_fields
from bot.runware.client import RunwareClient
from bot.runware.outcomes import TaskView
from bot.runware.retry import DEFAULT_POLICY

log = structlog.get_logger(__name__)

_GROWTH: Final = 1.5
"""Factor from one delay between polls of a task to the next."""
_EARLY_SHARE: Final = 0.5
"""A task may be polled this share of its delay early, to join the request of others."""
_BATCH_SIZE: Final = 100
_STALLED_POLLS: Final = 3
"""Equal polls in a row before missing results are given up, if the provider reports progress."""


@dataclass(frozen=True, slots=True)
class PollSchedule:
    """How often a task is polled: after `first_delay`, then 1.5 times as long; all in seconds.

    `stall_seconds` is how long incomplete results may stay unchanged before the rest is given up,
    while the provider has never reported a task as still being processed.
    """

    first_delay: float = 0.5
    longest_delay: float = 5.0
    stall_seconds: float = 60.0


@dataclass(slots=True)
class _WatchedTask:
    """`expected` is the number of results to wait for; 0 accepts any view."""

    expected: int
    next_at: float
    delay: float
    seen_count: int = 0
    unchanged_polls: int = 0
    changed_at: float = 0.0
    future: asyncio.Future[TaskView] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    def is_final(self, view: TaskView, now: float, stall_seconds: float) -> bool:
        """Return whether the task is complete, or unchanged for so long that no more will come."""
        count = len(view.results) + len(view.failures)
        is_complete = count >= self.expected and not view.is_processing
        if is_complete or len(view.results) >= self.expected:
            return True
        still = not view.is_processing and 0 < count == self.seen_count
        self.unchanged_polls = self.unchanged_polls + 1 if still else 0
        if not still:
            self.changed_at = now
        self.seen_count = count
        return self.unchanged_polls >= _STALLED_POLLS and now - self.changed_at >= stall_seconds


class Poller:
    """Watch tasks until they are finished, for any number of callers."""

    def __init__(self, client: RunwareClient, clock: Clock, schedule: PollSchedule) -> None:
        self._client = client
        self._schedule = schedule
        self._work_added = asyncio.Event()
        self._clock = clock
        self._watched: dict[UUID, _WatchedTask] = {}
        self._shows_work = False

    async def wait_until_finished(
        self, task: UUID, expected: int, deadline: datetime
    ) -> TaskView | None:
        """Return the task's final view, or None if `deadline` passes first."""
        seconds = (deadline - self._clock.now()).total_seconds()
        try:
            # after a restart the deadline may be past: there must be time for one poll
            async with asyncio.timeout(max(seconds, 2 * self._schedule.longest_delay)):
                return await self._watch_task(task, expected, self._schedule.first_delay)
        except TimeoutError:
            return None

    async def fetch_task(self, task: UUID) -> TaskView:
        """Return a task's view from the next poll; raise what the client's `fetch_tasks` does."""
        return await self._watch_task(task, 0, 0.0)

    async def ask_about_task(self, task: UUID) -> TaskView:
        """Poll a task once; a refused poll raises `Transient`, as it says nothing of the task."""
        try:
            return await self.fetch_task(task)
        except Permanent as error:
            raise ProviderUnavailable(f"{error.code}: {error.detail}") from error

    async def run(self) -> None:
        """Poll due tasks until cancelled; a slow answer delays only its own tasks."""
        async with asyncio.TaskGroup() as group:
            while True:
                now = self._clock.monotonic()
                if self._get_seconds_until_due(now) > 0:
                    await self._sleep_until_due(now)
                    continue
                due = [
                    uuid
                    for uuid, task in self._watched.items()
                    if task.next_at - _EARLY_SHARE * task.delay <= now
                ][:_BATCH_SIZE]
                for uuid in due:
                    # not due again before this request is answered
                    self._watched[uuid].next_at = math.inf
                group.create_task(self._poll_tasks(due), name="poll")

    def _get_seconds_until_due(self, now: float) -> float:
        """Return the seconds until the next task is due, infinity if there is none."""
        return min((task.next_at for task in self._watched.values()), default=math.inf) - now

    async def _watch_task(self, task: UUID, expected: int, delay: float) -> TaskView:
        watched = _WatchedTask(expected, self._clock.monotonic() + delay, delay)
        self._watched[task] = watched
        self._work_added.set()
        try:
            return await watched.future
        finally:
            # a later watch of the same task may have replaced this one
            if self._watched.get(task) is watched:
                del self._watched[task]

    async def _sleep_until_due(self, now: float) -> None:
        """Sleep until the next task is due or a new one is added."""
        self._work_added.clear()
        wait = self._get_seconds_until_due(now)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait if wait < math.inf else None):
                await self._work_added.wait()

    async def _poll_tasks(self, due: list[UUID]) -> None:
        """Poll the tasks once; after any error they are polled again, as paid jobs wait here."""
        views: dict[UUID, TaskView] = {}
        failure: ExpanseError | None = None
        try:
            views = await self._client.fetch_tasks(due)
        except ExpanseError as error:
            log.warning("poll failed", tasks=len(due), **get_log_fields(error))
            failure = error
        except Exception as error:
            log.exception("poll failed", tasks=len(due))
            failure = Transient(repr(error))
        working = (view.is_processing and not view.is_unclear for view in views.values())
        self._shows_work = self._shows_work or any(working)
        for uuid in due:
            watched = self._watched.get(uuid)
            if watched is not None and not watched.future.done():
                self._handle_view(watched, views.get(uuid), failure)
        self._work_added.set()

    def _handle_view(
        self, watched: _WatchedTask, view: TaskView | None, failure: ExpanseError | None
    ) -> None:
        """Return a final view to its caller, or schedule the next poll; obey `Retry-After`."""
        now = self._clock.monotonic()
        if view is None:
            if not watched.expected and failure is not None:
                watched.future.set_exception(failure)
                return
        elif watched.is_final(view, now, 0.0 if self._shows_work else self._schedule.stall_seconds):
            watched.future.set_result(view)
            return
        pause = failure.retry_after if isinstance(failure, Transient) else None
        grown = max(watched.delay, self._schedule.first_delay) * _GROWTH
        watched.delay = min(grown, self._schedule.longest_delay)
        pause = min(pause or 0.0, DEFAULT_POLICY.max_retry_after)
        watched.next_at = now + max(watched.delay, pause)
