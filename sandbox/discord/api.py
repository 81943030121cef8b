"""What every request to the local Discord passes: guard, authority, errors, limits, journal."""

import hashlib
import json
import logging
import time
from typing import Any
from urllib.parse import urlsplit

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from sandbox.control.journal import Entry, Journal
from sandbox.discord.errors import (
    BAD_REQUEST,
    INTERNAL,
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    TOO_LARGE,
    UNAUTHORIZED,
    DiscordError,
    ErrorKind,
)
from sandbox.discord.state import State

API = "/api/v10"
log = logging.getLogger(__name__)

_JSON = {hdrs.CONTENT_TYPE: "application/json"}
FOREIGN = ErrorKind(403, 0, "403: The sandbox answers to this machine only")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_CALLBACK = f"{API}/interactions/"
_BY_TOKEN = (_CALLBACK, f"{API}/webhooks/")  # the token in the address is the authority
_HTTP_KINDS = {404: NOT_FOUND, 405: METHOD_NOT_ALLOWED, 413: TOO_LARGE}
_ANNOUNCED_LIMIT = 1000  # announced so that clients see the headers; nothing is held to it


def answer(payload: Any, status: int = 200) -> web.Response:
    """Answer JSON; the type has no charset, as discord.py compares it as a whole."""
    body = json.dumps(payload, separators=(",", ":")).encode()
    return web.Response(body=body, status=status, headers=_JSON)


def nothing() -> web.Response:
    return web.Response(status=204)


def refuse(kind: ErrorKind) -> web.Response:
    return answer(DiscordError(kind).to_json(), kind.status)


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse a foreign Host or Origin, so that no web page elsewhere can drive the sandbox."""
    origin = request.headers.get(hdrs.ORIGIN)
    hosts = [f"//{request.host}"] + ([origin] if origin is not None else [])
    # The page looks after itself: it must also tell its own origin from another local one.
    guarded = request.path.startswith(("/api/", "/_control", "/cdn/", "/gateway"))
    if guarded and not all(_is_loopback(host) for host in hosts):
        return refuse(FOREIGN)
    return await handler(request)


def _is_loopback(address: str) -> bool:
    try:
        return urlsplit(address).hostname in _LOOPBACK
    except ValueError:
        return False


class Front:
    """Turn refusals into Discord's shape and write down every REST request."""

    def __init__(self, state: State, journal: Journal) -> None:
        self._state = state
        self._journal = journal
        self._buckets: dict[str, str] = {}

    @property
    def middlewares(self) -> tuple[Middleware, ...]:
        return guard, self._middleware()

    def _middleware(self) -> Middleware:
        @web.middleware
        async def front(request: web.Request, handler: Handler) -> web.StreamResponse:
            if not request.path.startswith(("/api/", "/_control", "/_page")):
                return await handler(request)
            started = time.perf_counter()
            response = await self._answer(request, handler)
            if request.path.startswith("/api/"):
                if not request.path.startswith(_CALLBACK):
                    self._announce(request, response)
                self._note(request, response.status, seconds=time.perf_counter() - started)
            return response

        return front

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

    def _announce(self, request: web.Request, response: web.StreamResponse) -> None:
        route = f"{request.method} {_canonical(request)}"
        bucket = self._buckets.get(route)
        if bucket is None:
            bucket = self._buckets[route] = hashlib.sha256(route.encode()).hexdigest()[:32]
        headers = response.headers
        headers["X-RateLimit-Limit"] = str(_ANNOUNCED_LIMIT)
        headers["X-RateLimit-Remaining"] = str(_ANNOUNCED_LIMIT - 1)
        headers["X-RateLimit-Reset"] = f"{self._state.clock.now() + 1:.3f}"
        headers["X-RateLimit-Reset-After"] = "1.000"
        headers["X-RateLimit-Bucket"] = bucket

    def _note(self, request: web.Request, status: int, *, seconds: float) -> None:
        token = request.match_info.get("token")
        path = request.path.replace(token, "{token}") if token else request.path
        at, ms = self._state.clock.now(), round(seconds * 1000, 3)
        self._journal.note(Entry(at, request.method, path, status, ms))


def _canonical(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "unknown"
