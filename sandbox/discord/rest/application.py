"""REST for the application: itself, its emojis, entitlements and command permissions."""

from aiohttp import web

from sandbox.discord.model import guild_payloads
from sandbox.discord.model.errors import NOT_FOR_BOTS, UNKNOWN_COMMAND_PERMISSIONS, DiscordError
from sandbox.discord.model.records import Json
from sandbox.discord.rest.path_params import RequestLookup, read_form, read_limit, read_query_id
from sandbox.discord.rest.responses import API, respond_empty, respond_json
from sandbox.discord.validation.forms import FormField

_APPLICATION = API + "/applications/{application}"
_EMOJIS = _APPLICATION + "/emojis"
_ENTITLEMENTS = _APPLICATION + "/entitlements"
_PERMISSIONS = _APPLICATION + "/guilds/{guild}/commands"


class ApplicationRoutes:
    def __init__(self, lookup: RequestLookup) -> None:
        self._lookup = lookup
        self._state = lookup.state

    def build_routes(self) -> list[web.RouteDef]:
        one = _PERMISSIONS + "/{command}/permissions"
        return [
            web.get(API + "/oauth2/applications/@me", self._get_application),
            web.get(API + "/applications/@me", self._get_application),
            web.patch(API + "/applications/@me", self._update_application),
            web.get(_EMOJIS, self._list_emojis),
            web.post(_EMOJIS, self._add_emoji),
            web.get(_EMOJIS + "/{emoji}", self._get_emoji),
            web.patch(_EMOJIS + "/{emoji}", self._rename_emoji),
            web.delete(_EMOJIS + "/{emoji}", self._delete_emoji),
            web.get(_ENTITLEMENTS, self._list_entitlements),
            web.post(_ENTITLEMENTS, self._grant_entitlement),
            web.get(_ENTITLEMENTS + "/{entitlement}", self._get_entitlement),
            web.delete(_ENTITLEMENTS + "/{entitlement}", self._revoke_entitlement),
            web.post(_ENTITLEMENTS + "/{entitlement}/consume", self._consume_entitlement),
            web.get(_PERMISSIONS + "/permissions", self._list_permissions),
            web.get(one, self._get_permissions),
            web.put(one, self._set_permissions),
        ]

    async def _get_application(self, _: web.Request) -> web.Response:
        return respond_json(self._build_application())

    async def _update_application(self, request: web.Request) -> web.Response:
        """Change the description; the local Discord ignores the other fields."""
        fields = await read_form(request)
        fields["description"].check_text(0, 400)
        fields.form.raise_errors()
        if "description" in fields.raw:
            self._state.world.description = fields["description"].raw or ""
        return respond_json(self._build_application())

    def _build_application(self) -> Json:
        world, payloads = self._state.world, self._state.payloads
        bot, owner = (
            payloads.build_user(world.bot),
            payloads.build_user(world.get_user(world.guild.owner_id)),
        )
        flags = guild_payloads.compute_application_flags(self._state.settings.intents)
        return guild_payloads.build_application(world, bot=bot, owner=owner, flags=flags)

    async def _list_emojis(self, request: web.Request) -> web.Response:
        self._lookup.check_application(request)
        emojis = self._state.emojis
        return respond_json({"items": [emojis.build_payload(each) for each in emojis.all()]})

    async def _add_emoji(self, request: web.Request) -> web.Response:
        self._lookup.check_application(request)
        emoji = self._state.emojis.create(await read_form(request))
        return respond_json(self._state.emojis.build_payload(emoji), status=201)

    async def _get_emoji(self, request: web.Request) -> web.Response:
        self._lookup.check_application(request)
        found = self._state.emojis.get(self._lookup.read_id(request, "emoji"))
        return respond_json(self._state.emojis.build_payload(found))

    async def _rename_emoji(self, request: web.Request) -> web.Response:
        self._lookup.check_application(request)
        found = self._state.emojis.get(self._lookup.read_id(request, "emoji"))
        renamed = self._state.emojis.rename(found, await read_form(request))
        return respond_json(self._state.emojis.build_payload(renamed))

    async def _delete_emoji(self, request: web.Request) -> web.Response:
        self._lookup.check_application(request)
        found = self._state.emojis.get(self._lookup.read_id(request, "emoji"))
        self._state.emojis.delete(found)
        return respond_empty()

    async def _list_entitlements(self, request: web.Request) -> web.Response:
        self._lookup.check_application(request)
        user_id, guild_id = read_query_id(request, "user_id"), read_query_id(request, "guild_id")
        now, limit = self._state.clock.now(), read_limit(request, default=100, maximum=100)
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
        return respond_json(
            [self._state.entitlements.build_payload(each) for each in found[:limit]]
        )

    async def _grant_entitlement(self, request: web.Request) -> web.Response:
        """Grant a test entitlement to a guild (owner_type 1) or a user (2)."""
        self._lookup.check_application(request)
        fields = await read_form(request)
        sku_id, owner_id = (_read_id(fields[name]) for name in ("sku_id", "owner_id"))
        fields["owner_type"].check_choice(1, 2)
        fields.form.raise_errors()
        to_guild = fields["owner_type"].raw == 1
        owner: dict[str, int] = {"guild_id" if to_guild else "user_id": owner_id}
        entitlement = self._state.entitlements.grant(sku_id, **owner)
        return respond_json(self._state.entitlements.build_payload(entitlement))

    async def _get_entitlement(self, request: web.Request) -> web.Response:
        self._lookup.check_application(request)
        found = self._state.entitlements.get(self._lookup.read_id(request, "entitlement"))
        return respond_json(self._state.entitlements.build_payload(found))

    async def _revoke_entitlement(self, request: web.Request) -> web.Response:
        self._lookup.check_application(request)
        self._state.entitlements.delete(self._lookup.read_id(request, "entitlement"))
        return respond_empty()

    async def _consume_entitlement(self, request: web.Request) -> web.Response:
        self._lookup.check_application(request)
        self._state.entitlements.consume(self._lookup.read_id(request, "entitlement"))
        return respond_empty()

    async def _list_permissions(self, request: web.Request) -> web.Response:
        self._lookup.check_application(request)
        guild = self._lookup.get_guild(request)
        return respond_json(self._state.command_permissions.list_for_guild(guild))

    async def _get_permissions(self, request: web.Request) -> web.Response:
        self._lookup.check_application(request)
        guild, command_id = self._lookup.get_guild(request), request.match_info["command"]
        if not self._state.command_permissions.has_overrides(guild, command_id):
            raise DiscordError(UNKNOWN_COMMAND_PERMISSIONS)
        return respond_json(self._state.command_permissions.build_payload(guild, command_id))

    async def _set_permissions(self, _: web.Request) -> web.Response:
        """Refuse: this needs a user's token (documentation, "Edit Command Permissions")."""
        raise DiscordError(NOT_FOR_BOTS)


def _read_id(raw: FormField) -> int:
    return raw.read_snowflake() or 0
