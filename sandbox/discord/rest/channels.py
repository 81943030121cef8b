"""REST for channels, their permission overwrites and threads."""

from dataclasses import replace

from aiohttp import web

from sandbox.discord.model import guild_payloads
from sandbox.discord.model.errors import (
    THREAD_EXISTS,
    UNKNOWN_MEMBER,
    UNKNOWN_OVERWRITE,
    WRONG_CHANNEL_TYPE,
    DiscordError,
)
from sandbox.discord.model.permissions import Permission
from sandbox.discord.model.records import Channel, ChannelType, Content, Guild
from sandbox.discord.rest.messages import CHANNEL, MESSAGE, POSTABLE
from sandbox.discord.rest.path_params import RequestLookup, read_form, read_limit
from sandbox.discord.rest.responses import API, respond_empty, respond_json
from sandbox.discord.state.audit_log import AuditAction
from sandbox.discord.state.messages import NewMessage
from sandbox.discord.validation import channels as channel_rules
from sandbox.discord.validation.forms import Form
from sandbox.discord.validation.message_content import MessageComposer
from sandbox.discord.validation.request_bodies import Body, read_body

_PUBLIC = (ChannelType.THREAD, ChannelType.ANNOUNCEMENT_THREAD)
THREAD_STARTED = 18  # a message type


