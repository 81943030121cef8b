"""Whose the pictures of a message are, where they come from, and what is said about them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Final

import aiohttp
import discord

from bot.domain.ids import PERSONAL_GUILD, GuildId, MessageId, UserId
from bot.domain.order import Attachment
from bot.domain.text.cleaning import clean_description
from bot.services.pictures.library import PictureLibrary
from bot.ui.channels.access import find_channel, find_own_permissions
from bot.ui.channels.spoiler_channels import is_spoiler_channel
from bot.ui.interactions.responses import Interaction, get_guild_id

_FETCH_SECONDS: Final = 0.8
"""Deadline of each of up to three requests about a forwarded message; the form must be there within
3 s."""


async def find_author(
    interaction: Interaction, library: PictureLibrary, message: discord.Message
) -> UserId:
    """Return whose pictures a message shows.

    A result belongs to the member who ordered it, a forwarded message to its author if the bot
    can read it.
    """
    author, place = UserId(message.author.id), message.reference
    if message.message_snapshots and place is not None and place.message_id is not None:
        guild, number = GuildId(place.guild_id or PERSONAL_GUILD), MessageId(place.message_id)
        ordered = await library.find_author(guild, number)
        return ordered or await _fetch_author(interaction.client, place) or author
    if author == interaction.application_id:
        ordered = await library.find_author(get_guild_id(interaction), MessageId(message.id))
        return ordered or author
    return author


async def _fetch_author(client: discord.Client, place: discord.MessageReference) -> UserId | None:
    """Return the author of a forwarded message, None if the bot can't read it or not in time."""
    # too many refused requests get an IP address banned, so this one is sent only if it may work
    mine = find_own_permissions(
        await find_channel(client, place.channel_id, seconds=_FETCH_SECONDS)
    )
    if mine is None or not (mine.view_channel and mine.read_message_history):
        return None
    try:
        async with asyncio.timeout(_FETCH_SECONDS):
            # not `fetch_message`: only the author is needed
            found = await client.http.get_message(place.channel_id, place.message_id or 0)
    except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError):
        return None
    return UserId(int(found["author"]["id"]))


async def is_forwarded_from_spoiler_channel(
    client: discord.Client, message: discord.Message
) -> bool:
    """Return whether a message forwards one from a spoiler channel of a guild with the bot."""
    place = message.reference
    if place is None or not message.message_snapshots:
        return False
    if client.get_guild(place.guild_id or 0) is None:
        return False
    return is_spoiler_channel(
        client, await find_channel(client, place.channel_id, seconds=_FETCH_SECONDS)
    )


def describe_picture(
    interaction: Interaction, message: discord.Message, picture: Attachment
) -> Attachment:
    """Return the picture with what its author says that it shows.

    Of one's own message that is the text where there is no alt text; another member's text may be
    about anything, and the alt text of a result, also of a forwarded one, was written by the bot.
    """
    author = message.author.id
    is_others = author == interaction.application_id or bool(message.message_snapshots)
    text = "" if is_others else picture.description
    if not text and author == interaction.user.id:
        text = message.content
    return replace(picture, description=clean_description(text))
