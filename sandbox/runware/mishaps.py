"""Answers of the service that go wrong: refused, or done and then spoilt on the way."""

from __future__ import annotations

from email.utils import formatdate
from typing import TYPE_CHECKING, Final

from aiohttp import web

from sandbox.control.connections import cut_short, dripping, reset, silent
from sandbox.runware.problems import Problem

if TYPE_CHECKING:
    from sandbox.runware.faults import Fault

BEFORE: Final = frozenset({"busy", "unavailable"})
"""Kinds that strike before anything is done."""


def refusal(fault: Fault, *, header: str, now: float) -> web.Response:
    """Return the answer of a service that did nothing: 429 or 503; `header` is the switch."""
    busy = fault.kind == "busy"
    code = "rateLimitExceeded" if busy else "serviceUnavailable"
    body = {"errors": [Problem(code, "The service has no capacity just now.").to_json()]}
    headers = {"Date": formatdate(now, usegmt=True)}
    if busy and header == "seconds":
        headers["Retry-After"] = f"{fault.value:g}"
    elif busy and header == "date":
        headers["Retry-After"] = formatdate(now + float(fault.value), usegmt=True)
    return web.json_response(body, status=429 if busy else 503, headers=headers)


async def spoilt(request: web.Request, whole: web.Response, *, fault: Fault) -> web.StreamResponse:
    """Send the answer of work that was done, as the fault has it."""
    match fault.kind:
        case "accept_503":
            return web.Response(status=503, text="upstream error")
        case "html":
            return web.Response(text="<html>Bad gateway</html>", content_type="text/html")
        case "accept_reset":
            return reset(request)
        case "cut":
            return await cut_short(request, whole, after=int(fault.value))
        case "drip":
            return await dripping(request, whole, seconds=float(fault.value))
        case _:
            return await silent(request)
