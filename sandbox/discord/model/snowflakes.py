"""Discord's ids: 64 bits, the upper 42 of which are milliseconds since 2015."""

from sandbox.control.clock import Clock

EPOCH_MS = 1_420_070_400_000  # 2015-01-01T00:00:00Z, Discord's documentation, "Snowflakes"


class Snowflakes:
    """Make ids that carry the clock's time and always grow, even when the clock stands still."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0

    def make_id(self) -> int:
        floor = (int(self._clock.now() * 1000) - EPOCH_MS) << 22
        self._last = max(self._last + 1, floor)
        return self._last

    def continue_after(self, number: int) -> None:
        """Make only greater ids from now on."""
        self._last = max(self._last, number)

    def make_smallest_id(self, seconds: float) -> int:
        """Return the smallest id of that moment, for "not older than"; seconds since 1970."""
        return (int(seconds * 1000) - EPOCH_MS) << 22


def get_created_at(snowflake: int) -> float:
    """Return when an id was made, in seconds since 1970."""
    return ((snowflake >> 22) + EPOCH_MS) / 1000


def parse_snowflake(text: object) -> int | None:
    """Read an id from the wire (a string of digits, or an int as discord.py sends); else None."""
    if isinstance(text, bool):
        return None
    if isinstance(text, int):
        return text if 0 <= text < 1 << 64 else None
    if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) <= 20:
        return int(text)
    return None
