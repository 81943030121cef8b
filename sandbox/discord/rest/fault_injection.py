"""Apply planned faults to requests and file downloads."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from sandbox.control.broken_responses import (
    leave_unanswered,
    reset_connection,
    send_slowly,
    send_truncated,
)
from sandbox.control.clock import SandboxClock, sleep_for
from sandbox.discord.model.cdn_links import EXPIRED
from sandbox.discord.model.errors import DiscordError, find_kind
from sandbox.discord.model.faults import DiscordFault
from sandbox.discord.rest.rate_limits import RateLimited, respond_banned
from sandbox.discord.rest.responses import respond_json

Serve = Callable[[], Awaitable[web.StreamResponse]]
_SCOPES = {
    "rate_limited": "user",
    "rate_limited_globally": "global",
    "rate_limited_shared": "shared",
}

GONE = "<?xml version='1.0' encoding='UTF-8'?><Error><Code>NoSuchKey</Code></Error>"


def respond_rate_limited(refusal: RateLimited) -> web.Response:
    """Answer 429 as Discord does."""
    response = respond_json(refusal.to_json(), 429)
    response.headers.update(refusal.build_headers())
    return response


def _respond_unavailable(fault: DiscordFault) -> web.Response:
    return web.Response(status=int(fault.value), text="upstream connect error")


def _respond_without_serving(fault: DiscordFault, request: web.Request) -> web.Response | None:
    """Answer a request without serving it; None for faults that serve it first."""
    if fault.kind in _SCOPES:
        return respond_rate_limited(RateLimited(float(fault.value), _SCOPES[fault.kind]))
    match fault.kind:
        case "banned":
            return respond_banned(float(fault.value))
        case "unavailable":
            return _respond_unavailable(fault)
        case "refused":
            refusal = DiscordError(find_kind(int(fault.value)))
            return respond_json(refusal.to_json(), refusal.kind.status)
        case "reset":
            return reset_connection(request)
    return None


async def serve_faulty_request(
    fault: DiscordFault, request: web.Request, serve: Serve, *, clock: SandboxClock
) -> web.StreamResponse:
    """Serve a request with a fault; faults "done" first have their effect, then fail."""
    refused = _respond_without_serving(fault, request)
    if refused is not None:
        return refused
    if fault.kind == "slow":
        await sleep_for(clock, float(fault.value))
    response = await serve()
    match fault.kind:
        case "accept_unavailable":
            return _respond_unavailable(fault)
        case "drop":
            return reset_connection(request)
        case "late":
            await sleep_for(clock, float(fault.value))
        case "silence":
            return await leave_unanswered(request)
    return response


async def serve_faulty_file(
    fault: DiscordFault, request: web.Request, serve: Serve, *, clock: SandboxClock
) -> web.StreamResponse:
    """Serve a file with a fault."""
    match fault.kind:
        case "gone":
            return web.Response(status=404, text=GONE, content_type="application/xml")
        case "expired":
            return web.Response(status=404, text=EXPIRED)
        case "cdn_unavailable":
            return _respond_unavailable(fault)
        case "cdn_slow":
            await sleep_for(clock, float(fault.value))
    whole = await serve()
    if isinstance(whole, web.Response) and fault.kind == "cdn_drip":
        return await send_slowly(request, whole, seconds=float(fault.value))
    if isinstance(whole, web.Response) and fault.kind == "cut":
        return await send_truncated(request, whole, after=int(fault.value))
    return whole
