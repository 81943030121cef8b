"""The message command "Expand image", which takes a picture from any message."""

from __future__ import annotations

from dataclasses import replace

import discord
from discord import app_commands
from discord.ext import commands

from bot.errors import ComponentReason, ComponentRefused
from bot.services.orders.drafts import PictureChoice
from bot.ui.i18n.command_texts import mark_name
from bot.ui.interactions.free_work import MESSAGE_MENU, take_turn
from bot.ui.interactions.guards import check_source
from bot.ui.interactions.message_pictures import find_pictures, list_parts
from bot.ui.interactions.permissions import check_installation
from bot.ui.interactions.picture_sources import describe_picture, find_source
from bot.ui.interactions.responses import Interaction, build_origin
from bot.ui.interactions.services import InteractionServices
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
        async with take_turn(interaction, self._services, MESSAGE_MENU):
            await self._open_form(interaction, message)

    async def _open_form(self, interaction: Interaction, message: discord.Message) -> None:
        pictures = find_pictures(message)
        if not pictures:
            has_sticker = any(part.stickers for part in list_parts(message))
            raise ComponentRefused(
                ComponentReason.STICKER if has_sticker else ComponentReason.NO_PICTURE
            )
        origin = build_origin(interaction)
        found = await find_source(interaction, self._services, message)
        await check_source(interaction, self._services, found.author)
        await self._services.exposure.check_offer(found.jobs, origin)
        pictures = [describe_picture(interaction, message, each) for each in pictures]
        if origin.spoiler_channel or found.spoiler:
            pictures = [replace(each, spoiler=True) for each in pictures]
        source = None if found.author == origin.user_id else found.author
        choice = PictureChoice(tuple(pictures), source, found.jobs, found.age_restricted)
        draft = await self._services.drafts.save_choice(origin, choice)
        controls = self._services.build_controls(interaction.locale)
        form = modals.build_expand_modal(controls, draft, pictures, self._services.model)
        await interaction.response.send_modal(form)
