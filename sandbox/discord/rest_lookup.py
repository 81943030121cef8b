"""What a route's address names, found or refused in Discord's way."""

from urllib.parse import unquote

from aiohttp import web

from sandbox.discord import snowflakes
from sandbox.discord.audit import Action
from sandbox.discord.bodies import read_object
from sandbox.discord.errors import (
    ARCHIVED,
    MISSING_PERMISSIONS,
    UNKNOWN_APPLICATION,
    UNKNOWN_MESSAGE,
    DiscordError,
    invalid,
)
from sandbox.discord.forms import Field, Form, is_whole
from sandbox.discord.models import Channel, Guild, Message
from sandbox.discord.permissions import base
from sandbox.discord.state import State

_LONGEST_REASON = 512  # documentation, "Audit Log", X-Audit-Log-Reason


class Lookup:
    """Read a request for the bot: each method raises DiscordError for what it may not."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.me = state.world.bot.id

    def number(self, request: web.Request, name: str) -> int | None:
        """Return an id of the address; None when it is no id."""
        return snowflakes.parse(request.match_info[name])

    def application(self, request: web.Request) -> int:
        if self.number(request, "application") != self.me:
            raise DiscordError(UNKNOWN_APPLICATION)
        return self.me

    def channel(self, request: web.Request, needed: int = 0) -> Channel:
        channel = self.state.channel(self.number(request, "channel"))
        self.state.require(self.me, channel.id, needed=needed)
        return channel

    def message(self, request: web.Request, needed: int = 0) -> Message:
        channel = self.channel(request, needed)
        found = self.state.messages.get(channel.id, self.number(request, "message"))
        if found.audience is not None and self.me not in found.audience:
            raise DiscordError(UNKNOWN_MESSAGE)
        return found

    def open_message(self, request: web.Request, needed: int = 0) -> Message:
        """Return a message that may be changed, else raise 50083: its thread is archived."""
        message = self.message(request, needed)
        if self.state.channel(message.channel_id).archived:
            raise DiscordError(ARCHIVED)
        return message

    def guild(self, request: web.Request, needed: int = 0) -> Guild:
        guild = self.state.guild(self.number(request, "guild"))
        if base(guild, guild.members[self.me]) & needed != needed:
            raise DiscordError(MISSING_PERMISSIONS)
        return guild

    def note(
        self, request: web.Request, guild: Guild | None, action: Action, *, target: int | None
    ) -> None:
        """Write a deed into the guild's audit log, with the reason that came along."""
        if guild is not None:
            self.state.audit.note(guild, action, target_id=target, reason=reason(request))


def reason(request: web.Request) -> str | None:
    """Return the audit log's reason, or raise 50035 when it is too long."""
    raw = request.headers.get("X-Audit-Log-Reason")
    if raw is None:
        return None
    text = unquote(raw)
    if len(text) > _LONGEST_REASON:
        message = f"Must be {_LONGEST_REASON} or fewer in length."
        raise invalid(("reason",), "BASE_TYPE_MAX_LENGTH", message)
    return text


async def form(request: web.Request) -> Field:
    """Return the request's JSON object as a form's root."""
    return Form().field(await read_object(request))


def limit(request: web.Request, *, default: int, most: int) -> int:
    """Read ?limit, 1 to `most`, or raise 50035."""
    text = request.query.get("limit", str(default))
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
    if not is_whole(number) or not 1 <= number <= most:
        message = f"int value should be between 1 and {most}."
        raise invalid(("limit",), "NUMBER_TYPE_MAX", message)
    return number


def query_id(request: web.Request, name: str) -> int | None:
    """Read an id of the query, or raise 50035 for one that is none."""
    text = request.query.get(name)
    number = snowflakes.parse(text)
    if text is not None and number is None:
        raise invalid((name,), "NUMBER_TYPE_COERCE", f"Value {text[:50]!r} is not snowflake.")
    return number
