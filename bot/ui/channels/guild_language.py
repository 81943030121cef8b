"""Who reads a message that is nobody's answer: a guild, in the language that it has settled."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import discord

from bot.domain.guild import GuildSettings
from bot.domain.ids import GuildId
from bot.ui.i18n.translations import Translations, get_translations

SettingsLookup = Callable[[GuildId], Awaitable[GuildSettings]]


async def get_guild_translations(
    client: discord.Client, get_settings: SettingsLookup, guild: GuildId
) -> Translations:
    """Return the voice for everybody in a guild: what was settled, else the guild's own locale."""
    settled = (await get_settings(guild)).language
    found = client.get_guild(guild)
    return get_translations(settled or (str(found.preferred_locale) if found else "en"))
