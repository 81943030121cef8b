"""What members do without the bot: post, react, delete, with permissions checked."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from sandbox.discord.model import snowflakes
from sandbox.discord.model.errors import UNKNOWN_MESSAGE, DiscordError
from sandbox.discord.model.permissions import Permission
from sandbox.discord.model.records import NO_FLAGS, Json, Message, Upload
from sandbox.discord.state.messages import REPLY, NewMessage
from sandbox.discord.validation.message_content import MessageComposer, read_nonce
from sandbox.discord.validation.request_bodies import Body

if TYPE_CHECKING:
    from sandbox.discord.state.state import State


def post_message(
    state: "State",
    user_id: int,
    channel_id: int,
    payload: Json,
    *,
    files: Mapping[int, Upload] | None = None,
) -> Json:
    """Post a member's message; return it.

    `payload` may hold content, message_reference, nonce and enforce_nonce, as a client sends them.
    """
    channel = state.get_channel(channel_id)
    state.require_writable(user_id, channel)
    needed = Permission.SEND_MESSAGES | (Permission.ATTACH_FILES if files else NO_FLAGS)
    state.require_permission(user_id, channel_id, needed=needed)
    body = Body({"content": payload.get("content")}, dict(files or {}))
    content = MessageComposer(state, channel_id).compose_new(body, allowed=NO_FLAGS)
    reference_id = state.messages.read_reference(channel_id, payload)
    if channel.archived:
        state.guild_registry.set_channel(replace(channel, archived=False))
    draft = NewMessage(
        channel_id,
        user_id,
        content,
        type=0 if reference_id is None else REPLY,
        nonce=read_nonce(payload),
        enforce_nonce=payload.get("enforce_nonce") is True,
        reference_id=reference_id,
    )
    return state.payloads.build_message(state.messages.create(draft), viewer=user_id)


def add_reaction(state: "State", user_id: int, message: Json, *, emoji: str) -> None:
    """Add a member's reaction; only the first of an emoji needs the permission, as on Discord."""
    found = _get_visible_message(state, user_id, message)
    key = state.emojis.parse_key(emoji)
    needed = NO_FLAGS if key in found.reactions else Permission.ADD_REACTIONS
    state.require_permission(user_id, found.channel_id, needed=needed)
    state.messages.add_reaction(found, key, user_id=user_id)


def remove_reaction(state: "State", user_id: int, message: Json, *, emoji: str) -> None:
    found = _get_visible_message(state, user_id, message)
    state.messages.remove_reaction(found, state.emojis.parse_key(emoji), user_id=user_id)


def delete_message(state: "State", user_id: int, message: Json) -> None:
    """Delete an own message, or another's with the permission."""
    found = _get_visible_message(state, user_id, message)
    if found.author_id != user_id:
        state.require_permission(user_id, found.channel_id, needed=Permission.MANAGE_MESSAGES)
    state.messages.delete(found)


def _get_visible_message(state: "State", user_id: int, message: Json) -> Message:
    """Return a message that the member can see; raise 10008 or 50001 otherwise."""
    channel_id = snowflakes.parse_snowflake(message["channel_id"]) or 0
    state.require_permission(user_id, channel_id, needed=0)
    found = state.messages.get(channel_id, snowflakes.parse_snowflake(message["id"]))
    if found.audience is not None and user_id not in found.audience:
        raise DiscordError(UNKNOWN_MESSAGE)
    return found
