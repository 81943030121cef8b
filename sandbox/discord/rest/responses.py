"""Responses in Discord's form."""

from typing import Any

from aiohttp import hdrs, web

from sandbox.discord.model.errors import DiscordError, ErrorKind
from sandbox.discord.model.json_encoding import dumps

API = "/api/v10"

_JSON = {hdrs.CONTENT_TYPE: "application/json"}
FOREIGN = ErrorKind(403, 0, "403: The sandbox answers to this machine only")


def respond_json(payload: Any, status: int = 200) -> web.Response:
    """Answer JSON; without a charset, as discord.py compares the whole content type."""
    body = dumps(payload).encode()
    return web.Response(body=body, status=status, headers=_JSON)


def respond_empty() -> web.Response:
    return web.Response(status=204)


def respond_error(kind: ErrorKind) -> web.Response:
    return respond_json(DiscordError(kind).to_json(), kind.status)
