"""The message command "Expand image", which takes a picture from any message."""

from __future__ import annotations

from dataclasses import replace

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.ids import MessageId, UserId
from bot.domain.order import Attachment
from bot.domain.text.cleaning import clean_description
from bot.errors import ComponentReason, ComponentRefused
from bot.ui.i18n.command_texts import mark_name
from bot.ui.interactions.guards import check_source
from bot.ui.interactions.permissions import check_installation
from bot.ui.interactions.responses import Interaction, build_origin
from bot.ui.interactions.services import InteractionServices
from bot.ui.interactions.transformers import find_pictures
from bot.ui.views import modals


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
            raise ComponentRefused(ComponentReason.NO_PICTURE)
        origin = build_origin(interaction)
        author = await self._find_author(interaction, message)
        await check_source(interaction, self._services, author)
        source = None if author == origin.user_id else author
        pictures = [_describe_picture(each, message, interaction) for each in pictures]
        draft = await self._services.drafts.save_choice(origin, pictures, source)
        controls = self._services.build_controls(interaction.locale)
        form = modals.build_expand_modal(controls, draft, pictures, self._services.model)
        await interaction.response.send_modal(form)

    async def _find_author(self, interaction: Interaction, message: discord.Message) -> UserId:
        """Return whose picture a message shows; a result belongs to the member who ordered it."""
        if message.author.id == interaction.application_id:
            return await self._services.pictures.find_author(
                build_origin(interaction).guild_id, MessageId(message.id)
            ) or UserId(message.author.id)
        return UserId(message.author.id)


def _describe_picture(
    picture: Attachment, message: discord.Message, interaction: Interaction
) -> Attachment:
    """Return the picture with what its author says that it shows.

    Of one's own message that is the text where there is no alt text; another member's text may be
    about anything, and the alt text of a result was written by the bot.
    """
    author = message.author.id
    text = "" if author == interaction.application_id else picture.description
    if not text and author == interaction.user.id:
        text = message.content
    return replace(picture, description=clean_description(text))
