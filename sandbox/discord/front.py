"""What every request passes: guard, limits, planned faults, authority, errors, journal."""

import logging
import time

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from sandbox.control.journal import Entry, Journal
from sandbox.discord import mishaps
from sandbox.discord.api import API, FOREIGN, answer, is_foreign, refuse
from sandbox.discord.errors import (
    BAD_REQUEST,
    INTERNAL,
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    TOO_LARGE,
    UNAUTHORIZED,
    DiscordError,
)
from sandbox.discord.faults import Faults, Stage
from sandbox.discord.rate_limits import RateLimits, banned
from sandbox.discord.state import State

log = logging.getLogger(__name__)

_CALLBACK = f"{API}/interactions/"
_BY_TOKEN = (_CALLBACK, f"{API}/webhooks/")  # the token in the address is the authority
_HTTP_KINDS = {404: NOT_FOUND, 405: METHOD_NOT_ALLOWED, 413: TOO_LARGE}
_PLACES = ("channel", "guild", "token")  # documentation, "Rate Limits": the top-level resources


class Front:
    """Turn refusals into Discord's shape and write down every REST request."""

    def __init__(self, state: State, journal: Journal, *, faults: Faults) -> None:
        self.limits = RateLimits(state.clock.now, lambda: state.settings)
        self._state = state
        self._journal = journal
        self._faults = faults

    @property
    def middlewares(self) -> tuple[Middleware, ...]:
        return (self._middleware(),)

    def _middleware(self) -> Middleware:
        @web.middleware
        async def front(request: web.Request, handler: Handler) -> web.StreamResponse:
            if is_foreign(request):
                return refuse(FOREIGN)
            path = request.path
            if path.startswith("/api/"):
                return await self._rest(request, handler)
            if path.startswith("/cdn/"):
                return await self._file(request, handler)
            if path.startswith(("/_control", "/_page")):
                return await self._answer(request, handler)
            return await handler(request)

        return front

    async def _rest(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        started, canonical = time.perf_counter(), _canonical(request)
        route = f"{request.method} {canonical.removeprefix(API)}"
        if (seconds := self.limits.ban()) > 0:
            response: web.StreamResponse = banned(seconds)
        elif request.path.startswith(_CALLBACK):
            response = await self._served(request, handler, route=route)
        else:
            response = await self._limited(request, handler, route=route)
        self.limits.count(response.status, response.headers.get("X-RateLimit-Scope"))
        self._note(request, response.status, seconds=time.perf_counter() - started)
        return response

    async def _limited(
        self, request: web.Request, handler: Handler, *, route: str
    ) -> web.StreamResponse:
        """Serve within the limits; a response whose head is out already is left as it is."""
        matched = request.match_info
        place = next((matched[name] for name in _PLACES if name in matched), "")
        by_token = request.path.startswith(_BY_TOKEN)
        refusal, headers = self.limits.take(route, place, by_token=by_token)
        if refusal is None:
            response = await self._served(request, handler, route=route)
        else:
            response = mishaps.limited(refusal)
        if response.status != 429:
            if not response.prepared:
                response.headers.update(headers)
        elif hdrs.VIA in response.headers:
            for name, value in headers.items():
                response.headers.setdefault(name, value)
        return response

    async def _served(
        self, request: web.Request, handler: Handler, *, route: str
    ) -> web.StreamResponse:
        if not self._faults.planned_any:
            return await self._answer(request, handler)
        asked = f"{request.method} {self._shown(request).removeprefix(API)}"
        fault = self._faults.take(Stage.REST, route, asked)
        if fault is None:
            return await self._answer(request, handler)
        return await mishaps.spoil_request(
            fault, request, lambda: self._answer(request, handler), clock=self._state.clock
        )

    async def _file(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        fault = self._faults.take(Stage.CDN, request.path.rsplit("/", 1)[-1])
        if fault is None:
            return await handler(request)
        return await mishaps.spoil_file(
            fault, request, lambda: handler(request), clock=self._state.clock
        )

    async def _answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            self._authorise(request)
            return await handler(request)
        except DiscordError as error:
            return answer(error.to_json(), error.kind.status)
        except web.HTTPException as error:
            if error.status < 400:
                raise
            return refuse(_HTTP_KINDS.get(error.status, BAD_REQUEST))
        except Exception:
            # A task root: whatever a request provokes, the next one must still be served.
            log.exception("request failed", extra={"route": _canonical(request)})
            return refuse(INTERNAL)

    def _authorise(self, request: web.Request) -> None:
        path = request.path
        by_token = path.startswith(_BY_TOKEN) and "token" in request.match_info
        if not path.startswith("/api/") or by_token:
            return
        if request.headers.get(hdrs.AUTHORIZATION) != f"Bot {self._state.world.token}":
            raise DiscordError(UNAUTHORIZED)

    def _note(self, request: web.Request, status: int, *, seconds: float) -> None:
        at, ms = self._state.clock.now(), round(seconds * 1000, 3)
        self._journal.note(Entry(at, request.method, self._shown(request), status, ms))

    def _shown(self, request: web.Request) -> str:
        """Return the path without an interaction's token, which is a credential."""
        token = request.match_info.get("token")
        return request.path.replace(token, "{token}") if token else request.path


def _canonical(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "unknown"
