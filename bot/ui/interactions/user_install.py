"""Commands that members can install to their own account."""

from __future__ import annotations

from typing import Any, Final

from discord.app_commands import AppCommandContext, AppInstallationType, Command, ContextMenu

USER_INSTALL_COMMANDS: Final = frozenset(
    {
        *("expand", "expand-sides", "expand-ratio", "expand-zoom", "Expand image"),
        *("quota", "history", "privacy", "help"),
    }
)
"""Commands that concern only the member: no settings, moderation, gallery or usage."""


def allow_user_install(command: Command[Any, ..., Any] | ContextMenu) -> None:
    """Let members install a command to their account and use it anywhere."""
    command.guild_only = False
    command.allowed_installs = AppInstallationType(guild=True, user=True)
    command.allowed_contexts = AppCommandContext(guild=True, dm_channel=True, private_channel=True)
