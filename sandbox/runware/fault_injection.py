"""Faulty answers: refused, or served and then lost on the way."""

from __future__ import annotations

from email.utils import formatdate
from typing import TYPE_CHECKING, Final

from aiohttp import web

from sandbox.control.broken_responses import (
    leave_unanswered,
    reset_connection,
    send_slowly,
    send_truncated,
)
from sandbox.runware.problems import Problem

if TYPE_CHECKING:
    from sandbox.runware.faults import RunwareFault

BEFORE: Final = frozenset({"busy", "unavailable"})
"""Kinds that refuse a request before anything is done."""


def build_refusal(fault: RunwareFault, *, header: str, now: float) -> web.Response:
    """Return the answer of a request that is not served: 429 or 503; `header` is the switch."""
    busy = fault.kind == "busy"
    code = "rateLimitExceeded" if busy else "serviceUnavailable"
    body = {"errors": [Problem(code, "The service has no capacity just now.").to_json()]}
    headers = {"Date": formatdate(now, usegmt=True)}
    if busy and header == "seconds":
        headers["Retry-After"] = f"{fault.value:g}"
    elif busy and header == "date":
        headers["Retry-After"] = formatdate(now + float(fault.value), usegmt=True)
    return web.json_response(body, status=429 if busy else 503, headers=headers)


async def send_with_fault(
    request: web.Request, full_response: web.Response, *, fault: RunwareFault
) -> web.StreamResponse:
    """Send the answer to a served request with a fault."""
    match fault.kind:
        case "accept_503":
            return web.Response(status=503, text="upstream error")
        case "html":
            return web.Response(text="<html>Bad gateway</html>", content_type="text/html")
        case "accept_reset":
            return reset_connection(request)
        case "cut":
            return await send_truncated(request, full_response, after=int(fault.value))
        case "drip":
            return await send_slowly(request, full_response, seconds=float(fault.value))
        case _:
            return await leave_unanswered(request)
