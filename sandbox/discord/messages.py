"""The messages of every channel: made, changed, read and forgotten here."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from sandbox.discord import emojis, snowflakes
from sandbox.discord.errors import UNKNOWN_MESSAGE, DiscordError, invalid
from sandbox.discord.models import Content, Json, Message, User
from sandbox.discord.payloads_guild import iso

if TYPE_CHECKING:
    from sandbox.discord.state import State

REPLY = 19  # a message's type
NONCE_MEMORY_S = 300.0  # "a few minutes": documentation, "Create Message", enforce_nonce


class Draft(NamedTuple):
    """A message about to be posted, its content checked; an id is given it unless it has one."""

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
    id: int | None = None


class MessageStore:
    """Keep messages by channel, oldest first; each change is told to the channel's audience."""

    def __init__(self, state: "State") -> None:
        self._state = state
        self._channels: dict[int, dict[int, Message]] = {}
        self._by_id: dict[int, Message] = {}
        self._nonces: dict[tuple[int, int, str], tuple[float, int]] = {}

    def create(self, draft: Draft) -> Message:
        """Post a message; with `enforce_nonce` a repeated nonce gives the first one back.

        Raise 10003 when the channel is gone.
        """
        self._state.channel(draft.channel_id)
        now = self._state.clock.now()
        if (earlier := self._repeated(draft, now)) is not None:
            return earlier
        message = Message(
            id=draft.id or self._state.ids.next(),
            channel_id=draft.channel_id,
            author_id=draft.author_id,
            content=draft.content,
            created_at=now,
            type=draft.type,
            nonce=draft.nonce,
            interaction_id=draft.interaction_id,
            reference_id=draft.reference_id,
            audience=draft.audience,
            webhook=draft.webhook,
        )
        self._channels.setdefault(draft.channel_id, {})[message.id] = message
        self._by_id[message.id] = message
        if draft.nonce is not None:
            self._remember(draft, message)
        self._tell("MESSAGE_CREATE", message)
        return message

    def edit(self, message: Message, content: Content) -> Message:
        """Replace the content; a message that was loading counts as posted now, not as edited."""
        kept = {attachment.id for attachment in content.attachments}
        dropped = [old.id for old in message.content.attachments if old.id not in kept]
        if not message.loading:
            message.edited_at = self._state.clock.now()
        message.content = content
        for attachment_id in dropped:
            self._state.files.drop(attachment_id)
        self._tell("MESSAGE_UPDATE", message)
        return message

    def delete(self, message: Message) -> None:
        self._drop(message)
        gone = {"id": str(message.id)} | self._state.payloads.place(message)
        self._state.changes.touch(message.channel_id, message.interaction_id or message.channel_id)
        self._state.emit(self._state.payloads.event("MESSAGE_DELETE", gone, message=message))

    def delete_many(self, channel_id: int, wanted: list[int]) -> None:
        """Delete those of the ids that are messages of a channel, and tell of all at once."""
        here = self._channels.get(channel_id, {})
        gone = [here[each] for each in dict.fromkeys(wanted) if each in here]
        for message in gone:
            self._drop(message)
        if gone:
            ids = [str(message.id) for message in gone]
            payload = {"ids": ids} | self._state.payloads.place(gone[0])
            self._state.changes.touch(channel_id)
            self._state.emit_in(channel_id, "MESSAGE_DELETE_BULK", payload=payload)

    def pin(self, message: Message, *, pinned: bool) -> None:
        message.pinned = pinned
        message.pinned_at = self._state.clock.now() if pinned else None
        self._tell("MESSAGE_UPDATE", message)
        latest = iso(message.pinned_at) if message.pinned_at is not None else None
        payload = self._state.payloads.place(message) | {"last_pin_timestamp": latest}
        self._state.emit_in(message.channel_id, "CHANNEL_PINS_UPDATE", payload=payload)

    def clear_reactions(self, message: Message, emoji: str | None) -> None:
        """Take away everybody's reactions, or everybody's of one emoji."""
        payload = self._state.payloads.place(message) | {"message_id": str(message.id)}
        name = "MESSAGE_REACTION_REMOVE_ALL"
        if emoji is None:
            message.reactions.clear()
        else:
            message.reactions.pop(emoji, None)
            payload["emoji"] = emojis.shown(emoji)
            name = "MESSAGE_REACTION_REMOVE_EMOJI"
        self._state.changes.touch(message.channel_id)
        self._state.emit(self._state.payloads.event(name, payload, message=message))

    def forget_channel(self, channel_id: int) -> None:
        """Drop a channel's messages with it; no event says so of each."""
        for message in self._channels.pop(channel_id, {}).values():
            del self._by_id[message.id]
            for attachment in message.content.attachments:
                self._state.files.drop(attachment.id)
        starter = self._by_id.get(channel_id)
        if starter is not None and starter.thread_id == channel_id:
            starter.thread_id = None

    def get(self, channel_id: int, message_id: int | None) -> Message:
        """Return a message that the channel's history shows, else raise 10008."""
        message = self.find(message_id)
        if message is None or message.channel_id != channel_id or message.ephemeral:
            raise DiscordError(UNKNOWN_MESSAGE)
        return message

    def find(self, message_id: int | None) -> Message | None:
        """Return any message, an ephemeral one too; None when there is none."""
        return self._by_id.get(message_id) if message_id is not None else None

    def referenced(self, channel_id: int, payload: Json) -> int | None:
        """Return the id of the message that a new one answers to, or raise 50035."""
        reference = payload.get("message_reference")
        if not isinstance(reference, dict):
            return None
        target = self.find(snowflakes.parse(reference.get("message_id")))
        if target is not None and target.channel_id == channel_id and not target.ephemeral:
            return target.id
        if reference.get("fail_if_not_exists") is False:
            return None
        raise invalid(("message_reference",), "REPLIES_UNKNOWN_MESSAGE", "Unknown message")

    def newest_first(self, channel_id: int, *, before: int | None = None) -> Iterator[Message]:
        """Go through a channel from its end, ephemeral messages included."""
        for message_id, message in reversed(self._channels.get(channel_id, {}).items()):
            if before is None or message_id < before:
                yield message

    def by_nonce(self, nonce: str | int, channel_id: int | None = None) -> list[Message]:
        """Return the messages with a nonce, oldest first, of one channel or of all."""
        every = self._by_id if channel_id is None else self._channels.get(channel_id, {})
        return [
            each
            for each in every.values()
            if each.nonce is not None and str(each.nonce) == str(nonce)
        ]

    def visible(self, channel_id: int, user_id: int, limit: int = 100) -> list[Message]:
        """Return the last `limit` messages that a member sees, oldest first."""
        shown: list[Message] = []
        for message in self.newest_first(channel_id):
            if len(shown) == limit:
                break
            audience = message.audience
            if audience is None or user_id in audience:
                shown.append(message)
        return shown[::-1]

    def react(self, message: Message, emoji: str, *, user_id: int) -> None:
        """Add a reaction; adding it twice changes nothing."""
        users = message.reactions.setdefault(emoji, [])
        if user_id not in users:
            users.append(user_id)
            self._tell_reaction("MESSAGE_REACTION_ADD", message, emoji=emoji, user_id=user_id)

    def unreact(self, message: Message, emoji: str, *, user_id: int) -> None:
        users = message.reactions.get(emoji, [])
        if user_id in users:
            users.remove(user_id)
            if not users:
                del message.reactions[emoji]
            self._tell_reaction("MESSAGE_REACTION_REMOVE", message, emoji=emoji, user_id=user_id)

    def dismiss(self, message: Message, user_id: int) -> None:
        """Take an ephemeral note out of its only reader's sight."""
        if message.ephemeral and user_id in (message.audience or ()):
            self.delete(message)

    def ids(self) -> set[int]:
        return set(self._by_id)

    def restore(self, message: Message) -> None:
        """Put a kept message back in its place without telling of it."""
        self._channels.setdefault(message.channel_id, {})[message.id] = message
        self._by_id[message.id] = message

    def clear(self) -> None:
        for message in tuple(self._by_id.values()):
            self.delete(message)
        self._nonces.clear()

    def _drop(self, message: Message) -> None:
        del self._channels[message.channel_id][message.id]
        del self._by_id[message.id]
        for attachment in message.content.attachments:
            self._state.files.drop(attachment.id)

    def _repeated(self, draft: Draft, now: float) -> Message | None:
        if draft.nonce is None or not draft.enforce_nonce:
            return None
        key = (draft.channel_id, draft.author_id, str(draft.nonce))
        at, message_id = self._nonces.get(key, (0.0, 0))
        return self.find(message_id) if now - at <= NONCE_MEMORY_S else None

    def _remember(self, draft: Draft, message: Message) -> None:
        """Note a nonce, and drop those whose time is over from the old end."""
        while self._nonces:
            key, (at, _) = next(iter(self._nonces.items()))
            if message.created_at - at <= NONCE_MEMORY_S:
                break
            del self._nonces[key]
        key = (draft.channel_id, draft.author_id, str(draft.nonce))
        self._nonces.pop(key, None)
        self._nonces[key] = (message.created_at, message.id)

    def _tell(self, name: str, message: Message) -> None:
        self._state.changes.touch(message.channel_id, message.interaction_id or message.channel_id)
        payloads = self._state.payloads
        event = payloads.event(name, lambda: payloads.message_event(message), message=message)
        self._state.emit(event)

    def _tell_reaction(self, name: str, message: Message, *, emoji: str, user_id: int) -> None:
        payload = self._state.payloads.reaction(message, emoji, user_id=user_id)
        if name == "MESSAGE_REACTION_ADD":
            guild = self._state.guild_of(message.channel_id)
            if guild is not None and user_id in guild.members:
                payload["member"] = self._state.payloads.member(guild.members[user_id])
        self._state.emit(self._state.payloads.event(name, payload, message=message))
