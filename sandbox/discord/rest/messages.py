"""REST for a channel's messages: history, single and bulk operations, typing."""

import itertools
from dataclasses import replace

from aiohttp import web

from sandbox.discord.model.errors import (
    CANNOT_SEND_TO_USER,
    NOT_AUTHOR,
    TOO_OLD,
    WRONG_CHANNEL_TYPE,
    WRONG_COUNT,
    DiscordError,
)
from sandbox.discord.model.permissions import Permission
from sandbox.discord.model.records import Channel, ChannelType, Content, Message, MessageFlag
from sandbox.discord.model.snowflakes import get_created_at
from sandbox.discord.rest.path_params import RequestLookup, read_form, read_limit, read_query_id
from sandbox.discord.rest.responses import API, respond_empty, respond_json
from sandbox.discord.state.audit_log import AuditAction
from sandbox.discord.state.guilds import has_shared_guild
from sandbox.discord.state.messages import REPLY, NewMessage
from sandbox.discord.validation import message_content
from sandbox.discord.validation.message_content import MessageComposer
from sandbox.discord.validation.request_bodies import Body, read_body

CHANNEL = API + "/channels/{channel}"
MESSAGE = CHANNEL + "/messages/{message}"
POSTABLE = (
    MessageFlag.SUPPRESS_EMBEDS | MessageFlag.SUPPRESS_NOTIFICATIONS | MessageFlag.COMPONENTS_V2
)
BULK_WITHIN_S = 14 * 24 * 3600  # documentation, "Bulk Delete Messages"


