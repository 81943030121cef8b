"""The control API: the actors over HTTP, for tests in any language and the command line."""

import time
from collections.abc import Callable
from dataclasses import asdict

from aiohttp import web

from sandbox.control import clock_routes
from sandbox.control.journal import RequestJournal
from sandbox.discord.actors.guild import GuildActor
from sandbox.discord.actors.http_dispatch import ActorDispatcher
from sandbox.discord.gateway.server import Gateway
from sandbox.discord.model import snowflakes
from sandbox.discord.model.errors import build_field_error
from sandbox.discord.model.events import HEALTH, Event
from sandbox.discord.model.faults import KINDS, DiscordFault, DiscordFaults, SeededDiscordFaults
from sandbox.discord.rest.responses import respond_empty, respond_json
from sandbox.discord.state import payloads_interaction as interaction_payloads
from sandbox.discord.state.state import State
from sandbox.discord.validation.request_bodies import read_json, read_object

MAX_WAIT_S = 60.0


class DiscordControl:
    def __init__(
        self,
        state: State,
        guild: GuildActor,
        journal: RequestJournal,
        faults: DiscordFaults,
        gateway: Gateway,
        *,
        reset: Callable[[], None],
    ) -> None:
        self._state = state
        self._guild = guild
        self._get_journal = journal
        self._faults = faults
        self._control_gateway = gateway
        self._reset_state = reset
        self._dispatcher = ActorDispatcher(state, guild)

    def build_routes(self) -> list[web.RouteDef]:
        return [
            web.get("/_control/health", self._check_health),
            web.post("/_control/act", self._run_action),
            web.get("/_control/interactions/{interaction}", self._get_interaction),
            web.get("/_control/channels/{channel}/messages", self._list_messages),
            web.get("/_control/journal", self._show_journal),
            web.post("/_control/reset", self._forget_all),
            web.get("/_control/act", self._list_actions),
            web.get("/_control/faults", self._list_faults),
            web.post("/_control/faults", self._plan_faults),
            web.delete("/_control/faults", self._clear_faults),
            web.get("/_control/settings", self._get_settings),
            web.post("/_control/settings", self._set_settings),
            web.post("/_control/gateway", self._act_on_gateway),
            *clock_routes.build_clock_routes(self._state.clock),
        ]

    async def _check_health(self, request: web.Request) -> web.Response:
        """Tell whether a bot is connected with its commands; wait up to ?wait seconds for it."""
        seconds = _read_wait_seconds(request)
        deadline = time.monotonic() + seconds
        while not self._is_ready() and (left := deadline - time.monotonic()) > 0:
            since = self._state.changes.get_version(HEALTH)
            await self._state.changes.wait_for_change((HEALTH,), since=since, timeout=left)
        commands = len(self._state.commands.all())
        return respond_json(
            {"ready": self._is_ready(), "sessions": self._state.sessions, "commands": commands}
        )

    async def _run_action(self, request: web.Request) -> web.Response:
        """Run an actor's action: {"as", "do", ...}, or {"do", ...} for the guild itself."""
        return respond_json(await self._dispatcher.dispatch(await read_object(request)))

    async def _list_actions(self, _: web.Request) -> web.Response:
        return respond_json(self._dispatcher.describe_actions())

    async def _get_interaction(self, request: web.Request) -> web.Response:
        """Answer the record once its version is above ?since, or after ?wait seconds."""
        number = snowflakes.parse_snowflake(request.match_info["interaction"])
        interaction = self._state.interactions.get(number)
        since = snowflakes.parse_snowflake(request.query.get("since", "0")) or 0
        keys = (interaction.id, interaction.channel_id)
        await self._state.changes.wait_for_change(
            keys, since=since, timeout=_read_wait_seconds(request)
        )
        return respond_json(interaction_payloads.build_record(self._state, interaction))

    async def _list_messages(self, request: web.Request) -> web.Response:
        """Answer all messages of a channel, or those posted with ?nonce."""
        channel = self._dispatcher.find_channel_id(request.match_info["channel"])
        nonce, guild = request.query.get("nonce"), self._guild
        found = guild.messages(channel) if nonce is None else guild.by_nonce(nonce, channel=channel)
        return respond_json(found)

    async def _show_journal(self, _: web.Request) -> web.Response:
        return respond_json(self._get_journal.to_json())

    async def _forget_all(self, _: web.Request) -> web.Response:
        self._reset_state()
        return respond_empty()

    async def _list_faults(self, _: web.Request) -> web.Response:
        """Answer the planned faults, and all fault kinds."""
        faults = self._faults
        kinds = {
            name: {"stage": kind.stage, "does": kind.does, "value": kind.value}
            for name, kind in KINDS.items()
        }
        planned = [asdict(fault) | {"stage": fault.stage} for fault in faults.planned_faults]
        plan = asdict(faults.plan) if faults.plan is not None else None
        return respond_json({"kinds": kinds, "planned": planned, "plan": plan})

    async def _plan_faults(self, request: web.Request) -> web.Response:
        """Add a list of faults, or replace the seeded plan."""
        given, faults = await read_json(request), self._faults
        try:
            if isinstance(given, list):
                faults.add(*[DiscordFault.from_json(each) for each in given])
            else:
                faults.plan = SeededDiscordFaults.from_json(given)
        except (TypeError, ValueError) as error:
            raise build_field_error(("faults",), "BASE_TYPE_BAD", str(error)) from error
        return respond_json({"planned": len(faults.planned_faults)})

    async def _clear_faults(self, _: web.Request) -> web.Response:
        self._faults.clear()
        return respond_json({"planned": 0})

    async def _get_settings(self, _: web.Request) -> web.Response:
        return respond_json(self._state.settings.to_json())

    async def _set_settings(self, request: web.Request) -> web.Response:
        given = await read_json(request)
        try:
            self._state.settings = self._state.settings.with_changes(given)
        except (TypeError, ValueError) as error:
            raise build_field_error(("settings",), "BASE_TYPE_BAD", str(error)) from error
        # Only wakes the persistence: nobody sees the event.
        self._state.emit(Event("SETTINGS", {}, audience=frozenset()))
        return respond_json(self._state.settings.to_json())

    async def _act_on_gateway(self, request: web.Request) -> web.Response:
        """Do to every bot: {"do": "reconnect" | "invalidate" | "drop", "resumable", "code"}."""
        body, gateway = await read_object(request), self._control_gateway
        match body.get("do"):
            case "reconnect":
                gateway.request_reconnect()
            case "invalidate":
                gateway.invalidate_sessions(resumable=body.get("resumable") is True)
            case "drop":
                code = body.get("code", 4000)
                if type(code) is not int or not 1000 <= code <= 4999:
                    raise build_field_error(
                        ("code",), "NUMBER_TYPE_COERCE", "Must be a close code."
                    )
                await gateway.close_sockets(code)
            case _:
                message = "Must be reconnect, invalidate or drop."
                raise build_field_error(("do",), "BASE_TYPE_CHOICES", message)
        return respond_empty()

    def _is_ready(self) -> bool:
        return self._state.is_bot_online and bool(self._state.commands.all())


def _read_wait_seconds(request: web.Request) -> float:
    try:
        seconds = float(request.query.get("wait", "0"))
    except ValueError as error:
        raise build_field_error(
            ("wait",), "FLOAT_TYPE_COERCE", "Must be a number of seconds."
        ) from error
    return min(max(seconds, 0.0), MAX_WAIT_S) if seconds == seconds else 0.0  # noqa: PLR0124 - not a NaN
