"""Stored tasks, in memory."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from bot.domain.money import MicroUsd
from sandbox.runware.problems import Problem, RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from sandbox.runware.service_state import ServiceState
    from sandbox.runware.tasks.parameters import ImageTask

TASK_TYPE: Final = "imageInference"


@dataclass(frozen=True, slots=True)
class TaskResult:
    image_uuid: UUID
    noise_seed: int
    cost: MicroUsd
    nsfw: bool = False


@dataclass(slots=True, eq=False)
class Task:
    """An accepted task; `seed` is dropped when the task has finished.

    `price` is that of one result; `level` is what moderation finds in prompt and seed image;
    `given` is the request for `getTaskDetails`; times are seconds since 1970.
    """

    order: ImageTask
    seed: bytes
    price: MicroUsd
    level: int | None = None
    given: dict[str, Any] = field(default_factory=dict)
    accepted_at: float = 0.0
    finished_at: float | None = None
    results: list[TaskResult] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    finished: asyncio.Event = field(default_factory=asyncio.Event)
    _outcome_added: asyncio.Event = field(default_factory=asyncio.Event)

    def add_outcome(self, outcome: TaskResult | Problem) -> None:
        """Add a result, or a problem in its place."""
        if isinstance(outcome, TaskResult):
            self.results.append(outcome)
        else:
            self.problems.append(outcome)
        self._wake()

    def finish(self, finished_at: float) -> None:
        self.seed = b""
        self.finished_at = finished_at
        self.finished.set()
        self._wake()

    @property
    def full_price(self) -> MicroUsd:
        """The price of all its results."""
        return MicroUsd(self.price * self.order.count)

    @property
    def outcome_count(self) -> int:
        return len(self.results) + len(self.problems)

    async def wait_for_more(self, known_count: int) -> None:
        """Wait for more than `known_count` outcomes, or the task's end."""
        while self.outcome_count <= known_count and not self.finished.is_set():
            await self._outcome_added.wait()

    def _wake(self) -> None:
        # Wakes all waiting readers; later ones wait for a new event.
        self._outcome_added.set()
        self._outcome_added = asyncio.Event()


class TaskStore:
    def __init__(self, conditions: ServiceState, now: Callable[[], float]) -> None:
        """Keep tasks as the switches say; `now` returns seconds since 1970."""
        self._conditions = conditions
        self._now = now
        self._tasks: dict[UUID, Task] = {}
        self._burnt: set[UUID] = set()

    def check_free(self, uuid: UUID) -> None:
        """Raise `conflictTaskUUID` if a task has this UUID."""
        known = self._tasks.get(uuid)
        if uuid in self._burnt or (known is not None and self._holds_uuid(known)):
            context = {"taskType": TASK_TYPE, "taskUUID": str(uuid)}
            if known is not None:
                context["deliveryMethod"] = known.order.delivery
            message = "This task UUID has been used before."
            problem = Problem("conflictTaskUUID", message, "taskUUID", conflicting=context)
            raise RefusedError(problem)

    def accept(self, task: Task) -> None:
        """Reserve the task's UUID; raise `conflictTaskUUID`."""
        # Nothing is awaited before the reservation, so no other request can take the UUID.
        self.check_free(task.order.uuid)
        task.accepted_at = self._now()
        self._tasks[task.order.uuid] = task

    def burn(self, uuid: UUID) -> None:
        """Reserve the UUID of a refused task."""
        if uuid not in self._tasks:
            self._burnt.add(uuid)

    def task(self, uuid: UUID) -> Task | None:
        """Return an accepted task of any age, from the archive."""
        return self._tasks.get(uuid)

    def polled(self, uuid: UUID) -> Task | None:
        """Return a task that a poll shows now."""
        task, switches = self._tasks.get(uuid), self._conditions.switches
        if task is None or (task.order.delivery == "sync" and switches.sync_polled == "hidden"):
            return None
        if self._now() - task.accepted_at < switches.late:
            return None
        retention = switches.retention
        forgotten = retention is not None and task.finished_at is not None
        return None if forgotten and self._age(task) >= (retention or 0) else task

    @property
    def unfinished(self) -> int:
        return sum(not task.finished.is_set() for task in self._tasks.values())

    def clear(self) -> None:
        self._tasks.clear()
        self._burnt.clear()

    def _holds_uuid(self, task: Task) -> bool:
        reserved_s = self._conditions.switches.uuid_reserved
        return reserved_s is None or task.finished_at is None or self._age(task) < reserved_s

    def _age(self, task: Task) -> float:
        """Return the seconds since a finished task's end."""
        return self._now() - (task.finished_at or 0.0)
