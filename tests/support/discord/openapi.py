"""Check all requests and responses of the local Discord against Discord's own specification."""

from __future__ import annotations

import functools
import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from sandbox.discord.validation.request_bodies import parse_multipart

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler, Middleware

SPECIFICATION = Path(__file__).parents[2] / "data" / "discord-openapi.json"
URN = "urn:discord"
CHECKED_PER_KIND = 3
_PARAMETER = re.compile(r"\\\{[^}]+\\\}")


@functools.cache
def load_specification() -> dict[str, Any]:
    """Return Discord's published specification of its REST API (`tests/data`)."""
    loaded: dict[str, Any] = json.loads(SPECIFICATION.read_text("utf-8"))
    return loaded


@contextmanager
def watch_responses(*, requests: bool = False) -> Iterator[list[Middleware]]:
    """Provide middlewares that check a few responses of each kind during other tests.

    With `requests` they check requests too, for tests that send only valid ones.
    """
    judge = SpecificationChecker(load_specification(), maximum=CHECKED_PER_KIND, requests=requests)
    yield [judge.build_middleware()]
    if judge.deviations:
        pytest.fail("\n".join(judge.deviations))


class SpecificationChecker:
    """Collect deviations; `checked` counts bodies, `routes` are the operations seen."""

    def __init__(
        self, spec: dict[str, Any], *, maximum: int | None = None, requests: bool = True
    ) -> None:
        """Check bodies by `spec`; with `maximum`, only that many per operation and status."""
        self._maximum = maximum
        self._requests = requests
        self._seen: Counter[str] = Counter()
        self.deviations: list[str] = []
        self.routes: set[str] = set()
        self.checked = 0
        self._spec = spec
        resource = Resource.from_contents(spec, default_specification=DRAFT202012)
        self._registry: Registry[Any] = Registry().with_resource(URN, resource)
        self._paths = sorted(
            ((self._compile_pattern(path), path) for path in spec["paths"]),
            key=lambda pair: pair[1].count("{"),
        )

    @staticmethod
    def _compile_pattern(path: str) -> re.Pattern[str]:
        return re.compile(_PARAMETER.sub("[^/]+", re.escape(path)))

    def build_middleware(self) -> Middleware:
        @web.middleware
        async def judge(request: web.Request, handler: Handler) -> web.StreamResponse:
            if not request.path.startswith("/api/v10"):
                return await handler(request)
            raw = await request.read()
            response = await handler(request)
            path = request.path.removeprefix("/api/v10")
            operation = self._find_operation(request.method.lower(), path)
            # Planned faults need not follow the specification.
            planned = response.status == 429 or response.status >= 500 or response.prepared
            if planned or (
                operation is not None and self._is_checked_enough(operation, response.status)
            ):
                return response
            label = f"{request.method} {path} {response.status}"
            if operation is None:
                if response.status not in {401, 403, 404, 405}:
                    self.deviations.append(f"{label}: not in the specification")
                return response
            if response.status < 400 and self._requests:
                self._check_request(label, operation, request, raw)
            self._check_response(label, operation, response)
            return response

        return judge

    def check_schema(self, name: str, body: Any) -> None:
        """Check a part of a body by a schema's name."""
        self._check_body(name, {"$ref": f"#/components/schemas/{name}"}, body)

    def _is_checked_enough(self, operation: dict[str, Any], status: int) -> bool:
        kind = f"{operation['operationId']} {status}"
        self._seen[kind] += 1
        return self._maximum is not None and self._seen[kind] > self._maximum

    def _find_operation(self, method: str, path: str) -> dict[str, Any] | None:
        for pattern, name in self._paths:
            if pattern.fullmatch(path) and method in self._spec["paths"][name]:
                self.routes.add(f"{method} {name}")
                operation: dict[str, Any] = self._spec["paths"][name][method]
                return operation
        return None

    def _check_request(
        self, label: str, operation: dict[str, Any], request: web.Request, raw: bytes
    ) -> None:
        content = operation.get("requestBody", {}).get("content", {})
        schema = content.get("application/json", {}).get("schema")
        if schema is None or not raw:
            return
        if request.content_type == "multipart/form-data":
            boundary = request.headers["Content-Type"].partition("boundary=")[2].strip('"')
            body: Any = parse_multipart(raw, boundary.encode()).payload
        else:
            body = json.loads(raw)
        self._check_body(f"{label} request", schema, _with_text_ids(body))

    def _check_response(
        self, label: str, operation: dict[str, Any], response: web.StreamResponse
    ) -> None:
        answers = operation["responses"]
        kind = f"{response.status // 100}XX"
        described = answers.get(str(response.status), answers.get(kind))
        if described is None:
            self.deviations.append(f"{label}: no such status in {sorted(answers)}")
            return
        if "$ref" in described:
            described = self._spec["components"]["responses"][described["$ref"].split("/")[-1]]
        schema = described.get("content", {}).get("application/json", {}).get("schema")
        if schema is not None and isinstance(response, web.Response):
            assert isinstance(response.body, bytes)
            body = json.loads(response.body)
            if isinstance(body, dict):
                # The file is wrong here: it says ints, but the documentation shows strings as
                # codes.
                body.pop("errors", None)
            self._check_body(f"{label} response", schema, body)

    def _check_body(self, label: str, schema: dict[str, Any], body: Any) -> None:
        self.checked += 1
        rooted = json.loads(json.dumps(schema).replace('"#/', f'"{URN}#/'))
        validator = Draft202012Validator(rooted, registry=self._registry)
        for error in validator.iter_errors(body):
            deepest = min((error, *_list_leaves(error)), key=lambda each: -len(each.absolute_path))
            where = "/".join(map(str, deepest.absolute_path))
            self.deviations.append(f"{label}: {where}: {deepest.message[:300]}")


def _list_leaves(error: Any) -> list[Any]:
    return [leaf for child in error.context for leaf in (child, *_list_leaves(child))]


def _with_text_ids(body: Any) -> Any:
    """Convert ids to strings where discord.py sends ints, which Discord accepts too."""
    for part in (body, body.get("data") if isinstance(body, dict) else None):
        if isinstance(part, dict):
            for attachment in part.get("attachments") or ():
                attachment["id"] = str(attachment["id"])
            for name, value in (part.get("message_reference") or {}).items():
                part["message_reference"][name] = str(value) if name.endswith("_id") else value
    return body
