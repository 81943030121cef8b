"""Resources named by a request's path or query, looked up with Discord's errors."""

from urllib.parse import unquote

from aiohttp import web

from sandbox.discord.model import snowflakes
from sandbox.discord.model.errors import (
    ARCHIVED,
    MISSING_PERMISSIONS,
    UNKNOWN_APPLICATION,
    UNKNOWN_MESSAGE,
    DiscordError,
    build_field_error,
)
from sandbox.discord.model.permissions import compute_guild_permissions
from sandbox.discord.model.records import Channel, Guild, Message
from sandbox.discord.state.audit_log import AuditAction
from sandbox.discord.state.state import State
from sandbox.discord.validation.forms import Form, FormField, is_whole
from sandbox.discord.validation.request_bodies import read_object

_MAX_REASON_LENGTH = 512  # documentation, "Audit Log", X-Audit-Log-Reason


class RequestLookup:
    """Look up resources for the bot; methods raise DiscordError if unknown or not permitted."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.me = state.world.bot.id

    def read_id(self, request: web.Request, name: str) -> int | None:
        """Return an id from the path; None when it is not an id."""
        return snowflakes.parse_snowflake(request.match_info[name])

    def check_application(self, request: web.Request) -> int:
        """Return the application's id; raise 10002 if the path names another."""
        if self.read_id(request, "application") != self.me:
            raise DiscordError(UNKNOWN_APPLICATION)
        return self.me

    def get_channel(self, request: web.Request, needed: int = 0) -> Channel:
        channel = self.state.get_channel(self.read_id(request, "channel"))
        self.state.require_permission(self.me, channel.id, needed=needed)
        return channel

    def get_message(self, request: web.Request, needed: int = 0) -> Message:
        channel = self.get_channel(request, needed)
        found = self.state.messages.get(channel.id, self.read_id(request, "message"))
        if found.audience is not None and self.me not in found.audience:
            raise DiscordError(UNKNOWN_MESSAGE)
        return found

    def get_editable_message(self, request: web.Request, needed: int = 0) -> Message:
        """Return a message whose thread is not archived; raise 50083 otherwise."""
        message = self.get_message(request, needed)
        if self.state.get_channel(message.channel_id).archived:
            raise DiscordError(ARCHIVED)
        return message

    def get_guild(self, request: web.Request, needed: int = 0) -> Guild:
        guild = self.state.get_guild(self.read_id(request, "guild"))
        if compute_guild_permissions(guild, guild.members[self.me]) & needed != needed:
            raise DiscordError(MISSING_PERMISSIONS)
        return guild

    def record_action(
        self, request: web.Request, guild: Guild | None, action: AuditAction, *, target: int | None
    ) -> None:
        """Record an action in the guild's audit log, with the request's reason."""
        if guild is not None:
            self.state.audit.record_action(
                guild, action, target_id=target, reason=read_reason(request)
            )


def read_reason(request: web.Request) -> str | None:
    """Return the audit log reason; raise 50035 when it is too long."""
    raw = request.headers.get("X-Audit-Log-Reason")
    if raw is None:
        return None
    text = unquote(raw)
    if len(text) > _MAX_REASON_LENGTH:
        message = f"Must be {_MAX_REASON_LENGTH} or fewer in length."
        raise build_field_error(("reason",), "BASE_TYPE_MAX_LENGTH", message)
    return text


async def read_form(request: web.Request) -> FormField:
    """Return the request's JSON object as a form's root field."""
    return Form().field(await read_object(request))


def read_limit(request: web.Request, *, default: int, maximum: int) -> int:
    """Parse ?limit, 1 to `maximum`; raise 50035 otherwise."""
    text = request.query.get("limit", str(default))
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
    if not is_whole(number) or not 1 <= number <= maximum:
        message = f"int value should be between 1 and {maximum}."
        raise build_field_error(("limit",), "NUMBER_TYPE_MAX", message)
    return number


def read_query_id(request: web.Request, name: str) -> int | None:
    """Parse an id in the query; raise 50035 when it is not an id."""
    text = request.query.get(name)
    number = snowflakes.parse_snowflake(text)
    if text is not None and number is None:
        raise build_field_error(
            (name,), "NUMBER_TYPE_COERCE", f"Value {text[:50]!r} is not snowflake."
        )
    return number
