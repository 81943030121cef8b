"""Rate limits of the gateway: identifies and sent frames."""

from collections import deque
from collections.abc import Callable

from sandbox.discord.model.limits import DiscordLimits

DAY_S = 86_400.0
MINUTE_S = 60.0


class IdentifyLimit:
    """Count the session starts of the last day, and space those with the same concurrency key."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._starts: deque[float] = deque()
        self._latest: dict[int, float] = {}

    def admit(self, shard: int, settings: DiscordLimits) -> bool:
        """Tell whether a shard may identify now, and count it if so."""
        now, key = self._now(), shard % settings.max_concurrency
        latest = self._latest.get(key)
        early = latest is not None and now - latest < settings.identify_seconds
        if early or not self.count_remaining(settings):
            return False
        self._latest[key] = now
        self._starts.append(now)
        return True

    def count_remaining(self, settings: DiscordLimits) -> int:
        """Return how many session starts are left today."""
        while self._starts and self._now() - self._starts[0] >= DAY_S:
            self._starts.popleft()
        return max(0, settings.identifies - len(self._starts))

    def get_reset_after_ms(self) -> int:
        """Return the milliseconds until the day's oldest start no longer counts."""
        if not self._starts:
            return 0
        return max(0, round((self._starts[0] + DAY_S - self._now()) * 1000))


class SendLimit:
    """Count the frames received on one socket in the current minute."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._since = now()
        self._count = 0

    def admit(self, per_minute: int) -> bool:
        """Count a frame; return False when it is over the limit."""
        now = self._now()
        if now - self._since >= MINUTE_S:
            self._since, self._count = now, 0
        self._count += 1
        return self._count <= per_minute
