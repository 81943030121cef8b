"""REST for looking things up: the bot itself, its application, the gateway, guild and members."""

from aiohttp import web

from sandbox.discord import payloads_guild, snowflakes
from sandbox.discord.api import API, answer
from sandbox.discord.errors import UNKNOWN_GUILD, UNKNOWN_MEMBER, UNKNOWN_USER, DiscordError
from sandbox.discord.gateway import Gateway
from sandbox.discord.models import ChannelType, Guild, Json
from sandbox.discord.state import State

_GUILD = API + "/guilds/{guild}"


class DirectoryRoutes:
    def __init__(self, state: State, gateway: Gateway) -> None:
        self._state = state
        self._gateway_server = gateway

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(API + "/users/@me", self._me),
            web.get(API + "/users/{user}", self._user),
            web.get(API + "/oauth2/applications/@me", self._application),
            web.get(API + "/applications/@me", self._application),
            web.get(API + "/applications/{application}/emojis", self._emojis),
            web.get(API + "/gateway", self._gateway),
            web.get(API + "/gateway/bot", self._gateway_bot),
            web.get(_GUILD, self._guild_object),
            web.get(_GUILD + "/channels", self._channels),
            web.get(_GUILD + "/roles", self._roles),
            web.get(_GUILD + "/members/{user}", self._member),
        ]

    async def _me(self, _: web.Request) -> web.Response:
        return answer(self._state.payloads.me())

    async def _user(self, request: web.Request) -> web.Response:
        user = self._state.world.users.get(snowflakes.parse(request.match_info["user"]) or 0)
        if user is None:
            raise DiscordError(UNKNOWN_USER)
        return answer(self._state.payloads.user(user))

    async def _application(self, _: web.Request) -> web.Response:
        world, payloads = self._state.world, self._state.payloads
        flags = payloads_guild.application_flags(self._state.settings.intents)
        bot, owner = payloads.user(world.bot), payloads.user(world.user(world.guild.owner_id))
        return answer(payloads_guild.application(world, bot=bot, owner=owner, flags=flags))

    async def _emojis(self, _: web.Request) -> web.Response:
        return answer({"items": []})

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

    async def _guild_object(self, request: web.Request) -> web.Response:
        return answer(payloads_guild.guild_fields(self._guild(request)))

    async def _channels(self, request: web.Request) -> web.Response:
        channels = self._guild(request).channels.values()
        texts = [each for each in channels if each.type is ChannelType.TEXT]
        return answer([payloads_guild.channel(each) for each in texts])

    async def _roles(self, request: web.Request) -> web.Response:
        roles = self._guild(request).roles.values()
        return answer([payloads_guild.role(each) for each in roles])

    async def _member(self, request: web.Request) -> web.Response:
        members = self._guild(request).members
        member = members.get(snowflakes.parse(request.match_info["user"]) or 0)
        if member is None:
            raise DiscordError(UNKNOWN_MEMBER)
        return answer(self._state.payloads.member(member))

    def _guild(self, request: web.Request) -> Guild:
        guild = self._state.world.guild
        if snowflakes.parse(request.match_info["guild"]) != guild.id:
            raise DiscordError(UNKNOWN_GUILD)
        return guild
