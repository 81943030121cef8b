"""Answers that go wrong on the wire: cut off, dripping, reset, never sent."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from typing import Final

from aiohttp import web

_LOOK: Final = 0.05
"""Seconds between two looks whether the caller of a silent answer is still there."""
_LONGEST: Final = 600.0
_RESET_AT_ONCE: Final = struct.pack("ii", 1, 0)


def reset(request: web.Request) -> web.Response:
    """Reset the caller's connection; what is returned reaches nobody."""
    if request.transport is not None:
        raw = request.transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_AT_ONCE)
        request.transport.abort()
    return web.Response(status=500)


async def cut_short(request: web.Request, whole: web.Response, *, after: int) -> web.StreamResponse:
    """Announce the whole body, send its first `after` bytes, and close the connection."""
    body = _body(whole)
    response = await _begun(request, whole, len(body))
    if after < len(body):
        with contextlib.suppress(ConnectionError):
            await response.write(body[:after])
        if request.transport is not None:
            request.transport.close()
        return response
    await response.write(body)
    return response


async def dripping(
    request: web.Request, whole: web.Response, *, seconds: float
) -> web.StreamResponse:
    """Send the body one byte every `seconds`, until the caller has had enough."""
    body = _body(whole)
    response = await _begun(request, whole, len(body))
    with contextlib.suppress(ConnectionError):
        for place in range(len(body)):
            await response.write(body[place : place + 1])
            await asyncio.sleep(seconds)
            if _is_gone(request):
                break
    return response


async def silent(request: web.Request) -> web.Response:
    """Say nothing until the caller goes away."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_LONGEST):
            while not _is_gone(request):  # noqa: ASYNC110 - a transport tells nobody that it closed
                await asyncio.sleep(_LOOK)
    return web.Response(status=500)


def _is_gone(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()


async def _begun(request: web.Request, whole: web.Response, length: int) -> web.StreamResponse:
    response = web.StreamResponse(status=whole.status)
    response.content_type = whole.content_type
    response.content_length = length
    await response.prepare(request)
    return response


def _body(whole: web.Response) -> bytes:
    return whole.body if isinstance(whole.body, bytes) else b""
