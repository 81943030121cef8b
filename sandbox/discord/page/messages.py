"""The page's message routes: write, reply, react, delete, read older messages."""

import itertools
from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.discord.actors import posting
from sandbox.discord.model import guild_payloads, snowflakes
from sandbox.discord.model.errors import (
    THREAD_EXISTS,
    UNKNOWN_MESSAGE,
    WRONG_CHANNEL_TYPE,
    DiscordError,
    build_field_error,
)
from sandbox.discord.model.permissions import Permission
from sandbox.discord.model.records import Channel, Json, Message, ReactionType, User
from sandbox.discord.page.views import build_message, read_viewer
from sandbox.discord.rest.responses import respond_empty, respond_json
from sandbox.discord.validation.request_bodies import read_body, read_object

if TYPE_CHECKING:
    from sandbox.discord.state.state import State

PAGE = 100  # messages per request: one page of Discord's history


class PageMessages:
    """Serve the page's message routes; each acts as the person in `?user=`."""

    def __init__(self, state: "State") -> None:
        self._state = state

    def build_routes(self) -> list[web.RouteDef]:
        message = "/_page/messages/{message}"
        reaction = message + "/reactions/{emoji}"
        return [
            web.post("/_page/messages", self._post_message),
            web.delete(message, self._delete_message),
            web.post(message + "/thread", self._start_thread),
            web.put(reaction, self._add_reaction),
            web.delete(reaction, self._remove_reaction),
            web.get("/_page/channels/{channel}/messages", self._list_history),
            web.post("/_page/channels/{channel}/typing", self._send_typing),
        ]

    async def _post_message(self, request: web.Request) -> web.StreamResponse:
        """Post a message, with files and as a reply if the body says so; answer 204."""
        user = read_viewer(self._state, request)
        body = await read_body(request)
        channel = self._state.get_channel(
            snowflakes.parse_snowflake(body.payload.get("channel_id"))
        )
        posting.post_message(self._state, user.id, channel.id, body.payload, files=body.files)
        return respond_empty()

    async def _delete_message(self, request: web.Request) -> web.StreamResponse:
        """Dismiss an ephemeral message, or delete a message as its author or a moderator."""
        user, message = self._read_target(request)
        if message.is_ephemeral:
            self._state.messages.dismiss_note(message, user.id)
            return respond_empty()
        if message.author_id != user.id:
            needed = Permission.MANAGE_MESSAGES
            self._state.require_permission(user.id, message.channel_id, needed=needed)
        self._state.messages.delete(message)
        return respond_empty()

    async def _add_reaction(self, request: web.Request) -> web.StreamResponse:
        user, message = self._read_target(request)
        emoji = self._state.emojis.parse_key(request.match_info["emoji"])
        # Adding to an existing reaction needs no permission (documentation, "Create Reaction").
        if emoji not in message.emojis:
            needed = Permission.ADD_REACTIONS
            self._state.require_permission(user.id, message.channel_id, needed=needed)
        self._state.messages.add_reaction(message, emoji, user_id=user.id)
        return respond_empty()

    async def _remove_reaction(self, request: web.Request) -> web.StreamResponse:
        user, message = self._read_target(request)
        emoji = self._state.emojis.parse_key(request.match_info["emoji"])
        for kind in ReactionType:
            self._state.messages.remove_reaction(message, emoji, user_id=user.id, kind=kind)
        return respond_empty()

    async def _start_thread(self, request: web.Request) -> web.StreamResponse:
        """Start a thread on a message; answer its channel object."""
        user, message = self._read_target(request)
        parent = self._state.get_channel(message.channel_id)
        needed = Permission.CREATE_PUBLIC_THREADS
        self._state.require_permission(user.id, parent.id, needed=needed)
        if parent.type.is_forum or not parent.type.thread_types or message.is_ephemeral:
            raise DiscordError(WRONG_CHANNEL_TYPE)
        if message.thread_id is not None:
            raise DiscordError(THREAD_EXISTS)
        name = (await read_object(request)).get("name")
        if not isinstance(name, str) or not 1 <= len(name.strip()) <= 100:
            problem = "Must be between 1 and 100 in length."
            raise build_field_error(("name",), "BASE_TYPE_BAD_LENGTH", problem)
        thread = Channel(
            id=message.id,
            guild_id=parent.guild_id,
            name=name.strip(),
            type=parent.type.thread_types[0],
            parent_id=parent.id,
            owner_id=user.id,
            created_at=self._state.clock.now(),
        )
        self._state.add_thread(thread)
        message.thread_id = thread.id
        return respond_json(guild_payloads.build_channel(thread), status=201)

    async def _list_history(self, request: web.Request) -> web.StreamResponse:
        """Answer the 100 messages before `?before=` that the person sees, oldest first."""
        user = read_viewer(self._state, request)
        channel = self._state.get_channel(snowflakes.parse_snowflake(request.match_info["channel"]))
        self._state.require_permission(user.id, channel.id, needed=Permission.READ_MESSAGE_HISTORY)
        before = snowflakes.parse_snowflake(request.query.get("before"))
        older = self._state.messages.iter_newest_first(channel.id, before=before)
        seen = (each for each in older if each.audience is None or user.id in each.audience)
        page = [build_message(self._state, each, user.id) for each in itertools.islice(seen, PAGE)]
        return respond_json(page[::-1])

    async def _send_typing(self, request: web.Request) -> web.StreamResponse:
        user = read_viewer(self._state, request)
        channel = self._state.get_channel(snowflakes.parse_snowflake(request.match_info["channel"]))
        self._state.require_permission(user.id, channel.id, needed=Permission.SEND_MESSAGES)
        payload: Json = {
            "channel_id": str(channel.id),
            "user_id": str(user.id),
            "timestamp": int(self._state.clock.now()),
        }
        if (guild := self._state.find_guild(channel.id)) is not None:
            member = self._state.payloads.build_member(guild.members[user.id])
            payload |= {"guild_id": str(guild.id), "member": member}
        self._state.emit_to_channel(channel.id, "TYPING_START", payload=payload)
        return respond_empty()

    def _read_target(self, request: web.Request) -> tuple[User, Message]:
        """Return the viewer and the message, or raise 10008 if they can't see it."""
        user = read_viewer(self._state, request)
        message = self._state.messages.find(
            snowflakes.parse_snowflake(request.match_info["message"])
        )
        if message is None or not self._state.can_see(user.id, message.channel_id):
            raise DiscordError(UNKNOWN_MESSAGE)
        if message.audience is not None and user.id not in message.audience:
            raise DiscordError(UNKNOWN_MESSAGE)
        return user, message
