"""The usage command: a server's statistics as text, charts and CSV."""

from __future__ import annotations

import io

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.ids import GuildId
from bot.errors import ComponentReason
from bot.ui.i18n.command_texts import Option, create_command
from bot.ui.i18n.translations import get_translations
from bot.ui.interactions.free_work import USAGE_CHARTS, take_turn
from bot.ui.interactions.permissions import require_moderator
from bot.ui.interactions.responses import Interaction
from bot.ui.interactions.services import InteractionServices
from bot.ui.texts import usage as texts
from bot.ui.views import gallery as views

Days = app_commands.Range[int, 1, 92]


class UsageCog(commands.Cog):
    def __init__(self, services: InteractionServices, client: discord.Client) -> None:
        self._services = services
        self._client = client

    @create_command("usage", "See what was made, refused and spent in this server")
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_messages=True)
    @Option("days", "How many days back")
    async def show_usage(self, interaction: Interaction, days: Days = 30) -> None:
        guild, _actor = require_moderator(interaction, ComponentReason.MODERATORS_ONLY)
        async with take_turn(interaction, self._services, USAGE_CHARTS):
            await self._send_report(interaction, guild, days)

    async def _send_report(self, interaction: Interaction, guild: GuildId, days: int) -> None:
        _ = get_translations(str(interaction.locale))
        first, last, report = await self._services.usage_stats.build_report(guild, days)
        figures = texts.build_figures(_, first, last, report, self._get_channel_name)
        chart = await self._services.pictures.render_chart(figures)
        table = texts.render_csv(report, self._get_channel_name)
        title = texts.usage_title(_, first, last)
        text = f"{title}\n{texts.format_summary(_, report.total_usage)}"
        files = [
            discord.File(io.BytesIO(chart.png), "usage.png"),
            discord.File(io.BytesIO(table), "usage.csv"),
        ]
        view = views.build_usage_card(text, "usage.png", "usage.csv", chart.alt)
        await interaction.edit_original_response(view=view, attachments=files)

    def _get_channel_name(self, channel: int) -> str:
        found = self._client.get_channel(channel)
        return f"#{getattr(found, 'name', channel)}"
