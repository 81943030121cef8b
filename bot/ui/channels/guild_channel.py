"""What posts to a guild's channels for everybody, in the language that the guild has settled."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import discord

from bot.domain.guild import GuildSettings
from bot.domain.ids import ChannelId, GuildId
from bot.ui.i18n.translations import get_translations
from bot.ui.views.components import Controls
from bot.ui.views.custom_ids import CustomIdCodec


@dataclass(frozen=True, slots=True)
class GuildChannel:
    client: discord.Client
    codec: CustomIdCodec
    get_settings: Callable[[GuildId], Awaitable[GuildSettings]]

    async def build_controls(self, guild: GuildId) -> Controls:
        """Return the controls for everybody: in the settled language, else the guild's own."""
        settled = (await self.get_settings(guild)).language
        found = self.client.get_guild(guild)
        language = settled or (str(found.preferred_locale) if found else "en")
        return Controls(get_translations(language), self.codec)

    def get_channel(self, channel: ChannelId, guild: GuildId | None) -> discord.PartialMessageable:
        return self.client.get_partial_messageable(channel, guild_id=guild)
