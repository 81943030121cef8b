"""The message command "Expand image", which takes a picture from any message."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Final

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.ids import PERSONAL_GUILD, GuildId, MessageId, UserId
from bot.domain.order import Attachment
from bot.domain.text.cleaning import clean_description
from bot.errors import ComponentReason, ComponentRefused
from bot.ui.channels.access import find_channel
from bot.ui.channels.spoiler_channels import is_spoiler_channel
from bot.ui.i18n.command_texts import mark_name
from bot.ui.interactions.guards import check_source
from bot.ui.interactions.message_pictures import find_pictures, list_parts
from bot.ui.interactions.permissions import check_installation
from bot.ui.interactions.responses import Interaction, build_origin
from bot.ui.interactions.services import InteractionServices
from bot.ui.views import modals

_FETCH_SECONDS: Final = 1.0
"""How long a forwarded message's author is asked for; the form must be there within 3 s."""


class ContextMenuCog(commands.Cog):
    def __init__(self, services: InteractionServices, client: commands.Bot) -> None:
        self._services = services
        name = mark_name("Expand image")
        self._menu = app_commands.ContextMenu(name=name, callback=self.expand_image)
        self._menu.guild_only = True
        self._tree = client.tree

    async def cog_load(self) -> None:
        self._tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        self._tree.remove_command(self._menu.name, type=self._menu.type)

    async def expand_image(self, interaction: Interaction, message: discord.Message) -> None:
        check_installation(interaction)
        pictures = find_pictures(message)
        if not pictures:
            has_sticker = any(part.stickers for part in list_parts(message))
            raise ComponentRefused(
                ComponentReason.STICKER if has_sticker else ComponentReason.NO_PICTURE
            )
        origin = build_origin(interaction)
        author = await self._find_author(interaction, message)
        await check_source(interaction, self._services, author)
        source = None if author == origin.user_id else author
        pictures = [_describe_picture(each, message, interaction) for each in pictures]
        if origin.spoiler_channel or await _is_from_spoiler_channel(interaction.client, message):
            pictures = [replace(each, spoiler=True) for each in pictures]
        draft = await self._services.drafts.save_choice(origin, pictures, source)
        controls = self._services.build_controls(interaction.locale)
        form = modals.build_expand_modal(controls, draft, pictures, self._services.model)
        await interaction.response.send_modal(form)

    async def _find_author(self, interaction: Interaction, message: discord.Message) -> UserId:
        """Return whose pictures a message shows.

        A result belongs to the member who ordered it, a forwarded message to its author if the bot
        can read it.
        """
        author, place = UserId(message.author.id), message.reference
        if message.message_snapshots and place is not None and place.message_id is not None:
            guild, number = GuildId(place.guild_id or PERSONAL_GUILD), MessageId(place.message_id)
            ordered = await self._services.pictures.find_author(guild, number)
            return ordered or await _fetch_author(interaction.client, place) or author
        if author == interaction.application_id:
            guild, number = build_origin(interaction).guild_id, MessageId(message.id)
            return await self._services.pictures.find_author(guild, number) or author
        return author


async def _is_from_spoiler_channel(client: discord.Client, message: discord.Message) -> bool:
    """Return whether a message forwards one from a spoiler channel of a guild with the bot."""
    place = message.reference
    if place is None or not message.message_snapshots:
        return False
    if client.get_guild(place.guild_id or 0) is None:
        return False
    return is_spoiler_channel(client, await find_channel(client, place.channel_id))


async def _fetch_author(client: discord.Client, place: discord.MessageReference) -> UserId | None:
    """Return the author of a forwarded message, None if the bot can't read it or not in time."""
    channel = await find_channel(client, place.channel_id)
    if not isinstance(channel, discord.abc.GuildChannel | discord.Thread):
        return None
    # too many refused requests get an IP address banned, so this one is sent only if it may work
    mine = channel.permissions_for(channel.guild.me)
    if not (mine.view_channel and mine.read_message_history):
        return None
    try:
        async with asyncio.timeout(_FETCH_SECONDS):
            # not `fetch_message`: only the author is needed
            found = await client.http.get_message(channel.id, place.message_id or 0)
    except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError):
        return None
    return UserId(int(found["author"]["id"]))


def _describe_picture(
    picture: Attachment, message: discord.Message, interaction: Interaction
) -> Attachment:
    """Return the picture with what its author says that it shows.

    Of one's own message that is the text where there is no alt text; another member's text may be
    about anything, and the alt text of a result, also of a forwarded one, was written by the bot.
    """
    author = message.author.id
    is_others = author == interaction.application_id or bool(message.message_snapshots)
    text = "" if is_others else picture.description
    if not text and author == interaction.user.id:
        text = message.content
    return replace(picture, description=clean_description(text))
