"""Discord's rate limits: a bucket per route and resource, a global limit, and address bans.

Documentation, "Rate Limits": a window starts with its first request; the global limit does not
apply to interaction endpoints, and the callback route has no bucket.
"""

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from aiohttp import hdrs, web

from sandbox.discord.model.limits import DiscordLimits
from sandbox.discord.model.records import Json

BAN_WINDOW_S: Final = 600.0
VIA: Final = "1.1 google"  # Discord's proxy; without this header, clients take a 429 for a ban
_INVALID_STATUSES: Final = frozenset({401, 403, 429})
_MAX_BUCKETS: Final = 5000  # above this, expired buckets are dropped


@dataclass(frozen=True, slots=True)
class RateLimited:
    """A 429 answer: seconds to wait, and the limit's scope (`user`, `global` or `shared`)."""

    retry_after: float
    scope: str = "user"

    def to_json(self) -> Json:
        resource = self.scope == "shared"
        message = f"{'The resource is' if resource else 'You are'} being rate limited."
        seconds = round(self.retry_after, 3)
        return {"message": message, "retry_after": seconds, "global": self.scope == "global"}

    def build_headers(self) -> dict[str, str]:
        headers = {
            "Retry-After": str(math.ceil(self.retry_after)),
            "X-RateLimit-Scope": self.scope,
            "X-RateLimit-Remaining": "0",
            "X-RateLimit-Reset-After": f"{self.retry_after:.3f}",
            hdrs.VIA: VIA,
        }
        return headers | ({"X-RateLimit-Global": "true"} if self.scope == "global" else {})


def respond_banned(seconds: float) -> web.Response:
    """Answer an address with too many invalid requests: without JSON and `Via`."""
    headers = {"Retry-After": str(math.ceil(seconds))}
    return web.Response(status=429, text="error code: 1015", headers=headers)


class _Window:
    __slots__ = ("since", "used")

    def __init__(self) -> None:
        self.since = -math.inf
        self.used = 0

    def take(self, now: float, limit: int, *, seconds: float) -> float:
        """Count one request; return 0, or the seconds to wait if none is left."""
        if now - self.since >= seconds:
            self.since, self.used = now, 0
        if self.used >= limit:
            return max(self.since + seconds - now, 0.001)
        self.used += 1
        return 0.0


class RateLimits:
    """Enforce the configured limits; `now` returns seconds since 1970."""

    def __init__(self, now: Callable[[], float], settings: Callable[[], DiscordLimits]) -> None:
        self._now = now
        self._settings = settings
        self._buckets: dict[tuple[str, str], _Window] = {}
        self._names: dict[str, str] = {}
        self.clear()

    def clear(self) -> None:
        self._buckets.clear()
        self._global, self._invalid = _Window(), _Window()

    def get_ban_seconds(self) -> float:
        """Return the seconds until the address ban ends, or 0 without a ban."""
        left = self._invalid.since + BAN_WINDOW_S - self._now()
        return left if left > 0 and self._invalid.used >= self._settings().invalid_requests else 0.0

    def take_request(
        self, route: str, place: str, *, by_token: bool
    ) -> tuple[RateLimited | None, dict[str, str]]:
        """Count a request against its bucket and the global limit.

        Return the refusal, if any, and the headers that describe the bucket.
        """
        settings, now = self._settings(), self._now()
        window = self._get_bucket(route, place, now=now)
        refusal = None
        if not by_token:
            wait = self._global.take(now, settings.global_requests, seconds=1.0)
            refusal = RateLimited(wait, "global") if wait else None
        # A request over the global limit does not use up its bucket.
        if refusal is None:
            wait = window.take(now, settings.route_requests, seconds=settings.route_seconds)
            refusal = RateLimited(wait) if wait else None
        return refusal, self._build_headers(route, window, now=now, settings=settings)

    def count_response(self, status: int, scope: str | None) -> None:
        """Count an invalid response towards a ban; 429s with shared scope do not count."""
        if status in _INVALID_STATUSES and scope != "shared":
            self._invalid.take(self._now(), 1 << 30, seconds=BAN_WINDOW_S)

    def _build_headers(
        self, route: str, window: _Window, *, now: float, settings: DiscordLimits
    ) -> dict[str, str]:
        reset = max(window.since + settings.route_seconds, now)
        return {
            "X-RateLimit-Limit": str(settings.route_requests),
            "X-RateLimit-Remaining": str(max(0, settings.route_requests - window.used)),
            "X-RateLimit-Reset": f"{reset:.3f}",
            "X-RateLimit-Reset-After": f"{reset - now:.3f}",
            "X-RateLimit-Bucket": self._get_bucket_name(route),
            hdrs.VIA: VIA,
        }

    def _get_bucket(self, route: str, place: str, *, now: float) -> _Window:
        window = self._buckets.get((route, place))
        if window is None:
            if len(self._buckets) > _MAX_BUCKETS:
                oldest = now - self._settings().route_seconds
                fresh = {key: each for key, each in self._buckets.items() if each.since > oldest}
                self._buckets = fresh
            window = self._buckets[route, place] = _Window()
        return window

    def _get_bucket_name(self, route: str) -> str:
        name = self._names.get(route)
        if name is None:
            name = self._names[route] = hashlib.sha256(route.encode()).hexdigest()[:32]
        return name
