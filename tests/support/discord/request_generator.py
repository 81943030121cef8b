"""Requests generated from Discord's specification, most of them partly wrong."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

METHODS = ("get", "post", "put", "patch", "delete")
NONSENSE: tuple[Any, ...] = (
    None, True, False, -1, 0, 3, 2**70, -(2**63), 1.5, 1e308, "", "x", "x" * 5000, "\ud800", "\x00",
    [], {}, [None], [[]], [{}], {"type": []}, {"id": {}}, "attachment://", "1", [1, "1"], "0" * 30,
    "2026-99-99T00:00:00Z", "data:image/png;base64,AAAA", "<@1>", "💥" * 40, "../..", "%00",
)  # fmt: skip
_PARAMETER = re.compile(r"\{(\w+)\}")
_MAX_DEPTH = 7


@dataclass(frozen=True)
class GeneratedRequest:
    """One request: the specification's operation, its path, and a JSON body or raw bytes."""

    operation: str
    method: str
    path: str
    body: Any = None
    raw: tuple[str, bytes] | None = None


class RequestGenerator:
    """Generate requests; `ids` are values for path parameters, by name."""

    def __init__(
        self, spec: dict[str, Any], draw: random.Random, ids: dict[str, tuple[str, ...]]
    ) -> None:
        self._spec = spec
        self._draw = draw
        self._ids = ids

    def generate_requests(self) -> Iterator[GeneratedRequest]:
        """Generate one request for each operation of the specification, in random order."""
        operations = [
            (path, method)
            for path, known in self._spec["paths"].items()
            for method in METHODS
            if method in known
        ]
        self._draw.shuffle(operations)
        for path, method in operations:
            yield self._build_request(path, method, self._spec["paths"][path][method])

    def _build_request(self, path: str, method: str, operation: dict[str, Any]) -> GeneratedRequest:
        address = _PARAMETER.sub(lambda found: self._draw_path_value(found[1]), path)
        query = "&".join(self._draw_queries(operation))
        content = operation.get("requestBody", {}).get("content", {})
        schema = content.get("application/json", {}).get("schema")
        body = raw = None
        if self._draw.random() < 0.05:
            raw = self._draw.choice(RAW)
        elif schema is not None:
            body = self._draw_value(schema)
            if self._draw.random() < 0.3:
                body = self._corrupt(body)
        address += f"?{query}" if query else ""
        return GeneratedRequest(operation["operationId"], method.upper(), address, body, raw)

    def _draw_path_value(self, name: str) -> str:
        known = self._ids.get(name, ())
        if known and self._draw.random() < 0.85:
            return self._draw.choice(known)
        return quote(str(self._draw.choice(WRONG_PATH_VALUES)), safe="")

    def _draw_queries(self, operation: dict[str, Any]) -> Iterator[str]:
        for parameter in operation.get("parameters", ()):
            if parameter.get("in") == "query" and self._draw.random() < 0.3:
                value = self._draw_value(parameter.get("schema", {}))
                if self._draw.random() < 0.3:
                    value = self._draw.choice(NONSENSE)
                for each in value if isinstance(value, list) else [value]:
                    text = str(each).encode("utf-8", "replace")
                    yield f"{parameter['name']}={quote(text)}"

    def _corrupt(self, body: Any) -> Any:
        """Replace, remove or add a random value at a random place."""
        if not body or not isinstance(body, dict | list) or self._draw.random() < 0.25:
            return self._draw.choice(NONSENSE)
        key = self._draw.choice(list(body) if isinstance(body, dict) else range(len(body)))
        if isinstance(body, dict) and self._draw.random() < 0.2:
            return {name: value for name, value in body.items() if name != key}
        body[key] = self._corrupt(body[key])
        return body

    def _draw_value(self, schema: dict[str, Any], depth: int = 0) -> Any:
        if "$ref" in schema:
            schema = self._spec["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
        if "oneOf" in schema or "anyOf" in schema:
            options = schema.get("oneOf") or schema["anyOf"]
            if depth == 0 or schema.get("type") is None:
                return self._draw_value(self._draw.choice(options), depth + 1)
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            return self._draw.choice(schema["enum"])
        kinds = schema.get("type", "object")
        kind = self._draw.choice(kinds) if isinstance(kinds, list) else kinds
        if depth > _MAX_DEPTH:
            return None
        return self._draw_of_kind(kind, schema, depth)

    def _draw_of_kind(self, kind: str, schema: dict[str, Any], depth: int) -> Any:
        if kind == "object":
            return self._draw_object(schema, depth)
        if kind == "array":
            low, high = schema.get("minItems", 0), schema.get("maxItems", 3)
            count = self._draw.randint(low, max(low, min(high, 3)))
            return [self._draw_value(schema.get("items", {}), depth + 1) for _ in range(count)]
        if kind == "string":
            return self._draw_text(schema)
        if kind == "integer":
            low = schema.get("minimum", 0)
            return low + self._draw.randint(0, min(schema.get("maximum", low + 9) - low, 99))
        return {"number": 1.5, "boolean": self._draw.random() < 0.5}.get(kind)

    def _draw_object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        required = schema.get("required", ())
        chosen = (
            (name, part)
            for name, part in schema.get("properties", {}).items()
            if name in required or self._draw.random() < 0.5 / (depth + 1)
        )
        return {name: self._draw_value(part, depth + 1) for name, part in chosen}

    def _draw_text(self, schema: dict[str, Any]) -> str:
        if "snowflake" in str(schema.get("format", "")) or "pattern" in schema:
            return self._draw.choice(self._ids["channel_id"] + ("7", "1323820000000000021"))
        text = self._draw.choice(("a", "text", "SPOILER_x.png", "https://a.example/x", "🎨", "\n"))
        return (text * 20)[: schema.get("maxLength", 20)].ljust(schema.get("minLength", 0), "x")


def _build_part(head: str, data: str) -> bytes:
    """Return a multipart body with one part and the boundary "b"."""
    text = f"--b\r\nContent-Disposition: form-data; {head}\r\n\r\n{data}\r\n--b--"
    return text.encode("latin-1")


WRONG_PATH_VALUES = (
    *("0", "-1", "9" * 40, "@me", "@original", "x", " ", "💥", "\x00", "..", "1e3", "%", "None"),
    *("1323820000000000099", "pins", "x" * 300),
)
RAW: tuple[tuple[str, bytes], ...] = (
    ("application/json", b"{"),
    ("application/json", b"\xff\xfe"),
    ("application/json", b"[" * 3000),
    ("application/json", b'{"a":NaN}'),
    ("multipart/form-data", b"--b--"),
    ("multipart/form-data; boundary=b", b"--b\r\n\r\n\r\n--b--"),
    ("multipart/form-data; boundary=b", _build_part('name="files[0]"; filename="\xff"', "x")),
    ("multipart/form-data; boundary=b", _build_part('name="payload_json"', "[1]")),
    ("text/plain", b"hello"),
    ("application/x-www-form-urlencoded", b"a=b&a=c"),
)
