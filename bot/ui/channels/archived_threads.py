"""Editing of the bot's messages where their thread is archived, which Discord refuses."""

from __future__ import annotations

from typing import Final

import discord
from discord import ui

_NO_MENTIONS: Final = discord.AllowedMentions.none()
_ARCHIVED_CODE: Final = 50083
"""Discord's documentation, "JSON Error Codes": an action on an archived thread."""


async def edit_in_thread(
    client: discord.Client, message: discord.PartialMessage, view: ui.LayoutView
) -> None:
    """Edit a message, opening its thread first if that is archived.

    Whoever may write in a thread may open it unless it is locked. Raises `discord.HTTPException`.
    """
    try:
        await message.edit(view=view, allowed_mentions=_NO_MENTIONS)
    except discord.HTTPException as error:
        if error.code != _ARCHIVED_CODE:
            raise
        await client.http.edit_channel(message.channel.id, archived=False)
        await message.edit(view=view, allowed_mentions=_NO_MENTIONS)
