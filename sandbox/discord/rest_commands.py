"""REST below /applications: the commands, global and of a guild."""

from aiohttp import web

from sandbox.discord.api import API, answer, nothing
from sandbox.discord.bodies import read_json, read_object
from sandbox.discord.errors import invalid
from sandbox.discord.rest_lookup import Lookup

_APPLICATION = API + "/applications/{application}"
_SCOPES = (_APPLICATION + "/commands", _APPLICATION + "/guilds/{guild}/commands")


class CommandRoutes:
    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._state = lookup.state

    def routes(self) -> list[web.RouteDef]:
        return [
            route
            for scope in _SCOPES
            for route in (
                web.get(scope, self._list),
                web.put(scope, self._replace),
                web.post(scope, self._create),
                web.get(scope + "/{command}", self._get),
                web.patch(scope + "/{command}", self._edit),
                web.delete(scope + "/{command}", self._delete),
            )
        ]

    async def _list(self, request: web.Request) -> web.Response:
        return answer(self._state.commands.listed(self._scope(request)))

    async def _replace(self, request: web.Request) -> web.Response:
        wanted = await read_json(request)
        if not isinstance(wanted, list):
            raise invalid((), "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
        return answer(self._state.commands.replace(self._scope(request), wanted))

    async def _create(self, request: web.Request) -> web.Response:
        wanted = await read_object(request)
        scope = self._scope(request)
        known = {(each["name"], each["type"]) for each in self._state.commands.listed(scope)}
        stored = self._state.commands.upsert(scope, wanted)
        return answer(stored, 200 if (stored["name"], stored["type"]) in known else 201)

    async def _get(self, request: web.Request) -> web.Response:
        command_id = request.match_info["command"]
        return answer(self._state.commands.get(self._scope(request), command_id))

    async def _edit(self, request: web.Request) -> web.Response:
        change = await read_object(request)
        scope = self._scope(request)
        old = self._state.commands.get(scope, request.match_info["command"])
        return answer(self._state.commands.change(scope, old, change=change))

    async def _delete(self, request: web.Request) -> web.Response:
        self._state.commands.delete(self._scope(request), request.match_info["command"])
        return nothing()

    def _scope(self, request: web.Request) -> int | None:
        """Return the guild's id, or None for global commands."""
        self._lookup.application(request)
        return self._lookup.guild(request).id if "guild" in request.match_info else None
