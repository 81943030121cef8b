"""Permission checks, by what Discord sends with each interaction."""

from __future__ import annotations

import discord

from bot.domain.ids import PERSONAL_GUILD, GuildId, UserId
from bot.errors import ComponentReason, ComponentRefused
from bot.ui.interactions.responses import Interaction, get_guild_id


def require_manager(interaction: Interaction) -> tuple[GuildId, UserId]:
    """Return guild and member, or raise `ComponentRefused` without Manage Server."""
    guild = get_guild_id(interaction)
    if guild == PERSONAL_GUILD or not interaction.permissions.manage_guild:
        raise ComponentRefused(ComponentReason.NOT_MANAGER)
    return guild, UserId(interaction.user.id)


def require_moderator(
    interaction: Interaction, reason: ComponentReason = ComponentReason.NOT_MODERATOR
) -> tuple[GuildId, UserId]:
    """Return guild and member, or raise `ComponentRefused` if they cannot moderate here."""
    guild, allowed = get_guild_id(interaction), interaction.permissions
    if guild == PERSONAL_GUILD or not (allowed.manage_messages or allowed.manage_guild):
        raise ComponentRefused(reason)
    return guild, UserId(interaction.user.id)


def can_moderate(interaction: Interaction) -> bool:
    """Say whether the member may delete others' messages, in a guild that installed the bot."""
    return get_guild_id(interaction) != PERSONAL_GUILD and interaction.permissions.manage_messages


def check_invoker(interaction: Interaction) -> None:
    """Raise `ComponentRefused` for a bot, in a time-out, or without Use Application Commands.

    Discord lets none of them invoke a command; nothing is ever paid for them.
    """
    user, allowed = interaction.user, interaction.permissions
    until = user.timed_out_until if isinstance(user, discord.Member) else None
    timed_out = until is not None and until > interaction.created_at
    # administrators are exempt from time-outs
    if user.bot or (timed_out and not allowed.administrator):
        raise ComponentRefused(ComponentReason.NOT_ALLOWED)
    in_guild = get_guild_id(interaction) != PERSONAL_GUILD
    if in_guild and not allowed.use_application_commands:
        raise ComponentRefused(ComponentReason.NOT_ALLOWED)


def check_installation(interaction: Interaction) -> None:
    """Raise `ComponentRefused` for a command that neither guild nor member has installed."""
    # in direct messages Discord also offers commands of any guild that the member shares
    is_command = interaction.type is discord.InteractionType.application_command
    is_personal = get_guild_id(interaction) == PERSONAL_GUILD
    if is_command and is_personal and not interaction.is_user_integration():
        raise ComponentRefused(ComponentReason.NOT_INSTALLED)
