"""REST for looking things up: the bot itself, people, their DMs, the gateway's address."""

from aiohttp import web

from sandbox.discord.api import API, answer
from sandbox.discord.errors import CANNOT_SEND_TO_USER, UNKNOWN_USER, DiscordError
from sandbox.discord.gateway import Gateway
from sandbox.discord.models import Json
from sandbox.discord.rest_lookup import Lookup, form


class DirectoryRoutes:
    def __init__(self, lookup: Lookup, gateway: Gateway) -> None:
        self._lookup = lookup
        self._state = lookup.state
        self._gateway_server = gateway

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(API + "/users/@me", self._me),
            web.post(API + "/users/@me/channels", self._open_dm),
            web.get(API + "/users/{user}", self._user),
            web.get(API + "/gateway", self._gateway),
            web.get(API + "/gateway/bot", self._gateway_bot),
        ]

    async def _me(self, _: web.Request) -> web.Response:
        return answer(self._state.payloads.me())

    async def _user(self, request: web.Request) -> web.Response:
        user = self._state.world.users.get(self._lookup.number(request, "user") or 0)
        if user is None:
            raise DiscordError(UNKNOWN_USER)
        return answer(self._state.payloads.user(user))

    async def _open_dm(self, request: web.Request) -> web.Response:
        """Open the DM with a person; whether they take messages shows when one is sent."""
        fields = await form(request)
        user_id = fields["recipient_id"].snowflake()
        fields.form.check()
        if user_id not in self._state.world.people:
            raise DiscordError(UNKNOWN_USER)
        if user_id == self._lookup.me:
            raise DiscordError(CANNOT_SEND_TO_USER)
        channel = self._state.roster.direct(user_id, self._lookup.me)
        return answer(self._state.payloads.channel(channel))

    async def _gateway(self, _: web.Request) -> web.Response:
        return answer({"url": self._gateway_server.url})

    async def _gateway_bot(self, _: web.Request) -> web.Response:
        """Answer how many shards to start, how many at once, and how often a day."""
        gateway, settings = self._gateway_server, self._state.settings
        limits: Json = {
            "total": settings.identifies,
            "remaining": gateway.starts.remaining(settings),
            "reset_after": gateway.starts.reset_after_ms(),
            "max_concurrency": settings.max_concurrency,
        }
        body = {"url": gateway.url, "shards": settings.least_shards}
        return answer(body | {"session_start_limit": limits})
