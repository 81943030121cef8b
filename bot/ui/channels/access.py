"""Closed channels and missing permissions, which Discord's errors do not name."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Final

import aiohttp
import discord
import structlog

from bot.clock import Clock
from bot.domain.guild import SETTINGS, GuildSettings
from bot.domain.ids import ChannelId
from bot.domain.job import Job
from bot.domain.settings_table import Kind
from bot.ui.i18n.translations import Translations, get_translations
from bot.ui.texts import delivery as delivery_texts

log = structlog.get_logger(__name__)

POSTABLE_CHANNELS: Final = (discord.TextChannel, discord.VoiceChannel, discord.StageChannel)
"""Channels for messages: discord.py's text channels include announcement channels."""
RULED_CHANNELS: Final = (*POSTABLE_CHANNELS, discord.ForumChannel)
"""Channels in which members write, themselves or in their posts; forums include media channels."""
_CLOSED_SECONDS: Final = 600.0
"""How long no message is sent to a channel that refused one."""


def find_own_permissions(channel: object) -> discord.Permissions | None:
    """Return what the bot may do in a guild's channel or thread; None if that is unknown."""
    if not isinstance(channel, discord.abc.GuildChannel | discord.Thread):
        return None
    # a thread's permissions are computed from its channel's
    if isinstance(channel, discord.Thread) and channel.parent is None:
        return None
    return channel.permissions_for(channel.guild.me)


def find_age_restriction(channel: object) -> bool | None:
    """Return whether a channel is age-restricted, a thread by its parent; None if unknown."""
    # a thread has no restriction of its own, neither in the cache nor in an interaction
    found = channel.parent if isinstance(channel, discord.Thread) else channel
    return found.is_nsfw() if isinstance(found, RULED_CHANNELS) else None


async def find_channel(client: discord.Client, channel: int, *, seconds: float = 1.0) -> object:
    """Return a channel or thread; None if the bot can't see it, or not within `seconds`.

    The default leaves room in the three seconds that an interaction may take.
    """
    found: object = client.get_channel(channel)
    if found is not None:
        return found
    # an archived thread is not in the cache
    try:
        async with asyncio.timeout(seconds):
            return await client.fetch_channel(channel)
    except (discord.HTTPException, discord.InvalidData) as error:
        log.info("channel is unknown", channel_id=channel, reason=str(error))
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        log.info("channel is unknown", channel_id=channel, reason=repr(error))
    return None


async def is_in_private_thread(thread: object, user: int, *, seconds: float = 1.0) -> bool:
    """Ask Discord whether a member belongs to a private thread; False if it doesn't say so in time.

    Who belongs to threads is not in the cache: Discord sends it with a privileged intent only.
    """
    if not isinstance(thread, discord.Thread) or not thread.is_private():
        return False
    try:
        async with asyncio.timeout(seconds):
            return (await thread.fetch_member(user)).id == user
    except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError) as error:
        log.info("thread member is unknown", channel_id=thread.id, reason=repr(error))
    return False


class ClosedChannels:
    """Remember channels that refuse messages: too many 403 answers get an IP address banned."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._closed_until: dict[int, float] = {}

    def mark_closed(self, channel: int) -> None:
        now = self._clock.monotonic()
        closed = self._closed_until.items()
        self._closed_until = {each: until for each, until in closed if until > now}
        self._closed_until[channel] = now + _CLOSED_SECONDS

    def is_closed(self, channel: int) -> bool:
        """Return whether a channel refused a message in the last ten minutes."""
        return self._closed_until.get(channel, 0.0) > self._clock.monotonic()


def describe_closed_route(client: discord.Client, job: Job, code: int) -> str:
    """Return why Discord refused a job's message; empty if nobody can change it."""
    _, channel = get_translations(job.order.locale), job.origin.channel_id
    if code in delivery_texts.NO_PERMISSION_CODES:
        missing = list_missing_permissions(client, channel)
        return delivery_texts.describe_missing_permissions(_, channel, missing)
    return delivery_texts.describe_route_error(_, code)


def list_permission_warnings(
    client: discord.Client, _: Translations, settings: GuildSettings, names: Iterable[str]
) -> list[str]:
    """Return a warning for each channel of these settings where the bot lacks permissions."""
    posts = [getattr(settings, name) for name in names if SETTINGS[name].kind is Kind.CHANNEL]
    return [
        delivery_texts.describe_missing_permissions(_, channel, missing)
        for channel in posts
        if channel is not None and (missing := _check_permissions(client, channel)[1])
    ]


def list_missing_permissions(client: discord.Client, channel: ChannelId) -> Sequence[str]:
    """Return the permissions that the bot needs and lacks; all needed ones if that is unknown."""
    needed, missing = _check_permissions(client, channel)
    return missing or needed


def _check_permissions(
    client: discord.Client, channel: ChannelId
) -> tuple[Sequence[str], Sequence[str]]:
    """Return needed and missing permissions; all are missing if the bot can't see the channel."""
    found = client.get_channel(channel)
    threaded = isinstance(found, discord.Thread)
    left_out = {"send_messages" if threaded else "send_messages_in_threads"}
    if not isinstance(found, discord.VoiceChannel | discord.StageChannel):
        left_out.add("connect")
    needed = [name for name in delivery_texts.PERMISSION_NAMES if name not in left_out]
    mine = find_own_permissions(found)
    if mine is None:
        return needed, needed
    return needed, [name for name in needed if not getattr(mine, name)]
