"""The requests that a local service received and the faults it applied, in order."""

from collections import deque
from typing import Any, NamedTuple


class RequestEntry(NamedTuple):
    """One request; `at` is seconds since 1970, `ms` the time until it was answered."""

    at: float
    method: str
    path: str
    status: int
    ms: float


class FaultEntry(NamedTuple):
    """One applied fault; `subject` is the route, event or file."""

    at: float
    kind: str
    subject: str
    value: Any


class RequestJournal:
    def __init__(self, limit: int = 10_000) -> None:
        """Keep the last `limit` requests, so that memory is bounded in long runs."""
        self._entries: deque[RequestEntry] = deque(maxlen=limit)
        self._fault_entries: deque[FaultEntry] = deque(maxlen=limit)

    def record_request(self, entry: RequestEntry) -> None:
        self._entries.append(entry)

    def record_fault(self, entry: FaultEntry) -> None:
        self._fault_entries.append(entry)

    def clear(self) -> None:
        self._entries.clear()
        self._fault_entries.clear()

    @property
    def entries(self) -> tuple[RequestEntry, ...]:
        return tuple(self._entries)

    @property
    def fault_entries(self) -> tuple[FaultEntry, ...]:
        return tuple(self._fault_entries)

    def to_json(self) -> dict[str, Any]:
        return {
            "entries": [entry._asdict() for entry in self._entries],
            "faults": [strike._asdict() for strike in self._fault_entries],
        }
