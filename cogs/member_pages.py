"""Private pages of a member: quota, history, privacy, help."""

from __future__ import annotations

from typing import Final

from discord import app_commands
from discord.ext import commands

from bot.domain.ledger import LimitKind
from bot.ui.i18n.command_texts import create_command
from bot.ui.i18n.translations import get_translations
from bot.ui.interactions.free_work import HISTORY, take_turn
from bot.ui.interactions.permissions import can_moderate_guild, has_guild_permission
from bot.ui.interactions.responses import Interaction, build_origin
from bot.ui.interactions.services import InteractionServices
from bot.ui.views import base as base_views
from bot.ui.views import member_pages as page_views

_MEMBER_LIMITS: Final = frozenset({LimitKind.USER_DAY, LimitKind.USER_MONTH})
_MANAGER_LIMITS: Final = _MEMBER_LIMITS | {LimitKind.GUILD_MONTH}


class MemberPagesCog(commands.Cog):
    """Pages that only the member sees."""

    def __init__(self, services: InteractionServices) -> None:
        self._services = services

    @create_command("quota", "See how many pictures you have left today")
    @app_commands.guild_only()
    async def show_quota(self, interaction: Interaction) -> None:
        origin, now = build_origin(interaction), self._services.clock.now()
        uses = await self._services.quotas.list_member_usage(origin, now)
        # only managers may see what the whole guild spends
        caps = (
            _MANAGER_LIMITS if has_guild_permission(interaction, "manage_guild") else _MEMBER_LIMITS
        )
        shown = [use for use in uses if use.cap in caps]
        view = base_views.build_quota_card(get_translations(str(interaction.locale)), shown)
        await interaction.response.send_message(view=view, ephemeral=True)

    @create_command("history", "See your pictures again: open, send or delete them")
    @app_commands.guild_only()
    async def show_history(self, interaction: Interaction) -> None:
        origin = build_origin(interaction)
        async with take_turn(interaction, self._services, HISTORY):
            page = await self._services.history.get_page(origin.guild_id, origin.user_id, 0)
            controls = self._services.build_controls(interaction.locale)
            view = page_views.build_history_card(controls, page)
            await interaction.response.send_message(view=view, ephemeral=True)

    @create_command("privacy", "See what is kept of you, export it or delete it")
    @app_commands.guild_only()
    async def show_privacy(self, interaction: Interaction) -> None:
        shares = await self._services.privacy.is_sharing_allowed(build_origin(interaction).user_id)
        controls = self._services.build_controls(interaction.locale)
        days = self._services.retention_days
        view = page_views.build_privacy_card(controls, days=days, shares=shares)
        await interaction.response.send_message(view=view, ephemeral=True)

    @create_command("help", "Learn by example what I can do")
    async def show_help(self, interaction: Interaction) -> None:
        controls = self._services.build_controls(interaction.locale)
        view = page_views.build_help_card(controls, can_moderate=can_moderate_guild(interaction))
        await interaction.response.send_message(view=view, ephemeral=True)
