"""Who may moderate and who may settle: asked of Discord's own word at the click, never before."""

from __future__ import annotations

from bot.domain.ids import GuildId, UserId
from bot.errors import PressRefused
from bot.ui.replies import Interaction


def manager(interaction: Interaction) -> tuple[GuildId, UserId]:
    """Return the guild and who may change its settings; raise `PressRefused` for anybody else."""
    if interaction.guild_id is None or not interaction.permissions.manage_guild:
        raise PressRefused("not_manager")
    return GuildId(interaction.guild_id), UserId(interaction.user.id)


def moderator(interaction: Interaction) -> tuple[GuildId, UserId]:
    """Return the guild and who may moderate here; raise `PressRefused` for anybody else."""
    allowed = interaction.permissions
    if interaction.guild_id is None or not (allowed.manage_messages or allowed.manage_guild):
        raise PressRefused("not_moderator")
    return GuildId(interaction.guild_id), UserId(interaction.user.id)
