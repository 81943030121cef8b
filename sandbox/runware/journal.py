"""Requests to the local Runware and its bills: the evidence in every money test."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from bot.domain.model import DEFAULT_MODEL

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from bot.domain.money import MicroUsd
    from sandbox.runware.faults import RunwareFault


@dataclass(frozen=True, slots=True)
class RequestedTask:
    """Type and UUID of one request element; `task_uuid` as sent, at most 100 characters."""

    task_type: str
    task_uuid: str


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """One HTTP request or WebSocket message (method `WS`); `at` is seconds since 1970.

    `ms` is the time until it was answered.
    """

    at: float
    method: str
    path: str
    status: int
    ms: float
    tasks: tuple[RequestedTask, ...] = ()


@dataclass(frozen=True, slots=True)
class Bill:
    """One billed result, and the engine that made it; a moderated one has no picture."""

    at: float
    task_uuid: UUID
    image_uuid: UUID
    cost: MicroUsd
    engine: str = ""
    moderated: bool = False
    model: str = DEFAULT_MODEL.identifier


@dataclass(frozen=True, slots=True)
class FaultRecord:
    """A planned fault that was applied."""

    at: float
    kind: str
    stage: str
    tasks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DeliveryRecord:
    """One attempt to deliver a result; `status` is 0 without an answer, `path` has no query."""

    at: float
    method: str
    path: str
    task_uuid: str
    attempt: int
    status: int


class RunwareJournal:
    def __init__(self, limit: int = 10_000) -> None:
        """Keep the last `limit` requests, tasks, faults and deliveries, and every bill."""
        self._requests: deque[RequestRecord] = deque(maxlen=limit)
        self._requested_tasks: deque[RequestedTask] = deque(maxlen=limit)
        self._faults: deque[FaultRecord] = deque(maxlen=limit)
        self._deliveries: deque[DeliveryRecord] = deque(maxlen=limit)
        self._bills: list[Bill] = []

    def record_tasks(self, tasks: Iterable[RequestedTask]) -> None:
        """Record received tasks before the answer, as some answers never end."""
        self._requested_tasks.extend(tasks)

    def record_request(self, request: RequestRecord) -> None:
        """Record an answered request."""
        self._requests.append(request)

    def record_bill(self, bill: Bill) -> None:
        self._bills.append(bill)

    def record_fault(self, fault: RunwareFault, tasks: Collection[UUID], at: float) -> None:
        task_uuids = tuple(str(task) for task in tasks)
        self._faults.append(FaultRecord(at, fault.kind, fault.stage, task_uuids))

    def record_delivery(self, delivery: DeliveryRecord) -> None:
        self._deliveries.append(delivery)

    def clear(self) -> None:
        self._requests.clear()
        self._requested_tasks.clear()
        self._faults.clear()
        self._deliveries.clear()
        self._bills.clear()

    @property
    def requests(self) -> tuple[RequestRecord, ...]:
        return tuple(self._requests)

    @property
    def bills(self) -> tuple[Bill, ...]:
        return tuple(self._bills)

    @property
    def faults(self) -> tuple[FaultRecord, ...]:
        return tuple(self._faults)

    @property
    def deliveries(self) -> tuple[DeliveryRecord, ...]:
        return tuple(self._deliveries)

    def list_task_uuids(self, task_type: str) -> tuple[str, ...]:
        """Return the task UUIDs received with this task type, in order, repetitions included."""
        return tuple(
            task.task_uuid for task in self._requested_tasks if task.task_type == task_type
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
                    "moderated": bill.moderated,
                    "engine": bill.engine,
                }
                for bill in self._bills
            ],
            "faults": [asdict(fault) for fault in self._faults],
            "calls": [asdict(call) for call in self._deliveries],
        }
