"""`POST /v1`: parse the array of tasks, check the API key, answer an envelope."""

from __future__ import annotations

import hmac
import json
from contextlib import suppress
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, NoReturn
from uuid import UUID

from aiohttp import web

from sandbox.runware.fault_injection import REFUSALS, build_refusal, send_with_fault
from sandbox.runware.faults import RunwareStage
from sandbox.runware.journal import RequestedTask
from sandbox.runware.problems import Problem, RefusedError
from sandbox.runware.tasks.answers import Answer
from sandbox.runware.tasks.task_handlers import quote_string

if TYPE_CHECKING:
    from sandbox.runware.faults import RunwareFault, RunwareFaults
    from sandbox.runware.tasks.task_handlers import TaskHandlers
    from sandbox.runware.tasks.task_runner import RunContext, Sources

REQUESTED_TASKS: Final = web.RequestKey("asked", tuple[RequestedTask, ...])
"""Key of a request's parsed tasks, for the journal."""
MAX_BODY: Final = 128 * 1024 * 1024
"""Maximum request size in bytes: a few seed images of maximum size, as base64."""
_DRY_RUN: Final = "X-Runware-Dry-Run"


class Api:
    def __init__(
        self, tasks: TaskHandlers, context: RunContext, *, api_key: str, sources: Sources
    ) -> None:
        self._tasks = tasks
        self._context = context
        self._api_key = api_key
        self._sources = sources

    async def handle_post(self, request: web.Request) -> web.StreamResponse:
        """Answer one request; a planned fault may replace or break the answer."""
        answer = self._tasks.create_answer(dry_run=request.headers.get(_DRY_RUN) == "1")
        fault = None
        try:
            elements = parse_tasks(await request.read())
            requested = tuple(read_requested_task(element) for element in elements)
            request[REQUESTED_TASKS] = requested
            # Before the answer, which a fault may suppress.
            self._context.journal.record_tasks(requested)
            elements = self._authenticate(request, elements, answer=answer)
        except RefusedError as refused:
            for problem in refused.problems:
                answer.add_problem(problem)
        else:
            fault = take_request_fault(elements, self._context.service_state.faults)
            if fault and fault.kind in REFUSALS:
                now = self._sources.clock.now()
                return build_refusal(fault, switches=answer.switches, now=now)
            await self._tasks.handle_elements(elements, answer)
            await self._tasks.add_awaited_results(answer)
        whole = web.json_response(answer.to_json(), status=answer.http_status)
        return await send_with_fault(request, whole, fault=fault) if fault else whole

    def _authenticate(
        self, request: web.Request, elements: list[Any], *, answer: Answer
    ) -> list[Any]:
        """Return the elements without the authentication element, if there was one."""
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            check_key(key.strip(), self._api_key)
            return elements
        first = elements[0] if elements and isinstance(elements[0], dict) else {}
        if first.get("taskType") != "authentication":
            raise _build_key_error("missingApiKey", "An API key is required.")
        check_key(first.get("apiKey"), self._api_key)
        session = str(self._sources.new_uuid())
        answer.data.append({"taskType": "authentication", "connectionSessionUUID": session})
        return elements[1:]


def check_key(key: Any, api_key: str) -> None:
    """Raise `invalidApiKey` unless `key` is the API key."""
    given = key if isinstance(key, str) else ""
    # In constant time, as for every secret.
    if not hmac.compare_digest(given.encode(errors="replace"), api_key.encode()):
        raise _build_key_error("invalidApiKey", "The API key is not valid.")


def parse_tasks(body: bytes | str) -> list[Any]:
    """Return the array of tasks with exact numbers; raise `RefusedError` if invalid."""
    try:
        elements = json.loads(body, parse_float=Decimal, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise RefusedError(Problem("invalidJSON", "The body is not valid JSON.")) from error
    if not isinstance(elements, list) or not elements:
        raise RefusedError(Problem("invalidRequest", "The body must be an array of tasks."))
    return elements


def read_requested_task(element: Any) -> RequestedTask:
    fields = element if isinstance(element, dict) else {}
    return RequestedTask(
        quote_string(fields, "taskType") or "", quote_string(fields, "taskUUID") or ""
    )


def take_request_fault(elements: list[Any], faults: RunwareFaults) -> RunwareFault | None:
    """Return the planned fault that applies to this request, if any."""
    submitted, polled = (
        _find_task_uuids(elements, "imageInference"),
        _find_task_uuids(elements, "getResponse"),
    )
    faults.draw_for_tasks(submitted)
    if submitted:
        return faults.take(RunwareStage.SUBMIT, submitted)
    return faults.take(RunwareStage.POLL, polled) if polled else None


def _find_task_uuids(elements: list[Any], task_type: str) -> set[UUID]:
    uuids = set()
    for element in elements:
        if isinstance(element, dict) and element.get("taskType") == task_type:
            with suppress(ValueError):
                uuids.add(UUID(str(element.get("taskUUID"))))
    return uuids


def _build_key_error(code: str, message: str) -> RefusedError:
    return RefusedError(Problem(code, message, "apiKey", "authentication"))


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)
