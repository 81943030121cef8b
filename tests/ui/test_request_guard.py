"""The guard stops at a tenth of what gets an address banned, and at once for a refused token."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from bot.ui.request_guard import RequestGuard, RequestsStopped


class ManualTime:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def build_refusing_client(
    guard: RequestGuard,
) -> AsyncIterator[tuple[aiohttp.ClientSession, list[str]]]:
    """Serve `/<status>/...`, and note what came."""
    came: list[str] = []

    async def serve(request: web.Request) -> web.Response:
        came.append(request.path)
        headers = {"X-RateLimit-Scope": "shared"} if "shared" in request.path else {}
        return web.Response(status=int(request.path.split("/")[1]), headers=headers)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", serve)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        async with aiohttp.ClientSession(
            base, trace_configs=[guard.build_trace_config()]
        ) as session:
            yield session, came
    finally:
        await runner.cleanup()


async def test_of_many_refused_requests_a_thousand_are_sent_in_ten_minutes() -> None:
    clock = ManualTime()
    async with build_refusing_client(RequestGuard(clock)) as (session, came):
        for number in range(20_000):
            clock.now = number / 40
            try:
                async with session.get("/403/channels/1/messages"):
                    pass
            except RequestsStopped:
                continue
        assert len(came) == 1000
        clock.now = 1200.0
        await session.get("/200/users")
        assert len(came) == 1001


async def test_what_is_not_the_bots_fault_is_not_counted() -> None:
    async with build_refusing_client(RequestGuard(ManualTime(), max_refused=2)) as (session, came):
        for path in ("/404/a", "/500/a", "/429/shared", "/200/a") * 3:
            await session.get(path)
        assert len(came) == 12


async def test_a_refused_token_stops_everything_and_a_dead_interaction_does_not() -> None:
    async with build_refusing_client(RequestGuard(ManualTime())) as (session, came):
        await session.patch("/401/webhooks/1/token/messages/@original")
        await session.get("/401/users/@me")
        with pytest.raises(RequestsStopped):
            await session.get("/200/gateway")
        assert len(came) == 2
