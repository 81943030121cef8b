"""Permission checks: in the whole guild, in a message's channel, and of who invokes."""

from __future__ import annotations

from typing import Final

import discord

from bot.domain.ids import PERSONAL_GUILD, ChannelId, GuildId, UserId
from bot.domain.job import Job
from bot.errors import ComponentReason, ComponentRefused
from bot.ui.interactions.responses import Interaction, get_guild_id

_NONE: Final = discord.Permissions.none()


def has_guild_permission(interaction: Interaction, name: str) -> bool:
    """Return whether the member's roles or ownership grant a permission in the whole guild.

    `name` is one of `discord.Permissions`. Overwrites of channels neither give nor take it, unlike
    `interaction.permissions`. False if the guild is not known.
    """
    member = _find_member(interaction)
    return member is not None and bool(getattr(member.guild_permissions, name))


def can_moderate_guild(interaction: Interaction) -> bool:
    """Return whether the member has Manage Messages or Manage Server in the whole guild."""
    return any(
        has_guild_permission(interaction, each) for each in ("manage_messages", "manage_guild")
    )


def require_manager(interaction: Interaction) -> tuple[GuildId, UserId]:
    """Return guild and member, or raise `ComponentRefused` without Manage Server in the guild."""
    if not has_guild_permission(interaction, "manage_guild"):
        raise ComponentRefused(ComponentReason.NOT_MANAGER)
    return get_guild_id(interaction), UserId(interaction.user.id)


def require_moderator(
    interaction: Interaction, reason: ComponentReason = ComponentReason.NOT_MODERATOR
) -> tuple[GuildId, UserId]:
    """Return guild and member, or raise `ComponentRefused` if they do not moderate the guild."""
    if not can_moderate_guild(interaction):
        raise ComponentRefused(reason)
    return get_guild_id(interaction), UserId(interaction.user.id)


def can_moderate_job(interaction: Interaction, job: Job) -> bool:
    """Return whether the member may manage messages in the channel of a job's message.

    False in another guild, if the channel is not known, and for private results, which have no
    message that others see.
    """
    if job.order.private or job.origin.guild_id != get_guild_id(interaction):
        return False
    return find_channel_permissions(interaction, job.origin.channel_id).manage_messages


def find_channel_permissions(interaction: Interaction, channel: ChannelId) -> discord.Permissions:
    """Return what the member may do in a channel or thread of the interaction's guild.

    None at all if the channel is not known, is closed to the member, or is of another guild.
    """
    if get_guild_id(interaction) == PERSONAL_GUILD:
        return _NONE
    if channel == interaction.channel_id:
        # Discord computed them for this channel, membership of a private thread included
        return interaction.permissions
    return compute_permissions(interaction, interaction.client.get_channel(channel))


def compute_permissions(interaction: Interaction, channel: object) -> discord.Permissions:
    """Return what the member may do in a channel or thread: nothing if they can't see it."""
    member = _find_member(interaction)
    parent = channel.parent if isinstance(channel, discord.Thread) else channel
    if member is None or not isinstance(parent, discord.abc.GuildChannel):
        return _NONE
    if parent.guild.id != member.guild.id:
        return _NONE
    granted = parent.permissions_for(member)
    # without Connect, the chat of a voice channel is closed too
    is_voice = isinstance(parent, discord.VoiceChannel | discord.StageChannel)
    if not granted.view_channel or (is_voice and not granted.connect):
        return _NONE
    # who belongs to a private thread is not known: Discord sends it with a privileged intent only
    is_private = isinstance(channel, discord.Thread) and channel.is_private()
    return _NONE if is_private and not granted.manage_threads else granted


def _find_member(interaction: Interaction) -> discord.Member | None:
    """Return the member with the roles that Discord sent, or None if the guild is not known."""
    guild, member = interaction.client.get_guild(get_guild_id(interaction)), interaction.user
    # an unavailable guild has no roles, or those from before its outage
    if guild is None or guild.unavailable or not isinstance(member, discord.Member):
        return None
    return member if member.guild.id == guild.id else None


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
