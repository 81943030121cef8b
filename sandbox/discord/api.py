"""Answers in Discord's form, and the guard that lets only this machine in."""

import json
from typing import Any
from urllib.parse import urlsplit

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from sandbox.discord.errors import DiscordError, ErrorKind

API = "/api/v10"

_JSON = {hdrs.CONTENT_TYPE: "application/json"}
FOREIGN = ErrorKind(403, 0, "403: The sandbox answers to this machine only")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


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
