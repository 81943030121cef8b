"""Who reads a message that is nobody's answer: a guild, in the language that it has settled."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import discord

from bot.domain.guild import GuildSettings
from bot.domain.ids import GuildId
from bot.ui.speech import Speech, speech

SettingsOf = Callable[[GuildId], Awaitable[GuildSettings]]


async def speech_of(client: discord.Client, settings_of: SettingsOf, guild: GuildId) -> Speech:
    """Return the voice for everybody in a guild: what was settled, else the guild's own locale."""
    settled = (await settings_of(guild)).language
    found = client.get_guild(guild)
    return speech(settled or (str(found.preferred_locale) if found else "en"))
