"""The tasks and pictures that this service remembers, in memory."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sandbox.runware.problems import Problem, RefusedError

if TYPE_CHECKING:
    from uuid import UUID

    from bot.domain.money import MicroUsd
    from sandbox.runware.parameters import ImageTask

MAX_PICTURES: Final = 512 * 1024 * 1024
"""Bytes of pictures kept; the oldest go first, so that a long demonstration does not grow."""


@dataclass(frozen=True, slots=True)
class Result:
    image_uuid: UUID
    noise_seed: int
    cost: MicroUsd


@dataclass(slots=True, eq=False)
class Task:
    """An accepted task; `seed` is dropped when the task is finished."""

    order: ImageTask
    seed: bytes
    results: list[Result] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    finished: asyncio.Event = field(default_factory=asyncio.Event)

    def finish(self) -> None:
        self.seed = b""
        self.finished.set()


@dataclass(frozen=True, slots=True)
class Picture:
    """`expires_at` is seconds since 1970, or None."""

    data: bytes
    extension: str
    expires_at: float | None


class Store:
    def __init__(self) -> None:
        self._tasks: dict[UUID, Task] = {}
        self._pictures: dict[UUID, Picture] = {}
        self._bytes = 0

    def accept(self, task: Task) -> None:
        """Reserve the task's UUID for good, or raise `conflictTaskUUID`."""
        uuid = task.order.uuid
        if uuid in self._tasks:
            message = "This task UUID has been used before."
            raise RefusedError(Problem("conflictTaskUUID", message, "taskUUID"))
        self._tasks[uuid] = task

    def task(self, uuid: UUID) -> Task | None:
        return self._tasks.get(uuid)

    @property
    def unfinished(self) -> int:
        return sum(not task.finished.is_set() for task in self._tasks.values())

    def keep(self, uuid: UUID, picture: Picture) -> None:
        self._pictures[uuid] = picture
        self._bytes += len(picture.data)
        while self._bytes > MAX_PICTURES and len(self._pictures) > 1:
            oldest = next(iter(self._pictures))
            self._bytes -= len(self._pictures.pop(oldest).data)

    def picture(self, uuid: UUID, *, now: float) -> Picture | None:
        """Return a picture that is still kept and has not expired at `now`."""
        picture = self._pictures.get(uuid)
        if picture is None or (picture.expires_at is not None and picture.expires_at <= now):
            return None
        return picture

    def clear(self) -> None:
        self._tasks.clear()
        self._pictures.clear()
        self._bytes = 0
