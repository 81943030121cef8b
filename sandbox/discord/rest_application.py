"""REST for the application: itself, its emojis, what was bought, who may use its commands."""

from aiohttp import web

from sandbox.discord import payloads_guild
from sandbox.discord.api import API, answer, nothing
from sandbox.discord.errors import (
    NOT_FOR_BOTS,
    UNKNOWN_COMMAND_PERMISSIONS,
    DiscordError,
)
from sandbox.discord.forms import Field
from sandbox.discord.models import Json
from sandbox.discord.rest_lookup import Lookup, form, limit, query_id

_APPLICATION = API + "/applications/{application}"
_EMOJIS = _APPLICATION + "/emojis"
_ENTITLEMENTS = _APPLICATION + "/entitlements"
_PERMISSIONS = _APPLICATION + "/guilds/{guild}/commands"


class ApplicationRoutes:
    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._state = lookup.state

    def routes(self) -> list[web.RouteDef]:
        one = _PERMISSIONS + "/{command}/permissions"
        return [
            web.get(API + "/oauth2/applications/@me", self._get),
            web.get(API + "/applications/@me", self._get),
            web.patch(API + "/applications/@me", self._change),
            web.get(_EMOJIS, self._emojis),
            web.post(_EMOJIS, self._add_emoji),
            web.get(_EMOJIS + "/{emoji}", self._emoji),
            web.patch(_EMOJIS + "/{emoji}", self._rename_emoji),
            web.delete(_EMOJIS + "/{emoji}", self._delete_emoji),
            web.get(_ENTITLEMENTS, self._entitlements),
            web.post(_ENTITLEMENTS, self._grant),
            web.get(_ENTITLEMENTS + "/{entitlement}", self._entitlement),
            web.delete(_ENTITLEMENTS + "/{entitlement}", self._revoke),
            web.post(_ENTITLEMENTS + "/{entitlement}/consume", self._consume),
            web.get(_PERMISSIONS + "/permissions", self._all_permissions),
            web.get(one, self._permissions),
            web.put(one, self._set_permissions),
        ]

    async def _get(self, _: web.Request) -> web.Response:
        return answer(self._application())

    async def _change(self, request: web.Request) -> web.Response:
        """Change the description; what else an application has is fixed here."""
        fields = await form(request)
        fields["description"].text(0, 400)
        fields.form.check()
        if "description" in fields.raw:
            self._state.world.description = fields["description"].raw or ""
        return answer(self._application())

    def _application(self) -> Json:
        world, payloads = self._state.world, self._state.payloads
        bot, owner = payloads.user(world.bot), payloads.user(world.user(world.guild.owner_id))
        flags = payloads_guild.application_flags(self._state.settings.intents)
        return payloads_guild.application(world, bot=bot, owner=owner, flags=flags)

    async def _emojis(self, request: web.Request) -> web.Response:
        self._lookup.application(request)
        emojis = self._state.emojis
        return answer({"items": [emojis.payload(each) for each in emojis.all()]})

    async def _add_emoji(self, request: web.Request) -> web.Response:
        self._lookup.application(request)
        made = self._state.emojis.create(await form(request))
        return answer(self._state.emojis.payload(made), status=201)

    async def _emoji(self, request: web.Request) -> web.Response:
        self._lookup.application(request)
        found = self._state.emojis.get(self._lookup.number(request, "emoji"))
        return answer(self._state.emojis.payload(found))

    async def _rename_emoji(self, request: web.Request) -> web.Response:
        self._lookup.application(request)
        found = self._state.emojis.get(self._lookup.number(request, "emoji"))
        renamed = self._state.emojis.rename(found, await form(request))
        return answer(self._state.emojis.payload(renamed))

    async def _delete_emoji(self, request: web.Request) -> web.Response:
        self._lookup.application(request)
        found = self._state.emojis.get(self._lookup.number(request, "emoji"))
        self._state.emojis.delete(found)
        return nothing()

    async def _entitlements(self, request: web.Request) -> web.Response:
        self._lookup.application(request)
        user_id, guild_id = query_id(request, "user_id"), query_id(request, "guild_id")
        now, most = self._state.clock.now(), limit(request, default=100, most=100)
        no_ended = request.query.get("exclude_ended", "").lower() in {"1", "true"}
        deleted_too = request.query.get("exclude_deleted", "true").lower() in {"0", "false"}
        found = [
            each
            for each in self._state.entitlements.all()
            if user_id in {None, each.user_id}
            and guild_id in {None, each.guild_id}
            and (deleted_too or not each.deleted)
            and not (no_ended and each.ends_at is not None and each.ends_at <= now)
        ]
        return answer([self._state.entitlements.shown(each) for each in found[:most]])

    async def _grant(self, request: web.Request) -> web.Response:
        """Give a test entitlement to a guild (owner_type 1) or a user (2)."""
        self._lookup.application(request)
        fields = await form(request)
        sku_id, owner_id = (_id(fields[name]) for name in ("sku_id", "owner_id"))
        fields["owner_type"].choice(1, 2)
        fields.form.check()
        to_guild = fields["owner_type"].raw == 1
        owner: dict[str, int] = {"guild_id" if to_guild else "user_id": owner_id}
        made = self._state.entitlements.grant(sku_id, **owner)
        return answer(self._state.entitlements.shown(made))

    async def _entitlement(self, request: web.Request) -> web.Response:
        self._lookup.application(request)
        found = self._state.entitlements.get(self._lookup.number(request, "entitlement"))
        return answer(self._state.entitlements.shown(found))

    async def _revoke(self, request: web.Request) -> web.Response:
        self._lookup.application(request)
        self._state.entitlements.delete(self._lookup.number(request, "entitlement"))
        return nothing()

    async def _consume(self, request: web.Request) -> web.Response:
        self._lookup.application(request)
        self._state.entitlements.consume(self._lookup.number(request, "entitlement"))
        return nothing()

    async def _all_permissions(self, request: web.Request) -> web.Response:
        self._lookup.application(request)
        guild = self._lookup.guild(request)
        return answer(self._state.command_permissions.of_guild(guild))

    async def _permissions(self, request: web.Request) -> web.Response:
        self._lookup.application(request)
        guild, command_id = self._lookup.guild(request), request.match_info["command"]
        if not self._state.command_permissions.has(guild, command_id):
            raise DiscordError(UNKNOWN_COMMAND_PERMISSIONS)
        return answer(self._state.command_permissions.shown(guild, command_id))

    async def _set_permissions(self, _: web.Request) -> web.Response:
        """Refuse: only a person's own token may (documentation, "Edit Command Permissions")."""
        raise DiscordError(NOT_FOR_BOTS)


def _id(raw: Field) -> int:
    return raw.snowflake() or 0
