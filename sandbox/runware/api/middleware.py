"""Middleware: refuse foreign clients and record requests."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.control.callers import is_foreign
from sandbox.runware.api.api import REQUESTED_TASKS
from sandbox.runware.journal import RequestRecord, RunwareJournal

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp.typedefs import Handler, Middleware


def build_middleware(journal: RunwareJournal, now: Callable[[], float]) -> Middleware:
    @web.middleware
    async def admit(request: web.Request, handler: Handler) -> web.StreamResponse:
        if is_foreign(request):
            raise web.HTTPForbidden(text="this service answers local callers only")
        if request.path.startswith("/_control/"):
            return await handler(request)
        started, status = time.perf_counter(), 500
        try:
            response = await handler(request)
            status = response.status
        except web.HTTPException as refused:
            status = refused.status
            raise
        finally:
            ms = (time.perf_counter() - started) * 1000
            requested = request.get(REQUESTED_TASKS, ())
            journal.record_request(
                RequestRecord(now(), request.method, request.path, status, ms, requested)
            )
        return response

    return admit
