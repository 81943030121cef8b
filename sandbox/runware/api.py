"""`POST /v1`: read the array of tasks, check the key, answer with an envelope."""

from __future__ import annotations

import hmac
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, NoReturn

from aiohttp import web

from sandbox.runware.journal import AskedTask
from sandbox.runware.problems import Problem, RefusedError
from sandbox.runware.tasks import Answer, echo

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from sandbox.runware.tasks import Tasks

ASKED: Final = web.RequestKey("asked", tuple[AskedTask, ...])
"""Where the journal finds what a request asked for."""
MAX_BODY: Final = 128 * 1024 * 1024
"""Largest request in bytes: a few seed images of the largest size, as base64."""


class Api:
    def __init__(self, tasks: Tasks, *, api_key: str, new_uuid: Callable[[], UUID]) -> None:
        self._tasks = tasks
        self._api_key = api_key
        self._new_uuid = new_uuid

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/v1", self._post)]

    async def _post(self, request: web.Request) -> web.Response:
        answer = Answer()
        try:
            elements = _parse(await request.read())
            request[ASKED] = tuple(_asked(element) for element in elements)
            elements = self._authenticate(request, elements, answer=answer)
        except RefusedError as refused:
            for problem in refused.problems:
                answer.fail(problem)
        else:
            await self._tasks.answer(elements, answer)
        return web.json_response(answer.to_json(), status=answer.http_status)

    def _authenticate(
        self, request: web.Request, elements: list[Any], *, answer: Answer
    ) -> list[Any]:
        """Return the elements that remain after the one that authenticates, if that came."""
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            self._check(key.strip())
            return elements
        first = elements[0] if elements and isinstance(elements[0], dict) else {}
        if first.get("taskType") != "authentication":
            raise _key_refused("missingApiKey", "An API key is required.")
        self._check(first.get("apiKey"))
        session = str(self._new_uuid())
        answer.data.append({"taskType": "authentication", "connectionSessionUUID": session})
        return elements[1:]

    def _check(self, key: Any) -> None:
        given = key if isinstance(key, str) else ""
        if not hmac.compare_digest(given.encode(errors="replace"), self._api_key.encode()):
            raise _key_refused("invalidApiKey", "The API key is not valid.")


def _key_refused(code: str, message: str) -> RefusedError:
    return RefusedError(Problem(code, message, "apiKey", "authentication"))


def _parse(body: bytes) -> list[Any]:
    try:
        elements = json.loads(body, parse_float=Decimal, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise RefusedError(Problem("invalidJSON", "The body is not valid JSON.")) from error
    if not isinstance(elements, list) or not elements:
        raise RefusedError(Problem("invalidRequest", "The body must be an array of tasks."))
    return elements


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _asked(element: Any) -> AskedTask:
    fields = element if isinstance(element, dict) else {}
    return AskedTask(echo(fields, "taskType") or "", echo(fields, "taskUUID") or "")
