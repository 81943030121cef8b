"""The control API: look at the journal, hold work back, start afresh. For tests and the demo."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from aiohttp import web

if TYPE_CHECKING:
    from sandbox.runware.journal import Journal
    from sandbox.runware.runs import Runs
    from sandbox.runware.store import Store


class Control:
    def __init__(self, store: Store, runs: Runs, *, journal: Journal) -> None:
        self._store = store
        self._runs = runs
        self._journal = journal

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/_control/health", self._health),
            web.get("/_control/journal", self._show_journal),
            web.post("/_control/settings", self._settings),
            web.post("/_control/hold", self._hold),
            web.post("/_control/release", self._release),
            web.post("/_control/reset", self._reset),
        ]

    async def reset(self) -> None:
        """Forget every task, picture and journal entry; hold nothing back."""
        await self._runs.stop()
        self._runs.release()
        self._store.clear()
        self._journal.clear()

    def _state(self) -> dict[str, Any]:
        return {
            "ready": True,
            **self._runs.engine_state,
            "unfinished": self._store.unfinished,
            "held": self._runs.held,
            "latency": self._runs.latency,
        }

    async def _health(self, _request: web.Request) -> web.Response:
        return web.json_response(self._state())

    async def _show_journal(self, _request: web.Request) -> web.Response:
        return web.json_response(self._journal.to_json())

    async def _settings(self, request: web.Request) -> web.Response:
        try:
            self._runs.latency = _read_latency(await request.text())
        except ValueError as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response(self._state())

    async def _hold(self, _request: web.Request) -> web.Response:
        self._runs.hold()
        return web.json_response(self._state())

    async def _release(self, _request: web.Request) -> web.Response:
        self._runs.release()
        return web.json_response(self._state())

    async def _reset(self, _request: web.Request) -> web.Response:
        await self.reset()
        return web.json_response(self._state())


def _read_latency(body: str) -> float:
    given = json.loads(body)
    if not isinstance(given, dict) or given.keys() != {"latency"}:
        raise ValueError('the one setting is {"latency": seconds}')
    latency = given["latency"]
    if type(latency) not in {int, float} or not 0 <= latency <= 3600:
        raise ValueError("latency must be from 0 to 3600 seconds")
    return float(latency)
