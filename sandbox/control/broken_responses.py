"""Responses that fail while they are sent: truncated, slow, reset, never answered."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from typing import Final

from aiohttp import web

_POLL_INTERVAL_S: Final = 0.05
"""Seconds between checks whether the client of an unanswered request has disconnected."""
_MAX_SILENCE_S: Final = 600.0
_LINGER_ZERO: Final = struct.pack("ii", 1, 0)


def reset_connection(request: web.Request) -> web.Response:
    """Reset the client's connection; the returned response reaches nobody."""
    if request.transport is not None:
        # With a linger time of zero, closing sends a TCP reset instead of a normal end.
        raw = request.transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
        request.transport.abort()
    return web.Response(status=500)


async def send_truncated(
    request: web.Request, full_response: web.Response, *, after: int
) -> web.StreamResponse:
    """Announce the whole body, send only its first `after` bytes, and close the connection."""
    body = _get_body_bytes(full_response)
    response = await _start_response(request, full_response, len(body))
    if after < len(body):
        with contextlib.suppress(ConnectionError):
            await response.write(body[:after])
        if request.transport is not None:
            request.transport.close()
        return response
    await response.write(body)
    return response


async def send_slowly(
    request: web.Request, full_response: web.Response, *, seconds: float
) -> web.StreamResponse:
    """Send one byte every `seconds`, until the client disconnects."""
    body = _get_body_bytes(full_response)
    response = await _start_response(request, full_response, len(body))
    with contextlib.suppress(ConnectionError):
        for place in range(len(body)):
            await response.write(body[place : place + 1])
            await asyncio.sleep(seconds)
            if _is_gone(request):
                break
    return response


async def leave_unanswered(request: web.Request) -> web.Response:
    """Never answer; return when the client disconnects."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_MAX_SILENCE_S):
            while not _is_gone(request):  # noqa: ASYNC110 - a transport tells nobody that it closed
                await asyncio.sleep(_POLL_INTERVAL_S)
    return web.Response(status=500)


def _is_gone(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()


async def _start_response(
    request: web.Request, full_response: web.Response, length: int
) -> web.StreamResponse:
    response = web.StreamResponse(status=full_response.status)
    response.content_type = full_response.content_type
    response.content_length = length
    await response.prepare(request)
    return response


def _get_body_bytes(full_response: web.Response) -> bytes:
    return full_response.body if isinstance(full_response.body, bytes) else b""
