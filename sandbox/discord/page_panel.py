"""The page's side panel: money and jobs as the bot told them, the provider, faults, the clock."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.control.journal import Journal
from sandbox.discord import further_guild, page_permissions, snowflakes
from sandbox.discord.api import answer, nothing
from sandbox.discord.bodies import read_object
from sandbox.discord.errors import NOT_FOUND, UNKNOWN_CHANNEL, DiscordError, invalid
from sandbox.discord.events import Event
from sandbox.discord.faults import Faults
from sandbox.discord.models import Channel, Json, User
from sandbox.discord.page_presets import PRESETS, Service
from sandbox.discord.page_views import everybody, guilds_shown, member_of, viewer
from sandbox.discord.state import State

if TYPE_CHECKING:
    from sandbox.runware.server import LocalRunware

SHOWN = 40  # entries of the provider's journal: what a person reads through
SHORTEST_NAME, LONGEST_NAME = 2, 100  # of a guild: documentation, "Guild Object"
LONGEST_TURN_S = 400 * 86_400.0


class Panel:
    """What stands behind the scenes; `provider` is set by whoever runs both services."""

    def __init__(self, state: State, faults: Faults, journal: Journal) -> None:
        self._state = state
        self._discord_faults = faults
        self._journal = journal
        self._books: Json = {}
        self.provider: LocalRunware | None = None

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/_page/panel", self._show),
            web.get("/_page/people", self._people),
            web.post("/_page/guilds", self._add_guild),
            web.post("/_page/panel/permission", self._turn_permission),
            web.post("/_page/panel/fault", self._plan),
            web.post("/_page/panel/clear", self._clear),
            web.post("/_page/panel/clock", self._turn),
        ]

    def control_routes(self) -> list[web.RouteDef]:
        return [
            web.get("/_control/guilds", self._guilds),
            web.post("/_control/books", self._take_books),
        ]

    async def _people(self, request: web.Request) -> web.Response:
        """Answer everybody, those of `?guild=` first: on the page one may be any of them."""
        viewer(self._state, request)
        return answer({"people": everybody(self._state, request.query.get("guild"))})

    async def _guilds(self, _: web.Request) -> web.Response:
        return answer({"guilds": guilds_shown(self._state)})

    async def _add_guild(self, request: web.Request) -> web.Response:
        """Add a guild that the person joins: {"name"}; answer its id."""
        user = viewer(self._state, request)
        name = (await read_object(request)).get("name")
        if not isinstance(name, str) or not SHORTEST_NAME <= len(name.strip()) <= LONGEST_NAME:
            problem = f"Must be between {SHORTEST_NAME} and {LONGEST_NAME} in length."
            raise invalid(("name",), "BASE_TYPE_BAD_LENGTH", problem)
        guild = further_guild.add(self._state, name.strip(), guest=user)
        return answer({"id": str(guild.id)}, status=201)

    async def _turn_permission(self, request: web.Request) -> web.Response:
        """Take a permission from the bot, or give it back: {"channel", "name"}."""
        user, asked = viewer(self._state, request), await read_object(request)
        channel = self._channel(asked.get("channel"), user)
        if channel is None:
            raise DiscordError(UNKNOWN_CHANNEL)
        if asked.get("name") not in page_permissions.MAY:
            raise invalid(("name",), "BASE_TYPE_CHOICES", "There is no such permission.")
        page_permissions.turn(self._state, channel, asked["name"])
        return nothing()

    def _channel(self, raw: Any, user: User) -> Channel | None:
        """Return a guild's channel that a person sees, or None."""
        channel = self._state.world.channel(snowflakes.parse(raw) or 0)
        if channel is None or channel.guild_id is None or channel.parent_id is not None:
            return None
        return channel if self._state.sees(user.id, channel.id) else None

    async def _take_books(self, request: web.Request) -> web.Response:
        """Take what the bot's process shows of its books, by guild, and tell the pages of it."""
        self._books = await read_object(request)
        self._state.emit(Event("BOOKS", {}))
        return answer({})

    async def _show(self, request: web.Request) -> web.Response:
        """Answer what stands behind `?guild=` and `?channel=`, which the person sees."""
        user, guild_id = viewer(self._state, request), request.query.get("guild")
        if guild_id is not None:
            member_of(self._state, guild_id, user)
        channel = self._channel(request.query.get("channel"), user)
        return answer(
            {
                "books": self._books.get(guild_id or ""),
                "guilds": guilds_shown(self._state),
                "may": page_permissions.shown(self._state, channel) if channel else [],
                "provider": self._provider_shown(),
                "discord": self._discord_shown(),
                "clock": self._clock_shown(),
                "presets": {service: _presets_shown(service) for service in PRESETS},
            }
        )

    def _provider_shown(self) -> Json | None:
        if self.provider is None:
            return None
        journal, conditions = self.provider.journal.to_json(), self.provider.conditions
        return {
            "requests": journal["requests"][-SHOWN:],
            "billed": journal["billed"][-SHOWN:],
            "struck": journal["faults"][-SHOWN:],
            "bill_micro_usd": sum(bill["cost_micro_usd"] for bill in journal["billed"]),
            "planned": _planned(conditions.faults.planned),
        }

    def _discord_shown(self) -> Json:
        state = self._state
        return {
            "sessions": state.sessions,
            "commands": len(state.commands.all()),
            "planned": _planned(self._discord_faults.planned),
            "struck": self._journal.to_json()["faults"][-SHOWN:],
        }

    def _clock_shown(self) -> Json:
        return {"now": self._state.clock.now()}

    async def _plan(self, request: web.Request) -> web.Response:
        """Plan the faults of a preset: {"service", "preset"}."""
        asked = await read_object(request)
        service = _service(asked.get("service"))
        preset = PRESETS[service].get(str(asked.get("preset")))
        if preset is None:
            raise invalid(("preset",), "BASE_TYPE_CHOICES", "There is no such preset.")
        self._faults(service).add(*preset.faults)
        return nothing()

    async def _clear(self, request: web.Request) -> web.Response:
        self._faults(_service((await read_object(request)).get("service"))).clear()
        return nothing()

    async def _turn(self, request: web.Request) -> web.Response:
        """Turn the clock forward: {"seconds"}."""
        seconds = (await read_object(request)).get("seconds")
        if (
            not isinstance(seconds, int | float)
            or isinstance(seconds, bool)
            or not 0 < seconds <= LONGEST_TURN_S
        ):
            raise invalid(
                ("seconds",), "NUMBER_TYPE_MAX", "Must be more than 0 and under 400 days."
            )
        self._state.clock.advance(seconds)
        return nothing()

    def _faults(self, service: Service) -> Any:
        if service is Service.DISCORD:
            return self._discord_faults
        if self.provider is None:
            raise DiscordError(NOT_FOUND)
        return self.provider.conditions.faults


def _planned(faults: Sequence[Any]) -> list[Json]:
    return [{"kind": fault.kind, "times": fault.times} for fault in faults]


def _service(raw: Any) -> Service:
    if raw not in list(Service):
        raise invalid(("service",), "BASE_TYPE_CHOICES", "Must be provider or discord.")
    return Service(raw)


def _presets_shown(service: Service) -> list[Json]:
    return [
        {"name": name, "title": preset.title, "does": preset.does}
        for name, preset in PRESETS[service].items()
    ]
