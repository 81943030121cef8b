"""A guild's moderators over Discord: their channel, their log, and what members are told."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import discord
import structlog
from discord import ui

from bot.domain.gallery import Entry
from bot.domain.ids import ChannelId, GuildId, MessageId
from bot.domain.job import Job
from bot.domain.moderation import Act, Card, GuildChange, Stage
from bot.domain.usage import Usage
from bot.errors import Transient
from bot.services.ports import Picture
from bot.services.quarters import Case, QuartersClosed
from bot.ui import cards_gallery, cards_job, cards_moderation
from bot.ui import wording_moderation as words
from bot.ui.audience import SettingsOf, speech_of
from bot.ui.buttons import Controls
from bot.ui.cards import note
from bot.ui.cards_job import MAX_FILES, file_name
from bot.ui.publisher import Attempt, DiscordPublisher, WayClosed
from bot.ui.seal import Seal
from bot.ui.speech import speech
from bot.ui.wording import stamp

log = structlog.get_logger(__name__)

_SILENT = discord.AllowedMentions.none()


class DiscordQuarters:
    """Implement `bot.services.quarters.Quarters`."""

    def __init__(
        self,
        client: discord.Client,
        seal: Seal,
        publisher: DiscordPublisher,
        settings_of: SettingsOf,
    ) -> None:
        self._client = client
        self._seal = seal
        self._publisher = publisher
        self._settings_of = settings_of

    async def show(self, channel: ChannelId, case: Case, nonce: str) -> MessageId:
        guild = case.job.origin.guild_id
        view = cards_moderation.case(await self._controls(guild), case)
        try:
            async with Attempt():
                message = await self._channel(channel, guild).send(
                    view=view,
                    files=[file_of(*named) for named in cards_moderation.files(case)],
                    nonce=nonce,
                    allowed_mentions=_SILENT,
                )
        except WayClosed as closed:
            raise QuartersClosed(str(closed)) from closed
        return MessageId(message.id)

    async def refresh(self, card: Card, case: Case) -> None:
        guild = case.job.origin.guild_id
        view = cards_moderation.case(await self._controls(guild), case)
        await self._edit(guild, card, view, clear=case.stage is Stage.SETTLED)

    async def waits(self, job: Job) -> None:
        await self._publisher.note(job, note(words.waits(speech(job.order.locale), job)))

    async def cancelled(self, job: Job) -> None:
        await self._publisher.note(job, cards_job.cancelled(job))

    async def declined(self, job: Job) -> None:
        view = note(words.declined(speech(job.order.locale), job))
        if job.reply.message_id is not None and not job.order.private:
            shown = Card(job.origin.channel_id, job.reply.message_id)
            await self._edit(job.origin.guild_id, shown, view, clear=True)
        try:
            async with Attempt():
                direct = await self._client.create_dm(discord.Object(job.origin.user_id))
                await direct.send(view=view, nonce=f"d{job.id}", allowed_mentions=_SILENT)
        except WayClosed as closed:
            log.info("member not told", job_id=job.id, reason=str(closed))

    async def take_down(self, job: Job, message: MessageId) -> bool:
        if job.order.private:
            return False
        channel = self._channel(job.origin.channel_id, job.origin.guild_id)
        try:
            async with Attempt():
                await channel.get_partial_message(message).delete()
        except WayClosed as closed:
            log.info("message not deleted", job_id=job.id, reason=str(closed))
            return isinstance(closed.__cause__, discord.NotFound)
        return True

    async def cover(
        self, job: Job, pictures: Sequence[Picture], usage: Usage, entry: Entry | None
    ) -> None:
        shown = pictures[:MAX_FILES]
        names = [file_name(job, picture) for picture in shown]
        own = Controls(speech(job.order.locale), self._seal)
        guild, message = job.origin.guild_id, job.reply.message_id
        if message is not None and not job.order.private:
            view = cards_job.finished(own, job, shown, names, usage)
            await self._edit(guild, Card(job.origin.channel_id, message), view)
        if entry is None or entry.shown_channel is None or entry.shown_message is None:
            return
        chosen = next((each for each in shown if each.result.ordinal == entry.ordinal), None)
        if chosen is not None:
            view = cards_gallery.post(
                await self._controls(guild), entry, job, file_name(job, chosen)
            )
            await self._edit(guild, Card(entry.shown_channel, entry.shown_message), view)

    async def tell(self, guild: GuildId, channel: ChannelId, told: Act | GuildChange) -> None:
        say = (await self._controls(guild)).say
        view = note(f"{stamp(told.at, 'f')} {words.told(say, told)}")
        try:
            async with Attempt():
                await self._channel(channel, guild).send(view=view, allowed_mentions=_SILENT)
        except (WayClosed, Transient) as error:
            log.warning("log channel not told", guild_id=guild, reason=str(error))

    async def _edit(
        self, guild: GuildId, card: Card, view: ui.LayoutView, *, clear: bool = False
    ) -> None:
        """Edit a message of ours; one that is gone is left alone."""
        message = self._channel(card.channel, guild).get_partial_message(card.message)
        try:
            async with Attempt():
                if clear:
                    await message.edit(view=view, attachments=[], allowed_mentions=_SILENT)
                else:
                    await message.edit(view=view, allowed_mentions=_SILENT)
        except WayClosed as closed:
            log.info("card not edited", message_id=card.message, reason=str(closed))

    async def _controls(self, guild: GuildId) -> Controls:
        say = await speech_of(self._client, self._settings_of, guild)
        return Controls(say, self._seal)

    def _channel(self, channel: ChannelId, guild: GuildId) -> discord.PartialMessageable:
        return self._client.get_partial_messageable(channel, guild_id=guild)


def file_of(name: str, content: object) -> discord.File:
    """Return a file of a card from its bytes or its path."""
    if isinstance(content, bytes):
        return discord.File(io.BytesIO(content), filename=name)
    return discord.File(Path(str(content)), filename=name)
