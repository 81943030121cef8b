"""A provider over HTTP whose every answer a test writes, in the documented shapes or others."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import web

from bot.config.settings import LimitSettings, RunwareSettings, Settings
from bot.domain.model import DEFAULT_MODEL

MODEL: Final = DEFAULT_MODEL.identifier


def build_error(code: str, **more: Any) -> dict[str, Any]:
    return {"data": [], "errors": [{"code": code, "message": "no", **more}]}


def build_usage(*rows: tuple[str, Any]) -> dict[str, Any]:
    """Build the answer to `getUsageActivity` by date."""
    listed = [{"date": day, "count": 1, "spend": spend} for day, spend in rows]
    return {"usage": {"timeseries": {"data": listed, "meta": {"totalRequests": len(rows)}}}}


@dataclass(slots=True)
class ScriptedProvider:
    """Answers by kind of request: a status and a body, whose item gets the task's UUID.

    A body with `errors` is sent as it is, a text as no JSON. `tasks` records what was asked.
    """

    url: str = ""
    details: tuple[int, Any] = (200, {"balance": 995.0})
    usage: tuple[int, Any] = (200, build_usage())
    dry_run: tuple[int, Any] = (200, {"cost": 0.05})
    model: tuple[int, Any] = (200, {"air": MODEL, "name": "FLUX.1 Expand [pro]", "status": "live"})
    tasks: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    @asynccontextmanager
    async def open(cls) -> AsyncIterator[ScriptedProvider]:
        provider = cls()
        app = web.Application()
        app.add_routes([web.post("/v1", provider._answer_tasks)])
        app.add_routes([web.get("/content/models/{model}", provider._answer_model)])
        runner = web.AppRunner(app)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            host, port = runner.addresses[0]
            provider.url = f"http://{host}:{port}/v1"
            yield provider
        finally:
            await runner.cleanup()

    def build_settings(self, **limits: Any) -> Settings:
        return Settings(
            runware=RunwareSettings(api_key="key", base_url=self.url, request_seconds=5.0),
            limits=LimitSettings(**limits),
        )

    async def _answer_tasks(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != "Bearer key":
            return web.json_response(build_error("invalidApiKey"), status=401)
        (task,) = await request.json()
        self.tasks.append(task)
        if request.headers.get("X-Runware-Dry-Run") == "1":
            status, body = self.dry_run
        else:
            status, body = {"getDetails": self.details, "getUsageActivity": self.usage}[
                task["operation"]
            ]
        if isinstance(body, str):
            return web.Response(text=body, status=status)
        if "errors" not in body:
            about = {"taskType": task["taskType"], "taskUUID": task["taskUUID"]}
            body = {"data": [about | body]}
        return web.json_response(body, status=status)

    async def _answer_model(self, request: web.Request) -> web.Response:
        assert "Authorization" not in request.headers
        assert request.match_info["model"] == MODEL
        status, body = self.model
        return web.json_response(body, status=status)
