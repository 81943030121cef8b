"""Planned faults of requests and of files, carried out."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from sandbox.control.clock import Clock, pause
from sandbox.control.connections import cut_short, dripping, reset, silent
from sandbox.discord.api import answer
from sandbox.discord.cdn_links import EXPIRED
from sandbox.discord.errors import DiscordError, kind_of
from sandbox.discord.faults import Fault
from sandbox.discord.rate_limits import Limited, banned

Serve = Callable[[], Awaitable[web.StreamResponse]]
_SCOPES = {
    "rate_limited": "user",
    "rate_limited_globally": "global",
    "rate_limited_shared": "shared",
}

GONE = "<?xml version='1.0' encoding='UTF-8'?><Error><Code>NoSuchKey</Code></Error>"


def limited(refusal: Limited) -> web.Response:
    """Answer 429 as Discord does."""
    response = answer(refusal.to_json(), 429)
    response.headers.update(refusal.headers())
    return response


def _unavailable(fault: Fault) -> web.Response:
    return web.Response(status=int(fault.value), text="upstream connect error")


def _undone(fault: Fault, request: web.Request) -> web.Response | None:
    """Answer a request of which nothing is done; None for a fault that strikes later."""
    if fault.kind in _SCOPES:
        return limited(Limited(float(fault.value), _SCOPES[fault.kind]))
    match fault.kind:
        case "banned":
            return banned(float(fault.value))
        case "unavailable":
            return _unavailable(fault)
        case "refused":
            refusal = DiscordError(kind_of(int(fault.value)))
            return answer(refusal.to_json(), refusal.kind.status)
        case "reset":
            return reset(request)
    return None


async def spoil_request(
    fault: Fault, request: web.Request, serve: Serve, *, clock: Clock
) -> web.StreamResponse:
    """Serve a request as a fault has it; what is "done" is served first."""
    refused = _undone(fault, request)
    if refused is not None:
        return refused
    if fault.kind == "slow":
        await pause(clock, float(fault.value))
    response = await serve()
    match fault.kind:
        case "accept_unavailable":
            return _unavailable(fault)
        case "drop":
            return reset(request)
        case "late":
            await pause(clock, float(fault.value))
        case "silence":
            return await silent(request)
    return response


async def spoil_file(
    fault: Fault, request: web.Request, serve: Serve, *, clock: Clock
) -> web.StreamResponse:
    """Serve a file as a fault has it."""
    match fault.kind:
        case "gone":
            return web.Response(status=404, text=GONE, content_type="application/xml")
        case "expired":
            return web.Response(status=404, text=EXPIRED)
        case "cdn_unavailable":
            return _unavailable(fault)
        case "cdn_slow":
            await pause(clock, float(fault.value))
    whole = await serve()
    if isinstance(whole, web.Response) and fault.kind == "cdn_drip":
        return await dripping(request, whole, seconds=float(fault.value))
    if isinstance(whole, web.Response) and fault.kind == "cut":
        return await cut_short(request, whole, after=int(fault.value))
    return whole
