"""Middleware of all requests: loopback guard, limits, faults, authorisation, errors, journal."""

import logging
import time

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from sandbox.control.callers import is_foreign
from sandbox.control.journal import RequestEntry, RequestJournal
from sandbox.discord.model.errors import (
    BAD_REQUEST,
    INTERNAL,
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    TOO_LARGE,
    UNAUTHORIZED,
    DiscordError,
)
from sandbox.discord.model.faults import DiscordFaults, DiscordStage
from sandbox.discord.rest import fault_injection
from sandbox.discord.rest.rate_limits import RateLimits, respond_banned
from sandbox.discord.rest.responses import API, FOREIGN, respond_error, respond_json
from sandbox.discord.state.state import State

log = logging.getLogger(__name__)

_CALLBACK = f"{API}/interactions/"
_TOKEN_PATHS = (_CALLBACK, f"{API}/webhooks/")  # the token in the path authorises the request
_HTTP_KINDS = {404: NOT_FOUND, 405: METHOD_NOT_ALLOWED, 413: TOO_LARGE}
_MAJOR_PARAMETERS = (
    "channel",
    "guild",
    "token",
)  # documentation, "Rate Limits": the top-level resources


class RequestMiddleware:
    """Convert errors to Discord's form and record every REST request."""

    def __init__(self, state: State, journal: RequestJournal, *, faults: DiscordFaults) -> None:
        self.limits = RateLimits(state.clock.now, lambda: state.settings)
        self._state = state
        self._journal = journal
        self._faults = faults

    @property
    def middlewares(self) -> tuple[Middleware, ...]:
        return (self._build_middleware(),)

    def _build_middleware(self) -> Middleware:
        @web.middleware
        async def front(request: web.Request, handler: Handler) -> web.StreamResponse:
            if is_foreign(request):
                return respond_error(FOREIGN)
            path = request.path
            if path.startswith("/api/"):
                return await self._serve_rest(request, handler)
            if path.startswith("/cdn/"):
                return await self._serve_file(request, handler)
            if path.startswith(("/_control", "/_page")):
                return await self._serve_checked(request, handler)
            return await handler(request)

        return front

    async def _serve_rest(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        started, canonical = time.perf_counter(), _get_canonical_route(request)
        route = f"{request.method} {canonical.removeprefix(API)}"
        if (seconds := self.limits.get_ban_seconds()) > 0:
            response: web.StreamResponse = respond_banned(seconds)
        # Interaction callbacks have no rate limit bucket.
        elif request.path.startswith(_CALLBACK):
            response = await self._serve_with_faults(request, handler, route=route)
        else:
            response = await self._serve_limited(request, handler, route=route)
        self.limits.count_response(response.status, response.headers.get("X-RateLimit-Scope"))
        self._record_request(request, response.status, seconds=time.perf_counter() - started)
        return response

    async def _serve_limited(
        self, request: web.Request, handler: Handler, *, route: str
    ) -> web.StreamResponse:
        """Serve within the rate limits, with their headers unless the response is already sent."""
        matched = request.match_info
        place = next((matched[name] for name in _MAJOR_PARAMETERS if name in matched), "")
        by_token = request.path.startswith(_TOKEN_PATHS)
        refusal, headers = self.limits.take_request(route, place, by_token=by_token)
        if refusal is None:
            response = await self._serve_with_faults(request, handler, route=route)
        else:
            response = fault_injection.respond_rate_limited(refusal)
        if response.status != 429:
            if not response.prepared:
                response.headers.update(headers)
        # Without Via it is an address ban, which has no bucket headers.
        elif hdrs.VIA in response.headers:
            for name, value in headers.items():
                response.headers.setdefault(name, value)
        return response

    async def _serve_with_faults(
        self, request: web.Request, handler: Handler, *, route: str
    ) -> web.StreamResponse:
        if not self._faults.has_faults:
            return await self._serve_checked(request, handler)
        request_line = f"{request.method} {self._mask_token(request).removeprefix(API)}"
        fault = self._faults.take(DiscordStage.REST, route, request_line)
        if fault is None:
            return await self._serve_checked(request, handler)
        return await fault_injection.serve_faulty_request(
            fault, request, lambda: self._serve_checked(request, handler), clock=self._state.clock
        )

    async def _serve_file(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        fault = self._faults.take(DiscordStage.CDN, request.path.rsplit("/", 1)[-1])
        if fault is None:
            return await handler(request)
        return await fault_injection.serve_faulty_file(
            fault, request, lambda: handler(request), clock=self._state.clock
        )

    async def _serve_checked(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            self._authorise(request)
            return await handler(request)
        except DiscordError as error:
            return respond_json(error.to_json(), error.kind.status)
        except web.HTTPException as error:
            if error.status < 400:
                raise
            return respond_error(_HTTP_KINDS.get(error.status, BAD_REQUEST))
        except Exception:
            # A task root: after any error, the next request must still be served.
            log.exception("request failed", extra={"route": _get_canonical_route(request)})
            return respond_error(INTERNAL)

    def _authorise(self, request: web.Request) -> None:
        path = request.path
        by_token = path.startswith(_TOKEN_PATHS) and "token" in request.match_info
        if not path.startswith("/api/") or by_token:
            return
        if request.headers.get(hdrs.AUTHORIZATION) != f"Bot {self._state.world.token}":
            raise DiscordError(UNAUTHORIZED)

    def _record_request(self, request: web.Request, status: int, *, seconds: float) -> None:
        at, ms = self._state.clock.now(), round(seconds * 1000, 3)
        self._journal.record_request(
            RequestEntry(at, request.method, self._mask_token(request), status, ms)
        )

    def _mask_token(self, request: web.Request) -> str:
        """Return the path without an interaction's token, which is a credential."""
        token = request.match_info.get("token")
        return request.path.replace(token, "{token}") if token else request.path


def _get_canonical_route(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "unknown"
