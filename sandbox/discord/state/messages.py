"""The messages of all channels: created, changed, read and deleted."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from sandbox.discord.model import snowflakes
from sandbox.discord.model.errors import UNKNOWN_MESSAGE, DiscordError, build_field_error
from sandbox.discord.model.guild_payloads import format_timestamp
from sandbox.discord.model.permissions import Permission
from sandbox.discord.model.records import (
    BURST_COLORS,
    FORWARD,
    Content,
    Forward,
    Json,
    Message,
    ReactionType,
    User,
)
from sandbox.discord.state import emojis

if TYPE_CHECKING:
    from sandbox.discord.state.state import State

REPLY = 19  # a message type
NONCE_MEMORY_S = 300.0  # "a few minutes": documentation, "Create Message", enforce_nonce


class NewMessage(NamedTuple):
    """A message to post, with validated content; without an id it gets a new one."""

    channel_id: int
    author_id: int
    content: Content
    type: int = 0
    nonce: str | int | None = None
    enforce_nonce: bool = False
    interaction_id: int | None = None
    reference_id: int | None = None
    audience: frozenset[int] | None = None
    webhook: User | None = None
    forward: Forward | None = None
    id: int | None = None


class MessageStore:
    """Store messages by channel, oldest first; each change emits an event."""

    def __init__(self, state: "State") -> None:
        self._state = state
        self._channels: dict[int, dict[int, Message]] = {}
        self._by_id: dict[int, Message] = {}
        self._nonces: dict[tuple[int, int, str], tuple[float, int]] = {}

    def create(self, new_message: NewMessage) -> Message:
        """Post a message; with `enforce_nonce`, a repeated nonce returns the first message.

        Raise 10003 when the channel is unknown.
        """
        self._state.get_channel(new_message.channel_id)
        now = self._state.clock.now()
        if (earlier := self._find_repeated(new_message, now)) is not None:
            return earlier
        message = Message(
            id=new_message.id or self._state.ids.make_id(),
            channel_id=new_message.channel_id,
            author_id=new_message.author_id,
            content=new_message.content,
            created_at=now,
            type=new_message.type,
            nonce=new_message.nonce,
            interaction_id=new_message.interaction_id,
            reference_id=new_message.reference_id,
            audience=new_message.audience,
            webhook=new_message.webhook,
            forward=new_message.forward,
        )
        self._channels.setdefault(new_message.channel_id, {})[message.id] = message
        self._by_id[message.id] = message
        if new_message.nonce is not None:
            self._remember_nonce(new_message, message)
        self._emit_change("MESSAGE_CREATE", message)
        return message

    def edit(self, message: Message, content: Content) -> Message:
        """Replace the content; a deferred message then counts as new, not as edited."""
        kept = {attachment.id for attachment in content.attachments}
        dropped = [old.id for old in message.content.attachments if old.id not in kept]
        if not message.is_loading:
            message.edited_at = self._state.clock.now()
        message.content = content
        for attachment_id in dropped:
            self._state.files.delete(attachment_id)
        self._emit_change("MESSAGE_UPDATE", message)
        return message

    def delete(self, message: Message) -> None:
        self._remove_message(message)
        data = {"id": str(message.id)} | self._state.payloads.build_place(message)
        self._state.changes.record_change(
            message.channel_id, message.interaction_id or message.channel_id
        )
        self._state.emit(self._state.payloads.build_event("MESSAGE_DELETE", data, message=message))

    def delete_many(self, channel_id: int, wanted: list[int]) -> None:
        """Delete the given messages of a channel, with one event for all."""
        messages = self._channels.get(channel_id, {})
        deleted = [messages[each] for each in dict.fromkeys(wanted) if each in messages]
        for message in deleted:
            self._remove_message(message)
        if deleted:
            ids = [str(message.id) for message in deleted]
            payload = {"ids": ids} | self._state.payloads.build_place(deleted[0])
            self._state.changes.record_change(channel_id)
            self._state.emit_to_channel(channel_id, "MESSAGE_DELETE_BULK", payload=payload)

    def set_pinned(self, message: Message, *, pinned: bool) -> None:
        message.pinned = pinned
        message.pinned_at = self._state.clock.now() if pinned else None
        self._emit_change("MESSAGE_UPDATE", message)
        latest = format_timestamp(message.pinned_at) if message.pinned_at is not None else None
        payload = self._state.payloads.build_place(message) | {"last_pin_timestamp": latest}
        self._state.emit_to_channel(message.channel_id, "CHANNEL_PINS_UPDATE", payload=payload)

    def clear_reactions(self, message: Message, emoji: str | None) -> None:
        """Remove all reactions, or all of one emoji, super reactions included."""
        payload = self._state.payloads.build_place(message) | {"message_id": str(message.id)}
        name = "MESSAGE_REACTION_REMOVE_ALL"
        if emoji is None:
            message.reactions.clear()
            message.bursts.clear()
        else:
            message.reactions.pop(emoji, None)
            message.bursts.pop(emoji, None)
            payload["emoji"] = emojis.build_partial_emoji(emoji)
            name = "MESSAGE_REACTION_REMOVE_EMOJI"
        self._state.changes.record_change(message.channel_id)
        self._state.emit(self._state.payloads.build_event(name, payload, message=message))

    def forget_channel(self, channel_id: int) -> None:
        """Delete a channel's messages together with the channel, without events."""
        for message in self._channels.pop(channel_id, {}).values():
            del self._by_id[message.id]
            for attachment in message.content.attachments:
                self._state.files.delete(attachment.id)
        starter = self._by_id.get(channel_id)
        if starter is not None and starter.thread_id == channel_id:
            starter.thread_id = None

    def get(self, channel_id: int, message_id: int | None) -> Message:
        """Return a message of a channel's history; raise 10008 if unknown or ephemeral."""
        message = self.find(message_id)
        if message is None or message.channel_id != channel_id or message.is_ephemeral:
            raise DiscordError(UNKNOWN_MESSAGE)
        return message

    def find(self, message_id: int | None) -> Message | None:
        """Return any message, ephemeral ones included; None if unknown."""
        return self._by_id.get(message_id) if message_id is not None else None

    def read_reference(self, channel_id: int, payload: Json) -> int | None:
        """Return the id of the message replied to; raise 50035 if unknown."""
        reference = payload.get("message_reference")
        if not isinstance(reference, dict) or reference.get("type") == FORWARD:
            return None
        target = self.find(snowflakes.parse_snowflake(reference.get("message_id")))
        if target is not None and target.channel_id == channel_id and not target.is_ephemeral:
            return target.id
        if reference.get("fail_if_not_exists") is False:
            return None
        raise build_field_error(
            ("message_reference",), "REPLIES_UNKNOWN_MESSAGE", "Unknown message"
        )

    def read_forward(self, user_id: int, payload: Json) -> Forward | None:
        """Return what a message forwards, None if nothing; raise 50035 if the user can't see it."""
        reference = payload.get("message_reference")
        if not isinstance(reference, dict) or reference.get("type") != FORWARD:
            return None
        target = self.find(snowflakes.parse_snowflake(reference.get("message_id")))
        if target is None or target.is_ephemeral or not self._can_read(user_id, target):
            raise build_field_error(
                ("message_reference",), "REPLIES_UNKNOWN_MESSAGE", "Unknown message"
            )
        known = target.forward
        if known is not None and not self._state.world.chained_forwards:
            return known
        guild_id = self._state.get_channel(target.channel_id).guild_id
        snapshot = self._state.payloads.build_snapshot(target) if known is None else known.snapshot
        return Forward(target.channel_id, target.id, guild_id, snapshot)

    def _can_read(self, user_id: int, message: Message) -> bool:
        granted = self._state.get_permissions(user_id, message.channel_id)
        seen = message.audience is None or user_id in message.audience
        return seen and granted & Permission.READ_MESSAGE_HISTORY != 0

    def iter_newest_first(self, channel_id: int, *, before: int | None = None) -> Iterator[Message]:
        """Iterate over a channel's messages, newest first, ephemeral ones included."""
        for message_id, message in reversed(self._channels.get(channel_id, {}).items()):
            if before is None or message_id < before:
                yield message

    def list_by_nonce(self, nonce: str | int, channel_id: int | None = None) -> list[Message]:
        """Return the messages with a nonce, oldest first, of one channel or all."""
        every = self._by_id if channel_id is None else self._channels.get(channel_id, {})
        return [
            each
            for each in every.values()
            if each.nonce is not None and str(each.nonce) == str(nonce)
        ]

    def list_visible(self, channel_id: int, user_id: int, limit: int = 100) -> list[Message]:
        """Return the last `limit` messages that a member sees, oldest first."""
        visible: list[Message] = []
        for message in self.iter_newest_first(channel_id):
            if len(visible) == limit:
                break
            audience = message.audience
            if audience is None or user_id in audience:
                visible.append(message)
        return visible[::-1]

    def add_reaction(
        self,
        message: Message,
        emoji: str,
        *,
        user_id: int,
        kind: ReactionType = ReactionType.NORMAL,
    ) -> None:
        """Add a reaction; a repetition changes nothing."""
        users = message.get_reactions(kind).setdefault(emoji, [])
        if user_id in users:
            return
        users.append(user_id)
        payloads, guild = self._state.payloads, self._state.find_guild(message.channel_id)
        payload = payloads.build_reaction(message, emoji, user_id=user_id, kind=kind)
        payload["message_author_id"] = str(message.author_id)
        if kind is ReactionType.BURST:
            payload["burst_colors"] = list(BURST_COLORS)
        if guild is not None and user_id in guild.members:
            payload["member"] = payloads.build_member(guild.members[user_id])
        self._state.emit(payloads.build_event("MESSAGE_REACTION_ADD", payload, message=message))

    def remove_reaction(
        self,
        message: Message,
        emoji: str,
        *,
        user_id: int,
        kind: ReactionType = ReactionType.NORMAL,
    ) -> None:
        reactions, payloads = message.get_reactions(kind), self._state.payloads
        users = reactions.get(emoji, [])
        if user_id not in users:
            return
        users.remove(user_id)
        if not users:
            del reactions[emoji]
        payload = payloads.build_reaction(message, emoji, user_id=user_id, kind=kind)
        self._state.emit(payloads.build_event("MESSAGE_REACTION_REMOVE", payload, message=message))

    def dismiss_note(self, message: Message, user_id: int) -> None:
        """Delete an ephemeral message for its only reader."""
        if message.is_ephemeral and user_id in (message.audience or ()):
            self.delete(message)

    def list_ids(self) -> set[int]:
        return set(self._by_id)

    def restore(self, message: Message) -> None:
        """Restore a stored message without emitting events."""
        self._channels.setdefault(message.channel_id, {})[message.id] = message
        self._by_id[message.id] = message

    def clear(self) -> None:
        for message in tuple(self._by_id.values()):
            self.delete(message)
        self._nonces.clear()

    def _remove_message(self, message: Message) -> None:
        del self._channels[message.channel_id][message.id]
        del self._by_id[message.id]
        for attachment in message.content.attachments:
            self._state.files.delete(attachment.id)

    def _find_repeated(self, new_message: NewMessage, now: float) -> Message | None:
        if new_message.nonce is None or not new_message.enforce_nonce:
            return None
        key = (new_message.channel_id, new_message.author_id, str(new_message.nonce))
        at, message_id = self._nonces.get(key, (0.0, 0))
        return self.find(message_id) if now - at <= NONCE_MEMORY_S else None

    def _remember_nonce(self, new_message: NewMessage, message: Message) -> None:
        """Store a nonce, and drop expired ones; the dictionary is ordered by age."""
        while self._nonces:
            key, (at, _) = next(iter(self._nonces.items()))
            if message.created_at - at <= NONCE_MEMORY_S:
                break
            del self._nonces[key]
        key = (new_message.channel_id, new_message.author_id, str(new_message.nonce))
        # Removed first, so that the key moves to the end and the order stays by age.
        self._nonces.pop(key, None)
        self._nonces[key] = (message.created_at, message.id)

    def _emit_change(self, name: str, message: Message) -> None:
        self._state.changes.record_change(
            message.channel_id, message.interaction_id or message.channel_id
        )
        payloads = self._state.payloads
        event = payloads.build_event(
            name, lambda: payloads.build_message_event(message), message=message
        )
        self._state.emit(event)
