"""What was asked of the local Runware and what it billed: the evidence in every money test."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from bot.domain.money import MicroUsd
    from sandbox.runware.faults import Fault


@dataclass(frozen=True, slots=True)
class AskedTask:
    """The kind and id of one element of a request; `task_uuid` as sent, at most 100 characters."""

    task_type: str
    task_uuid: str


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request or WebSocket message (method `WS`); `at` is seconds since 1970.

    `ms` is the time to answer it.
    """

    at: float
    method: str
    path: str
    status: int
    ms: float
    tasks: tuple[AskedTask, ...] = ()


@dataclass(frozen=True, slots=True)
class Bill:
    """One result that was paid for, and the engine that made it; a moderated one has no picture."""

    at: float
    task_uuid: UUID
    image_uuid: UUID
    cost: MicroUsd
    engine: str = ""
    moderated: bool = False


@dataclass(frozen=True, slots=True)
class Struck:
    """A planned fault that has happened."""

    at: float
    kind: str
    stage: str
    tasks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """One try to deliver a result; `status` is 0 where no answer came, `path` has no query."""

    at: float
    method: str
    path: str
    task_uuid: str
    attempt: int
    status: int


class Journal:
    def __init__(self, limit: int = 10_000) -> None:
        """Keep the last `limit` requests, tasks asked, faults and calls, and every bill."""
        self._requests: deque[Request] = deque(maxlen=limit)
        self._asked: deque[AskedTask] = deque(maxlen=limit)
        self._struck: deque[Struck] = deque(maxlen=limit)
        self._calls: deque[Call] = deque(maxlen=limit)
        self._bills: list[Bill] = []

    def ask(self, tasks: Iterable[AskedTask]) -> None:
        """Write down what has come, before it is answered: some answers never end."""
        self._asked.extend(tasks)

    def note(self, request: Request) -> None:
        """Write down a request that has been answered."""
        self._requests.append(request)

    def bill(self, bill: Bill) -> None:
        self._bills.append(bill)

    def strike(self, fault: Fault, tasks: Collection[UUID], at: float) -> None:
        named = tuple(str(task) for task in tasks)
        self._struck.append(Struck(at, fault.kind, fault.stage, named))

    def call(self, call: Call) -> None:
        self._calls.append(call)

    def clear(self) -> None:
        self._requests.clear()
        self._asked.clear()
        self._struck.clear()
        self._calls.clear()
        self._bills.clear()

    @property
    def requests(self) -> tuple[Request, ...]:
        return tuple(self._requests)

    @property
    def billed(self) -> tuple[Bill, ...]:
        return tuple(self._bills)

    @property
    def struck(self) -> tuple[Struck, ...]:
        return tuple(self._struck)

    @property
    def calls(self) -> tuple[Call, ...]:
        return tuple(self._calls)

    def asked(self, task_type: str) -> tuple[str, ...]:
        """Return the task UUIDs that came with this task type, in order, repeats included."""
        return tuple(task.task_uuid for task in self._asked if task.task_type == task_type)

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
                    "moderated": bill.moderated,
                    "engine": bill.engine,
                }
                for bill in self._bills
            ],
            "faults": [asdict(struck) for struck in self._struck],
            "calls": [asdict(call) for call in self._calls],
        }
