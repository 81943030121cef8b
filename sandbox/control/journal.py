"""What was asked of a local service and which planned faults struck, in the order it came."""

from collections import deque
from typing import Any, NamedTuple


class Entry(NamedTuple):
    """One request; `at` is seconds since 1970, `ms` the time to answer it."""

    at: float
    method: str
    path: str
    status: int
    ms: float


class Strike(NamedTuple):
    """One fault that struck; `subject` is the route, event or file that it struck."""

    at: float
    kind: str
    subject: str
    value: Any


class Journal:
    def __init__(self, limit: int = 10_000) -> None:
        """Keep the last `limit` requests, so that a long run does not grow without end."""
        self._entries: deque[Entry] = deque(maxlen=limit)
        self._strikes: deque[Strike] = deque(maxlen=limit)

    def note(self, entry: Entry) -> None:
        self._entries.append(entry)

    def strike(self, strike: Strike) -> None:
        self._strikes.append(strike)

    def clear(self) -> None:
        self._entries.clear()
        self._strikes.clear()

    @property
    def entries(self) -> tuple[Entry, ...]:
        return tuple(self._entries)

    @property
    def strikes(self) -> tuple[Strike, ...]:
        return tuple(self._strikes)

    def to_json(self) -> dict[str, Any]:
        return {
            "entries": [entry._asdict() for entry in self._entries],
            "faults": [strike._asdict() for strike in self._strikes],
        }
