"""What members see of themselves: quota, history, privacy, help."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from discord import app_commands
from discord.ext import commands

from bot.domain.ledger import Cap
from bot.ui import cards, cards_pages
from bot.ui import wording_commands as words
from bot.ui.replies import Interaction, origin_of
from bot.ui.speech import speech

if TYPE_CHECKING:
    from bot.client import ExpanseBot

_MEMBERS: Final = frozenset({Cap.USER_DAY, Cap.USER_MONTH})
_MANAGERS: Final = _MEMBERS | {Cap.GUILD_MONTH}


class Own(commands.Cog):
    """Every answer is for the member alone."""

    def __init__(self, bot: ExpanseBot) -> None:
        self._desk = bot.desk

    @app_commands.command(name=words.QUOTA, description=words.ABOUT["quota"])
    @app_commands.guild_only()
    async def quota(self, interaction: Interaction) -> None:
        origin, now = origin_of(interaction), self._desk.clock.now()
        uses = await self._desk.accounting.uses(origin, 0, now)
        # what all of a guild spends is for those who settle it
        caps = _MANAGERS if interaction.permissions.manage_guild else _MEMBERS
        shown = [use for use in uses if use.cap in caps]
        view = cards.quota(speech(str(interaction.locale)), shown)
        await interaction.response.send_message(view=view, ephemeral=True)

    @app_commands.command(name=words.HISTORY, description=words.ABOUT["history"])
    @app_commands.guild_only()
    async def history(self, interaction: Interaction) -> None:
        origin = origin_of(interaction)
        page = await self._desk.history.page(origin.guild_id, origin.user_id, 0)
        view = cards_pages.history(self._desk.controls(interaction.locale), page)
        await interaction.response.send_message(view=view, ephemeral=True)

    @app_commands.command(name=words.PRIVACY, description=words.ABOUT["privacy"])
    @app_commands.guild_only()
    async def privacy(self, interaction: Interaction) -> None:
        shares = await self._desk.privacy.shares(origin_of(interaction).user_id)
        view = cards_pages.privacy(
            self._desk.controls(interaction.locale), days=self._desk.keep_days, shares=shares
        )
        await interaction.response.send_message(view=view, ephemeral=True)

    @app_commands.command(name=words.HELP, description=words.ABOUT["help"])
    async def help(self, interaction: Interaction) -> None:
        view = cards_pages.help_page(speech(str(interaction.locale)))
        await interaction.response.send_message(view=view, ephemeral=True)


async def setup(bot: ExpanseBot) -> None:
    await bot.add_cog(Own(bot))
