"""The message menu "Expand image": takes a picture from any message."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.ids import MessageId, UserId
from bot.errors import PressRefused
from bot.ui import modals
from bot.ui import wording_commands as words
from bot.ui.authority import check_installed
from bot.ui.guards import check_source
from bot.ui.replies import Interaction, origin_of
from bot.ui.transformers import pictures_of

if TYPE_CHECKING:
    from bot.client import ExpanseBot


class Menu(commands.Cog):
    def __init__(self, bot: ExpanseBot) -> None:
        self._desk = bot.desk
        self._menu = app_commands.ContextMenu(name=words.MENU, callback=self.expand_image)
        self._menu.guild_only = True
        self._tree = bot.tree

    async def cog_load(self) -> None:
        self._tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        self._tree.remove_command(self._menu.name, type=self._menu.type)

    async def expand_image(self, interaction: Interaction, message: discord.Message) -> None:
        check_installed(interaction)
        pictures = pictures_of(message)
        if not pictures:
            raise PressRefused("no_picture")
        origin = origin_of(interaction)
        author = await self._author(interaction, message)
        await check_source(interaction, self._desk, author)
        source = None if author == origin.user_id else author
        draft = await self._desk.previews.offer(origin, pictures, source)
        form = modals.menu(self._desk.controls(interaction.locale), draft, pictures)
        await interaction.response.send_modal(form)

    async def _author(self, interaction: Interaction, message: discord.Message) -> UserId:
        """Return whose picture a message shows: of a result, the member who had it made."""
        if message.author.id == interaction.application_id:
            return await self._desk.pictures.author_of(
                origin_of(interaction).guild_id, MessageId(message.id)
            ) or UserId(message.author.id)
        return UserId(message.author.id)


async def setup(bot: ExpanseBot) -> None:
    await bot.add_cog(Menu(bot))
