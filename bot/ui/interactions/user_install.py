"""What members may bring along by adding the bot to their own account."""

from __future__ import annotations

from typing import Any, Final

from discord.app_commands import AppCommandContext, AppInstallationType, Command, ContextMenu

USER_INSTALL_COMMANDS: Final = frozenset(
    {
        *("expand", "expand-sides", "expand-ratio", "expand-zoom", "Expand image"),
        *("quota", "history", "privacy", "help"),
    }
)
"""All that belongs to a member alone: no settings, no moderation, no gallery, no numbers."""


def allow_user_install(command: Command[Any, ..., Any] | ContextMenu) -> None:
    """Let a command be installed by members too, and used wherever they are."""
    command.guild_only = False
    command.allowed_installs = AppInstallationType(guild=True, user=True)
    command.allowed_contexts = AppCommandContext(guild=True, dm_channel=True, private_channel=True)
