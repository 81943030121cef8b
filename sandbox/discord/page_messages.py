"""What a person does with messages on the page: write, reply, react, delete, read further back."""

import itertools
from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.discord import payloads_guild, posting, snowflakes
from sandbox.discord.api import answer, nothing
from sandbox.discord.bodies import read_body, read_object
from sandbox.discord.errors import (
    THREAD_EXISTS,
    UNKNOWN_MESSAGE,
    WRONG_CHANNEL_TYPE,
    DiscordError,
    invalid,
)
from sandbox.discord.models import Channel, ChannelType, Json, Message, User
from sandbox.discord.page_views import shown, viewer
from sandbox.discord.permissions import Permission

if TYPE_CHECKING:
    from sandbox.discord.state import State

PAGE = 100  # messages of one step back: one page of Discord's history


class PageMessages:
    """Serve the page's routes for messages; every one answers as the person of `?user=`."""

    def __init__(self, state: "State") -> None:
        self._state = state

    def routes(self) -> list[web.RouteDef]:
        message = "/_page/messages/{message}"
        reaction = message + "/reactions/{emoji}"
        return [
            web.post("/_page/messages", self._post),
            web.delete(message, self._delete),
            web.post(message + "/thread", self._thread),
            web.put(reaction, self._react),
            web.delete(reaction, self._unreact),
            web.get("/_page/channels/{channel}/messages", self._history),
            web.post("/_page/channels/{channel}/typing", self._typing),
        ]

    async def _post(self, request: web.Request) -> web.StreamResponse:
        """Post a message, with files and as a reply if the body says so; answer 204."""
        user = viewer(self._state, request)
        body = await read_body(request)
        channel = self._state.channel(snowflakes.parse(body.payload.get("channel_id")))
        posting.post(self._state, user.id, channel.id, body.payload, files=body.files)
        return nothing()

    async def _delete(self, request: web.Request) -> web.StreamResponse:
        """Dismiss one's own ephemeral note, or delete a message as author or moderator."""
        user, message = self._asked(request)
        if message.ephemeral:
            self._state.messages.dismiss(message, user.id)
            return nothing()
        if message.author_id != user.id:
            needed = Permission.MANAGE_MESSAGES
            self._state.require(user.id, message.channel_id, needed=needed)
        self._state.messages.delete(message)
        return nothing()

    async def _react(self, request: web.Request) -> web.StreamResponse:
        user, message = self._asked(request)
        emoji = self._state.emojis.key(request.match_info["emoji"])
        # Joining a reaction that is there needs no permission (documentation, "Create Reaction").
        if emoji not in message.reactions:
            needed = Permission.ADD_REACTIONS
            self._state.require(user.id, message.channel_id, needed=needed)
        self._state.messages.react(message, emoji, user_id=user.id)
        return nothing()

    async def _unreact(self, request: web.Request) -> web.StreamResponse:
        user, message = self._asked(request)
        emoji = self._state.emojis.key(request.match_info["emoji"])
        self._state.messages.unreact(message, emoji, user_id=user.id)
        return nothing()

    async def _thread(self, request: web.Request) -> web.StreamResponse:
        """Start a thread at a message; answer the channel."""
        user, message = self._asked(request)
        parent = self._state.channel(message.channel_id)
        needed = Permission.CREATE_PUBLIC_THREADS
        self._state.require(user.id, parent.id, needed=needed)
        if parent.type is not ChannelType.TEXT or message.ephemeral:
            raise DiscordError(WRONG_CHANNEL_TYPE)
        if message.thread_id is not None:
            raise DiscordError(THREAD_EXISTS)
        name = (await read_object(request)).get("name")
        if not isinstance(name, str) or not 1 <= len(name.strip()) <= 100:
            problem = "Must be between 1 and 100 in length."
            raise invalid(("name",), "BASE_TYPE_BAD_LENGTH", problem)
        thread = Channel(
            id=message.id,
            guild_id=parent.guild_id,
            name=name.strip(),
            type=ChannelType.THREAD,
            parent_id=parent.id,
            owner_id=user.id,
            created_at=self._state.clock.now(),
        )
        self._state.add_thread(thread)
        message.thread_id = thread.id
        return answer(payloads_guild.channel(thread), status=201)

    async def _history(self, request: web.Request) -> web.StreamResponse:
        """Answer the 100 messages before `?before=` that the person sees, oldest first."""
        user = viewer(self._state, request)
        channel = self._state.channel(snowflakes.parse(request.match_info["channel"]))
        self._state.require(user.id, channel.id, needed=Permission.READ_MESSAGE_HISTORY)
        before = snowflakes.parse(request.query.get("before"))
        older = self._state.messages.newest_first(channel.id, before=before)
        seen = (each for each in older if each.audience is None or user.id in each.audience)
        page = [shown(self._state, each, user.id) for each in itertools.islice(seen, PAGE)]
        return answer(page[::-1])

    async def _typing(self, request: web.Request) -> web.StreamResponse:
        user = viewer(self._state, request)
        channel = self._state.channel(snowflakes.parse(request.match_info["channel"]))
        self._state.require(user.id, channel.id, needed=Permission.SEND_MESSAGES)
        payload: Json = {
            "channel_id": str(channel.id),
            "user_id": str(user.id),
            "timestamp": int(self._state.clock.now()),
        }
        if (guild := self._state.guild_of(channel.id)) is not None:
            member = self._state.payloads.member(guild.members[user.id])
            payload |= {"guild_id": str(guild.id), "member": member}
        self._state.emit_in(channel.id, "TYPING_START", payload=payload)
        return nothing()

    def _asked(self, request: web.Request) -> tuple[User, Message]:
        """Return who asks and the message they mean, which they can see, else raise 10008."""
        user = viewer(self._state, request)
        message = self._state.messages.find(snowflakes.parse(request.match_info["message"]))
        if message is None or not self._state.sees(user.id, message.channel_id):
            raise DiscordError(UNKNOWN_MESSAGE)
        if message.audience is not None and user.id not in message.audience:
            raise DiscordError(UNKNOWN_MESSAGE)
        return user, message
