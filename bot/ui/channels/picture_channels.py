"""Channels in which pictures are shown: their restrictions, and later changes of messages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import discord
import structlog
from discord import ui

from bot.clock import Clock
from bot.domain.ids import ChannelId, MessageId
from bot.errors import Transient
from bot.services.ports.channels import RouteClosed
from bot.ui.channels.access import ClosedChannels, find_age_restriction, find_channel
from bot.ui.channels.archived_threads import edit_in_thread
from bot.ui.channels.publisher import DiscordCall
from bot.ui.channels.spoiler_channels import is_spoiler_channel

log = structlog.get_logger(__name__)


class DiscordPictureChannels:
    """Implement `bot.services.ports.channels.PictureChannels`."""

    def __init__(self, client: discord.Client, clock: Clock) -> None:
        self._client = client
        self._closed_channels = ClosedChannels(clock)

    async def find_age_restriction(self, channel: ChannelId) -> bool | None:
        return find_age_restriction(await find_channel(self._client, channel))

    async def is_spoiler_channel(self, channel: ChannelId) -> bool:
        return is_spoiler_channel(self._client, await find_channel(self._client, channel))

    async def delete_message(self, channel: ChannelId, message: MessageId) -> None:
        async with self._change_message(channel, message):
            await self._get_message(channel, message).delete()

    async def cover_message(self, channel: ChannelId, message: MessageId) -> None:
        try:
            async with DiscordCall():
                target = self._get_message(channel, message)
                view = build_covered_view(await target.fetch())
                await edit_in_thread(self._client, target, view)
        except RouteClosed as closed:
            # a message that cannot be edited, as in a locked thread, is deleted
            log.info("message not covered", message_id=message, reason=str(closed))
            await self.delete_message(channel, message)

    @asynccontextmanager
    async def _change_message(self, channel: ChannelId, message: MessageId) -> AsyncIterator[None]:
        """Ignore a message that is gone; raise `Transient` for one that can't be reached now."""
        if self._closed_channels.is_closed(channel):
            raise Transient("the channel was closed a short while ago")
        try:
            async with DiscordCall():
                yield
        except RouteClosed as closed:
            if not isinstance(closed.__cause__, discord.NotFound):
                self._closed_channels.mark_closed(channel)
                raise Transient(f"discord: {closed}") from closed
            log.info("message is gone", message_id=message, reason=str(closed))

    def _get_message(self, channel: ChannelId, message: MessageId) -> discord.PartialMessage:
        return self._client.get_partial_messageable(channel).get_partial_message(message)


def build_covered_view(message: discord.Message) -> ui.LayoutView:
    """Return a message's components with every picture and file behind a spoiler."""
    view = ui.LayoutView.from_message(message, timeout=None)
    for item in view.walk_children():
        if isinstance(item, ui.MediaGallery):
            item.items = [_cover_item(each) for each in item.items]
        elif isinstance(item, ui.File):
            item.spoiler = True
    return view


def _cover_item(item: discord.MediaGalleryItem) -> discord.MediaGalleryItem:
    # named as the message's own file, so that it stays an attachment
    name = urlsplit(item.media.url).path.rpartition("/")[2]
    return discord.MediaGalleryItem(
        f"attachment://{name}", description=item.description, spoiler=True
    )