class ChannelRoutes:
    def __init__(self, lookup: RequestLookup) -> None:
        self._lookup = lookup
        self._state = lookup.state

    def build_routes(self) -> list[web.RouteDef]:
        members = CHANNEL + "/thread-members"
        return [
            web.get(CHANNEL, self._get_channel),
            web.patch(CHANNEL, self._update_channel),
            web.delete(CHANNEL, self._delete_channel),
            web.put(CHANNEL + "/permissions/{overwrite}", self._set_overwrite),
            web.delete(CHANNEL + "/permissions/{overwrite}", self._delete_overwrite),
            web.post(CHANNEL + "/threads", self._start_thread),
            web.post(MESSAGE + "/threads", self._start_thread),
            web.get(CHANNEL + "/threads/archived/public", self._list_archived_threads),
            web.get(API + "/guilds/{guild}/threads/active", self._list_active_threads),
            web.get(members, self._list_thread_members),
            web.get(members + "/{user}", self._get_thread_member),
            web.put(members + "/@me", self._add_thread_member),
            web.delete(members + "/@me", self._remove_thread_member),
            web.put(members + "/{user}", self._add_thread_member),
            web.delete(members + "/{user}", self._remove_thread_member),
        ]

    async def _get_channel(self, request: web.Request) -> web.Response:
        return respond_json(self._state.payloads.build_channel(self._lookup.get_channel(request)))

    async def _update_channel(self, request: web.Request) -> web.Response:
        channel, fields = self._lookup.get_channel(request), await read_form(request)
        guild = self._get_guild(channel)
        if channel.type.is_thread:
            changed, action = channel_rules.read_thread(channel, fields), AuditAction.THREAD_UPDATE
            self._require_update(channel, changed)
        else:
            self._require_permission(channel, Permission.MANAGE_CHANNELS)
            converted = channel_rules.read_conversion(channel, fields)
            changed = channel_rules.read_channel(converted, fields, guild)
            action = AuditAction.CHANNEL_UPDATE
        fields.form.raise_errors()
        self._state.guild_registry.set_channel(changed)
        self._lookup.record_action(request, guild, action, target=channel.id)
        return respond_json(guild_payloads.build_channel(changed))

    async def _delete_channel(self, request: web.Request) -> web.Response:
        channel = self._lookup.get_channel(request)
        if channel.type is ChannelType.DM:
            return respond_json(self._state.payloads.build_channel(channel))
        threaded, guild = channel.type.is_thread, self._get_guild(channel)
        needed = Permission.MANAGE_THREADS if threaded else Permission.MANAGE_CHANNELS
        self._require_permission(channel, needed)
        self._state.guild_registry.delete_channel(channel)
        action = AuditAction.THREAD_DELETE if threaded else AuditAction.CHANNEL_DELETE
        self._lookup.record_action(request, guild, action, target=channel.id)
        return respond_json(guild_payloads.build_channel(channel))

    async def _set_overwrite(self, request: web.Request) -> web.Response:
        channel, fields = self._lookup.get_channel(request), await read_form(request)
        guild = self._get_guild(channel, threads=False)
        self._require_permission(channel, Permission.MANAGE_ROLES)
        target_id = self._lookup.read_id(request, "overwrite") or 0
        overwrite = channel_rules.read_overwrite(fields, guild, target_id)
        fields.form.raise_errors()
        others = tuple(each for each in channel.overwrites if each.id != target_id)
        new = len(others) == len(channel.overwrites)
        self._state.guild_registry.set_channel(replace(channel, overwrites=(*others, overwrite)))
        action = AuditAction.OVERWRITE_CREATE if new else AuditAction.OVERWRITE_UPDATE
        self._lookup.record_action(request, guild, action, target=channel.id)
        return respond_empty()

    async def _delete_overwrite(self, request: web.Request) -> web.Response:
        channel = self._lookup.get_channel(request)
        guild = self._get_guild(channel, threads=False)
        self._require_permission(channel, Permission.MANAGE_ROLES)
        target_id = self._lookup.read_id(request, "overwrite")
        others = tuple(each for each in channel.overwrites if each.id != target_id)
        if len(others) == len(channel.overwrites):
            raise DiscordError(UNKNOWN_OVERWRITE)
        self._state.guild_registry.set_channel(replace(channel, overwrites=others))
        self._lookup.record_action(request, guild, AuditAction.OVERWRITE_DELETE, target=channel.id)
        return respond_empty()

    async def _start_thread(self, request: web.Request) -> web.Response:
        """Start a thread, with or without a message; without a type it is private."""
        parent = self._lookup.get_channel(request)
        if parent.type.is_forum and "message" not in request.match_info:
            return await self._start_post(request, parent)
        if parent.type.is_forum or not parent.type.thread_types:
            raise DiscordError(WRONG_CHANNEL_TYPE)
        fields = await read_form(request)
        starter = self._lookup.get_message(request) if "message" in request.match_info else None
        # A thread on a message is always public and has the message's id.
        thread = channel_rules.read_new_thread(fields, parent, public=starter is not None)
        private = thread.type is ChannelType.PRIVATE_THREAD
        self._require_permission(
            parent,
            Permission.CREATE_PRIVATE_THREADS if private else Permission.CREATE_PUBLIC_THREADS,
        )
        fields.form.raise_errors()
        if starter is not None and starter.thread_id is not None:
            raise DiscordError(THREAD_EXISTS)
        me = self._lookup.me
        thread = self._add_thread(thread, starter.id if starter else self._state.ids.make_id())
        if starter is not None:
            starter.thread_id = thread.id
        elif not private:
            content = Content(text=thread.name)
            self._state.messages.create(NewMessage(parent.id, me, content, type=THREAD_STARTED))
        return respond_json(guild_payloads.build_channel(thread), status=201)

    async def _start_post(self, request: web.Request, forum: Channel) -> web.Response:
        """Start a post of a forum or media channel, which begins with a message."""
        body = await read_body(request)
        fields = Form().field(body.payload)
        self._require_permission(forum, Permission.SEND_MESSAGES)
        post = channel_rules.read_new_thread(fields, forum, public=True)
        if not isinstance(fields["message"].raw, dict):
            fields["message"].add_error("BASE_TYPE_REQUIRED", "This field is required")
        fields.form.raise_errors()
        own = Body(fields["message"].raw, body.files)
        content = MessageComposer(self._state, forum.id).compose_new(own, allowed=POSTABLE)
        thread = self._add_thread(post, self._state.ids.make_id())
        # the first message has the id of its post (documentation, "Start Thread in Forum")
        message = NewMessage(thread.id, self._lookup.me, content, id=thread.id)
        shown = self._state.payloads.build_message(self._state.messages.create(message))
        return respond_json(guild_payloads.build_channel(thread) | {"message": shown}, status=201)

    def _add_thread(self, thread: Channel, thread_id: int) -> Channel:
        me, now = self._lookup.me, self._state.clock.now()
        thread = replace(thread, id=thread_id, owner_id=me, created_at=now, members=(me,))
        self._state.add_thread(thread)
        return thread

    async def _list_archived_threads(self, request: web.Request) -> web.Response:
        parent = self._lookup.get_channel(request, Permission.READ_MESSAGE_HISTORY)
        guild, limit = (
            self._get_guild(parent, threads=False),
            read_limit(request, default=50, maximum=100),
        )
        public = [
            each
            for each in guild.channels.values()
            if each.parent_id == parent.id and each.archived and each.type in _PUBLIC
        ]
        page = guild_payloads.build_thread_list(public[:limit], self._lookup.me)
        return respond_json(page | {"has_more": len(public) > limit})

    async def _list_active_threads(self, request: web.Request) -> web.Response:
        guild = self._lookup.get_guild(request)
        active = [
            each
            for each in guild.channels.values()
            if each.type.is_thread
            and not each.archived
            and self._state.can_see(self._lookup.me, each.id)
        ]
        return respond_json(
            guild_payloads.build_thread_list(active, self._lookup.me) | {"has_more": False}
        )

    async def _list_thread_members(self, request: web.Request) -> web.Response:
        thread = self._get_thread(request)
        return respond_json(
            [guild_payloads.build_thread_member(thread, each) for each in thread.members]
        )

    async def _get_thread_member(self, request: web.Request) -> web.Response:
        thread, user_id = self._get_thread(request), self._lookup.read_id(request, "user") or 0
        if user_id not in thread.members:
            raise DiscordError(UNKNOWN_MEMBER)
        return respond_json(guild_payloads.build_thread_member(thread, user_id))

    async def _add_thread_member(self, request: web.Request) -> web.Response:
        thread, user_id = self._get_thread(request), self._read_member_id(request)
        if user_id not in self._get_guild(thread).members:
            raise DiscordError(UNKNOWN_MEMBER)
        self._require_permission(thread, Permission.SEND_MESSAGES)
        if user_id not in thread.members:
            self._state.guild_registry.set_thread_members(thread, (*thread.members, user_id))
        return respond_empty()

    async def _remove_thread_member(self, request: web.Request) -> web.Response:
        thread, user_id = self._get_thread(request), self._read_member_id(request)
        if user_id != self._lookup.me:
            self._require_thread_access(thread)
        left = tuple(each for each in thread.members if each != user_id)
        self._state.guild_registry.set_thread_members(thread, left)
        return respond_empty()

    def _read_member_id(self, request: web.Request) -> int:
        is_named = "user" in request.match_info
        return (self._lookup.read_id(request, "user") or 0) if is_named else self._lookup.me

    def _get_thread(self, request: web.Request) -> Channel:
        channel = self._lookup.get_channel(request)
        if not channel.type.is_thread:
            raise DiscordError(WRONG_CHANNEL_TYPE)
        return channel

    def _get_guild(self, channel: Channel, *, threads: bool = True) -> Guild:
        guild = self._state.find_guild(channel.id)
        if guild is None or (channel.type.is_thread and not threads):
            raise DiscordError(WRONG_CHANNEL_TYPE)
        return guild

    def _require_thread_access(self, thread: Channel) -> None:
        if thread.owner_id != self._lookup.me:
            self._require_permission(thread, Permission.MANAGE_THREADS)

    def _require_update(self, thread: Channel, changed: Channel) -> None:
        """Require what an update of a thread needs; who may write opens one that is not locked."""
        # documentation, "Modify Channel": archived to false while locked is false
        if thread.archived and not thread.locked and replace(thread, archived=False) == changed:
            self._require_permission(thread, Permission.SEND_MESSAGES_IN_THREADS)
        else:
            self._require_thread_access(thread)

    def _require_permission(self, channel: Channel, needed: int) -> None:
        self._state.require_permission(self._lookup.me, channel.id, needed=needed)
