"""What members may bring along by adding the bot to their own account."""

from __future__ import annotations

from typing import Any, Final

from discord.app_commands import AppCommandContext, AppInstallationType, Command, ContextMenu

from bot.ui import wording_commands as words

OFFERED: Final = frozenset(
    name.message
    for name in (
        words.EXPAND,
        words.EXPAND_SIDES,
        words.EXPAND_RATIO,
        words.EXPAND_ZOOM,
        words.MENU,
        words.QUOTA,
        words.HISTORY,
        words.PRIVACY,
        words.HELP,
    )
)
"""All that belongs to a member alone: no settings, no moderation, no gallery, no numbers."""


def offer(command: Command[Any, ..., Any] | ContextMenu) -> None:
    """Let a command be installed by members too, and used wherever they are."""
    command.guild_only = False
    command.allowed_installs = AppInstallationType(guild=True, user=True)
    command.allowed_contexts = AppCommandContext(guild=True, dm_channel=True, private_channel=True)
