"""Whose the pictures of a message are, where they come from, and what is said about them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlsplit

import aiohttp
import discord

from bot.domain.content import combine_restrictions
from bot.domain.ids import JobId, MessageId, UserId
from bot.domain.order import Attachment
from bot.domain.text.cleaning import clean_description
from bot.errors import ComponentReason, ComponentRefused
from bot.ui.channels.access import find_age_restriction, find_channel, find_own_permissions
from bot.ui.channels.spoiler_channels import is_spoiler_channel
from bot.ui.interactions.message_pictures import (
    list_file_names,
    list_linked_pictures,
    list_parts,
)
from bot.ui.interactions.responses import Interaction
from bot.ui.interactions.services import InteractionServices

_FILE_NAME: Final = re.compile(r"(?:SPOILER_)?(?:expanded|compared|pair|film)-([a-z2-9]{12})-")
_CDN_PATH: Final = re.compile(r"/attachments/(\d{1,20})/\d")
"""The path of a file on Discord's CDN, which begins with its channel."""
_FETCH_SECONDS: Final = 0.8
"""Deadline of each of up to two requests about a copied message; the form must be there within
3 s."""


@dataclass(frozen=True, slots=True)
class PictureSource:
    """Author and jobs of a message's pictures, and what is known of the channel they come from."""

    author: UserId
    jobs: tuple[JobId, ...]
    age_restricted: bool | None
    spoiler: bool


async def find_source(
    interaction: Interaction, services: InteractionServices, message: discord.Message
) -> PictureSource:
    """Return where a message's pictures come from.

    A result belongs to the member who ordered it, wherever the bot shows it, and wherever Discord
    copies or links that; another copied message to its author if the bot can read it.
    Raises `ComponentRefused` for a message of the bot's that shows no known result.
    """
    place = message.reference
    is_copy = bool(message.message_snapshots) or message.flags.is_crossposted
    if not is_copy or place is None or place.message_id is None:
        return await _find_posted(interaction, services, message)
    # the named message may be a copy itself, or out of the bot's sight: files keep their names
    jobs = await services.shared_messages.find_jobs(MessageId(place.message_id))
    jobs = jobs or await _list_known_jobs(services, _list_all_names(message))
    channel = await _find_copied_channel(interaction.client, place)
    posted = None if jobs else await _fetch_author(interaction.client, place, channel)
    author = posted or UserId(message.author.id)
    found = await _build_source(interaction, services, author, jobs)
    return replace(
        found,
        age_restricted=find_age_restriction(channel),
        spoiler=_is_hidden_by(interaction.client, channel),
    )


async def _find_posted(
    interaction: Interaction, services: InteractionServices, message: discord.Message
) -> PictureSource:
    """Return the source of what a message itself shows, files that it links to included."""
    client, author = interaction.client, UserId(message.author.id)
    jobs = await services.shared_messages.find_jobs(MessageId(message.id))
    if jobs or _is_bot(interaction, author):
        return await _build_source(interaction, services, author, jobs)
    linked = list_linked_pictures(message)
    jobs = await _list_known_jobs(services, [each.filename for each in linked])
    paths = (_CDN_PATH.search(urlsplit(each.url).path) for each in linked)
    channels = [client.get_channel(int(each[1])) for each in paths if each]
    found = await _build_source(interaction, services, author, jobs)
    return replace(
        found,
        age_restricted=combine_restrictions(map(find_age_restriction, channels)),
        spoiler=any(_is_hidden_by(client, each) for each in channels),
    )


async def _build_source(
    interaction: Interaction,
    services: InteractionServices,
    author: UserId,
    jobs: Sequence[JobId],
) -> PictureSource:
    own = UserId(interaction.user.id)
    if not jobs and _is_bot(interaction, author):
        raise ComponentRefused(ComponentReason.NO_PICTURE)
    authors = [await services.history.get_author(each) for each in jobs]
    others = [each for each in authors if each != own]
    author = next(iter(others or authors), author)
    return PictureSource(author, tuple(jobs), age_restricted=False, spoiler=False)


def _is_bot(interaction: Interaction, author: UserId) -> bool:
    me = interaction.client.user
    return author == interaction.application_id or (me is not None and author == me.id)


def _is_hidden_by(client: discord.Client, channel: object) -> bool:
    """Return whether a channel that the bot sees is a spoiler channel."""
    return channel is not None and is_spoiler_channel(client, channel)


async def _list_known_jobs(services: InteractionServices, names: Iterable[str]) -> list[JobId]:
    """Return the jobs named by files, as the bot names its files."""
    found = [_FILE_NAME.match(each) for each in names]
    return await services.history.list_known(
        dict.fromkeys(JobId(each[1]) for each in found if each)
    )


def _list_all_names(message: discord.Message) -> list[str]:
    return [name for part in list_parts(message) for name in list_file_names(part)]


async def _find_copied_channel(client: discord.Client, place: discord.MessageReference) -> object:
    """Return the channel that a message was copied from; None if the bot is not in its guild."""
    if client.get_guild(place.guild_id or 0) is None:
        return None
    return await find_channel(client, place.channel_id, seconds=_FETCH_SECONDS)


async def _fetch_author(
    client: discord.Client, place: discord.MessageReference, channel: object
) -> UserId | None:
    """Return the author of a copied message, None if the bot can't read it or not in time."""
    # too many refused requests get an IP address banned, so this one is sent only if it may work
    mine = find_own_permissions(channel)
    if mine is None or not (mine.view_channel and mine.read_message_history):
        return None
    try:
        async with asyncio.timeout(_FETCH_SECONDS):
            # not `fetch_message`: only the author is needed
            found = await client.http.get_message(place.channel_id, place.message_id or 0)
    except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError):
        return None
    return UserId(int(found["author"]["id"]))


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