class MessageRoutes:
    def __init__(self, lookup: RequestLookup) -> None:
        self._lookup = lookup
        self._state = lookup.state

    def build_routes(self) -> list[web.RouteDef]:
        return [
            web.get(CHANNEL + "/messages", self._list_history),
            web.post(CHANNEL + "/messages", self._create_message),
            web.post(CHANNEL + "/messages/bulk-delete", self._delete_many),
            web.get(MESSAGE, self._get_message),
            web.patch(MESSAGE, self._edit_message),
            web.delete(MESSAGE, self._delete_message),
            web.post(CHANNEL + "/typing", self._send_typing),
        ]

    async def _list_history(self, request: web.Request) -> web.Response:
        """Answer newest first, without ephemeral messages; an empty list without the permission."""
        channel = self._lookup.get_channel(request)
        limit = read_limit(request, default=50, maximum=100)
        before, after, around = (
            read_query_id(request, key) for key in ("before", "after", "around")
        )
        granted = self._state.get_permissions(self._lookup.me, channel.id)
        if not granted & Permission.READ_MESSAGE_HISTORY:
            return respond_json([])
        if around is not None:
            newer = self._list_newer(channel.id, around, limit // 2)
            older = itertools.islice(self._iter_visible(channel.id, around + 1), limit - len(newer))
            return self._respond_page([*newer, *older])
        if after is not None:
            return self._respond_page(self._list_newer(channel.id, after, limit))
        return self._respond_page(
            list(itertools.islice(self._iter_visible(channel.id, before), limit))
        )

    def _iter_visible(
        self, channel_id: int, before: int | None = None
    ) -> "itertools.filterfalse[Message]":
        newest = self._state.messages.iter_newest_first(channel_id, before=before)
        return itertools.filterfalse(lambda message: message.is_ephemeral, newest)

    def _list_newer(self, channel_id: int, after: int, maximum: int) -> list[Message]:
        """Return the `maximum` messages that follow an id, newest first."""
        visible = self._iter_visible(channel_id)
        newer = list(itertools.takewhile(lambda message: message.id > after, visible))
        return newer[-maximum:] if maximum else []

    def _respond_page(self, messages: list[Message]) -> web.Response:
        return respond_json([self._state.payloads.build_message(message) for message in messages])

    async def _create_message(self, request: web.Request) -> web.Response:
        channel = self._lookup.get_channel(request, Permission.SEND_MESSAGES)
        body = await read_body(request)
        self._check_may_write(channel, body)
        nonce = message_content.read_nonce(body.payload)
        reference_id = self._state.messages.read_reference(channel.id, body.payload)
        forward = self._state.messages.read_forward(self._lookup.me, body.payload)
        if forward is None:
            content = MessageComposer(self._state, channel.id).compose_new(body, allowed=POSTABLE)
        else:
            content = Content(flags=MessageFlag.HAS_SNAPSHOT)
        if channel.archived:
            self._state.guild_registry.set_channel(replace(channel, archived=False))
        message = self._state.messages.create(
            NewMessage(
                channel_id=channel.id,
                author_id=self._lookup.me,
                content=content,
                type=0 if reference_id is None else REPLY,
                nonce=nonce,
                enforce_nonce=body.payload.get("enforce_nonce") is True,
                reference_id=reference_id,
                forward=forward,
            )
        )
        return respond_json(self._state.payloads.build_message(message))

    def _check_may_write(self, channel: Channel, body: Body) -> None:
        """Check permissions beyond plain text, and that a DM's recipient accepts messages."""
        world = self._state.world
        if channel.recipient_id is not None:
            closed = channel.recipient_id in world.dms_closed
            if closed or not (
                has_shared_guild(self._state, channel.recipient_id)
                or channel.recipient_id in world.installed_by
            ):
                raise DiscordError(CANNOT_SEND_TO_USER)
        self._state.require_writable(self._lookup.me, channel)
        needed = Permission.ATTACH_FILES if body.files else 0
        if body.payload.get("embeds"):
            needed |= Permission.EMBED_LINKS
        if body.payload.get("message_reference"):
            needed |= Permission.READ_MESSAGE_HISTORY
        self._state.require_permission(self._lookup.me, channel.id, needed=needed)

    async def _get_message(self, request: web.Request) -> web.Response:
        message = self._lookup.get_message(request, Permission.READ_MESSAGE_HISTORY)
        return respond_json(self._state.payloads.build_message(message))

    async def _edit_message(self, request: web.Request) -> web.Response:
        body = await read_body(request)
        message = self._lookup.get_editable_message(request)
        if message.author_id != self._lookup.me:
            raise DiscordError(NOT_AUTHOR)
        content = MessageComposer(self._state, message.channel_id).compose_edit(message, body)
        return respond_json(
            self._state.payloads.build_message(self._state.messages.edit(message, content))
        )

    async def _delete_message(self, request: web.Request) -> web.Response:
        message = self._lookup.get_message(request)
        if message.author_id != self._lookup.me:
            needed = Permission.MANAGE_MESSAGES
            self._state.require_permission(self._lookup.me, message.channel_id, needed=needed)
            guild = self._state.find_guild(message.channel_id)
            target = message.author_id
            self._lookup.record_action(request, guild, AuditAction.MESSAGE_DELETE, target=target)
        self._state.messages.delete(message)
        return respond_empty()

    async def _delete_many(self, request: web.Request) -> web.Response:
        """Delete 2 to 100 messages up to two weeks old; unknown ids count too."""
        channel = self._lookup.get_channel(request, Permission.MANAGE_MESSAGES)
        if channel.type is ChannelType.DM:
            raise DiscordError(WRONG_CHANNEL_TYPE)
        fields = await read_form(request)
        message_ids = [each.read_snowflake() or 0 for each in fields["messages"].read_list(0, 1000)]
        fields.form.raise_errors()
        if not 2 <= len(message_ids) <= 100:
            raise DiscordError(WRONG_COUNT)
        oldest = self._state.clock.now() - BULK_WITHIN_S
        if any(get_created_at(each) < oldest for each in message_ids):
            raise DiscordError(TOO_OLD)
        self._state.messages.delete_many(channel.id, message_ids)
        guild = self._state.find_guild(channel.id)
        self._lookup.record_action(
            request, guild, AuditAction.MESSAGE_BULK_DELETE, target=channel.id
        )
        return respond_empty()

    async def _send_typing(self, request: web.Request) -> web.Response:
        channel = self._lookup.get_channel(request, Permission.SEND_MESSAGES)
        guild, me = self._state.find_guild(channel.id), self._lookup.me
        payload = {
            "channel_id": str(channel.id),
            "user_id": str(me),
            "timestamp": int(self._state.clock.now()),
        }
        if guild is not None:
            member = self._state.payloads.build_member(guild.members[me])
            payload |= {"guild_id": str(guild.id), "member": member}
        self._state.emit_to_channel(channel.id, "TYPING_START", payload=payload)
        return respond_empty()
