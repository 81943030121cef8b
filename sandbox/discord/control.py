"""The control API: the same actors, over HTTP, for tests in any language and for the program."""

import time
from collections.abc import Callable
from dataclasses import asdict

from aiohttp import web

from sandbox.control import turning
from sandbox.control.journal import Journal
from sandbox.discord import payloads_interaction, snowflakes
from sandbox.discord.acting import Acting
from sandbox.discord.api import answer, nothing
from sandbox.discord.bodies import read_json, read_object
from sandbox.discord.errors import invalid
from sandbox.discord.events import HEALTH, Event
from sandbox.discord.faults import KINDS, Fault, Faults, SeededPlan
from sandbox.discord.gateway import Gateway
from sandbox.discord.guild_actor import GuildActor
from sandbox.discord.state import State

LONGEST_WAIT_S = 60.0


class Control:
    def __init__(
        self,
        state: State,
        guild: GuildActor,
        journal: Journal,
        faults: Faults,
        gateway: Gateway,
        *,
        reset: Callable[[], None],
    ) -> None:
        self._state = state
        self._guild = guild
        self._journal = journal
        self._faults = faults
        self._gateway = gateway
        self._reset = reset
        self._acting = Acting(state, guild)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/_control/health", self._health),
            web.post("/_control/act", self._act),
            web.get("/_control/interactions/{interaction}", self._interaction),
            web.get("/_control/channels/{channel}/messages", self._messages),
            web.get("/_control/journal", self._show_journal),
            web.post("/_control/reset", self._forget_all),
            web.get("/_control/act", self._acts),
            web.get("/_control/faults", self._list_faults),
            web.post("/_control/faults", self._plan),
            web.delete("/_control/faults", self._clear_faults),
            web.get("/_control/settings", self._settings),
            web.post("/_control/settings", self._set),
            web.post("/_control/gateway", self._act_on_gateway),
            *turning.routes(self._state.clock),
        ]

    async def _health(self, request: web.Request) -> web.Response:
        """Tell whether a bot is there with its commands; with ?wait=s wait until it is."""
        seconds = _seconds(request)
        deadline = time.monotonic() + seconds
        while not self._ready() and (left := deadline - time.monotonic()) > 0:
            since = self._state.changes.version(HEALTH)
            await self._state.changes.wait((HEALTH,), since=since, timeout=left)
        commands = len(self._state.commands.all())
        return answer(
            {"ready": self._ready(), "sessions": self._state.sessions, "commands": commands}
        )

    async def _act(self, request: web.Request) -> web.Response:
        """Do what an actor does: {"as", "do", ...}, or {"do", ...} for the guild itself."""
        return answer(await self._acting.act(await read_object(request)))

    async def _acts(self, _: web.Request) -> web.Response:
        return answer(self._acting.described())

    async def _interaction(self, request: web.Request) -> web.Response:
        """Answer the record, once its version is above ?since, or after ?wait seconds."""
        number = snowflakes.parse(request.match_info["interaction"])
        interaction = self._state.interactions.get(number)
        since = snowflakes.parse(request.query.get("since", "0")) or 0
        keys = (interaction.id, interaction.channel_id)
        await self._state.changes.wait(keys, since=since, timeout=_seconds(request))
        return answer(payloads_interaction.record(self._state, interaction))

    async def _messages(self, request: web.Request) -> web.Response:
        """Answer every message of a channel, or with ?nonce those that were posted with it."""
        channel = self._acting.channel(request.match_info["channel"])
        nonce, guild = request.query.get("nonce"), self._guild
        found = guild.messages(channel) if nonce is None else guild.by_nonce(nonce, channel=channel)
        return answer(found)

    async def _show_journal(self, _: web.Request) -> web.Response:
        return answer(self._journal.to_json())

    async def _forget_all(self, _: web.Request) -> web.Response:
        self._reset()
        return nothing()

    async def _list_faults(self, _: web.Request) -> web.Response:
        """Answer what is planned, and every kind that there is."""
        faults = self._faults
        kinds = {
            name: {"stage": kind.stage, "does": kind.does, "value": kind.value}
            for name, kind in KINDS.items()
        }
        planned = [asdict(fault) | {"stage": fault.stage} for fault in faults.planned]
        plan = asdict(faults.plan) if faults.plan is not None else None
        return answer({"kinds": kinds, "planned": planned, "plan": plan})

    async def _plan(self, request: web.Request) -> web.Response:
        """Add a list of faults, or take a seeded plan in the place of the one before."""
        given, faults = await read_json(request), self._faults
        try:
            if isinstance(given, list):
                faults.add(*[Fault.read(each) for each in given])
            else:
                faults.plan = SeededPlan.read(given)
        except (TypeError, ValueError) as error:
            raise invalid(("faults",), "BASE_TYPE_BAD", str(error)) from error
        return answer({"planned": len(faults.planned)})

    async def _clear_faults(self, _: web.Request) -> web.Response:
        self._faults.clear()
        return answer({"planned": 0})

    async def _settings(self, _: web.Request) -> web.Response:
        return answer(self._state.settings.to_json())

    async def _set(self, request: web.Request) -> web.Response:
        given = await read_json(request)
        try:
            self._state.settings = self._state.settings.set(given)
        except (TypeError, ValueError) as error:
            raise invalid(("settings",), "BASE_TYPE_BAD", str(error)) from error
        self._state.emit(Event("SETTINGS", {}, audience=frozenset()))
        return answer(self._state.settings.to_json())

    async def _act_on_gateway(self, request: web.Request) -> web.Response:
        """Do to every bot: {"do": "reconnect" | "invalidate" | "drop", "resumable", "code"}."""
        asked, gateway = await read_object(request), self._gateway
        match asked.get("do"):
            case "reconnect":
                gateway.reconnect()
            case "invalidate":
                gateway.invalidate(resumable=asked.get("resumable") is True)
            case "drop":
                code = asked.get("code", 4000)
                if type(code) is not int or not 1000 <= code <= 4999:
                    raise invalid(("code",), "NUMBER_TYPE_COERCE", "Must be a close code.")
                await gateway.drop(code)
            case _:
                message = "Must be reconnect, invalidate or drop."
                raise invalid(("do",), "BASE_TYPE_CHOICES", message)
        return nothing()

    def _ready(self) -> bool:
        return self._state.bot_online and bool(self._state.commands.all())


def _seconds(request: web.Request) -> float:
    try:
        seconds = float(request.query.get("wait", "0"))
    except ValueError as error:
        raise invalid(("wait",), "FLOAT_TYPE_COERCE", "Must be a number of seconds.") from error
    return min(max(seconds, 0.0), LONGEST_WAIT_S) if seconds == seconds else 0.0  # noqa: PLR0124 - not a NaN
