"""Responses in Discord's form, and the check that requests come from this machine."""

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
    """Answer JSON; without a charset, as discord.py compares the whole content type."""
    body = dumps(payload).encode()
    return web.Response(body=body, status=status, headers=_JSON)


def respond_empty() -> web.Response:
    return web.Response(status=204)


def respond_error(kind: ErrorKind) -> web.Response:
    return respond_json(DiscordError(kind).to_json(), kind.status)


def is_foreign(request: web.Request) -> bool:
    """Tell whether Host or Origin is foreign, so that no website can drive the sandbox."""
    # The page checks itself: it must also reject other local origins.
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
