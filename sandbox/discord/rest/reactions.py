"""REST for message reactions and pins."""

from aiohttp import web

from sandbox.discord.model.errors import (
    MAXIMUM_PINS,
    MAXIMUM_REACTIONS,
    UNKNOWN_USER,
    DiscordError,
    build_field_error,
)
from sandbox.discord.model.guild_payloads import format_timestamp
from sandbox.discord.model.permissions import Permission
from sandbox.discord.model.records import Content, Message, ReactionType
from sandbox.discord.rest.messages import CHANNEL, MESSAGE
from sandbox.discord.rest.path_params import RequestLookup, read_limit, read_query_id
from sandbox.discord.rest.responses import respond_empty, respond_json
from sandbox.discord.state.audit_log import AuditAction
from sandbox.discord.state.messages import NewMessage

_REACTIONS = MESSAGE + "/reactions"
_EMOJI = _REACTIONS + "/{emoji}"
MAX_REACTIONS = 20  # different emojis: documentation, error 30010
MAX_PINS = 250  # documentation, error 30003
PIN_NOTICE = 6  # a message type


class ReactionRoutes:
    def __init__(self, lookup: RequestLookup) -> None:
        self._lookup = lookup
        self._state = lookup.state

    def build_routes(self) -> list[web.RouteDef]:
        return [
            web.get(_EMOJI, self._list_users),
            web.put(_EMOJI + "/@me", self._add_reaction),
            web.delete(_EMOJI + "/@me", self._remove_reaction),
            web.delete(_EMOJI + "/{user}", self._remove_reaction),
            web.delete(_EMOJI, self._clear_reactions),
            web.delete(_REACTIONS, self._clear_reactions),
            web.get(CHANNEL + "/pins", self._list_pins),
            web.get(CHANNEL + "/messages/pins", self._list_pin_page),
            *(
                method(CHANNEL + path + "/{message}", handler)
                for path in ("/pins", "/messages/pins")
                for method, handler in (
                    (web.put, self._pin_message),
                    (web.delete, self._unpin_message),
                )
            ),
        ]

    def _read_emoji(self, request: web.Request) -> str:
        return self._state.emojis.parse_key(request.match_info["emoji"])

    async def _list_users(self, request: web.Request) -> web.Response:
        message = self._lookup.get_message(request, Permission.READ_MESSAGE_HISTORY)
        emoji = self._read_emoji(request)
        limit, after = (
            read_limit(request, default=25, maximum=100),
            read_query_id(request, "after") or 0,
        )
        given = message.get_reactions(_read_kind(request)).get(emoji, ())
        users = [each for each in sorted(given) if each > after]
        people = self._state.world.people
        return respond_json(
            [self._state.payloads.build_user(people[each]) for each in users[:limit]]
        )

    async def _add_reaction(self, request: web.Request) -> web.Response:
        """Add the bot's reaction; only a new emoji needs the permission."""
        message = self._lookup.get_editable_message(request, Permission.READ_MESSAGE_HISTORY)
        emoji = self._read_emoji(request)
        if emoji not in message.emojis:
            needed = Permission.ADD_REACTIONS
            self._state.require_permission(self._lookup.me, message.channel_id, needed=needed)
            if len(message.emojis) >= MAX_REACTIONS:
                raise DiscordError(MAXIMUM_REACTIONS)
        self._state.messages.add_reaction(message, emoji, user_id=self._lookup.me)
        return respond_empty()

    async def _remove_reaction(self, request: web.Request) -> web.Response:
        message, emoji, user_id = self._lookup.get_message(request), self._read_emoji(request), None
        if "user" in request.match_info:
            user_id = self._lookup.read_id(request, "user")
            if user_id not in self._state.world.people:
                raise DiscordError(UNKNOWN_USER)
            needed = Permission.MANAGE_MESSAGES
            self._state.require_permission(self._lookup.me, message.channel_id, needed=needed)
        self._state.messages.remove_reaction(message, emoji, user_id=user_id or self._lookup.me)
        return respond_empty()

    async def _clear_reactions(self, request: web.Request) -> web.Response:
        """Remove all reactions, or all of one emoji."""
        message = self._lookup.get_message(request, Permission.MANAGE_MESSAGES)
        emoji = self._read_emoji(request) if "emoji" in request.match_info else None
        self._state.messages.clear_reactions(message, emoji)
        return respond_empty()

    async def _list_pins(self, request: web.Request) -> web.Response:
        return respond_json(
            [self._state.payloads.build_message(each) for each in self._find_pinned(request)]
        )

    async def _list_pin_page(self, request: web.Request) -> web.Response:
        pinned, limit = self._find_pinned(request), read_limit(request, default=50, maximum=50)
        items = [
            {
                "pinned_at": format_timestamp(each.pinned_at or 0.0),
                "message": self._state.payloads.build_message(each),
            }
            for each in pinned[:limit]
        ]
        return respond_json({"items": items, "has_more": len(pinned) > limit})

    def _find_pinned(self, request: web.Request) -> list[Message]:
        """Return a channel's pinned messages, latest pin first."""
        channel = self._lookup.get_channel(request, Permission.READ_MESSAGE_HISTORY)
        found = [each for each in self._state.messages.iter_newest_first(channel.id) if each.pinned]
        return sorted(found, key=lambda each: each.pinned_at or 0.0, reverse=True)

    async def _pin_message(self, request: web.Request) -> web.Response:
        message = self._lookup.get_message(request, Permission.PIN_MESSAGES)
        if not message.pinned:
            if len(self._find_pinned(request)) >= MAX_PINS:
                raise DiscordError(MAXIMUM_PINS)
            self._set_pinned(request, message, pinned=True)
            note = NewMessage(
                message.channel_id,
                self._lookup.me,
                Content(),
                type=PIN_NOTICE,
                reference_id=message.id,
            )
            self._state.messages.create(note)
        return respond_empty()

    async def _unpin_message(self, request: web.Request) -> web.Response:
        message = self._lookup.get_message(request, Permission.PIN_MESSAGES)
        if message.pinned:
            self._set_pinned(request, message, pinned=False)
        return respond_empty()

    def _set_pinned(self, request: web.Request, message: Message, *, pinned: bool) -> None:
        self._state.messages.set_pinned(message, pinned=pinned)
        action = AuditAction.MESSAGE_PIN if pinned else AuditAction.MESSAGE_UNPIN
        guild = self._state.find_guild(message.channel_id)
        self._lookup.record_action(request, guild, action, target=message.author_id)


def _read_kind(request: web.Request) -> ReactionType:
    """Parse ?type, 0 for normal and 1 for super reactions; raise 50035 otherwise."""
    text = request.query.get("type", "0")
    if text not in {"0", "1"}:
        raise build_field_error(("type",), "BASE_TYPE_CHOICES", "Value must be one of (0, 1).")
    return ReactionType(int(text))
