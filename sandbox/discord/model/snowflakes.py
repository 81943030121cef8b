"""Discord's ids: 64 bits; the upper 42 are milliseconds since 2015."""

from sandbox.control.clock import SandboxClock

EPOCH_MS = 1_420_070_400_000  # 2015-01-01T00:00:00Z, Discord's documentation, "Snowflakes"


class Snowflakes:
    """Make ids that carry the clock's time and always increase, even if the clock does not."""

    def __init__(self, clock: SandboxClock) -> None:
        self._clock = clock
        self._last = 0

    def make_id(self) -> int:
        # Several ids within a millisecond count up; a clock set back never repeats one.
        floor = (int(self._clock.now() * 1000) - EPOCH_MS) << 22
        self._last = max(self._last + 1, floor)
        return self._last

    def continue_after(self, number: int) -> None:
        """Make only ids above this number from now on."""
        self._last = max(self._last, number)

    def make_smallest_id(self, seconds: float) -> int:
        """Return the smallest id of a time in seconds since 1970, for filters by age."""
        return (int(seconds * 1000) - EPOCH_MS) << 22


def get_created_at(snowflake: int) -> float:
    """Return an id's creation time in seconds since 1970."""
    return ((snowflake >> 22) + EPOCH_MS) / 1000


def parse_snowflake(text: object) -> int | None:
    """Parse an id from JSON (digits, or an int as discord.py sends); None if invalid."""
    if isinstance(text, bool):
        return None
    if isinstance(text, int):
        return text if 0 <= text < 1 << 64 else None
    if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) <= 20:
        return int(text)
    return None
