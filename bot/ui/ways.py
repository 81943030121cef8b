"""Find out which permission a way is closed for: Discord's error does not name it."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from bot.domain.ids import ChannelId
from bot.domain.job import Job
from bot.ui import wording_ways as words
from bot.ui.speech import speech


def why(client: discord.Client, job: Job, code: int) -> str:
    """Say why Discord took no message of a job there; empty where there is nothing to mend."""
    say, channel = speech(job.order.locale), job.origin.channel_id
    if code in words.NO_PERMISSION:
        return words.needs(say, channel, lacking(client, channel))
    return words.why(say, code)


def lacking(client: discord.Client, channel: ChannelId) -> Sequence[str]:
    """Name the permissions that the bot needs and does not have; all of them if that is unknown."""
    found = client.get_channel(channel)
    threaded = isinstance(found, discord.Thread)
    left_out = "send_messages" if threaded else "send_messages_in_threads"
    needed = [name for name in words.PERMISSIONS if name != left_out]
    if not isinstance(found, discord.abc.GuildChannel | discord.Thread):
        return needed
    mine = found.permissions_for(found.guild.me)
    return [name for name in needed if not getattr(mine, name)] or needed
