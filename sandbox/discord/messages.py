"""The messages of every channel: made, changed, read and forgotten here."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.discord.errors import UNKNOWN_MESSAGE, DiscordError
from sandbox.discord.models import Content, Message, MessageFlag

if TYPE_CHECKING:
    from sandbox.discord.state import State

NONCE_MEMORY_S = 300.0  # "a few minutes": documentation, "Create Message", enforce_nonce


@dataclass(frozen=True, slots=True)
class Draft:
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
    id: int | None = None


class MessageStore:
    """Keep messages by channel, oldest first; each change is told to the channel's audience."""

    def __init__(self, state: "State") -> None:
        self._state = state
        self._channels: dict[int, dict[int, Message]] = {}
        self._by_id: dict[int, Message] = {}
        self._nonces: dict[tuple[int, int, str], tuple[float, int]] = {}

    def create(self, draft: Draft) -> Message:
        """Post a message; with `enforce_nonce` a repeated nonce gives the first one back."""
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
        del self._channels[message.channel_id][message.id]
        del self._by_id[message.id]
        for attachment in message.content.attachments:
            self._state.files.drop(attachment.id)
        guild_id = str(self._state.world.guild.id)
        gone = {"id": str(message.id), "channel_id": str(message.channel_id), "guild_id": guild_id}
        self._state.changes.touch(message.channel_id, message.interaction_id or message.channel_id)
        self._state.emit(self._state.payloads.event("MESSAGE_DELETE", gone, message=message))

    def get(self, channel_id: int, message_id: int | None) -> Message:
        """Return a message that the channel's history shows, else raise 10008."""
        message = self.find(message_id)
        if message is None or message.channel_id != channel_id or message.ephemeral:
            raise DiscordError(UNKNOWN_MESSAGE)
        return message

    def find(self, message_id: int | None) -> Message | None:
        """Return any message, an ephemeral one too; None when there is none."""
        return self._by_id.get(message_id) if message_id is not None else None

    def newest_first(self, channel_id: int, *, before: int | None = None) -> Iterator[Message]:
        """Go through a channel from its end, ephemeral messages included."""
        for message_id, message in reversed(self._channels.get(channel_id, {}).items()):
            if before is None or message_id < before:
                yield message

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
        if MessageFlag.EPHEMERAL in message.content.flags and user_id in (message.audience or ()):
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
            member = self._state.world.guild.members[user_id]
            payload["member"] = self._state.payloads.member(member)
        self._state.emit(self._state.payloads.event(name, payload, message=message))
