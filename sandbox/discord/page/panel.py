"""The page's side panel: the bot's ledger and jobs, the provider, faults, the clock."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.control.journal import RequestJournal
from sandbox.discord.model import snowflakes
from sandbox.discord.model.errors import NOT_FOUND, UNKNOWN_CHANNEL, DiscordError, build_field_error
from sandbox.discord.model.events import Event
from sandbox.discord.model.faults import DiscordFaults
from sandbox.discord.model.records import Channel, Json, User
from sandbox.discord.page import new_guild
from sandbox.discord.page import permissions as page_permissions
from sandbox.discord.page.fault_presets import PRESETS, Service
from sandbox.discord.page.views import get_joined_guild, list_guilds, list_people, read_viewer
from sandbox.discord.rest.responses import respond_empty, respond_json
from sandbox.discord.state.state import State
from sandbox.discord.validation.request_bodies import read_object

if TYPE_CHECKING:
    from sandbox.runware.api.server import LocalRunware

MAX_SHOWN = 40  # newest entries of the provider's journal, as many as a person reads
SHORTEST_NAME, LONGEST_NAME = 2, 100  # of a guild's name: documentation, "Guild Object"
MAX_ADVANCE_S = 400 * 86_400.0


class DemoPanel:
    """Serve the side panel; whoever runs both services sets `provider`."""

    def __init__(self, state: State, faults: DiscordFaults, journal: RequestJournal) -> None:
        self._state = state
        self._discord_faults = faults
        self._journal = journal
        self._overview: Json = {}
        self.provider: LocalRunware | None = None

    def build_routes(self) -> list[web.RouteDef]:
        return [
            web.get("/_page/panel", self._get_panel),
            web.get("/_page/people", self._list_people),
            web.post("/_page/guilds", self._add_guild),
            web.post("/_page/panel/permission", self._toggle_permission),
            web.post("/_page/panel/fault", self._plan_preset),
            web.post("/_page/panel/clear", self._clear_faults),
            web.post("/_page/panel/clock", self._advance_clock),
        ]

    def build_control_routes(self) -> list[web.RouteDef]:
        return [
            web.get("/_control/guilds", self._list_guilds),
            web.post("/_control/books", self._store_overview),
        ]

    async def _list_people(self, request: web.Request) -> web.Response:
        """Answer all people, those of `?guild=` first: the page can act as any of them."""
        read_viewer(self._state, request)
        return respond_json({"people": list_people(self._state, request.query.get("guild"))})

    async def _list_guilds(self, _: web.Request) -> web.Response:
        return respond_json({"guilds": list_guilds(self._state)})

    async def _add_guild(self, request: web.Request) -> web.Response:
        """Add a guild that the person joins: {"name"}; answer its id."""
        user = read_viewer(self._state, request)
        name = (await read_object(request)).get("name")
        if not isinstance(name, str) or not SHORTEST_NAME <= len(name.strip()) <= LONGEST_NAME:
            problem = f"Must be between {SHORTEST_NAME} and {LONGEST_NAME} in length."
            raise build_field_error(("name",), "BASE_TYPE_BAD_LENGTH", problem)
        guild = new_guild.add_guild(self._state, name.strip(), guest=user)
        return respond_json({"id": str(guild.id)}, status=201)

    async def _toggle_permission(self, request: web.Request) -> web.Response:
        """Deny the bot a permission, or allow it again: {"channel", "name"}."""
        user, body = read_viewer(self._state, request), await read_object(request)
        channel = self._find_channel(body.get("channel"), user)
        if channel is None:
            raise DiscordError(UNKNOWN_CHANNEL)
        if body.get("name") not in page_permissions.PERMISSION_BITS:
            raise build_field_error(("name",), "BASE_TYPE_CHOICES", "There is no such permission.")
        page_permissions.toggle_permission(self._state, channel, body["name"])
        return respond_empty()

    def _find_channel(self, raw: Any, user: User) -> Channel | None:
        """Return a guild channel that a person sees, or None."""
        channel = self._state.world.find_channel(snowflakes.parse_snowflake(raw) or 0)
        if channel is None or channel.guild_id is None or channel.type.is_thread:
            return None
        return channel if self._state.can_see(user.id, channel.id) else None

    async def _store_overview(self, request: web.Request) -> web.Response:
        """Store the bot's overview of its ledger, by guild, and notify the pages."""
        self._overview = await read_object(request)
        self._state.emit(Event("BOOKS", {}))
        return respond_json({})

    async def _get_panel(self, request: web.Request) -> web.Response:
        """Answer the panel's data for `?guild=` and `?channel=`, as far as the person sees them."""
        user, guild_id = read_viewer(self._state, request), request.query.get("guild")
        if guild_id is not None:
            get_joined_guild(self._state, guild_id, user)
        channel = self._find_channel(request.query.get("channel"), user)
        return respond_json(
            {
                "books": self._overview.get(guild_id or ""),
                "guilds": list_guilds(self._state),
                "may": page_permissions.list_permissions(self._state, channel) if channel else [],
                "provider": self._describe_provider(),
                "discord": self._describe_discord(),
                "clock": self._describe_clock(),
                "presets": {service: _list_presets(service) for service in PRESETS},
            }
        )

    def _describe_provider(self) -> Json | None:
        if self.provider is None:
            return None
        journal, state = self.provider.journal.to_json(), self.provider.service_state
        return {
            "requests": journal["requests"][-MAX_SHOWN:],
            "billed": journal["billed"][-MAX_SHOWN:],
            "struck": journal["faults"][-MAX_SHOWN:],
            "bill_micro_usd": sum(bill["cost_micro_usd"] for bill in journal["billed"]),
            "planned": _list_planned(state.faults.planned_faults),
        }

    def _describe_discord(self) -> Json:
        state = self._state
        return {
            "sessions": state.sessions,
            "commands": len(state.commands.all()),
            "planned": _list_planned(self._discord_faults.planned_faults),
            "struck": self._journal.to_json()["faults"][-MAX_SHOWN:],
        }

    def _describe_clock(self) -> Json:
        return {"now": self._state.clock.now()}

    async def _plan_preset(self, request: web.Request) -> web.Response:
        """Plan the faults of a preset: {"service", "preset"}."""
        body = await read_object(request)
        service = _read_service(body.get("service"))
        preset = PRESETS[service].get(str(body.get("preset")))
        if preset is None:
            raise build_field_error(("preset",), "BASE_TYPE_CHOICES", "There is no such preset.")
        self._get_planned_faults(service).add(*preset.faults)
        return respond_empty()

    async def _clear_faults(self, request: web.Request) -> web.Response:
        self._get_planned_faults(_read_service((await read_object(request)).get("service"))).clear()
        return respond_empty()

    async def _advance_clock(self, request: web.Request) -> web.Response:
        """Advance the clock: {"seconds"}."""
        seconds = (await read_object(request)).get("seconds")
        if (
            not isinstance(seconds, int | float)
            or isinstance(seconds, bool)
            or not 0 < seconds <= MAX_ADVANCE_S
        ):
            raise build_field_error(
                ("seconds",), "NUMBER_TYPE_MAX", "Must be more than 0 and under 400 days."
            )
        self._state.clock.advance(seconds)
        return respond_empty()

    def _get_planned_faults(self, service: Service) -> Any:
        if service is Service.DISCORD:
            return self._discord_faults
        if self.provider is None:
            raise DiscordError(NOT_FOUND)
        return self.provider.service_state.faults


def _list_planned(faults: Sequence[Any]) -> list[Json]:
    return [{"kind": fault.kind, "times": fault.times} for fault in faults]


def _read_service(raw: Any) -> Service:
    if raw not in list(Service):
        raise build_field_error(("service",), "BASE_TYPE_CHOICES", "Must be provider or discord.")
    return Service(raw)


def _list_presets(service: Service) -> list[Json]:
    return [
        {"name": name, "title": preset.title, "does": preset.does}
        for name, preset in PRESETS[service].items()
    ]
