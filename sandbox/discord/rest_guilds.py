"""REST for a guild: itself, its channels, roles and members, the audit log, and leaving it."""

from dataclasses import replace
from datetime import datetime

from aiohttp import web

from sandbox.discord import audit, channel_changes, payloads_guild, permissions
from sandbox.discord.api import API, answer, nothing
from sandbox.discord.audit import Action
from sandbox.discord.errors import MISSING_PERMISSIONS, DiscordError, invalid
from sandbox.discord.forms import Field
from sandbox.discord.models import Channel, Guild, Json, Member, Role
from sandbox.discord.permissions import Permission
from sandbox.discord.rest_lookup import Lookup, form, limit, query_id

_GUILD = API + "/guilds/{guild}"
_MEMBER = _GUILD + "/members/{user}"
_LONGEST_TIMEOUT_S = 28 * 24 * 3600  # documentation, "Modify Guild Member"


class GuildRoutes:
    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._state = lookup.state
        self._roster = lookup.state.roster

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(_GUILD, self._get),
            web.get(_GUILD + "/channels", self._channels),
            web.post(_GUILD + "/channels", self._add_channel),
            web.get(_GUILD + "/roles", self._roles),
            web.post(_GUILD + "/roles", self._add_role),
            web.get(_GUILD + "/roles/{role}", self._role),
            web.patch(_GUILD + "/roles/{role}", self._change_role),
            web.delete(_GUILD + "/roles/{role}", self._delete_role),
            web.get(_GUILD + "/members", self._members),
            web.get(_GUILD + "/members/search", self._search),
            web.patch(_GUILD + "/members/@me", self._change_me),
            web.get(_MEMBER, self._member),
            web.patch(_MEMBER, self._change_member),
            web.delete(_MEMBER, self._kick),
            web.put(_MEMBER + "/roles/{role}", self._give_role),
            web.delete(_MEMBER + "/roles/{role}", self._take_role),
            web.get(_GUILD + "/audit-logs", self._audit),
            web.get(_GUILD + "/emojis", self._emojis),
            web.get(API + "/users/@me/guilds", self._mine),
            web.delete(API + "/users/@me/guilds/{guild}", self._leave),
        ]

    async def _get(self, request: web.Request) -> web.Response:
        return answer(payloads_guild.guild_fields(self._lookup.guild(request)))

    async def _channels(self, request: web.Request) -> web.Response:
        channels = self._lookup.guild(request).channels.values()
        texts = [each for each in channels if not each.type.threaded]
        return answer([payloads_guild.channel(each) for each in texts])

    async def _add_channel(self, request: web.Request) -> web.Response:
        guild = self._lookup.guild(request, Permission.MANAGE_CHANNELS)
        fields = await form(request)
        if fields["type"].raw is not None:
            fields["type"].choice(0)
        made = Channel(
            self._state.ids.next(),
            guild.id,
            channel_changes.name(fields["name"]),
            created_at=self._state.clock.now(),
        )
        made = channel_changes.text(made, fields, guild)
        fields.form.check()
        self._roster.set_channel(made)
        self._lookup.note(request, guild, Action.CHANNEL_CREATE, target=made.id)
        return answer(payloads_guild.channel(made), status=201)

    async def _roles(self, request: web.Request) -> web.Response:
        roles = self._lookup.guild(request).roles.values()
        return answer([payloads_guild.role(each) for each in roles])

    async def _role(self, request: web.Request) -> web.Response:
        guild = self._lookup.guild(request)
        role = self._roster.role(guild, self._lookup.number(request, "role"))
        return answer(payloads_guild.role(role))

    async def _add_role(self, request: web.Request) -> web.Response:
        guild = self._lookup.guild(request, Permission.MANAGE_ROLES)
        fields = await form(request)
        everyone = guild.roles[guild.id].permissions
        made = channel_changes.role(
            fields, Role(self._state.ids.next(), "new role", everyone, position=1)
        )
        fields.form.check()
        self._roster.set_role(guild, made)
        self._lookup.note(request, guild, Action.ROLE_CREATE, target=made.id)
        return answer(payloads_guild.role(made))

    async def _change_role(self, request: web.Request) -> web.Response:
        guild, role = self._below_me(request)
        fields = await form(request)
        changed = channel_changes.role(fields, role)
        fields.form.check()
        self._roster.set_role(guild, changed)
        self._lookup.note(request, guild, Action.ROLE_UPDATE, target=role.id)
        return answer(payloads_guild.role(changed))

    async def _delete_role(self, request: web.Request) -> web.Response:
        guild, role = self._below_me(request)
        if role.id == guild.id or role.bot_id is not None:
            raise invalid((), "ROLE_CANNOT_BE_DELETED", "This role cannot be deleted")
        self._roster.delete_role(guild, role)
        self._lookup.note(request, guild, Action.ROLE_DELETE, target=role.id)
        return nothing()

    async def _members(self, request: web.Request) -> web.Response:
        guild = self._lookup.guild(request)
        after, most = query_id(request, "after") or 0, limit(request, default=1, most=1000)
        ids = [each for each in sorted(guild.members) if each > after][:most]
        return answer([self._state.payloads.member(guild.members[each]) for each in ids])

    async def _search(self, request: web.Request) -> web.Response:
        guild, most = self._lookup.guild(request), limit(request, default=1, most=1000)
        start = request.query.get("query", "").lower()
        if not start:
            raise invalid(("query",), "BASE_TYPE_REQUIRED", "This field is required")
        found = [each for each in guild.members.values() if _named(each, start)]
        return answer([self._state.payloads.member(each) for each in found[:most]])

    async def _member(self, request: web.Request) -> web.Response:
        _, member = self._found(request)
        return answer(self._state.payloads.member(member))

    async def _change_me(self, request: web.Request) -> web.Response:
        guild, fields = self._lookup.guild(request), await form(request)
        member = _renamed(guild.members[self._lookup.me], fields)
        fields.form.check()
        changed = self._roster.change_member(guild, member)
        self._lookup.note(request, guild, Action.MEMBER_UPDATE, target=self._lookup.me)
        return answer(self._state.payloads.member(changed))

    async def _change_member(self, request: web.Request) -> web.Response:
        """Change name, roles or time-out; each needs its own permission."""
        fields = await form(request)
        guild, member = self._found(request)
        needed = 0
        if "nick" in fields.raw:
            needed |= Permission.MANAGE_NICKNAMES
            member = _renamed(member, fields)
        if "roles" in fields.raw:
            needed |= Permission.MANAGE_ROLES
            member = replace(member, role_ids=_roles(fields["roles"], guild))
        if "communication_disabled_until" in fields.raw:
            needed |= Permission.MODERATE_MEMBERS
            until = self._until(fields["communication_disabled_until"])
            member = replace(member, timed_out_until=until)
        fields.form.check()
        self._lookup.guild(request, needed)
        self._outrank(guild, member)
        changed = self._roster.change_member(guild, member)
        self._lookup.note(request, guild, Action.MEMBER_UPDATE, target=member.user.id)
        return answer(self._state.payloads.member(changed))

    async def _kick(self, request: web.Request) -> web.Response:
        guild, member = self._found(request, Permission.KICK_MEMBERS)
        self._outrank(guild, member)
        self._roster.remove_member(guild, member.user.id)
        self._lookup.note(request, guild, Action.MEMBER_KICK, target=member.user.id)
        return nothing()

    async def _give_role(self, request: web.Request) -> web.Response:
        guild, role = self._below_me(request)
        _, member = self._found(request)
        if role.id not in member.role_ids:
            self._set_roles(request, guild, replace(member, role_ids=(*member.role_ids, role.id)))
        return nothing()

    async def _take_role(self, request: web.Request) -> web.Response:
        guild, role = self._below_me(request)
        _, member = self._found(request)
        left = tuple(each for each in member.role_ids if each != role.id)
        self._set_roles(request, guild, replace(member, role_ids=left))
        return nothing()

    def _set_roles(self, request: web.Request, guild: Guild, member: Member) -> None:
        self._roster.change_member(guild, member)
        self._lookup.note(request, guild, Action.MEMBER_ROLE_UPDATE, target=member.user.id)

    async def _audit(self, request: web.Request) -> web.Response:
        guild = self._lookup.guild(request, Permission.VIEW_AUDIT_LOG)
        most, action = limit(request, default=50, most=100), query_id(request, "action_type")
        entries = [
            each
            for each in reversed(self._state.audit.entries(guild.id))
            if action is None or each.action == action
        ]
        users = {each.user_id: self._state.world.user(each.user_id) for each in entries}
        nothing_of: Json = {name: [] for name in _AUDIT_LISTS}
        return answer(
            nothing_of
            | {
                "audit_log_entries": [audit.shown(each) for each in entries[:most]],
                "users": [self._state.payloads.user(each) for each in users.values()],
            }
        )

    async def _emojis(self, request: web.Request) -> web.Response:
        self._lookup.guild(request)
        return answer([])

    async def _mine(self, _: web.Request) -> web.Response:
        me = self._lookup.me
        return answer(
            [
                {
                    "id": str(each.id),
                    "name": each.name,
                    "icon": None,
                    "banner": None,
                    "owner": each.owner_id == me,
                    "permissions": str(int(permissions.base(each, each.members[me]))),
                    "features": [],
                }
                for each in self._state.world.joined
            ]
        )

    async def _leave(self, request: web.Request) -> web.Response:
        self._roster.remove_bot(self._lookup.guild(request))
        return nothing()

    def _found(self, request: web.Request, needed: int = 0) -> tuple[Guild, Member]:
        guild = self._lookup.guild(request, needed)
        return guild, self._roster.member(guild, self._lookup.number(request, "user"))

    def _below_me(self, request: web.Request) -> tuple[Guild, Role]:
        """Return a role that stands below the bot's own, else raise 50013."""
        guild = self._lookup.guild(request, Permission.MANAGE_ROLES)
        role = self._roster.role(guild, self._lookup.number(request, "role"))
        if role.position >= _rank(guild, guild.members[self._lookup.me]):
            raise DiscordError(MISSING_PERMISSIONS)
        return guild, role

    def _outrank(self, guild: Guild, member: Member) -> None:
        """Raise 50013 for the owner, and for anybody who stands as high as the bot."""
        if member.user.id == self._lookup.me:
            return
        mine = _rank(guild, guild.members[self._lookup.me])
        if member.user.id == guild.owner_id or _rank(guild, member) >= mine:
            raise DiscordError(MISSING_PERMISSIONS)

    def _until(self, raw: Field) -> float | None:
        if raw.raw is None:
            return None
        try:
            until = datetime.fromisoformat(raw.raw).timestamp()
        except (TypeError, ValueError, OverflowError):
            raw.fail("DATE_TIME_TYPE_PARSE", "Could not parse the time.")
            return None
        if until > self._state.clock.now() + _LONGEST_TIMEOUT_S:
            raw.fail("GUILD_MEMBER_TIMEOUT_TOO_LONG", "Must be within 28 days.")
        return until


_AUDIT_LISTS = (
    "integrations",
    "webhooks",
    "guild_scheduled_events",
    "threads",
    "application_commands",
    "auto_moderation_rules",
)


def _rank(guild: Guild, member: Member) -> int:
    return max((guild.roles[each].position for each in member.role_ids), default=0)


def _named(member: Member, start: str) -> bool:
    names = (member.user.username, member.user.global_name, member.nick)
    return any(name is not None and name.lower().startswith(start) for name in names)


def _renamed(member: Member, fields: Field) -> Member:
    if "nick" not in fields.raw:
        return member
    fields["nick"].text(0, 32)
    return replace(member, nick=fields["nick"].raw or None)


def _roles(raw: Field, guild: Guild) -> tuple[int, ...]:
    wanted = [(each, each.snowflake()) for each in raw.each(0, 250)]
    for each, role_id in wanted:
        if role_id is not None and role_id not in guild.roles:
            each.fail("BASE_TYPE_CHOICES", "Unknown role")
    return tuple(role_id for _, role_id in wanted if role_id in guild.roles and role_id != guild.id)
