"""REST for guilds: channels, roles, members, audit log, and leaving."""

from dataclasses import replace
from datetime import datetime

from aiohttp import web

from sandbox.discord.model import guild_payloads, permissions
from sandbox.discord.model.errors import MISSING_PERMISSIONS, DiscordError, build_field_error
from sandbox.discord.model.permissions import Permission
from sandbox.discord.model.records import Channel, Guild, Json, Member, Role
from sandbox.discord.rest.path_params import RequestLookup, read_form, read_limit, read_query_id
from sandbox.discord.rest.responses import API, respond_empty, respond_json
from sandbox.discord.state import audit_log
from sandbox.discord.state.audit_log import AuditAction
from sandbox.discord.validation import channels as channel_rules
from sandbox.discord.validation.forms import FormField

_GUILD = API + "/guilds/{guild}"
_MEMBER = _GUILD + "/members/{user}"
_MAX_TIMEOUT_S = 28 * 24 * 3600  # documentation, "Modify Guild Member"


class GuildRoutes:
    def __init__(self, lookup: RequestLookup) -> None:
        self._lookup = lookup
        self._state = lookup.state
        self._registry = lookup.state.guild_registry

    def build_routes(self) -> list[web.RouteDef]:
        return [
            web.get(_GUILD, self._get_guild),
            web.get(_GUILD + "/channels", self._list_channels),
            web.post(_GUILD + "/channels", self._add_channel),
            web.get(_GUILD + "/roles", self._list_roles),
            web.post(_GUILD + "/roles", self._add_role),
            web.get(_GUILD + "/roles/{role}", self._get_role),
            web.patch(_GUILD + "/roles/{role}", self._update_role),
            web.delete(_GUILD + "/roles/{role}", self._delete_role),
            web.get(_GUILD + "/members", self._list_members),
            web.get(_GUILD + "/members/search", self._search_members),
            web.patch(_GUILD + "/members/@me", self._update_me),
            web.get(_MEMBER, self._get_member),
            web.patch(_MEMBER, self._update_member),
            web.delete(_MEMBER, self._kick_member),
            web.put(_MEMBER + "/roles/{role}", self._add_member_role),
            web.delete(_MEMBER + "/roles/{role}", self._remove_member_role),
            web.get(_GUILD + "/audit-logs", self._get_audit_log),
            web.get(_GUILD + "/emojis", self._list_emojis),
            web.get(API + "/users/@me/guilds", self._list_own_guilds),
            web.delete(API + "/users/@me/guilds/{guild}", self._leave_guild),
        ]

    async def _get_guild(self, request: web.Request) -> web.Response:
        return respond_json(guild_payloads.build_guild_fields(self._lookup.get_guild(request)))

    async def _list_channels(self, request: web.Request) -> web.Response:
        channels = self._lookup.get_guild(request).channels.values()
        texts = [each for each in channels if not each.type.is_thread]
        return respond_json([guild_payloads.build_channel(each) for each in texts])

    async def _add_channel(self, request: web.Request) -> web.Response:
        guild = self._lookup.get_guild(request, Permission.MANAGE_CHANNELS)
        fields = await read_form(request)
        channel = Channel(
            self._state.ids.make_id(),
            guild.id,
            channel_rules.normalize_channel_name(fields["name"]),
            type=channel_rules.read_type(fields),
            created_at=self._state.clock.now(),
        )
        channel = channel_rules.read_channel(channel, fields, guild)
        fields.form.raise_errors()
        self._registry.set_channel(channel)
        self._lookup.record_action(request, guild, AuditAction.CHANNEL_CREATE, target=channel.id)
        return respond_json(guild_payloads.build_channel(channel), status=201)

    async def _list_roles(self, request: web.Request) -> web.Response:
        roles = self._lookup.get_guild(request).roles.values()
        return respond_json([guild_payloads.build_role(each) for each in roles])

    async def _get_role(self, request: web.Request) -> web.Response:
        guild = self._lookup.get_guild(request)
        role = self._registry.get_role(guild, self._lookup.read_id(request, "role"))
        return respond_json(guild_payloads.build_role(role))

    async def _add_role(self, request: web.Request) -> web.Response:
        guild = self._lookup.get_guild(request, Permission.MANAGE_ROLES)
        fields = await read_form(request)
        everyone = guild.roles[guild.id].permissions
        role = channel_rules.read_role(
            fields, Role(self._state.ids.make_id(), "new role", everyone, position=1)
        )
        fields.form.raise_errors()
        self._registry.set_role(guild, role)
        self._lookup.record_action(request, guild, AuditAction.ROLE_CREATE, target=role.id)
        return respond_json(guild_payloads.build_role(role))

    async def _update_role(self, request: web.Request) -> web.Response:
        guild, role = self._get_lower_role(request)
        fields = await read_form(request)
        changed = channel_rules.read_role(fields, role)
        fields.form.raise_errors()
        self._registry.set_role(guild, changed)
        self._lookup.record_action(request, guild, AuditAction.ROLE_UPDATE, target=role.id)
        return respond_json(guild_payloads.build_role(changed))

    async def _delete_role(self, request: web.Request) -> web.Response:
        guild, role = self._get_lower_role(request)
        if role.id == guild.id or role.bot_id is not None:
            raise build_field_error((), "ROLE_CANNOT_BE_DELETED", "This role cannot be deleted")
        self._registry.delete_role(guild, role)
        self._lookup.record_action(request, guild, AuditAction.ROLE_DELETE, target=role.id)
        return respond_empty()

    async def _list_members(self, request: web.Request) -> web.Response:
        guild = self._lookup.get_guild(request)
        after, limit = (
            read_query_id(request, "after") or 0,
            read_limit(request, default=1, maximum=1000),
        )
        ids = [each for each in sorted(guild.members) if each > after][:limit]
        return respond_json(
            [self._state.payloads.build_member(guild.members[each]) for each in ids]
        )

    async def _search_members(self, request: web.Request) -> web.Response:
        guild, limit = self._lookup.get_guild(request), read_limit(request, default=1, maximum=1000)
        start = request.query.get("query", "").lower()
        if not start:
            raise build_field_error(("query",), "BASE_TYPE_REQUIRED", "This field is required")
        found = [each for each in guild.members.values() if _is_named(each, start)]
        return respond_json([self._state.payloads.build_member(each) for each in found[:limit]])

    async def _get_member(self, request: web.Request) -> web.Response:
        _, member = self._get_guild_and_member(request)
        return respond_json(self._state.payloads.build_member(member))

    async def _update_me(self, request: web.Request) -> web.Response:
        guild, fields = self._lookup.get_guild(request), await read_form(request)
        member = _rename_member(guild.members[self._lookup.me], fields)
        fields.form.raise_errors()
        changed = self._registry.update_member(guild, member)
        self._lookup.record_action(
            request, guild, AuditAction.MEMBER_UPDATE, target=self._lookup.me
        )
        return respond_json(self._state.payloads.build_member(changed))

    async def _update_member(self, request: web.Request) -> web.Response:
        """Change nickname, roles or time-out; each needs its own permission."""
        fields = await read_form(request)
        guild, member = self._get_guild_and_member(request)
        needed = 0
        if "nick" in fields.raw:
            needed |= Permission.MANAGE_NICKNAMES
            member = _rename_member(member, fields)
        if "roles" in fields.raw:
            needed |= Permission.MANAGE_ROLES
            member = replace(member, role_ids=_read_role_ids(fields["roles"], guild))
        if "communication_disabled_until" in fields.raw:
            needed |= Permission.MODERATE_MEMBERS
            until = self._read_timeout_end(fields["communication_disabled_until"])
            member = replace(member, timed_out_until=until)
        fields.form.raise_errors()
        self._lookup.get_guild(request, needed)
        self._require_outranked(guild, member)
        changed = self._registry.update_member(guild, member)
        self._lookup.record_action(request, guild, AuditAction.MEMBER_UPDATE, target=member.user.id)
        return respond_json(self._state.payloads.build_member(changed))

    async def _kick_member(self, request: web.Request) -> web.Response:
        guild, member = self._get_guild_and_member(request, Permission.KICK_MEMBERS)
        self._require_outranked(guild, member)
        self._registry.remove_member(guild, member.user.id)
        self._lookup.record_action(request, guild, AuditAction.MEMBER_KICK, target=member.user.id)
        return respond_empty()

    async def _add_member_role(self, request: web.Request) -> web.Response:
        guild, role = self._get_lower_role(request)
        _, member = self._get_guild_and_member(request)
        if role.id not in member.role_ids:
            self._set_roles(request, guild, replace(member, role_ids=(*member.role_ids, role.id)))
        return respond_empty()

    async def _remove_member_role(self, request: web.Request) -> web.Response:
        guild, role = self._get_lower_role(request)
        _, member = self._get_guild_and_member(request)
        left = tuple(each for each in member.role_ids if each != role.id)
        self._set_roles(request, guild, replace(member, role_ids=left))
        return respond_empty()

    def _set_roles(self, request: web.Request, guild: Guild, member: Member) -> None:
        self._registry.update_member(guild, member)
        self._lookup.record_action(
            request, guild, AuditAction.MEMBER_ROLE_UPDATE, target=member.user.id
        )

    async def _get_audit_log(self, request: web.Request) -> web.Response:
        guild = self._lookup.get_guild(request, Permission.VIEW_AUDIT_LOG)
        limit, action = (
            read_limit(request, default=50, maximum=100),
            read_query_id(request, "action_type"),
        )
        entries = [
            each
            for each in reversed(self._state.audit.list_entries(guild.id))
            if action is None or each.action == action
        ]
        users = {each.user_id: self._state.world.get_user(each.user_id) for each in entries}
        empty_lists: Json = {name: [] for name in _AUDIT_LISTS}
        return respond_json(
            empty_lists
            | {
                "audit_log_entries": [
                    audit_log.build_entry_payload(each) for each in entries[:limit]
                ],
                "users": [self._state.payloads.build_user(each) for each in users.values()],
            }
        )

    async def _list_emojis(self, request: web.Request) -> web.Response:
        self._lookup.get_guild(request)
        return respond_json([])

    async def _list_own_guilds(self, _: web.Request) -> web.Response:
        me = self._lookup.me
        return respond_json(
            [
                {
                    "id": str(each.id),
                    "name": each.name,
                    "icon": None,
                    "banner": None,
                    "owner": each.owner_id == me,
                    "permissions": str(
                        int(permissions.compute_guild_permissions(each, each.members[me]))
                    ),
                    "features": [],
                }
                for each in self._state.world.bot_guilds
            ]
        )

    async def _leave_guild(self, request: web.Request) -> web.Response:
        self._registry.remove_bot(self._lookup.get_guild(request))
        return respond_empty()

    def _get_guild_and_member(self, request: web.Request, needed: int = 0) -> tuple[Guild, Member]:
        guild = self._lookup.get_guild(request, needed)
        return guild, self._registry.get_member(guild, self._lookup.read_id(request, "user"))

    def _get_lower_role(self, request: web.Request) -> tuple[Guild, Role]:
        """Return a role below the bot's highest role; raise 50013 otherwise."""
        guild = self._lookup.get_guild(request, Permission.MANAGE_ROLES)
        role = self._registry.get_role(guild, self._lookup.read_id(request, "role"))
        if role.position >= _get_rank(guild, guild.members[self._lookup.me]):
            raise DiscordError(MISSING_PERMISSIONS)
        return guild, role

    def _require_outranked(self, guild: Guild, member: Member) -> None:
        """Raise 50013 for the owner and for members whose highest role is not below the bot's."""
        if member.user.id == self._lookup.me:
            return
        mine = _get_rank(guild, guild.members[self._lookup.me])
        if member.user.id == guild.owner_id or _get_rank(guild, member) >= mine:
            raise DiscordError(MISSING_PERMISSIONS)

    def _read_timeout_end(self, raw: FormField) -> float | None:
        if raw.raw is None:
            return None
        try:
            until = datetime.fromisoformat(raw.raw).timestamp()
        except (TypeError, ValueError, OverflowError):
            raw.add_error("DATE_TIME_TYPE_PARSE", "Could not parse the time.")
            return None
        if until > self._state.clock.now() + _MAX_TIMEOUT_S:
            raw.add_error("GUILD_MEMBER_TIMEOUT_TOO_LONG", "Must be within 28 days.")
        return until


_AUDIT_LISTS = (
    "integrations",
    "webhooks",
    "guild_scheduled_events",
    "threads",
    "application_commands",
    "auto_moderation_rules",
)


def _get_rank(guild: Guild, member: Member) -> int:
    return max((guild.roles[each].position for each in member.role_ids), default=0)


def _is_named(member: Member, start: str) -> bool:
    names = (member.user.username, member.user.global_name, member.nick)
    return any(name is not None and name.lower().startswith(start) for name in names)


def _rename_member(member: Member, fields: FormField) -> Member:
    if "nick" not in fields.raw:
        return member
    fields["nick"].check_text(0, 32)
    return replace(member, nick=fields["nick"].raw or None)


def _read_role_ids(raw: FormField, guild: Guild) -> tuple[int, ...]:
    wanted = [(each, each.read_snowflake()) for each in raw.read_list(0, 250)]
    for each, role_id in wanted:
        if role_id is not None and role_id not in guild.roles:
            each.add_error("BASE_TYPE_CHOICES", "Unknown role")
    return tuple(role_id for _, role_id in wanted if role_id in guild.roles and role_id != guild.id)
