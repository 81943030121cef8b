"""Threads and posts that members start, with permissions checked."""

from typing import TYPE_CHECKING

from sandbox.discord.model.errors import WRONG_CHANNEL_TYPE, DiscordError
from sandbox.discord.model.permissions import Permission
from sandbox.discord.model.records import Channel, ChannelType, Json, Upload
from sandbox.discord.state.messages import NewMessage
from sandbox.discord.validation.message_content import MessageComposer
from sandbox.discord.validation.request_bodies import Body

if TYPE_CHECKING:
    from sandbox.discord.state.state import State


def start_thread(
    state: "State", user_id: int, parent_id: int, name: str, *, private: bool
) -> Channel:
    """Start a thread without a message; a private one has only its starter as member."""
    parent = state.get_channel(parent_id)
    if parent.type.is_forum or not parent.type.thread_types:
        raise DiscordError(WRONG_CHANNEL_TYPE)
    kind = ChannelType.PRIVATE_THREAD if private else parent.type.thread_types[0]
    if kind not in parent.type.thread_types:
        raise DiscordError(WRONG_CHANNEL_TYPE)
    needed = Permission.CREATE_PRIVATE_THREADS if private else Permission.CREATE_PUBLIC_THREADS
    state.require_permission(user_id, parent.id, needed=needed)
    return _add_thread(state, user_id, parent, name, kind)


def start_post(
    state: "State", user_id: int, forum_id: int, title: str, content: str, files: list[Upload]
) -> Json:
    """Start a post of a forum or media channel; return its first message."""
    forum = state.get_channel(forum_id)
    if not forum.type.is_forum:
        raise DiscordError(WRONG_CHANNEL_TYPE)
    needed = Permission.SEND_MESSAGES | (Permission.ATTACH_FILES if files else 0)
    state.require_permission(user_id, forum.id, needed=needed)
    body = Body({"content": content}, dict(enumerate(files)))
    written = MessageComposer(state, forum.id).compose_new(body, allowed=0)
    thread = _add_thread(state, user_id, forum, title, forum.type.thread_types[0])
    message = state.messages.create(NewMessage(thread.id, user_id, written, id=thread.id))
    return state.payloads.build_message(message, viewer=user_id)


def _add_thread(
    state: "State", user_id: int, parent: Channel, name: str, kind: ChannelType
) -> Channel:
    thread = Channel(
        id=state.ids.make_id(),
        guild_id=parent.guild_id,
        name=name,
        type=kind,
        parent_id=parent.id,
        owner_id=user_id,
        created_at=state.clock.now(),
        members=(user_id,),
    )
    state.add_thread(thread)
    return thread
