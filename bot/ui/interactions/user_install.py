"""What members may bring along by adding the bot to their own account."""

from __future__ import annotations

from typing import Any, Final

from discord.app_commands import AppCommandContext, AppInstallationType, Command, ContextMenu

from bot.ui.texts import commands as command_texts

USER_INSTALL_COMMANDS: Final = frozenset(
    name.message
    for name in (
        command_texts.EXPAND,
        command_texts.EXPAND_SIDES,
        command_texts.EXPAND_RATIO,
        command_texts.EXPAND_ZOOM,
        command_texts.MENU,
        command_texts.QUOTA,
        command_texts.HISTORY,
        command_texts.PRIVACY,
        command_texts.HELP,
    )
)
"""All that belongs to a member alone: no settings, no moderation, no gallery, no numbers."""


def allow_user_install(command: Command[Any, ..., Any] | ContextMenu) -> None:
    """Let a command be installed by members too, and used wherever they are."""
    command.guild_only = False
    command.allowed_installs = AppInstallationType(guild=True, user=True)
    command.allowed_contexts = AppCommandContext(guild=True, dm_channel=True, private_channel=True)
