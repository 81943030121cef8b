"""What members do without the bot: write, react, take back, under the rules for everybody."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sandbox.discord import snowflakes
from sandbox.discord.bodies import Body
from sandbox.discord.errors import UNKNOWN_MESSAGE, DiscordError
from sandbox.discord.messages import REPLY, Draft
from sandbox.discord.models import NO_FLAGS, Json, Message, Upload
from sandbox.discord.permissions import Permission
from sandbox.discord.rules import Composer, nonce_of

if TYPE_CHECKING:
    from sandbox.discord.state import State


def post(
    state: "State",
    user_id: int,
    channel_id: int,
    payload: Json,
    *,
    files: Mapping[int, Upload] | None = None,
) -> Json:
    """Post a member's message; return it.

    `payload` may hold content, message_reference, nonce and enforce_nonce, as Discord's clients
    send them.
    """
    needed = Permission.SEND_MESSAGES | (Permission.ATTACH_FILES if files else NO_FLAGS)
    state.require(user_id, channel_id, needed=needed)
    body = Body({"content": payload.get("content")}, dict(files or {}))
    content = Composer(state, channel_id).create(body, allowed=NO_FLAGS)
    reference_id = state.messages.referenced(channel_id, payload)
    draft = Draft(
        channel_id,
        user_id,
        content,
        type=0 if reference_id is None else REPLY,
        nonce=nonce_of(payload),
        enforce_nonce=payload.get("enforce_nonce") is True,
        reference_id=reference_id,
    )
    return state.payloads.message(state.messages.create(draft), viewer=user_id)


def react(state: "State", user_id: int, message: Json, *, emoji: str) -> None:
    """Add a member's reaction; the first of an emoji needs the permission, as on Discord."""
    found = _seen(state, user_id, message)
    key = state.emojis.key(emoji)
    needed = NO_FLAGS if key in found.reactions else Permission.ADD_REACTIONS
    state.require(user_id, found.channel_id, needed=needed)
    state.messages.react(found, key, user_id=user_id)


def unreact(state: "State", user_id: int, message: Json, *, emoji: str) -> None:
    found = _seen(state, user_id, message)
    state.messages.unreact(found, state.emojis.key(emoji), user_id=user_id)


def remove(state: "State", user_id: int, message: Json) -> None:
    """Delete one's own message, or with the permission somebody else's."""
    found = _seen(state, user_id, message)
    if found.author_id != user_id:
        state.require(user_id, found.channel_id, needed=Permission.MANAGE_MESSAGES)
    state.messages.delete(found)


def _seen(state: "State", user_id: int, message: Json) -> Message:
    """Return a message that a member has before them, else raise 10008 or 50001."""
    channel_id = snowflakes.parse(message["channel_id"]) or 0
    state.require(user_id, channel_id, needed=0)
    found = state.messages.get(channel_id, snowflakes.parse(message["id"]))
    if found.audience is not None and user_id not in found.audience:
        raise DiscordError(UNKNOWN_MESSAGE)
    return found
