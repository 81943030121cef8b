"""What was asked of the local Runware and what it billed: the evidence in every money test."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from bot.domain.money import MicroUsd


@dataclass(frozen=True, slots=True)
class AskedTask:
    """The kind and id of one element of a request; `task_uuid` as sent, at most 100 characters."""

    task_type: str
    task_uuid: str


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request; `at` is seconds since 1970, `ms` the time to answer it."""

    at: float
    method: str
    path: str
    status: int
    ms: float
    tasks: tuple[AskedTask, ...] = ()


@dataclass(frozen=True, slots=True)
class Bill:
    """One result that was paid for, and the name of the engine that made it."""

    at: float
    task_uuid: UUID
    image_uuid: UUID
    cost: MicroUsd
    engine: str = ""


class Journal:
    def __init__(self, limit: int = 10_000) -> None:
        """Keep the last `limit` requests, and every bill."""
        self._requests: deque[Request] = deque(maxlen=limit)
        self._bills: list[Bill] = []

    def note(self, request: Request) -> None:
        self._requests.append(request)

    def bill(self, bill: Bill) -> None:
        self._bills.append(bill)

    def clear(self) -> None:
        self._requests.clear()
        self._bills.clear()

    @property
    def requests(self) -> tuple[Request, ...]:
        return tuple(self._requests)

    @property
    def billed(self) -> tuple[Bill, ...]:
        return tuple(self._bills)

    def asked(self, task_type: str) -> tuple[str, ...]:
        """Return the task UUIDs that came with this task type, in order, repeats included."""
        return tuple(
            task.task_uuid
            for request in self._requests
            for task in request.tasks
            if task.task_type == task_type
        )

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON; costs are whole micro-dollars."""
        return {
            "requests": [asdict(request) for request in self._requests],
            "billed": [
                {
                    "at": bill.at,
                    "task_uuid": str(bill.task_uuid),
                    "image_uuid": str(bill.image_uuid),
                    "cost_micro_usd": bill.cost,
                    "engine": bill.engine,
                }
                for bill in self._bills
            ],
        }
