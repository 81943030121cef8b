"""A guild's gallery channel over Discord: posts, votes, and what the channel is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import discord
import structlog

from bot.domain.gallery import Entry
from bot.domain.guild import GuildSettings
from bot.domain.ids import ChannelId, GuildId, MessageId, UserId
from bot.domain.job import Job
from bot.errors import Transient
from bot.services.board import BoardClosed
from bot.services.ports import Picture
from bot.ui import cards_gallery
from bot.ui import wording_gallery as words
from bot.ui.buttons import Controls
from bot.ui.cards_job import file_name
from bot.ui.publisher import Attempt, WayClosed
from bot.ui.seal import Seal
from bot.ui.speech import speech

log = structlog.get_logger(__name__)

_WEEK = 7
Settings = Callable[[GuildId], Awaitable[GuildSettings]]


class DiscordBoard:
    """Implement `bot.services.board.Board`."""

    def __init__(self, client: discord.Client, seal: Seal, settings: Settings) -> None:
        self._client = client
        self._seal = seal
        self._settings = settings

    async def show(self, entry: Entry, job: Job, picture: Picture) -> MessageId:
        name = file_name(job, picture)
        controls = Controls(speech(await self._language(entry.guild)), self._seal)
        view = cards_gallery.post(controls, entry, job, name)
        channel = self._channel(entry.guild, entry.shown_channel)
        try:
            async with Attempt():
                message = await channel.send(
                    view=view,
                    file=discord.File(picture.path, filename=name),
                    nonce=f"g{entry.id}",
                    allowed_mentions=discord.AllowedMentions.none(),
                )
        except WayClosed as closed:
            raise BoardClosed(str(closed)) from closed
        await self.invite_votes(entry.guild, ChannelId(channel.id), MessageId(message.id))
        return MessageId(message.id)

    async def refresh(self, entry: Entry, job: Job, picture: Picture) -> None:
        if entry.shown_message is None:
            return
        controls = Controls(speech(await self._language(entry.guild)), self._seal)
        view = cards_gallery.post(controls, entry, job, file_name(job, picture))
        channel = self._channel(entry.guild, entry.shown_channel)
        try:
            async with Attempt():
                await channel.get_partial_message(entry.shown_message).edit(view=view)
        except WayClosed as closed:
            log.info("gallery post not edited", job_id=job.id, reason=str(closed))

    async def invite_votes(self, guild: GuildId, channel: ChannelId, message: MessageId) -> None:
        """Put the star under a message where votes count, so that one press is enough."""
        if not (await self._settings(guild)).gallery.counts_votes:
            return
        target = self._channel(guild, channel).get_partial_message(message)
        try:
            async with Attempt():
                await target.add_reaction(words.STAR)
        except (WayClosed, Transient) as error:
            log.info("no star", guild_id=guild, reason=str(error))

    async def take_down(self, channel: ChannelId, message: MessageId) -> None:
        try:
            async with Attempt():
                await self._channel(None, channel).get_partial_message(message).delete()
        except WayClosed as closed:
            log.info("message is gone", message_id=message, reason=str(closed))

    async def voters(self, channel: ChannelId, message: MessageId) -> set[UserId] | None:
        try:
            async with Attempt():
                found = await self._channel(None, channel).fetch_message(message)
                star = next((each for each in found.reactions if str(each) == words.STAR), None)
                if star is None:
                    return set()
                return {UserId(user.id) async for user in star.users() if not user.bot}
        except WayClosed:
            return None

    async def is_age_restricted(self, channel: ChannelId) -> bool:
        found = self._client.get_channel(channel)
        if isinstance(found, discord.Thread):
            found = found.parent
        return bool(getattr(found, "nsfw", False))

    async def announce(
        self, guild: GuildId, channel: ChannelId, entries: Sequence[Entry], nonce: str
    ) -> MessageId:
        say = speech(await self._language(guild))
        view = cards_gallery.listed(words.best(say, entries, _WEEK))
        try:
            async with Attempt():
                message = await self._channel(guild, channel).send(
                    view=view, nonce=nonce, allowed_mentions=discord.AllowedMentions.none()
                )
        except WayClosed as closed:
            raise BoardClosed(str(closed)) from closed
        return MessageId(message.id)

    async def _language(self, guild: GuildId) -> str:
        """Return what everybody reads there: what was settled, else the guild's own locale."""
        settled = (await self._settings(guild)).language
        found = self._client.get_guild(guild)
        return settled or (str(found.preferred_locale) if found else "en")

    def _channel(
        self, guild: GuildId | None, channel: ChannelId | None
    ) -> discord.PartialMessageable:
        if channel is None:
            raise BoardClosed("no channel")
        return self._client.get_partial_messageable(channel, guild_id=guild)
