"""What members do without the bot: post, react, delete, with permissions checked."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from sandbox.discord.model import snowflakes
from sandbox.discord.model.errors import UNKNOWN_MESSAGE, DiscordError
from sandbox.discord.model.permissions import Permission
from sandbox.discord.model.records import (
    NO_FLAGS,
    Content,
    Json,
    Message,
    MessageFlag,
    ReactionType,
    Upload,
)
from sandbox.discord.state.messages import REPLY, NewMessage
from sandbox.discord.validation.message_content import MessageComposer, read_nonce
from sandbox.discord.validation.request_bodies import Body

if TYPE_CHECKING:
    from sandbox.discord.state.state import State

MAX_UNFURLED = 5  # embeds that Discord adds for links in one message
_LINK = re.compile(r"(?<!<)https?://[^\s<>|)]+")


def post_message(
    state: "State",
    user_id: int,
    channel_id: int,
    payload: Json,
    *,
    files: Mapping[int, Upload] | None = None,
    extra: Content | None = None,
) -> Json:
    """Post a member's message; return it.

    `payload` may hold content, attachments, message_reference, nonce and enforce_nonce, as a client
    sends them; `extra` a message's stickers and poll. A forward has no content of its own.
    """
    channel = state.get_channel(channel_id)
    state.require_writable(user_id, channel)
    needed = Permission.SEND_MESSAGES | (Permission.ATTACH_FILES if files else NO_FLAGS)
    state.require_permission(user_id, channel_id, needed=needed)
    forward = state.messages.read_forward(user_id, payload)
    if forward is not None:
        content = Content(flags=MessageFlag.HAS_SNAPSHOT)
    elif extra is not None and not (files or payload.get("content")):
        content = extra
    else:
        sent: Json = {name: payload[name] for name in ("content", "attachments") if name in payload}
        body = Body(sent, dict(files or {}))
        content = MessageComposer(state, channel_id).compose_new(body, allowed=NO_FLAGS)
        content = content._replace(embeds=_unfurl_links(state, content.text))
        if extra is not None:
            content = content._replace(stickers=extra.stickers, poll=extra.poll)
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
        forward=forward,
    )
    return state.payloads.build_message(state.messages.create(draft), viewer=user_id)


def _unfurl_links(state: "State", text: str) -> tuple[Json, ...]:
    """Return embeds of the pictures that a text links to, as Discord adds them.

    Only this server's own files: no other machine is asked. A link in <> has no embed.
    """
    embeds = []
    for url in dict.fromkeys(_LINK.findall(text)):
        file = state.files.find(state.links.parse_attachment_id(url))
        if file is not None and file.width and file.height:
            size = {"width": file.width, "height": file.height}
            picture = {"url": url, "proxy_url": url, **size}
            embeds.append({"type": "image", "url": url, "thumbnail": picture})
    return tuple(embeds[:MAX_UNFURLED])


def add_reaction(
    state: "State",
    user_id: int,
    message: Json,
    *,
    emoji: str,
    kind: ReactionType = ReactionType.NORMAL,
) -> None:
    """Add a member's reaction; only the first of an emoji needs the permission, as on Discord."""
    found = _get_visible_message(state, user_id, message)
    key = state.emojis.parse_key(emoji)
    needed = NO_FLAGS if key in found.emojis else Permission.ADD_REACTIONS
    state.require_permission(user_id, found.channel_id, needed=needed)
    state.messages.add_reaction(found, key, user_id=user_id, kind=kind)


def remove_reaction(
    state: "State",
    user_id: int,
    message: Json,
    *,
    emoji: str,
    kind: ReactionType = ReactionType.NORMAL,
) -> None:
    found, key = _get_visible_message(state, user_id, message), state.emojis.parse_key(emoji)
    state.messages.remove_reaction(found, key, user_id=user_id, kind=kind)


def clear_reactions(state: "State", user_id: int, message: Json, emoji: str | None) -> None:
    """Remove all reactions, or all of one emoji, as a moderator."""
    found = _get_visible_message(state, user_id, message)
    state.require_permission(user_id, found.channel_id, needed=Permission.MANAGE_MESSAGES)
    key = None if emoji is None else state.emojis.parse_key(emoji)
    state.messages.clear_reactions(found, key)


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
