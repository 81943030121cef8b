"""REST for messages of a channel: history, one by one, in bulk, and typing."""

import itertools
from dataclasses import replace

from aiohttp import web

from sandbox.discord import rules
from sandbox.discord.api import API, answer, nothing
from sandbox.discord.audit import Action
from sandbox.discord.bodies import Body, read_body
from sandbox.discord.errors import (
    CANNOT_SEND_TO_USER,
    NOT_AUTHOR,
    TOO_OLD,
    WRONG_CHANNEL_TYPE,
    WRONG_COUNT,
    DiscordError,
)
from sandbox.discord.messages import REPLY, Draft
from sandbox.discord.models import Channel, ChannelType, Message, MessageFlag
from sandbox.discord.permissions import Permission
from sandbox.discord.rest_lookup import Lookup, form, limit, query_id
from sandbox.discord.roster import shared
from sandbox.discord.rules import Composer
from sandbox.discord.snowflakes import seconds_of

CHANNEL = API + "/channels/{channel}"
MESSAGE = CHANNEL + "/messages/{message}"
_POSTABLE = (
    MessageFlag.SUPPRESS_EMBEDS | MessageFlag.SUPPRESS_NOTIFICATIONS | MessageFlag.COMPONENTS_V2
)
BULK_WITHIN_S = 14 * 24 * 3600  # documentation, "Bulk Delete Messages"


class MessageRoutes:
    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._state = lookup.state

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(CHANNEL + "/messages", self._history),
            web.post(CHANNEL + "/messages", self._create),
            web.post(CHANNEL + "/messages/bulk-delete", self._bulk_delete),
            web.get(MESSAGE, self._get),
            web.patch(MESSAGE, self._edit),
            web.delete(MESSAGE, self._delete),
            web.post(CHANNEL + "/typing", self._typing),
        ]

    async def _history(self, request: web.Request) -> web.Response:
        """Answer newest first, without ephemeral messages; nothing without the permission."""
        channel = self._lookup.channel(request)
        most = limit(request, default=50, most=100)
        before, after, around = (query_id(request, key) for key in ("before", "after", "around"))
        granted = self._state.permissions(self._lookup.me, channel.id)
        if not granted & Permission.READ_MESSAGE_HISTORY:
            return answer([])
        if around is not None:
            newer = self._newer(channel.id, around, most // 2)
            older = itertools.islice(self._shown(channel.id, around + 1), most - len(newer))
            return self._page([*newer, *older])
        if after is not None:
            return self._page(self._newer(channel.id, after, most))
        return self._page(list(itertools.islice(self._shown(channel.id, before), most)))

    def _shown(
        self, channel_id: int, before: int | None = None
    ) -> "itertools.filterfalse[Message]":
        newest = self._state.messages.newest_first(channel_id, before=before)
        return itertools.filterfalse(lambda message: message.ephemeral, newest)

    def _newer(self, channel_id: int, after: int, most: int) -> list[Message]:
        """Return the `most` messages next after an id, newest first."""
        shown = self._shown(channel_id)
        newer = list(itertools.takewhile(lambda message: message.id > after, shown))
        return newer[-most:] if most else []

    def _page(self, messages: list[Message]) -> web.Response:
        return answer([self._state.payloads.message(message) for message in messages])

    async def _create(self, request: web.Request) -> web.Response:
        channel = self._lookup.channel(request, Permission.SEND_MESSAGES)
        body = await read_body(request)
        self._may_write(channel, body)
        nonce = rules.nonce_of(body.payload)
        reference_id = self._state.messages.referenced(channel.id, body.payload)
        content = Composer(self._state, channel.id).create(body, allowed=_POSTABLE)
        if channel.archived:
            self._state.roster.set_channel(replace(channel, archived=False))
        message = self._state.messages.create(
            Draft(
                channel_id=channel.id,
                author_id=self._lookup.me,
                content=content,
                type=0 if reference_id is None else REPLY,
                nonce=nonce,
                enforce_nonce=body.payload.get("enforce_nonce") is True,
                reference_id=reference_id,
            )
        )
        return answer(self._state.payloads.message(message))

    def _may_write(self, channel: Channel, body: Body) -> None:
        """Check what goes beyond plain text, and that a DM's other side takes messages."""
        world = self._state.world
        if channel.recipient_id is not None:
            closed = channel.recipient_id in world.dms_closed
            if closed or not (
                shared(self._state, channel.recipient_id)
                or channel.recipient_id in world.installed_by
            ):
                raise DiscordError(CANNOT_SEND_TO_USER)
        if channel.locked:
            self._state.require(self._lookup.me, channel.id, needed=Permission.MANAGE_THREADS)
        needed = Permission.ATTACH_FILES if body.files else 0
        if body.payload.get("embeds"):
            needed |= Permission.EMBED_LINKS
        if body.payload.get("message_reference"):
            needed |= Permission.READ_MESSAGE_HISTORY
        self._state.require(self._lookup.me, channel.id, needed=needed)

    async def _get(self, request: web.Request) -> web.Response:
        message = self._lookup.message(request, Permission.READ_MESSAGE_HISTORY)
        return answer(self._state.payloads.message(message))

    async def _edit(self, request: web.Request) -> web.Response:
        body = await read_body(request)
        message = self._lookup.open_message(request)
        if message.author_id != self._lookup.me:
            raise DiscordError(NOT_AUTHOR)
        content = Composer(self._state, message.channel_id).edit(message, body)
        return answer(self._state.payloads.message(self._state.messages.edit(message, content)))

    async def _delete(self, request: web.Request) -> web.Response:
        message = self._lookup.message(request)
        if message.author_id != self._lookup.me:
            needed = Permission.MANAGE_MESSAGES
            self._state.require(self._lookup.me, message.channel_id, needed=needed)
            guild = self._state.guild_of(message.channel_id)
            target = message.author_id
            self._lookup.note(request, guild, Action.MESSAGE_DELETE, target=target)
        self._state.messages.delete(message)
        return nothing()

    async def _bulk_delete(self, request: web.Request) -> web.Response:
        """Delete 2 to 100 messages not older than two weeks; ids that are not there count."""
        channel = self._lookup.channel(request, Permission.MANAGE_MESSAGES)
        if channel.type is ChannelType.DM:
            raise DiscordError(WRONG_CHANNEL_TYPE)
        fields = await form(request)
        wanted = [each.snowflake() or 0 for each in fields["messages"].each(0, 1000)]
        fields.form.check()
        if not 2 <= len(wanted) <= 100:
            raise DiscordError(WRONG_COUNT)
        oldest = self._state.clock.now() - BULK_WITHIN_S
        if any(seconds_of(each) < oldest for each in wanted):
            raise DiscordError(TOO_OLD)
        self._state.messages.delete_many(channel.id, wanted)
        guild = self._state.guild_of(channel.id)
        self._lookup.note(request, guild, Action.MESSAGE_BULK_DELETE, target=channel.id)
        return nothing()

    async def _typing(self, request: web.Request) -> web.Response:
        channel = self._lookup.channel(request, Permission.SEND_MESSAGES)
        guild, me = self._state.guild_of(channel.id), self._lookup.me
        payload = {
            "channel_id": str(channel.id),
            "user_id": str(me),
            "timestamp": int(self._state.clock.now()),
        }
        if guild is not None:
            member = self._state.payloads.member(guild.members[me])
            payload |= {"guild_id": str(guild.id), "member": member}
        self._state.emit_in(channel.id, "TYPING_START", payload=payload)
        return nothing()
