"""An HTTP server for supervisors: /live, /ready and /metrics, only on a loopback address."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web
from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.exposition import choose_encoder

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
    idle_seconds: float = 5.0
    status_seconds: float = 5.0

    async def run(self, on_listening: Callable[[int], None] = lambda _: None) -> None:
        """Serve until cancelled; call `on_listening` with the port once it is open."""
        app = web.Application()
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
            await web.TCPSite(runner, self.host, self.port).start()
            on_listening(runner.addresses[0][1])
            await asyncio.Event().wait()
        finally:
            await runner.cleanup()

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
        for name, value in sorted((await self._get_status_in_time()).metrics.items()):
            Gauge(f"expanse_{name}", name.replace("_", " "), registry=registry).set(value)
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        return web.Response(body=encode(registry), headers={"Content-Type": content_type})


async def _report_life(_: web.Request) -> web.Response:
    return web.Response(text="alive\n")
