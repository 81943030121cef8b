"""What is left of a member's day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import app_commands
from discord.ext import commands

from bot.ui import cards
from bot.ui.replies import Interaction, origin_of

if TYPE_CHECKING:
    from bot.client import ExpanseBot


class Quota(commands.Cog):
    def __init__(self, bot: ExpanseBot) -> None:
        self._accounting = bot.accounting
        self._clock = bot.clock

    @app_commands.command(description="See how many pictures you have left today")
    @app_commands.guild_only()
    async def quota(self, interaction: Interaction) -> None:
        origin = origin_of(interaction)
        usage = await self._accounting.usage(
            origin.guild_id, origin.user_id, self._clock.now(), origin.roles
        )
        await interaction.response.send_message(view=cards.quota(usage), ephemeral=True)


async def setup(bot: ExpanseBot) -> None:
    await bot.add_cog(Quota(bot))
