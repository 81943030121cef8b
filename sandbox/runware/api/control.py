"""The control API for tests and the demo: journal, switches, faults."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.domain.money import MicroUsd
from sandbox.runware.faults import KINDS, RunwareFault, SeededRunwareFaults

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sandbox.runware.api.sessions import SocketSessions
    from sandbox.runware.tasks.task_runner import RunContext, TaskRunner
    from sandbox.runware.tasks.webhooks import WebhookSender

_MAX_BALANCE = 10**12


@dataclass(frozen=True, slots=True)
class RunwareControl:
    context: RunContext
    task_runner: TaskRunner
    sessions: SocketSessions
    result_sender: WebhookSender

    def build_routes(self) -> list[web.RouteDef]:
        return [
            web.get("/_control/health", self._check_health),
            web.get("/_control/journal", self._show_journal),
            web.get("/_control/switches", self._show_switches),
            web.get("/_control/faults", self._show_faults),
            web.post("/_control/settings", _build_handler(self._apply_settings)),
            web.post("/_control/switches", _build_handler(self._set_switches)),
            web.post("/_control/faults", _build_handler(self._plan_faults)),
            web.post("/_control/balance", _build_handler(self._set_balance)),
            web.delete("/_control/faults", self._clear_faults),
            web.post("/_control/hold", self._pause_tasks),
            web.post("/_control/release", self._resume_tasks),
            web.post("/_control/reset", self._reset_service),
        ]

    async def reset(self) -> None:
        """Delete all tasks, pictures, faults and journal entries; reset the switches."""
        # Running tasks stop first, so that none writes into the stores after they are cleared.
        await self.task_runner.stop()
        await self.result_sender.stop()
        self.task_runner.resume()
        self.context.tasks.clear()
        self.context.pictures.clear()
        self.context.journal.clear()
        self.context.service_state.reset()
        self.sessions.clear()

    def _build_state(self) -> dict[str, Any]:
        return {
            "ready": True,
            **self.task_runner.engine_state,
            "unfinished": self.context.tasks.unfinished,
            "held": self.task_runner.is_paused,
            "latency": self.context.service_state.latency,
            "balance_micro_usd": self.context.service_state.wallet.balance,
        }

    async def _check_health(self, _request: web.Request) -> web.Response:
        return web.json_response(self._build_state())

    async def _show_journal(self, _request: web.Request) -> web.Response:
        return web.json_response(self.context.journal.to_json())

    async def _show_switches(self, _request: web.Request) -> web.Response:
        return web.json_response(self.context.service_state.switches.to_json())

    async def _show_faults(self, _request: web.Request) -> web.Response:
        faults = self.context.service_state.faults
        kinds = {
            kind: {"stages": list(stages), "does": does} for kind, (stages, does) in KINDS.items()
        }
        planned = [
            asdict(fault) | {"task": str(fault.task) if fault.task else None}
            for fault in faults.planned_faults
        ]
        plan = asdict(faults.plan) if faults.plan else None
        return web.json_response({"kinds": kinds, "planned": planned, "plan": plan})

    def _apply_settings(self, given: Any) -> dict[str, Any]:
        self.context.service_state.latency = _read_latency(given)
        return self._build_state()

    def _set_switches(self, given: Any) -> dict[str, Any]:
        if not isinstance(given, dict):
            raise TypeError("switches are set by an object of names and values")
        state = self.context.service_state
        state.switches = state.switches.with_changes(given)
        return state.switches.to_json()

    def _plan_faults(self, given: Any) -> dict[str, Any]:
        """Add a list of faults, or replace the seeded plan."""
        faults = self.context.service_state.faults
        if isinstance(given, list):
            faults.add(*[RunwareFault.from_json(each) for each in given])
        else:
            faults.plan = SeededRunwareFaults.from_json(given)
        return {"planned": len(faults.planned_faults)}

    def _set_balance(self, given: Any) -> dict[str, Any]:
        amount = given.get("micro_usd") if isinstance(given, dict) else None
        if type(amount) is not int or not 0 <= amount <= _MAX_BALANCE:
            raise ValueError('the balance is {"micro_usd": whole micro-dollars}')
        self.context.service_state.wallet.balance = MicroUsd(amount)
        return self._build_state()

    async def _clear_faults(self, _request: web.Request) -> web.Response:
        self.context.service_state.faults.clear()
        return web.json_response({"planned": 0})

    async def _pause_tasks(self, _request: web.Request) -> web.Response:
        self.task_runner.pause()
        return web.json_response(self._build_state())

    async def _resume_tasks(self, _request: web.Request) -> web.Response:
        self.task_runner.resume()
        return web.json_response(self._build_state())

    async def _reset_service(self, _request: web.Request) -> web.Response:
        await self.reset()
        return web.json_response(self._build_state())


def _build_handler(
    change: Callable[[Any], dict[str, Any]],
) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Wrap a change in a handler that parses JSON and answers 400 to invalid input."""

    async def handle(request: web.Request) -> web.Response:
        try:
            return web.json_response(change(json.loads(await request.text())))
        except (TypeError, ValueError, RecursionError) as error:
            return web.json_response({"error": str(error)}, status=400)

    return handle


def _read_latency(given: Any) -> float:
    if not isinstance(given, dict) or given.keys() != {"latency"}:
        raise ValueError('the one setting is {"latency": seconds}')
    latency = given["latency"]
    if type(latency) not in {int, float} or not 0 <= latency <= 3600:
        raise ValueError("latency must be from 0 to 3600 seconds")
    return float(latency)
