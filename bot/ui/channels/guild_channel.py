"""The base of what posts to a guild's channels, in the guild's language."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import discord
import structlog
from discord import ui

from bot.domain.guild import GuildSettings
from bot.domain.ids import ChannelId, GuildId, MessageId
from bot.domain.moderation import CardLocation
from bot.services.ports.channels import RouteClosed
from bot.ui.channels.publisher import DiscordCall
from bot.ui.channels.uploads import open_files
from bot.ui.i18n.translations import get_translations
from bot.ui.views.components import Controls
from bot.ui.views.custom_ids import CustomIdCodec

log = structlog.get_logger(__name__)

NO_MENTIONS: Final = discord.AllowedMentions.none()


@dataclass(frozen=True, slots=True)
class GuildChannel:
    client: discord.Client
    codec: CustomIdCodec
    get_settings: Callable[[GuildId], Awaitable[GuildSettings]]

    async def build_controls(self, guild: GuildId) -> Controls:
        """Return controls in the language set by moderators, else in Discord's for the guild."""
        chosen = (await self.get_settings(guild)).language
        found = self.client.get_guild(guild)
        language = chosen or (str(found.preferred_locale) if found else "en")
        return Controls(get_translations(language), self.codec)

    def get_channel(self, channel: ChannelId, guild: GuildId | None) -> discord.PartialMessageable:
        return self.client.get_partial_messageable(channel, guild_id=guild)

    async def post_message(
        self,
        guild: GuildId,
        channel: ChannelId,
        view: ui.LayoutView,
        files: Sequence[tuple[str, object]] = (),
        **content: Any,
    ) -> MessageId:
        """Post a view with files, given as names with bytes or paths; `content` goes to `send`.

        Raises `RouteClosed` or `Transient`.
        """
        async with DiscordCall():
            # opened in here: a file that was deleted meanwhile is a `Transient` like all `OSError`s
            if files:
                content["files"] = await open_files(files)
            message = await self.get_channel(channel, guild).send(
                view=view, allowed_mentions=NO_MENTIONS, **content
            )
        return MessageId(message.id)

    async def edit_message(
        self, guild: GuildId, card: CardLocation, view: ui.LayoutView, *, clear_files: bool = False
    ) -> bool:
        """Edit one of the bot's messages; return False for one that is gone or closed."""
        message = self.get_channel(card.channel, guild).get_partial_message(card.message)
        attachments = [] if clear_files else discord.utils.MISSING
        try:
            async with DiscordCall():
                await message.edit(view=view, attachments=attachments, allowed_mentions=NO_MENTIONS)
        except RouteClosed as closed:
            log.info("message not edited", message_id=card.message, reason=str(closed))
            return False
        return True
