"""REST for reactions and pins of messages."""

from aiohttp import web

from sandbox.discord.api import answer, nothing
from sandbox.discord.audit import Action
from sandbox.discord.errors import (
    MAXIMUM_PINS,
    MAXIMUM_REACTIONS,
    UNKNOWN_USER,
    DiscordError,
)
from sandbox.discord.messages import Draft
from sandbox.discord.models import Content, Message
from sandbox.discord.payloads_guild import iso
from sandbox.discord.permissions import Permission
from sandbox.discord.rest_lookup import Lookup, limit, query_id
from sandbox.discord.rest_messages import CHANNEL, MESSAGE

_REACTIONS = MESSAGE + "/reactions"
_EMOJI = _REACTIONS + "/{emoji}"
MAX_REACTIONS = 20  # different ones: documentation, error 30010
MAX_PINS = 250  # documentation, error 30003
PINNED = 6  # a message's type


class ReactionRoutes:
    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._state = lookup.state

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(_EMOJI, self._list),
            web.put(_EMOJI + "/@me", self._react),
            web.delete(_EMOJI + "/@me", self._unreact),
            web.delete(_EMOJI + "/{user}", self._unreact),
            web.delete(_EMOJI, self._clear),
            web.delete(_REACTIONS, self._clear),
            web.get(CHANNEL + "/pins", self._pins),
            web.get(CHANNEL + "/messages/pins", self._pin_page),
            *(
                method(CHANNEL + path + "/{message}", handler)
                for path in ("/pins", "/messages/pins")
                for method, handler in ((web.put, self._pin), (web.delete, self._unpin))
            ),
        ]

    def _emoji(self, request: web.Request) -> str:
        return self._state.emojis.key(request.match_info["emoji"])

    async def _list(self, request: web.Request) -> web.Response:
        message = self._lookup.message(request, Permission.READ_MESSAGE_HISTORY)
        emoji = self._emoji(request)
        most, after = limit(request, default=25, most=100), query_id(request, "after") or 0
        users = [each for each in sorted(message.reactions.get(emoji, ())) if each > after]
        people = self._state.world.people
        return answer([self._state.payloads.user(people[each]) for each in users[:most]])

    async def _react(self, request: web.Request) -> web.Response:
        """Add the bot's reaction; the permission is for an emoji that nobody used yet."""
        message = self._lookup.open_message(request, Permission.READ_MESSAGE_HISTORY)
        emoji = self._emoji(request)
        if emoji not in message.reactions:
            needed = Permission.ADD_REACTIONS
            self._state.require(self._lookup.me, message.channel_id, needed=needed)
            if len(message.reactions) >= MAX_REACTIONS:
                raise DiscordError(MAXIMUM_REACTIONS)
        self._state.messages.react(message, emoji, user_id=self._lookup.me)
        return nothing()

    async def _unreact(self, request: web.Request) -> web.Response:
        message, emoji, user_id = self._lookup.message(request), self._emoji(request), None
        if "user" in request.match_info:
            user_id = self._lookup.number(request, "user")
            if user_id not in self._state.world.people:
                raise DiscordError(UNKNOWN_USER)
            needed = Permission.MANAGE_MESSAGES
            self._state.require(self._lookup.me, message.channel_id, needed=needed)
        self._state.messages.unreact(message, emoji, user_id=user_id or self._lookup.me)
        return nothing()

    async def _clear(self, request: web.Request) -> web.Response:
        """Take away all reactions, or all of one emoji."""
        message = self._lookup.message(request, Permission.MANAGE_MESSAGES)
        emoji = self._emoji(request) if "emoji" in request.match_info else None
        self._state.messages.clear_reactions(message, emoji)
        return nothing()

    async def _pins(self, request: web.Request) -> web.Response:
        return answer([self._state.payloads.message(each) for each in self._pinned(request)])

    async def _pin_page(self, request: web.Request) -> web.Response:
        pinned, most = self._pinned(request), limit(request, default=50, most=50)
        items = [
            {
                "pinned_at": iso(each.pinned_at or 0.0),
                "message": self._state.payloads.message(each),
            }
            for each in pinned[:most]
        ]
        return answer({"items": items, "has_more": len(pinned) > most})

    def _pinned(self, request: web.Request) -> list[Message]:
        """Return a channel's pins, the latest first."""
        channel = self._lookup.channel(request, Permission.READ_MESSAGE_HISTORY)
        found = [each for each in self._state.messages.newest_first(channel.id) if each.pinned]
        return sorted(found, key=lambda each: each.pinned_at or 0.0, reverse=True)

    async def _pin(self, request: web.Request) -> web.Response:
        message = self._lookup.message(request, Permission.PIN_MESSAGES)
        if not message.pinned:
            if len(self._pinned(request)) >= MAX_PINS:
                raise DiscordError(MAXIMUM_PINS)
            self._set(request, message, pinned=True)
            note = Draft(
                message.channel_id,
                self._lookup.me,
                Content(),
                type=PINNED,
                reference_id=message.id,
            )
            self._state.messages.create(note)
        return nothing()

    async def _unpin(self, request: web.Request) -> web.Response:
        message = self._lookup.message(request, Permission.PIN_MESSAGES)
        if message.pinned:
            self._set(request, message, pinned=False)
        return nothing()

    def _set(self, request: web.Request, message: Message, *, pinned: bool) -> None:
        self._state.messages.pin(message, pinned=pinned)
        action = Action.MESSAGE_PIN if pinned else Action.MESSAGE_UNPIN
        guild = self._state.guild_of(message.channel_id)
        self._lookup.note(request, guild, action, target=message.author_id)
