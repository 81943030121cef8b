"""The numbers of a server, for those who run it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.ids import PERSONAL
from bot.errors import PressRefused
from bot.ui import cards_gallery
from bot.ui import wording_commands as words
from bot.ui import wording_usage as usage
from bot.ui.replies import Interaction, guild_of
from bot.ui.speech import speech

if TYPE_CHECKING:
    from bot.client import ExpanseBot

Days = app_commands.Range[int, 1, 92]


class Usage(commands.Cog):
    def __init__(self, bot: ExpanseBot) -> None:
        self._bot = bot
        self._desk = bot.desk

    @app_commands.command(name=words.USAGE, description=words.ABOUT["usage"])
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_messages=True)
    @words.options("days")
    async def usage(self, interaction: Interaction, days: Days = 30) -> None:
        guild, allowed = guild_of(interaction), interaction.permissions
        if guild == PERSONAL or not (allowed.manage_messages or allowed.manage_guild):
            raise PressRefused("moderators_only")
        await interaction.response.defer(ephemeral=True, thinking=True)
        say = speech(str(interaction.locale))
        book = self._desk.expansions.usage
        first, last, report = await book.report(guild, days)
        figures = usage.figures(say, first, last, report, self._channel)
        chart = await self._desk.pictures.chart(figures)
        table = usage.as_csv(report, self._channel)
        said = f"{usage.title(say, first, last)}\n{usage.summary(say, report.total)}"
        files = [
            discord.File(io.BytesIO(chart.png), "usage.png"),
            discord.File(io.BytesIO(table), "usage.csv"),
        ]
        view = cards_gallery.usage(said, "usage.png", "usage.csv", chart.alt)
        await interaction.edit_original_response(view=view, attachments=files)

    def _channel(self, channel: int) -> str:
        found = self._bot.get_channel(channel)
        return f"#{getattr(found, 'name', channel)}"


async def setup(bot: ExpanseBot) -> None:
    await bot.add_cog(Usage(bot))
