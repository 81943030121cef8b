"""REST for global and guild commands."""

from aiohttp import web

from sandbox.discord.model.errors import build_field_error
from sandbox.discord.rest.path_params import RequestLookup
from sandbox.discord.rest.responses import API, respond_empty, respond_json
from sandbox.discord.validation.request_bodies import read_json, read_object

_APPLICATION = API + "/applications/{application}"
_SCOPES = (_APPLICATION + "/commands", _APPLICATION + "/guilds/{guild}/commands")


class CommandRoutes:
    def __init__(self, lookup: RequestLookup) -> None:
        self._lookup = lookup
        self._state = lookup.state

    def build_routes(self) -> list[web.RouteDef]:
        return [
            route
            for scope in _SCOPES
            for route in (
                web.get(scope, self._list_commands),
                web.put(scope, self._replace_commands),
                web.post(scope, self._create_command),
                web.get(scope + "/{command}", self._get_command),
                web.patch(scope + "/{command}", self._edit_command),
                web.delete(scope + "/{command}", self._delete_command),
            )
        ]

    async def _list_commands(self, request: web.Request) -> web.Response:
        return respond_json(self._state.commands.list_scope(self._read_scope(request)))

    async def _replace_commands(self, request: web.Request) -> web.Response:
        wanted = await read_json(request)
        if not isinstance(wanted, list):
            raise build_field_error(
                (), "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType"
            )
        return respond_json(self._state.commands.replace_scope(self._read_scope(request), wanted))

    async def _create_command(self, request: web.Request) -> web.Response:
        wanted = await read_object(request)
        scope = self._read_scope(request)
        known = {(each["name"], each["type"]) for each in self._state.commands.list_scope(scope)}
        stored = self._state.commands.upsert(scope, wanted)
        return respond_json(stored, 200 if (stored["name"], stored["type"]) in known else 201)

    async def _get_command(self, request: web.Request) -> web.Response:
        command_id = request.match_info["command"]
        return respond_json(self._state.commands.get(self._read_scope(request), command_id))

    async def _edit_command(self, request: web.Request) -> web.Response:
        change = await read_object(request)
        scope = self._read_scope(request)
        old = self._state.commands.get(scope, request.match_info["command"])
        return respond_json(self._state.commands.update(scope, old, change=change))

    async def _delete_command(self, request: web.Request) -> web.Response:
        self._state.commands.delete(self._read_scope(request), request.match_info["command"])
        return respond_empty()

    def _read_scope(self, request: web.Request) -> int | None:
        """Return the guild id, or None for global commands."""
        self._lookup.check_application(request)
        return self._lookup.get_guild(request).id if "guild" in request.match_info else None
