"""A tiny HTTP server for supervisors: /live, /ready and /metrics, on a loopback address alone."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

import structlog

log = structlog.get_logger(__name__)

_MAX_REQUEST_BYTES: Final = 4096
_REQUEST_SECONDS: Final = 5.0
_CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class HealthStatus:
    """`missing` says in words what a ready bot would have; `metrics` are numbers by name.

    Neither names a member, a guild or a prompt.
    """

    missing: tuple[str, ...] = ()
    metrics: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HealthServer:
    """Run with `run`; port 0 takes a free one, which `serving` is told."""

    host: str
    port: int
    get_status: Callable[[], Awaitable[HealthStatus]]

    async def run(self, on_listening: Callable[[int], None] = lambda _: None) -> None:
        """Answer until cancelled."""
        server = await asyncio.start_server(
            self._handle_connection,
            self.host,
            self.port,
            limit=_MAX_REQUEST_BYTES,
            start_serving=False,
        )
        async with server:
            on_listening(server.sockets[0].getsockname()[1])
            await server.serve_forever()

    async def _handle_connection(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Answer one request of a connection and close it; whoever is slow or odd is left."""
        try:
            async with asyncio.timeout(_REQUEST_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
                method, path, *_ = head.split(b"\r\n", 1)[0].decode("ascii", "replace").split(" ")
                status, body = await self._build_response(method, path)
                writer.write(_format_response(status, body))
                await writer.drain()
        except (
            TimeoutError,
            OSError,
            ValueError,
            asyncio.IncompleteReadError,
            asyncio.LimitOverrunError,
        ):
            log.debug("health request not answered")
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _build_response(self, method: str, path: str) -> tuple[HTTPStatus, str]:
        if method != "GET":
            return HTTPStatus.METHOD_NOT_ALLOWED, "GET only\n"
        if path == "/live":
            return HTTPStatus.OK, "alive\n"
        if path not in {"/ready", "/metrics"}:
            return HTTPStatus.NOT_FOUND, "/live, /ready or /metrics\n"
        health = await self.get_status()
        if path == "/metrics":
            lines = [f"expanse_{name} {value:g}" for name, value in sorted(health.metrics.items())]
            return HTTPStatus.OK, "\n".join(lines) + "\n"
        if health.missing:
            return HTTPStatus.SERVICE_UNAVAILABLE, "; ".join(health.missing) + "\n"
        return HTTPStatus.OK, "ready\n"


def _format_response(status: HTTPStatus, body: str) -> bytes:
    data = body.encode()
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: {_CONTENT_TYPE}\r\n"
        f"Content-Length: {len(data)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + data
