"""REST for users, DMs and the gateway's URL."""

from aiohttp import web

from sandbox.discord.gateway.server import Gateway
from sandbox.discord.model.errors import CANNOT_SEND_TO_USER, UNKNOWN_USER, DiscordError
from sandbox.discord.model.records import Json
from sandbox.discord.rest.path_params import RequestLookup, read_form
from sandbox.discord.rest.responses import API, respond_json


class UserRoutes:
    def __init__(self, lookup: RequestLookup, gateway: Gateway) -> None:
        self._lookup = lookup
        self._state = lookup.state
        self._gateway_server = gateway

    def build_routes(self) -> list[web.RouteDef]:
        return [
            web.get(API + "/users/@me", self._get_me),
            web.post(API + "/users/@me/channels", self._open_dm),
            web.get(API + "/users/{user}", self._get_user),
            web.get(API + "/gateway", self._get_gateway),
            web.get(API + "/gateway/bot", self._get_gateway_bot),
        ]

    async def _get_me(self, _: web.Request) -> web.Response:
        return respond_json(self._state.payloads.build_bot_user())

    async def _get_user(self, request: web.Request) -> web.Response:
        user = self._state.world.users.get(self._lookup.read_id(request, "user") or 0)
        if user is None:
            raise DiscordError(UNKNOWN_USER)
        return respond_json(self._state.payloads.build_user(user))

    async def _open_dm(self, request: web.Request) -> web.Response:
        """Open a DM with a user; whether they accept messages is checked when one is sent."""
        fields = await read_form(request)
        user_id = fields["recipient_id"].read_snowflake()
        fields.form.raise_errors()
        if user_id not in self._state.world.people:
            raise DiscordError(UNKNOWN_USER)
        if user_id == self._lookup.me:
            raise DiscordError(CANNOT_SEND_TO_USER)
        channel = self._state.guild_registry.open_dm(user_id, self._lookup.me)
        return respond_json(self._state.payloads.build_channel(channel))

    async def _get_gateway(self, _: web.Request) -> web.Response:
        return respond_json({"url": self._gateway_server.url})

    async def _get_gateway_bot(self, _: web.Request) -> web.Response:
        """Answer the gateway's URL, the shard count and the session start limit."""
        gateway, settings = self._gateway_server, self._state.settings
        limits: Json = {
            "total": settings.identifies,
            "remaining": gateway.identify_limit.count_remaining(settings),
            "reset_after": gateway.identify_limit.get_reset_after_ms(),
            "max_concurrency": settings.max_concurrency,
        }
        body = {"url": gateway.url, "shards": settings.least_shards}
        return respond_json(body | {"session_start_limit": limits})
