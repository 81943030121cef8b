"""An HTTP server for supervisors: /live, /ready and /metrics, only on a loopback address."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler
from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from bot.errors import StartError

_STOP_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class HealthStatus:
    """`missing` lists why the bot is not ready; `metrics` are numbers by name, without IDs."""

    missing: tuple[str, ...] = ()
    metrics: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HealthServer:
    """Serve /live, /ready and /metrics; port 0 means any free port.

    A connection without a whole request is closed after `idle_seconds`; a status that takes longer
    than `status_seconds` is a failure.
    """

    host: str
    port: int
    get_status: Callable[[], Awaitable[HealthStatus]]
    collectors: Sequence[Collector] = ()
    idle_seconds: float = 5.0
    status_seconds: float = 5.0

    async def run(self, on_listening: Callable[[int], None] = lambda _: None) -> None:
        """Serve until cancelled; call `on_listening` with the port once it is open.

        Raises `StartError` if the port can't be used.
        """
        app = web.Application(middlewares=[_refuse_foreign_host])
        app.router.add_get("/live", _report_life)
        app.router.add_get("/ready", self._report_readiness)
        app.router.add_get("/metrics", self._report_metrics)
        runner = web.AppRunner(
            app,
            access_log=None,
            keepalive_timeout=self.idle_seconds,
            shutdown_timeout=_STOP_SECONDS,
        )
        await runner.setup()
        try:
            await self._listen(runner)
            on_listening(runner.addresses[0][1])
            await asyncio.Event().wait()
        finally:
            await runner.cleanup()

    async def _listen(self, runner: web.AppRunner) -> None:
        """Open the port; raise `StartError` if it can't be used."""
        try:
            await web.TCPSite(runner, self.host, self.port).start()
        except OSError as error:
            is_taken = error.errno == errno.EADDRINUSE
            why = "is in use" if is_taken else f"can't be used ({error.strerror})"
            msg = f"Port {self.port} {why}. Choose another with telemetry.port; 0 serves none."
            raise StartError(msg) from error

    async def _get_status_in_time(self) -> HealthStatus:
        try:
            async with asyncio.timeout(self.status_seconds):
                return await self.get_status()
        except TimeoutError:
            raise web.HTTPServiceUnavailable(text="no answer in time\n") from None

    async def _report_readiness(self, _: web.Request) -> web.Response:
        if missing := (await self._get_status_in_time()).missing:
            return web.Response(status=503, text="; ".join(missing) + "\n")
        return web.Response(text="ready\n")

    async def _report_metrics(self, request: web.Request) -> web.Response:
        registry = CollectorRegistry()
        for collector in self.collectors:
            registry.register(collector)
        for name, value in sorted((await self._get_status_in_time()).metrics.items()):
            Gauge(f"expanse_{name}", name.replace("_", " "), registry=registry).set(value)
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        return web.Response(body=encode(registry), headers={"Content-Type": content_type})


@web.middleware
async def _refuse_foreign_host(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer only requests that name this machine.

    A foreign name that resolves to this machine (DNS rebinding) would let a website read the
    metrics through a browser on it.
    """
    origins = request.headers.getall(hdrs.ORIGIN, [])
    names = [_parse_hostname(place) for place in (f"//{request.host}", *origins)]
    if not all(name == "localhost" or _is_loopback(name) for name in names):
        raise web.HTTPForbidden(text="this answers callers on this machine only\n")
    return await handler(request)


def _parse_hostname(place: str) -> str:
    try:
        return urlsplit(place).hostname or ""
    except ValueError:
        return ""


def _is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


async def _report_life(_: web.Request) -> web.Response:
    return web.Response(text="alive\n")
