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
    from collections.abc import Mapping

    from sandbox.runware.behaviour_switches import Switches
    from sandbox.runware.faults import RunwareFault

REFUSALS: Final[Mapping[str, tuple[str, int]]] = {
    "busy": ("rateLimitExceeded", 429),
    "unavailable": ("serviceUnavailable", 503),
    "timeout": ("requestTimeout", 504),
}
"""Error code and HTTP status of each kind that refuses a request before anything is done."""
_BROKEN_STATUS: Final = {"accept_503": 503, "accept_504": 504}


def build_refusal(fault: RunwareFault, *, switches: Switches, now: float) -> web.Response:
    """Return the answer of a request that is not served: 429, 503 or 504."""
    code, status = REFUSALS[fault.kind]
    problem = Problem(code, "The service has no capacity just now.")
    headers = {"Date": formatdate(now, usegmt=True)}
    if status == 429 and switches.retry_after == "seconds":
        headers["Retry-After"] = f"{fault.value:g}"
    elif status == 429 and switches.retry_after == "date":
        headers["Retry-After"] = formatdate(now + float(fault.value), usegmt=True)
    body = {"errors": [problem.to_json(switches)]}
    return web.json_response(body, status=status, headers=headers)


async def send_with_fault(
    request: web.Request, full_response: web.Response, *, fault: RunwareFault
) -> web.StreamResponse:
    """Send the answer to a served request with a fault."""
    match fault.kind:
        case "accept_503" | "accept_504":
            return web.Response(status=_BROKEN_STATUS[fault.kind], text="upstream error")
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
