"""REST for a channel itself: look, change, delete, overwrites, its threads."""

from dataclasses import replace

from aiohttp import web

from sandbox.discord import channel_changes, payloads_guild
from sandbox.discord.api import API, answer, nothing
from sandbox.discord.audit import Action
from sandbox.discord.errors import (
    THREAD_EXISTS,
    UNKNOWN_MEMBER,
    UNKNOWN_OVERWRITE,
    WRONG_CHANNEL_TYPE,
    DiscordError,
)
from sandbox.discord.messages import Draft
from sandbox.discord.models import Channel, ChannelType, Content, Guild
from sandbox.discord.permissions import Permission
from sandbox.discord.rest_lookup import Lookup, form, limit
from sandbox.discord.rest_messages import CHANNEL, MESSAGE

THREAD_STARTED = 18  # a message's type


class ChannelRoutes:
    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._state = lookup.state

    def routes(self) -> list[web.RouteDef]:
        members = CHANNEL + "/thread-members"
        return [
            web.get(CHANNEL, self._get),
            web.patch(CHANNEL, self._change),
            web.delete(CHANNEL, self._delete),
            web.put(CHANNEL + "/permissions/{overwrite}", self._overwrite),
            web.delete(CHANNEL + "/permissions/{overwrite}", self._drop_overwrite),
            web.post(CHANNEL + "/threads", self._thread),
            web.post(MESSAGE + "/threads", self._thread),
            web.get(CHANNEL + "/threads/archived/public", self._archived),
            web.get(API + "/guilds/{guild}/threads/active", self._active),
            web.get(members, self._members),
            web.get(members + "/{user}", self._member),
            web.put(members + "/@me", self._join),
            web.delete(members + "/@me", self._leave),
            web.put(members + "/{user}", self._join),
            web.delete(members + "/{user}", self._leave),
        ]

    async def _get(self, request: web.Request) -> web.Response:
        return answer(self._state.payloads.channel(self._lookup.channel(request)))

    async def _change(self, request: web.Request) -> web.Response:
        channel, fields = self._lookup.channel(request), await form(request)
        guild = self._guild(channel)
        if channel.type.threaded:
            self._may_manage_thread(channel)
            changed, action = channel_changes.thread(channel, fields), Action.THREAD_UPDATE
        else:
            self._require(channel, Permission.MANAGE_CHANNELS)
            changed, action = channel_changes.text(channel, fields, guild), Action.CHANNEL_UPDATE
        fields.form.check()
        self._state.roster.set_channel(changed)
        self._lookup.note(request, guild, action, target=channel.id)
        return answer(payloads_guild.channel(changed))

    async def _delete(self, request: web.Request) -> web.Response:
        channel = self._lookup.channel(request)
        if channel.type is ChannelType.DM:
            return answer(self._state.payloads.channel(channel))
        threaded, guild = channel.type.threaded, self._guild(channel)
        needed = Permission.MANAGE_THREADS if threaded else Permission.MANAGE_CHANNELS
        self._require(channel, needed)
        self._state.roster.delete_channel(channel)
        action = Action.THREAD_DELETE if threaded else Action.CHANNEL_DELETE
        self._lookup.note(request, guild, action, target=channel.id)
        return answer(payloads_guild.channel(channel))

    async def _overwrite(self, request: web.Request) -> web.Response:
        channel, fields = self._lookup.channel(request), await form(request)
        guild = self._guild(channel, threads=False)
        self._require(channel, Permission.MANAGE_ROLES)
        wanted = self._lookup.number(request, "overwrite") or 0
        overwrite = channel_changes.overwrite(fields, guild, wanted)
        fields.form.check()
        others = tuple(each for each in channel.overwrites if each.id != wanted)
        new = len(others) == len(channel.overwrites)
        self._state.roster.set_channel(replace(channel, overwrites=(*others, overwrite)))
        action = Action.OVERWRITE_CREATE if new else Action.OVERWRITE_UPDATE
        self._lookup.note(request, guild, action, target=channel.id)
        return nothing()

    async def _drop_overwrite(self, request: web.Request) -> web.Response:
        channel = self._lookup.channel(request)
        guild = self._guild(channel, threads=False)
        self._require(channel, Permission.MANAGE_ROLES)
        wanted = self._lookup.number(request, "overwrite")
        others = tuple(each for each in channel.overwrites if each.id != wanted)
        if len(others) == len(channel.overwrites):
            raise DiscordError(UNKNOWN_OVERWRITE)
        self._state.roster.set_channel(replace(channel, overwrites=others))
        self._lookup.note(request, guild, Action.OVERWRITE_DELETE, target=channel.id)
        return nothing()

    async def _thread(self, request: web.Request) -> web.Response:
        """Start a thread, at a message or by itself; without a type it is a private one."""
        parent, fields = self._lookup.channel(request), await form(request)
        if parent.type is not ChannelType.TEXT:
            raise DiscordError(WRONG_CHANNEL_TYPE)
        starter = self._lookup.message(request) if "message" in request.match_info else None
        thread = channel_changes.new_thread(fields, parent, public=starter is not None)
        private = thread.type is ChannelType.PRIVATE_THREAD
        self._require(
            parent,
            Permission.CREATE_PRIVATE_THREADS if private else Permission.CREATE_PUBLIC_THREADS,
        )
        fields.form.check()
        if starter is not None and starter.thread_id is not None:
            raise DiscordError(THREAD_EXISTS)
        me = self._lookup.me
        thread = replace(
            thread,
            id=starter.id if starter else self._state.ids.next(),
            owner_id=me,
            created_at=self._state.clock.now(),
            members=(me,),
        )
        self._state.add_thread(thread)
        if starter is not None:
            starter.thread_id = thread.id
        elif not private:
            content = Content(text=thread.name)
            self._state.messages.create(Draft(parent.id, me, content, type=THREAD_STARTED))
        return answer(payloads_guild.channel(thread), status=201)

    async def _archived(self, request: web.Request) -> web.Response:
        parent = self._lookup.channel(request, Permission.READ_MESSAGE_HISTORY)
        guild, most = self._guild(parent, threads=False), limit(request, default=50, most=100)
        public = [
            each
            for each in guild.channels.values()
            if each.parent_id == parent.id and each.archived and each.type is ChannelType.THREAD
        ]
        shown = payloads_guild.threads(public[:most], self._lookup.me)
        return answer(shown | {"has_more": len(public) > most})

    async def _active(self, request: web.Request) -> web.Response:
        guild = self._lookup.guild(request)
        active = [
            each
            for each in guild.channels.values()
            if each.type.threaded
            and not each.archived
            and self._state.sees(self._lookup.me, each.id)
        ]
        return answer(payloads_guild.threads(active, self._lookup.me) | {"has_more": False})

    async def _members(self, request: web.Request) -> web.Response:
        thread = self._thread_of(request)
        return answer([payloads_guild.thread_member(thread, each) for each in thread.members])

    async def _member(self, request: web.Request) -> web.Response:
        thread, user_id = self._thread_of(request), self._lookup.number(request, "user") or 0
        if user_id not in thread.members:
            raise DiscordError(UNKNOWN_MEMBER)
        return answer(payloads_guild.thread_member(thread, user_id))

    async def _join(self, request: web.Request) -> web.Response:
        thread, user_id = self._thread_of(request), self._subject(request)
        if user_id not in self._guild(thread).members:
            raise DiscordError(UNKNOWN_MEMBER)
        self._require(thread, Permission.SEND_MESSAGES)
        if user_id not in thread.members:
            self._state.roster.set_members(thread, (*thread.members, user_id))
        return nothing()

    async def _leave(self, request: web.Request) -> web.Response:
        thread, user_id = self._thread_of(request), self._subject(request)
        if user_id != self._lookup.me:
            self._may_manage_thread(thread)
        left = tuple(each for each in thread.members if each != user_id)
        self._state.roster.set_members(thread, left)
        return nothing()

    def _subject(self, request: web.Request) -> int:
        named = "user" in request.match_info
        return (self._lookup.number(request, "user") or 0) if named else self._lookup.me

    def _thread_of(self, request: web.Request) -> Channel:
        channel = self._lookup.channel(request)
        if not channel.type.threaded:
            raise DiscordError(WRONG_CHANNEL_TYPE)
        return channel

    def _guild(self, channel: Channel, *, threads: bool = True) -> Guild:
        guild = self._state.guild_of(channel.id)
        if guild is None or (channel.type.threaded and not threads):
            raise DiscordError(WRONG_CHANNEL_TYPE)
        return guild

    def _may_manage_thread(self, thread: Channel) -> None:
        if thread.owner_id != self._lookup.me:
            self._require(thread, Permission.MANAGE_THREADS)

    def _require(self, channel: Channel, needed: int) -> None:
        self._state.require(self._lookup.me, channel.id, needed=needed)
