"""Edits of the bot's messages in archived threads, which Discord refuses."""

from __future__ import annotations

from typing import Final

import discord
from discord import ui

from bot.ui.channels.guild_channel import NO_MENTIONS

_ARCHIVED_CODE: Final = 50083
"""Discord's documentation, "JSON Error Codes": an action on an archived thread."""


async def edit_in_thread(
    client: discord.Client, message: discord.PartialMessage, view: ui.LayoutView
) -> None:
    """Edit a message, opening its thread first if that is archived.

    A bot that may write in a thread may open it unless it is locked.
    Raises `discord.HTTPException`.
    """
    try:
        await message.edit(view=view, allowed_mentions=NO_MENTIONS)
    except discord.HTTPException as error:
        if error.code != _ARCHIVED_CODE:
            raise
        await client.http.edit_channel(message.channel.id, archived=False)
        await message.edit(view=view, allowed_mentions=NO_MENTIONS)
