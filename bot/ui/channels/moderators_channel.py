"""A guild's moderators on Discord: case cards, log channel, notices to members."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import discord
import structlog

from bot.domain.ids import ChannelId, GuildId, MessageId
from bot.domain.job import Job
from bot.domain.ledger import Usage
from bot.domain.moderation import CardLocation, CaseStage, ModerationAction, SettingChange
from bot.errors import Transient
from bot.services.ports.channels import ModerationCase, RouteClosed
from bot.services.ports.jobs import StoredPicture
from bot.ui.channels.archived_threads import edit_in_thread
from bot.ui.channels.guild_channel import NO_MENTIONS, GuildChannel
from bot.ui.channels.publisher import DiscordCall, DiscordPublisher
from bot.ui.i18n.formatting import format_timestamp
from bot.ui.i18n.translations import get_translations
from bot.ui.texts import moderation as moderation_texts
from bot.ui.views import jobs as job_views
from bot.ui.views import moderation as moderation_views
from bot.ui.views.base import CardView, build_note
from bot.ui.views.components import Controls
from bot.ui.views.jobs import MAX_FILES, build_file_name

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class DiscordModeratorsChannel(GuildChannel):
    """Implement `bot.services.ports.channels.ModeratorsChannel`."""

    publisher: DiscordPublisher

    async def post_case(self, channel: ChannelId, case: ModerationCase, nonce: str) -> MessageId:
        guild = case.job.origin.guild_id
        view = await self._build_case_card(case)
        files = moderation_views.list_case_files(case)
        return await self.post_message(guild, channel, view, files, nonce=nonce)

    async def edit_case(self, card: CardLocation, case: ModerationCase) -> None:
        guild = case.job.origin.guild_id
        view = await self._build_case_card(case)
        await self.edit_message(guild, card, view, clear_files=case.stage is CaseStage.SETTLED)

    async def _build_case_card(self, case: ModerationCase) -> CardView:
        controls = await self.build_controls(case.job.origin.guild_id)
        return moderation_views.build_case_card(controls, case)

    async def show_awaiting_approval(self, job: Job) -> None:
        _ = get_translations(job.order.locale)
        text = moderation_texts.awaiting_approval_text(_, job)
        await self.publisher.edit_card(job, build_note(text))

    async def show_cancellation(self, job: Job) -> None:
        await self.publisher.edit_card(job, job_views.build_cancelled_card(job))

    async def notify_declined(self, job: Job) -> None:
        _ = get_translations(job.order.locale)
        view = build_note(moderation_texts.describe_declined_result(_, job))
        if job.reply.message_id is not None and not job.order.private:
            shown = CardLocation(job.origin.channel_id, job.reply.message_id)
            await self.edit_message(job.origin.guild_id, shown, view, clear_files=True)
        try:
            async with DiscordCall():
                direct = await self.client.create_dm(discord.Object(job.origin.user_id))
                await direct.send(view=view, nonce=f"d{job.id}", allowed_mentions=NO_MENTIONS)
        except RouteClosed as closed:
            log.info("member not told", job_id=job.id, reason=str(closed))

    async def delete_message(self, job: Job, message: MessageId) -> bool:
        if job.order.private:
            return False
        channel = self.get_channel(job.origin.channel_id, job.origin.guild_id)
        try:
            async with DiscordCall():
                await channel.get_partial_message(message).delete()
        except RouteClosed as closed:
            log.info("message not deleted", job_id=job.id, reason=str(closed))
            # 404 is as good as deleted
            return isinstance(closed.__cause__, discord.NotFound)
        return True

    async def apply_spoiler(
        self, job: Job, pictures: Sequence[StoredPicture], usage: Usage
    ) -> bool:
        shown = pictures[:MAX_FILES]
        names = [build_file_name(job, picture) for picture in shown]
        own = Controls(get_translations(job.order.locale), self.codec)
        channel, number = job.origin.channel_id, job.reply.message_id
        if number is None or job.order.private:
            return True
        view = job_views.build_result_card(own, job, shown, names, usage)
        message = self.get_channel(channel, job.origin.guild_id).get_partial_message(number)
        try:
            async with DiscordCall():
                await edit_in_thread(self.client, message, view)
        except RouteClosed as closed:
            # a message that cannot be covered is deleted
            log.info("message not covered", job_id=job.id, reason=str(closed))
            return await self.delete_message(job, number)
        return True

    async def post_log_entry(
        self, guild: GuildId, channel: ChannelId, event: ModerationAction | SettingChange
    ) -> None:
        _ = (await self.build_controls(guild)).gettext
        entry = moderation_texts.describe_log_entry(_, event)
        try:
            view = build_note(f"{format_timestamp(event.at, 'f')} {entry}")
            await self.post_message(guild, channel, view)
        except (RouteClosed, Transient) as error:
            log.warning("log channel not told", guild_id=guild, reason=str(error))
