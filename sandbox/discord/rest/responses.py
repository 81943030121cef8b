"""Answers in Discord's form, and the guard that lets only this machine in."""

from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from aiohttp import hdrs, web

from sandbox.discord.model.errors import DiscordError, ErrorKind
from sandbox.discord.model.json_encoding import dumps

API = "/api/v10"

_JSON = {hdrs.CONTENT_TYPE: "application/json"}
FOREIGN = ErrorKind(403, 0, "403: The sandbox answers to this machine only")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def respond_json(payload: Any, status: int = 200) -> web.Response:
    """Answer JSON; the type has no charset, as discord.py compares it as a whole."""
    body = dumps(payload).encode()
    return web.Response(body=body, status=status, headers=_JSON)


def respond_empty() -> web.Response:
    return web.Response(status=204)


def respond_error(kind: ErrorKind) -> web.Response:
    return respond_json(DiscordError(kind).to_json(), kind.status)


def is_foreign(request: web.Request) -> bool:
    """Tell of a foreign Host or Origin, so that no web page elsewhere can drive the sandbox."""
    # The page looks after itself: it must also tell its own origin from another local one.
    if not request.path.startswith(("/api/", "/_control", "/cdn/", "/gateway")):
        return False
    origin = request.headers.get(hdrs.ORIGIN)
    if origin is not None and not _is_loopback(origin):
        return True
    return not _is_loopback(f"//{request.host}")


@lru_cache(maxsize=256)
def _is_loopback(address: str) -> bool:
    try:
        return urlsplit(address).hostname in _LOOPBACK
    except ValueError:
        return False
