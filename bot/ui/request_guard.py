"""A circuit breaker for requests to Discord, which bans an IP address for invalid ones."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from types import SimpleNamespace
from typing import Final

import aiohttp
import structlog

log = structlog.get_logger(__name__)

_REFUSED_STATUSES: Final = frozenset({401, 403, 429})
_MAX_REFUSED: Final = 1000
_WINDOW_SECONDS: Final = 600.0
"""Discord bans an IP at 10,000 invalid requests in 10 minutes; this stops at a tenth."""
_OWN_TOKEN_ROUTES: Final = ("/webhooks/", "/interactions/")
"""Routes with a token of their own: a 401 there says nothing about the bot's token."""


class RequestsStopped(aiohttp.ClientError):
    """A request that was not sent: Discord refused too many before, or the token."""


class RequestGuard:
    """Block requests after too many refused ones, and for good once the token is refused."""

    def __init__(self, monotonic: Callable[[], float], max_refused: int = _MAX_REFUSED) -> None:
        self._now = monotonic
        self._most = max_refused
        self._refused: deque[float] = deque()
        self._token_refused = False

    def build_trace_config(self) -> aiohttp.TraceConfig:
        """Build the trace hooks that check each request and record its response."""
        trace = aiohttp.TraceConfig()
        trace.on_request_start.append(self._check_request)
        trace.on_request_end.append(self._record_response)
        return trace

    async def _check_request(
        self,
        _session: aiohttp.ClientSession,
        _: SimpleNamespace,
        about: aiohttp.TraceRequestStartParams,
    ) -> None:
        if self._token_refused:
            raise RequestsStopped("Discord has refused the token")
        while self._refused and self._refused[0] <= self._now() - _WINDOW_SECONDS:
            self._refused.popleft()
        if len(self._refused) >= self._most:
            raise RequestsStopped(f"{about.method} not sent: too many requests were refused")

    async def _record_response(
        self,
        _session: aiohttp.ClientSession,
        _: SimpleNamespace,
        about: aiohttp.TraceRequestEndParams,
    ) -> None:
        status = about.response.status
        # a 429 of a shared resource is not this bot's fault: Discord does not count it
        is_shared = about.response.headers.get("X-RateLimit-Scope") == "shared"
        if status not in _REFUSED_STATUSES or is_shared:
            return
        self._refused.append(self._now())
        # equal, not more, so that it is logged once
        if len(self._refused) == self._most:
            log.error("Discord refuses too much: nothing is sent for a while", refused=self._most)
        if status == 401 and not any(part in about.url.path for part in _OWN_TOKEN_ROUTES):
            log.error("Discord refuses the token: nothing is sent any more")
            self._token_refused = True
