"""The control API: look at the journal, turn the switches, plan faults. For tests and the demo."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.domain.money import MicroUsd
from sandbox.runware.faults import KINDS, Fault, SeededPlan

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sandbox.runware.outbound import Courier
    from sandbox.runware.runs import Books, Runs
    from sandbox.runware.sessions import Sessions

_MOST_MONEY = 10**12


@dataclass(frozen=True, slots=True)
class Control:
    books: Books
    runs: Runs
    sessions: Sessions
    courier: Courier

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/_control/health", self._health),
            web.get("/_control/journal", self._show_journal),
            web.get("/_control/switches", self._show_switches),
            web.get("/_control/faults", self._show_faults),
            web.post("/_control/settings", _read(self._settings)),
            web.post("/_control/switches", _read(self._set_switches)),
            web.post("/_control/faults", _read(self._plan_faults)),
            web.post("/_control/balance", _read(self._set_balance)),
            web.delete("/_control/faults", self._clear_faults),
            web.post("/_control/hold", self._hold),
            web.post("/_control/release", self._release),
            web.post("/_control/reset", self._reset),
        ]

    async def reset(self) -> None:
        """Forget every task, picture, fault and journal entry; the switches are as at the start."""
        await self.runs.stop()
        await self.courier.stop()
        self.runs.release()
        self.books.tasks.clear()
        self.books.pictures.clear()
        self.books.journal.clear()
        self.books.conditions.reset()
        self.sessions.clear()

    def _state(self) -> dict[str, Any]:
        return {
            "ready": True,
            **self.runs.engine_state,
            "unfinished": self.books.tasks.unfinished,
            "held": self.runs.held,
            "latency": self.books.conditions.latency,
            "balance_micro_usd": self.books.conditions.wallet.balance,
        }

    async def _health(self, _request: web.Request) -> web.Response:
        return web.json_response(self._state())

    async def _show_journal(self, _request: web.Request) -> web.Response:
        return web.json_response(self.books.journal.to_json())

    async def _show_switches(self, _request: web.Request) -> web.Response:
        return web.json_response(self.books.conditions.switches.to_json())

    async def _show_faults(self, _request: web.Request) -> web.Response:
        faults = self.books.conditions.faults
        kinds = {
            kind: {"stages": list(stages), "does": does} for kind, (stages, does) in KINDS.items()
        }
        planned = [
            asdict(fault) | {"task": str(fault.task) if fault.task else None}
            for fault in faults.planned
        ]
        plan = asdict(faults.plan) if faults.plan else None
        return web.json_response({"kinds": kinds, "planned": planned, "plan": plan})

    def _settings(self, given: Any) -> dict[str, Any]:
        self.books.conditions.latency = _latency(given)
        return self._state()

    def _set_switches(self, given: Any) -> dict[str, Any]:
        if not isinstance(given, dict):
            raise TypeError("switches are set by an object of names and values")
        conditions = self.books.conditions
        conditions.switches = conditions.switches.set(given)
        return conditions.switches.to_json()

    def _plan_faults(self, given: Any) -> dict[str, Any]:
        """Add a list of faults, or take a seeded plan in the place of the one before."""
        faults = self.books.conditions.faults
        if isinstance(given, list):
            faults.add(*[Fault.read(each) for each in given])
        else:
            faults.plan = SeededPlan.read(given)
        return {"planned": len(faults.planned)}

    def _set_balance(self, given: Any) -> dict[str, Any]:
        amount = given.get("micro_usd") if isinstance(given, dict) else None
        if type(amount) is not int or not 0 <= amount <= _MOST_MONEY:
            raise ValueError('the balance is {"micro_usd": whole micro-dollars}')
        self.books.conditions.wallet.balance = MicroUsd(amount)
        return self._state()

    async def _clear_faults(self, _request: web.Request) -> web.Response:
        self.books.conditions.faults.clear()
        return web.json_response({"planned": 0})

    async def _hold(self, _request: web.Request) -> web.Response:
        self.runs.hold()
        return web.json_response(self._state())

    async def _release(self, _request: web.Request) -> web.Response:
        self.runs.release()
        return web.json_response(self._state())

    async def _reset(self, _request: web.Request) -> web.Response:
        await self.reset()
        return web.json_response(self._state())


def _read(
    change: Callable[[Any], dict[str, Any]],
) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Give a change its JSON, and answer 400 with the reason when it makes no sense."""

    async def handle(request: web.Request) -> web.Response:
        try:
            return web.json_response(change(json.loads(await request.text())))
        except (TypeError, ValueError, RecursionError) as error:
            return web.json_response({"error": str(error)}, status=400)

    return handle


def _latency(given: Any) -> float:
    if not isinstance(given, dict) or given.keys() != {"latency"}:
        raise ValueError('the one setting is {"latency": seconds}')
    latency = given["latency"]
    if type(latency) not in {int, float} or not 0 <= latency <= 3600:
        raise ValueError("latency must be from 0 to 3600 seconds")
    return float(latency)
