"""`POST /v1`: read the array of tasks, check the key, answer with an envelope."""

from __future__ import annotations

import hmac
import json
from contextlib import suppress
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, NoReturn
from uuid import UUID

from aiohttp import web

from sandbox.runware.answers import Answer
from sandbox.runware.faults import Stage
from sandbox.runware.journal import AskedTask
from sandbox.runware.mishaps import BEFORE, refusal, spoilt
from sandbox.runware.problems import Problem, RefusedError
from sandbox.runware.tasks import echo

if TYPE_CHECKING:
    from sandbox.runware.faults import Fault, Faults
    from sandbox.runware.runs import Books, Sources
    from sandbox.runware.tasks import Tasks

ASKED: Final = web.RequestKey("asked", tuple[AskedTask, ...])
"""Where the journal finds what a request asked for."""
MAX_BODY: Final = 128 * 1024 * 1024
"""Largest request in bytes: a few seed images of the largest size, as base64."""
_DRY_RUN: Final = "X-Runware-Dry-Run"


class Api:
    def __init__(self, tasks: Tasks, books: Books, *, api_key: str, sources: Sources) -> None:
        self._tasks = tasks
        self._books = books
        self._api_key = api_key
        self._sources = sources

    async def post(self, request: web.Request) -> web.StreamResponse:
        answer = self._tasks.new_answer(dry=request.headers.get(_DRY_RUN) == "1")
        fault = None
        try:
            elements = parse(await request.read())
            named = tuple(asked(element) for element in elements)
            request[ASKED] = named
            self._books.journal.ask(named)
            elements = self._authenticate(request, elements, answer=answer)
        except RefusedError as refused:
            for problem in refused.problems:
                answer.fail(problem)
        else:
            fault = struck_stage(elements, self._books.conditions.faults)
            if fault and fault.kind in BEFORE:
                header = self._books.conditions.switches.retry_after
                return refusal(fault, header=header, now=self._sources.clock.now())
            await self._tasks.answer(elements, answer)
            await self._tasks.finish(answer)
        whole = web.json_response(answer.to_json(), status=answer.http_status)
        return await spoilt(request, whole, fault=fault) if fault else whole

    def _authenticate(
        self, request: web.Request, elements: list[Any], *, answer: Answer
    ) -> list[Any]:
        """Return the elements that remain after the one that authenticates, if that came."""
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            check_key(key.strip(), self._api_key)
            return elements
        first = elements[0] if elements and isinstance(elements[0], dict) else {}
        if first.get("taskType") != "authentication":
            raise _key_refused("missingApiKey", "An API key is required.")
        check_key(first.get("apiKey"), self._api_key)
        session = str(self._sources.new_uuid())
        answer.data.append({"taskType": "authentication", "connectionSessionUUID": session})
        return elements[1:]


def check_key(key: Any, api_key: str) -> None:
    """Raise `invalidApiKey` unless `key` is the one."""
    given = key if isinstance(key, str) else ""
    if not hmac.compare_digest(given.encode(errors="replace"), api_key.encode()):
        raise _key_refused("invalidApiKey", "The API key is not valid.")


def parse(body: bytes | str) -> list[Any]:
    """Return the array of tasks, its numbers exact; or raise `RefusedError`."""
    try:
        elements = json.loads(body, parse_float=Decimal, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise RefusedError(Problem("invalidJSON", "The body is not valid JSON.")) from error
    if not isinstance(elements, list) or not elements:
        raise RefusedError(Problem("invalidRequest", "The body must be an array of tasks."))
    return elements


def asked(element: Any) -> AskedTask:
    """Return what the journal keeps of an element."""
    fields = element if isinstance(element, dict) else {}
    return AskedTask(echo(fields, "taskType") or "", echo(fields, "taskUUID") or "")


def struck_stage(elements: list[Any], faults: Faults) -> Fault | None:
    """Return the fault that strikes this request, if one does."""
    submitted, polled = _named(elements, "imageInference"), _named(elements, "getResponse")
    faults.meet(submitted)
    if submitted:
        return faults.take(Stage.SUBMIT, submitted)
    return faults.take(Stage.POLL, polled) if polled else None


def _named(elements: list[Any], task_type: str) -> set[UUID]:
    named = set()
    for element in elements:
        if isinstance(element, dict) and element.get("taskType") == task_type:
            with suppress(ValueError):
                named.add(UUID(str(element.get("taskUUID"))))
    return named


def _key_refused(code: str, message: str) -> RefusedError:
    return RefusedError(Problem(code, message, "apiKey", "authentication"))


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)
