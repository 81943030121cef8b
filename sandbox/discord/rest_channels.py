"""REST below /channels: messages, typing, reactions and threads."""

import itertools
import re

from aiohttp import web

from sandbox.discord import emojis, payloads_guild, rules, snowflakes
from sandbox.discord.api import API, answer, nothing
from sandbox.discord.bodies import read_body, read_object
from sandbox.discord.errors import (
    NOT_AUTHOR,
    THREAD_EXISTS,
    WRONG_CHANNEL_TYPE,
    DiscordError,
    invalid,
)
from sandbox.discord.messages import REPLY, Draft
from sandbox.discord.models import Channel, ChannelType, Content, Message, MessageFlag
from sandbox.discord.permissions import Permission
from sandbox.discord.rules import Composer
from sandbox.discord.state import State

_CHANNEL = API + "/channels/{channel}"
_MESSAGE = _CHANNEL + "/messages/{message}"
_POSTABLE = (
    MessageFlag.SUPPRESS_EMBEDS | MessageFlag.SUPPRESS_NOTIFICATIONS | MessageFlag.COMPONENTS_V2
)
THREAD_STARTED = 18  # message types


class ChannelRoutes:
    def __init__(self, state: State) -> None:
        self._state = state
        self._me = state.world.bot.id

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(_CHANNEL, self._get_channel),
            web.get(_CHANNEL + "/messages", self._history),
            web.post(_CHANNEL + "/messages", self._create),
            web.get(_MESSAGE, self._get),
            web.patch(_MESSAGE, self._edit),
            web.delete(_MESSAGE, self._delete),
            web.post(_CHANNEL + "/typing", self._typing),
            web.put(_MESSAGE + "/reactions/{emoji}/@me", self._react),
            web.delete(_MESSAGE + "/reactions/{emoji}/@me", self._unreact),
            web.post(_CHANNEL + "/threads", self._thread),
            web.post(_MESSAGE + "/threads", self._thread),
        ]

    async def _get_channel(self, request: web.Request) -> web.Response:
        return answer(payloads_guild.channel(self._channel(request)))

    async def _history(self, request: web.Request) -> web.Response:
        """Answer newest first, without ephemeral messages, as Discord does."""
        channel = self._channel(request, Permission.READ_MESSAGE_HISTORY)
        limit = _limit(request.query.get("limit", "50"))
        before, after = (snowflakes.parse(request.query.get(key)) for key in ("before", "after"))
        newest = self._state.messages.newest_first(channel.id, before=before)
        shown = (message for message in newest if not message.ephemeral)
        if after is not None:
            newer = itertools.takewhile(lambda message: message.id > after, shown)
            return self._page(list(newer)[-limit:])
        return self._page(list(itertools.islice(shown, limit)))

    def _page(self, messages: list[Message]) -> web.Response:
        return answer([self._state.payloads.message(message) for message in messages])

    async def _create(self, request: web.Request) -> web.Response:
        channel = self._channel(request, Permission.SEND_MESSAGES)
        body = await read_body(request)
        nonce = rules.nonce_of(body.payload)
        reference_id = self._state.messages.referenced(channel.id, body.payload)
        content = Composer(self._state, channel.id).create(body, allowed=_POSTABLE)
        message = self._state.messages.create(
            Draft(
                channel_id=channel.id,
                author_id=self._me,
                content=content,
                type=0 if reference_id is None else REPLY,
                nonce=nonce,
                enforce_nonce=body.payload.get("enforce_nonce") is True,
                reference_id=reference_id,
            )
        )
        return answer(self._state.payloads.message(message))

    async def _get(self, request: web.Request) -> web.Response:
        return answer(self._state.payloads.message(self._message(request)))

    async def _edit(self, request: web.Request) -> web.Response:
        body = await read_body(request)
        message = self._message(request)
        if message.author_id != self._me:
            raise DiscordError(NOT_AUTHOR)
        content = Composer(self._state, message.channel_id).edit(message, body)
        return answer(self._state.payloads.message(self._state.messages.edit(message, content)))

    async def _delete(self, request: web.Request) -> web.Response:
        message = self._message(request)
        if message.author_id != self._me:
            self._state.require(self._me, message.channel_id, needed=Permission.MANAGE_MESSAGES)
        self._state.messages.delete(message)
        return nothing()

    async def _typing(self, request: web.Request) -> web.Response:
        channel = self._channel(request, Permission.SEND_MESSAGES)
        guild = self._state.world.guild
        payload = {
            "channel_id": str(channel.id),
            "guild_id": str(guild.id),
            "user_id": str(self._me),
            "timestamp": int(self._state.clock.now()),
            "member": self._state.payloads.member(guild.members[self._me]),
        }
        self._state.emit_in(channel.id, "TYPING_START", payload=payload)
        return nothing()

    async def _react(self, request: web.Request) -> web.Response:
        message = self._message(request, Permission.ADD_REACTIONS)
        self._state.messages.react(
            message, emojis.key(request.match_info["emoji"]), user_id=self._me
        )
        return nothing()

    async def _unreact(self, request: web.Request) -> web.Response:
        message = self._message(request)
        self._state.messages.unreact(
            message, emojis.key(request.match_info["emoji"]), user_id=self._me
        )
        return nothing()

    async def _thread(self, request: web.Request) -> web.Response:
        parent = self._channel(request, Permission.CREATE_PUBLIC_THREADS)
        payload = await read_object(request)
        if parent.type is not ChannelType.TEXT:
            raise DiscordError(WRONG_CHANNEL_TYPE)
        name = payload.get("name")
        if not isinstance(name, str) or not 1 <= len(name) <= 100:
            message = "Must be between 1 and 100 in length."
            raise invalid(("name",), "BASE_TYPE_BAD_LENGTH", message)
        starter = self._message(request) if "message" in request.match_info else None
        if starter is not None and starter.thread_id is not None:
            raise DiscordError(THREAD_EXISTS)
        thread = Channel(
            id=starter.id if starter else self._state.ids.next(),
            guild_id=parent.guild_id,
            name=name,
            type=ChannelType.THREAD,
            parent_id=parent.id,
            owner_id=self._me,
            created_at=self._state.clock.now(),
        )
        self._state.add_thread(thread)
        if starter is not None:
            starter.thread_id = thread.id
        else:
            content = Content(text=name)
            draft = Draft(parent.id, self._me, content, type=THREAD_STARTED)
            self._state.messages.create(draft)
        return answer(payloads_guild.channel(thread), status=201)

    def _channel(self, request: web.Request, needed: int = 0) -> Channel:
        channel = self._state.channel(snowflakes.parse(request.match_info["channel"]))
        self._state.require(self._me, channel.id, needed=needed)
        return channel

    def _message(self, request: web.Request, needed: int = 0) -> Message:
        channel = self._channel(request, needed)
        message_id = snowflakes.parse(request.match_info["message"])
        return self._state.messages.get(channel.id, message_id)


def _limit(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,3}", text) or not 1 <= int(text) <= 100:
        message = "int value should be between 1 and 100."
        raise invalid(("limit",), "NUMBER_TYPE_MAX", message)
    return int(text)
