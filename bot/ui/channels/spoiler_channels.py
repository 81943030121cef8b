"""Spoiler channels, whose content members must open before they see it.

discord.py 2.7 drops the channels' flags, so they are read from the gateway's payloads. A thread has
no such flag: its channel's applies.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import discord

from bot.domain.job import Job
from bot.ui.channels.access import find_channel

IS_SPOILER_CHANNEL: Final = 1 << 21
"""Discord's documentation, "Channel Flags"."""
_MAX_FOREIGN: Final = 1000
"""Channels of guilds without the bot that are remembered; each is needed only while its
interaction is handled."""
_DIRECT: Final = (discord.DMChannel, discord.GroupChannel)


class SpoilerChannels:
    """Remember which channels are spoiler channels, from raw channel objects."""

    def __init__(self) -> None:
        self._known: dict[int, bool] = {}
        self._foreign: dict[int, bool] = {}

    def record_channels(self, channels: Iterable[Mapping[str, Any]]) -> None:
        """Record channels of guilds that the bot is in."""
        self._known |= {int(each["id"]): _has_flag(each) for each in channels if "flags" in each}

    def forget_channels(self, channels: Iterable[int]) -> None:
        """Forget channels of a guild that the bot is not in any more."""
        for each in channels:
            self._known.pop(each, None)

    def record_interaction(self, channel: Mapping[str, Any]) -> None:
        """Record an interaction's channel, which may be in a guild that the bot is not in."""
        number = int(channel.get("id", 0))
        if "flags" not in channel:
            return
        if number in self._known:
            # it may be newer than what is known, but older too: only the stricter counts
            self._known[number] = self._known[number] or _has_flag(channel)
            return
        self._foreign.pop(number, None)
        self._foreign[number] = _has_flag(channel)
        if len(self._foreign) > _MAX_FOREIGN:
            del self._foreign[next(iter(self._foreign))]

    def is_spoiler(self, channel: int) -> bool:
        """Return whether a channel is a spoiler channel; an unknown one counts as one."""
        return self._known.get(channel, self._foreign.get(channel, True))

    def is_thread_spoiler(self, parent: int) -> bool:
        """Return the same for a thread by its channel, which the thread's payloads do not hold."""
        return self._known.get(parent, True)


_NO_CHANNELS: Final = SpoilerChannels()


def is_spoiler_channel(client: discord.Client, channel: object) -> bool:
    """Return whether a channel, or a thread's channel, is a spoiler channel; True if unknown."""
    if isinstance(channel, _DIRECT):
        return False
    known: SpoilerChannels = getattr(client, "spoiler_channels", _NO_CHANNELS)
    if isinstance(channel, discord.Thread):
        return known.is_thread_spoiler(channel.parent_id)
    return known.is_spoiler(getattr(channel, "id", 0))


async def is_from_spoiler_channel(client: discord.Client, job: Job) -> bool:
    """Return whether a guild's job was ordered in what is a spoiler channel by now."""
    if job.origin.is_personal:
        return False
    return is_spoiler_channel(client, await find_channel(client, job.origin.channel_id))


def _has_flag(channel: Mapping[str, Any]) -> bool:
    return bool(int(channel["flags"]) & IS_SPOILER_CHANNEL)
