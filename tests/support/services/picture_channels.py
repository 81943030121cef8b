"""Channels without restrictions, for services that run without Discord."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.domain.ids import ChannelId, MessageId
from bot.errors import Transient


@dataclass
class OrdinaryChannels:
    """Answer for channels that are neither age-restricted nor spoiler channels, unless listed.

    Changes of messages are kept in `changed`; while `is_away`, they fail as when Discord is away.
    """

    age_restricted: set[ChannelId] = field(default_factory=set)
    spoiler: set[ChannelId] = field(default_factory=set)
    changed: list[tuple[str, MessageId]] = field(default_factory=list)
    is_away: bool = False

    async def find_age_restriction(self, channel: ChannelId) -> bool | None:
        return channel in self.age_restricted

    async def is_spoiler_channel(self, channel: ChannelId) -> bool:
        return channel in self.spoiler

    async def delete_message(self, _channel: ChannelId, message: MessageId) -> None:
        self._change("delete", message)

    async def cover_message(self, _channel: ChannelId, message: MessageId) -> None:
        self._change("cover", message)

    def _change(self, change: str, message: MessageId) -> None:
        if self.is_away:
            raise Transient("away")
        self.changed.append((change, message))
