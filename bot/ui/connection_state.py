"""What discord.py 2.7 leaves out of gateway payloads, or fails on."""

from __future__ import annotations

from typing import Any

from discord.state import ConnectionState

from bot.ui.channels.access import RULED_CHANNELS
from bot.ui.channels.spoiler_channels import SpoilerChannels

_DEFAULT_TYPE = 0  # a message type


class RecordingState(ConnectionState[Any]):
    """Record spoiler channels, and parse only what has a listener."""

    def __init__(self, spoiler_channels: SpoilerChannels, **options: Any) -> None:
        # first: the base class collects the bound `parse_` methods
        self._spoiler_channels = spoiler_channels
        super().__init__(**options)

    def parse_guild_create(self, data: Any) -> None:
        self._spoiler_channels.record_channels(data.get("channels", ()))
        super().parse_guild_create(data)

    def parse_guild_delete(self, data: Any) -> None:
        guild = self._get_guild(int(data["id"]))
        # an unavailable guild comes back with its channels
        if guild is not None and not data.get("unavailable"):
            self._spoiler_channels.forget_channels(channel.id for channel in guild.channels)
        super().parse_guild_delete(data)

    def parse_channel_create(self, data: Any) -> None:
        self._spoiler_channels.record_channels([data])
        super().parse_channel_create(data)

    def parse_channel_update(self, data: Any) -> None:
        self._spoiler_channels.record_channels([data])
        super().parse_channel_update(data)

    def parse_interaction_create(self, data: Any) -> None:
        self._spoiler_channels.record_interaction(data.get("channel", {}))
        self._restrict_channel(data)
        messages = data.get("data", {}).get("resolved", {}).get("messages", {})
        for message in messages.values():
            complete_snapshots(message)
            complete_snapshots(message.get("referenced_message"))
        super().parse_interaction_create(data)

    def _restrict_channel(self, data: Any) -> None:
        """Take an age restriction from an interaction, which may be newer than the cache.

        Never the opposite: an interaction may be older than an update, too.
        """
        guild, channel = self._get_guild(int(data.get("guild_id") or 0)), data.get("channel", {})
        known = None if guild is None else guild.get_channel(int(channel.get("id", 0)))
        if channel.get("nsfw") and isinstance(known, RULED_CHANNELS):
            known.nsfw = True

    def parse_message_create(self, data: Any) -> None:
        """Ignore new and edited messages: nothing listens to them.

        discord.py also fails on a reply to a forward without `type`, which ends the connection.
        """

    parse_message_update = parse_message_create


def complete_snapshots(message: dict[str, Any] | None) -> None:
    """Add the type that a forward's snapshot may lack in the message that a reply is to.

    Without it discord.py raises `KeyError` (discord-api-docs, issue 7814).
    """
    for each in (message or {}).get("message_snapshots", ()):
        each["message"].setdefault("type", _DEFAULT_TYPE)
