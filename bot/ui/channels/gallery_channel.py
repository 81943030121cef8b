"""A guild's gallery channel on Discord: posts, votes, age restriction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

import discord
import structlog
from discord import ui
from discord.utils import snowflake_time

from bot.domain.gallery import GalleryEntry, Vote, Voter
from bot.domain.ids import ChannelId, GuildId, MessageId, RoleId, UserId
from bot.domain.job import Job
from bot.domain.moderation import CardLocation
from bot.domain.order import PictureRef
from bot.errors import Transient
from bot.services.ports.channels import RouteClosed
from bot.services.ports.jobs import StoredPicture
from bot.ui.actions import Action
from bot.ui.channels.access import find_age_restriction
from bot.ui.channels.guild_channel import GuildChannel
from bot.ui.channels.publisher import DiscordCall
from bot.ui.channels.spoiler_channels import is_spoiler_channel
from bot.ui.texts import gallery as gallery_texts
from bot.ui.views import gallery as gallery_views
from bot.ui.views.jobs import build_file_name

log = structlog.get_logger(__name__)

_WEEK = 7
_LOOK_BACK: Final = 100
"""Messages of one page at most, by Discord's documentation, "Get Channel Messages"."""


class DiscordGalleryChannel(GuildChannel):
    """Implement `bot.services.ports.channels.GalleryChannel`."""

    async def post_entry(self, entry: GalleryEntry, job: Job, picture: StoredPicture) -> MessageId:
        if entry.shown_channel is None:
            raise RouteClosed("no channel")
        name = build_file_name(job, picture)
        controls = await self.build_controls(entry.guild)
        job = self._cover_in_channel(job, entry.shown_channel)
        view = gallery_views.build_gallery_post(controls, entry, job, name)
        guild, channel, files = entry.guild, entry.shown_channel, [(name, picture.path)]
        message = await self.post_message(guild, channel, view, files, nonce=f"g{entry.id}")
        await self.invite_votes(guild, channel, message)
        return message

    async def find_post(self, entry: GalleryEntry) -> MessageId | None:
        if entry.shown_channel is None:
            return None
        wanted = self.codec.encode(Action.GALLERY_REMOVE, PictureRef(entry.job, entry.ordinal))
        try:
            async with DiscordCall():
                channel = self.get_channel(entry.shown_channel, entry.guild)
                newest = [each async for each in channel.history(limit=_LOOK_BACK)]
        except RouteClosed as closed:
            log.info("gallery not read", guild_id=entry.guild, reason=str(closed))
            return None
        # another bot may have a button of the same name
        own = (each for each in newest if each.author == self.client.user)
        return next((MessageId(each.id) for each in own if _has_button(each, wanted)), None)

    async def edit_entry(self, entry: GalleryEntry, job: Job, picture: StoredPicture) -> bool:
        if entry.shown_message is None or entry.shown_channel is None:
            return False
        controls, name = await self.build_controls(entry.guild), build_file_name(job, picture)
        job = self._cover_in_channel(job, entry.shown_channel)
        view = gallery_views.build_gallery_post(controls, entry, job, name)
        card = CardLocation(entry.shown_channel, entry.shown_message)
        return await self.edit_message(entry.guild, card, view)

    def _cover_in_channel(self, job: Job, channel: ChannelId) -> Job:
        """Return a job with a spoiler if the gallery is in a spoiler channel."""
        is_hidden = is_spoiler_channel(self.client, self.client.get_channel(channel))
        return replace(job, order=job.order.cover()) if is_hidden else job

    async def invite_votes(self, guild: GuildId, channel: ChannelId, message: MessageId) -> None:
        if not (await self.get_settings(guild)).gallery_rules.is_counting_votes:
            return
        target = self.get_channel(channel, guild).get_partial_message(message)
        try:
            async with DiscordCall():
                await target.add_reaction(gallery_texts.VOTE_EMOJI)
        except (RouteClosed, Transient) as error:
            log.info("no star", guild_id=guild, reason=str(error))

    async def delete_message(self, channel: ChannelId, message: MessageId) -> None:
        try:
            async with DiscordCall():
                await self.get_channel(channel, None).get_partial_message(message).delete()
        except RouteClosed as closed:
            log.info("message is gone", message_id=message, reason=str(closed))

    async def list_votes(self, channel: ChannelId, message: MessageId) -> set[Vote] | None:
        try:
            async with DiscordCall():
                found = await self.get_channel(channel, None).fetch_message(message)
                # Discord lists ordinary and super reactions apart
                return {
                    Vote(UserId(user.id), message, kind is discord.ReactionType.burst)
                    for star in found.reactions
                    if str(star) == gallery_texts.VOTE_EMOJI
                    for kind in discord.ReactionType
                    async for user in star.users(type=kind)
                    if not user.bot
                }
        except RouteClosed as closed:
            return set() if isinstance(closed.__cause__, discord.NotFound) else None

    async def find_voter(
        self, guild: GuildId, user: UserId, now: datetime, *, with_roles: bool
    ) -> Voter:
        found, roles = self.client.get_guild(guild), list[discord.Role]()
        if with_roles and found is not None:
            try:
                async with DiscordCall():
                    roles = (await found.fetch_member(user)).roles
            except RouteClosed as closed:
                log.info("voter is no member", guild_id=guild, reason=str(closed))
        return Voter(user, tuple(RoleId(each.id) for each in roles), now - snowflake_time(user))

    def is_age_restricted(self, channel: ChannelId) -> bool:
        return find_age_restriction(self.client.get_channel(channel)) is True

    async def post_weekly_best(
        self, guild: GuildId, channel: ChannelId, entries: Sequence[GalleryEntry], nonce: str
    ) -> MessageId:
        _ = (await self.build_controls(guild)).gettext
        view = gallery_views.build_list_card(gallery_texts.format_best_entries(_, entries, _WEEK))
        return await self.post_message(guild, channel, view, nonce=nonce)


def _has_button(message: discord.Message, custom_id: str) -> bool:
    parts = ui.LayoutView.from_message(message, timeout=None).walk_children()
    return any(isinstance(each, ui.Button) and each.custom_id == custom_id for each in parts)
