"""One poller for every task in flight: a single request per tick asks for all that are due."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

import structlog

from bot.clock import Clock
from bot.errors import ExpanseError
from bot.runware.answers import TaskView
from bot.runware.client import RunwareClient

log = structlog.get_logger(__name__)

_GROWTH: Final = 1.5
_LONGEST: Final = 5.0
_BATCH: Final = 100
_SURE: Final = 3
"""Polls in a row that must show the same, complete-looking part before the rest is given up."""


@dataclass(slots=True)
class _Watched:
    expected: int
    next_at: float
    delay: float
    seen: int = 0
    same: int = 0
    done: asyncio.Future[TaskView] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    def is_final(self, view: TaskView) -> bool:
        """Say whether nothing more will come: all is there, or the same part again and again."""
        count = len(view.results) + len(view.failures)
        if count >= self.expected:
            return True
        still = not view.processing and 0 < count == self.seen
        self.same = self.same + 1 if still else 0
        self.seen = count
        return self.same >= _SURE


class Poller:
    """Watch tasks until they are finished, and bound how many are in flight."""

    def __init__(
        self, client: RunwareClient, clock: Clock, *, max_in_flight: int, first_poll: float
    ) -> None:
        """Ask for each task first after `first_poll` seconds, then half as long again each time."""
        self._client = client
        self._first_poll = first_poll
        self._more = asyncio.Event()
        self._clock = clock
        self._watched: dict[UUID, _Watched] = {}
        self._slots = asyncio.Semaphore(max_in_flight)
        self._inside: set[UUID] = set()

    async def enter(self, task: UUID) -> None:
        """Wait for a place at the provider; a task that has one keeps it."""
        if task not in self._inside:
            await self._slots.acquire()
            self._inside.add(task)

    def leave(self, task: UUID) -> None:
        """Give the task's place back, if it has one."""
        if task in self._inside:
            self._inside.discard(task)
            self._slots.release()

    async def finished(self, task: UUID, expected: int, deadline: datetime) -> TaskView | None:
        """Return the task's final view, or None if `deadline` passes first."""
        watched = _Watched(expected, self._clock.monotonic() + self._first_poll, self._first_poll)
        self._watched[task] = watched
        self._more.set()
        seconds = (deadline - self._clock.now()).total_seconds()
        try:
            async with asyncio.timeout(max(seconds, 2 * _LONGEST)):
                return await watched.done
        except TimeoutError:
            return None
        finally:
            del self._watched[task]
            self.leave(task)

    async def run(self) -> None:
        """Ask for what is due until cancelled."""
        while True:
            now = self._clock.monotonic()
            due = [uuid for uuid, task in self._watched.items() if task.next_at <= now]
            if due:
                await self._ask(due[:_BATCH])
            else:
                await self._until_due(now)

    async def _until_due(self, now: float) -> None:
        """Sleep until the next task is due, or a new one comes."""
        self._more.clear()
        waits = [task.next_at - now for task in self._watched.values()]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(min(waits) if waits else None):
                await self._more.wait()

    async def _ask(self, due: list[UUID]) -> None:
        """Ask, and whatever happens ask again later: jobs with money in them wait for this."""
        views: Mapping[UUID, TaskView] = {}
        try:
            views = await self._client.fetch(due)
        except ExpanseError as error:
            log.warning("poll failed", tasks=len(due), error=repr(error))
        except Exception:
            log.exception("poll failed", tasks=len(due))
        self._note(due, views)

    def _note(self, due: list[UUID], views: Mapping[UUID, TaskView]) -> None:
        now = self._clock.monotonic()
        for uuid in due:
            watched = self._watched.get(uuid)
            if watched is None or watched.done.done():
                continue
            view = views.get(uuid)
            if view is not None and watched.is_final(view):
                watched.done.set_result(view)
                continue
            watched.delay = min(watched.delay * _GROWTH, _LONGEST)
            watched.next_at = now + watched.delay
