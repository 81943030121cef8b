"""What was asked of a local service, in the order it came."""

from collections import deque
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Entry:
    """One request; `at` is seconds since 1970, `ms` the time to answer it."""

    at: float
    method: str
    path: str
    status: int
    ms: float


class Journal:
    def __init__(self, limit: int = 10_000) -> None:
        """Keep the last `limit` requests, so that a long run does not grow without end."""
        self._entries: deque[Entry] = deque(maxlen=limit)

    def note(self, entry: Entry) -> None:
        self._entries.append(entry)

    def clear(self) -> None:
        self._entries.clear()

    @property
    def entries(self) -> tuple[Entry, ...]:
        return tuple(self._entries)

    def to_json(self) -> dict[str, Any]:
        return {"entries": [asdict(entry) for entry in self._entries]}
