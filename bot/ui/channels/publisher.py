"""The publisher: shows jobs to members by the reply, the channel or a direct message."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import aiohttp
import discord
import structlog
from discord import ui

from bot.clock import Clock
from bot.domain.content import can_enter_place
from bot.domain.ids import ChannelId, MessageId
from bot.domain.job import Job
from bot.domain.ledger import Usage
from bot.errors import ContentRefused, Transient
from bot.services.ports.channels import RouteClosed
from bot.services.ports.jobs import DeliveryReceipt, DeliveryRoute, QueueStatus, StoredPicture
from bot.ui.channels import access as channel_access
from bot.ui.channels.uploads import open_files
from bot.ui.i18n.translations import get_translations
from bot.ui.views import jobs as job_views
from bot.ui.views.components import Controls
from bot.ui.views.custom_ids import CustomIdCodec
from bot.ui.views.jobs import MAX_FILES, build_file_name
from bot.ui.views.order_summary import build_summary_card

log = structlog.get_logger(__name__)

TOKEN_LIFETIME: Final = timedelta(minutes=14)
"""How long a reply is edited by its token; Discord's tokens expire after 15 minutes."""
_DEADLINE: Final = 60.0
"""Timeout of one message with its files in seconds, with the library's retries."""
_ROUTE_ORDER: Final[Sequence[DeliveryRoute]] = (
    DeliveryRoute.REPLY,
    DeliveryRoute.CHANNEL,
    DeliveryRoute.MESSAGE,
)
_INVALID_TOKEN_CODE: Final = 50027  # "Invalid webhook token", sent with status 401
PictureFiles = Sequence[tuple[str, object]]
"""Paths of files and their names in a message."""
_TRANSIENT_ERRORS: Final = (discord.DiscordServerError, aiohttp.ClientError, OSError, TimeoutError)


class DiscordPublisher:
    """Implement `bot.services.ports.jobs.Publisher` over Discord."""

    def __init__(self, client: discord.Client, codec: CustomIdCodec, clock: Clock) -> None:
        self._client = client
        self._codec = codec
        self._clock = clock
        self._closed_channels = channel_access.ClosedChannels(clock)

    async def show_progress(self, job: Job, status: QueueStatus) -> None:
        controls = self._build_controls(job)
        await self.edit_card(job, job_views.build_progress_card(controls, job, status))

    async def show_summary(self, job: Job, jobs: Sequence[Job]) -> None:
        view = build_summary_card(get_translations(job.order.locale), jobs)
        try:
            reply = self._get_reply_webhook(job)
            async with DiscordCall():
                await reply.edit_message("@original", view=view)  # type: ignore[call-overload] # Discord takes it
        except (RouteClosed, Transient) as error:
            log.info("summary not edited", job_id=job.id, reason=str(error))

    async def show_failure(self, job: Job, error: Exception) -> None:
        """Edit the card to show the failure; if it can't be edited, post to the channel.

        Content refusals are explained only to the member. Raises `Transient` if a retry may help.
        """
        is_withheld = isinstance(error, ContentRefused) and not job.order.private
        failure = job_views.build_failure_card(job, error)
        view = job_views.build_withheld_card(job) if is_withheld else failure
        try:
            await self._edit_reply(job, view, [])
        except RouteClosed:
            if _can_post_to_channel(job):
                await self._post_to_channel(job, view, [])
                await self._delete_card(job)
            elif job.origin.is_personal and not is_withheld:
                await self._send_direct_message(job, view)
        if is_withheld:
            await self._notify_privately(job, failure)

    async def _notify_privately(
        self, job: Job, view: ui.LayoutView, *, allow_direct_message: bool = True
    ) -> None:
        """Send an ephemeral follow-up, else a direct message; log failures, never retry."""
        try:
            try:
                async with DiscordCall():
                    await self._get_reply_webhook(job).send(view=view, ephemeral=True)
            except RouteClosed:
                if not allow_direct_message:
                    raise
                await self._send_direct_message(job, view)
        except (RouteClosed, Transient) as error:
            log.info("member not told", job_id=job.id, reason=str(error))

    async def _send_direct_message(self, job: Job, view: ui.LayoutView) -> None:
        async with DiscordCall():
            direct = await self._client.create_dm(discord.Object(job.origin.user_id))
            await direct.send(view=view, nonce=f"f{job.id}")

    async def deliver_result(
        self, job: Job, pictures: Sequence[StoredPicture], usage: Usage
    ) -> DeliveryReceipt:
        """Edit the card into the result; if it can't be edited, post to the channel.

        If that is closed or the order private, send a direct message. Raises `Transient`.
        """
        shown, closed = pictures[:MAX_FILES], list[RouteClosed]()
        controls = self._build_controls(job)
        names = [build_file_name(job, picture) for picture in shown]
        sources = [(name, picture.path) for picture, name in zip(shown, names, strict=True)]
        routes = _ROUTE_ORDER
        if not await self._can_show_in_place(job):
            # its channel is no longer age-restricted: only its member may see the picture
            routes = (DeliveryRoute.MESSAGE,)
        for route in routes:
            if route is DeliveryRoute.CHANNEL and not _can_post_to_channel(job):
                continue
            late = route is not DeliveryRoute.REPLY
            view = job_views.build_result_card(controls, job, pictures, names, usage, is_late=late)
            try:
                message, channel = await self._send_by_route(route, job, view, sources)
            except RouteClosed as error:
                log.warning("way is closed", job_id=job.id, route=route, reason=str(error))
                closed.append(error)
                continue
            if route is DeliveryRoute.CHANNEL and message != job.reply.message_id:
                await self._delete_card(job)
            elif route is DeliveryRoute.MESSAGE:
                await self._explain_delivery(job, closed, is_direct=True)
            return DeliveryReceipt(route, message, channel)
        await self._explain_delivery(job, closed, is_direct=False)
        return DeliveryReceipt(DeliveryRoute.ON_DISK)

    async def _explain_delivery(
        self, job: Job, closed: Sequence[RouteClosed], *, is_direct: bool
    ) -> None:
        """Edit the waiting card, and tell the member which permission was missing, if one was."""
        direct, none = job_views.build_direct_message_card, job_views.build_undeliverable_card
        await self.edit_card(job, direct(job) if is_direct else none(job))
        describe = channel_access.describe_closed_route
        reasons = [describe(self._client, job, error.code) for error in closed]
        distinct = [reason for reason in dict.fromkeys(reasons) if reason]
        if distinct:
            view = job_views.build_delivery_notice(job, distinct, is_direct=is_direct)
            await self._notify_privately(job, view, allow_direct_message=False)

    async def _send_by_route(
        self, route: DeliveryRoute, job: Job, view: ui.LayoutView, sources: PictureFiles
    ) -> tuple[MessageId, ChannelId | None]:
        """Return the message, and its channel if that is not the job's."""
        if route is DeliveryRoute.REPLY:
            return await self._edit_reply(job, view, sources), None
        if route is DeliveryRoute.CHANNEL:
            return await self._post_to_channel(job, view, sources), None
        async with DiscordCall():
            direct = await self._client.create_dm(discord.Object(job.origin.user_id))
        message = await self._post_message(direct, job, view, sources)
        return message, ChannelId(direct.id)

    async def _can_show_in_place(self, job: Job) -> bool:
        """Return whether a job's channel may show its picture to everybody now."""
        if job.order.private or job.origin.is_personal or not job.order.age_restricted:
            return True
        found = await channel_access.find_channel(self._client, job.origin.channel_id)
        return can_enter_place(
            age_restricted=job.order.age_restricted,
            place=channel_access.find_age_restriction(found),
            is_own_place=True,
        )

    async def _delete_card(self, job: Job) -> None:
        """Delete a card that a message in the channel replaces; log failures."""
        if job.reply.message_id is None:
            return
        try:
            async with DiscordCall():
                await self._get_channel(job).get_partial_message(job.reply.message_id).delete()
        except (RouteClosed, Transient) as error:
            log.info("card not deleted", job_id=job.id, reason=str(error))

    def _build_controls(self, job: Job) -> Controls:
        return Controls(get_translations(job.order.locale), self._codec)

    async def edit_card(self, job: Job, view: ui.LayoutView) -> None:
        """Edit the job's card, if its reply can still be edited; log failures."""
        try:
            await self._edit_reply(job, view, [])
        except (RouteClosed, Transient) as error:
            log.info("card not edited", job_id=job.id, reason=str(error))

    async def _edit_reply(self, job: Job, view: ui.LayoutView, sources: PictureFiles) -> MessageId:
        """Edit the job's card; raise `RouteClosed` or `Transient`."""
        if job.part and job.reply.message_id is None:
            raise RouteClosed("the interaction's reply is the summary of several jobs")
        reply = self._get_reply_webhook(job)
        async with DiscordCall():
            message = await reply.edit_message(
                job.reply.message_id or "@original",  # type: ignore[arg-type] # Discord takes both
                view=view,
                attachments=await open_files(sources),
                allowed_mentions=discord.AllowedMentions.none(),
            )
        return MessageId(message.id)

    def _get_reply_webhook(self, job: Job) -> discord.Webhook:
        """Return the webhook of the interaction's reply; raise `RouteClosed` after its lifetime."""
        token, application = job.reply.token, self._client.application_id
        if token is None or application is None:
            raise RouteClosed("no token")
        if self._clock.now() - job.created_at >= TOKEN_LIFETIME:
            raise RouteClosed("token too old")
        reply = discord.Webhook.partial(application, token, client=self._client)
        # discord.py allows `ephemeral` only for this type, which a partial webhook lacks
        reply.type = discord.WebhookType.application
        return reply

    async def _post_to_channel(
        self, job: Job, view: ui.LayoutView, sources: PictureFiles
    ) -> MessageId:
        """Post to the channel, once: the nonce makes Discord return the first message again."""
        channel = self._get_channel(job)
        shown = await self._find_posted_result(channel, job)
        if shown is not None:
            return shown
        if self._closed_channels.is_closed(job.origin.channel_id):
            raise RouteClosed("the channel was closed a short while ago")
        try:
            return await self._post_message(channel, job, view, sources)
        except RouteClosed:
            self._closed_channels.mark_closed(job.origin.channel_id)
            raise

    def _get_channel(self, job: Job) -> discord.PartialMessageable:
        channel, guild = job.origin.channel_id, job.origin.guild_id
        return self._client.get_partial_messageable(channel, guild_id=guild)

    async def _post_message(
        self, channel: discord.abc.Messageable, job: Job, view: ui.LayoutView, sources: PictureFiles
    ) -> MessageId:
        # mention the member, who may not be watching the channel any more
        member = discord.Object(job.origin.user_id)
        mentioned = discord.AllowedMentions(everyone=False, roles=False, users=[member])
        async with DiscordCall():
            message = await channel.send(
                view=view, files=await open_files(sources), nonce=job.id, allowed_mentions=mentioned
            )
        return MessageId(message.id)

    async def _find_posted_result(
        self, channel: discord.PartialMessageable, job: Job
    ) -> MessageId | None:
        """Return the card's message if it shows the result already.

        That is so after a crash between Discord's answer and its record, with an expired token.
        """
        if job.reply.message_id is None:
            return None
        try:
            async with DiscordCall():
                message = await channel.fetch_message(job.reply.message_id)
        except RouteClosed:
            return None
        shows = f"expanded-{job.id}-" in str([part.to_dict() for part in message.components])
        return job.reply.message_id if shows else None


class DiscordCall:
    """Run one call to Discord with a timeout; raise `RouteClosed` or `Transient`."""

    def __init__(self) -> None:
        self._timeout = asyncio.timeout(_DEADLINE)

    async def __aenter__(self) -> None:
        await self._timeout.__aenter__()

    async def __aexit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        # first: it turns its own cancellation into `TimeoutError`, and lets others pass
        try:
            await self._timeout.__aexit__(type(error) if error else None, error, None)
        except TimeoutError as late:
            raise Transient("discord did not answer in time") from late
        match error:
            case discord.NotFound() | discord.Forbidden():
                raise RouteClosed(str(error), error.code) from error
            case discord.HTTPException(code=code) if code == _INVALID_TOKEN_CODE:
                raise RouteClosed("token is dead") from error
            case _ if isinstance(error, _TRANSIENT_ERRORS) or getattr(error, "status", None) == 429:
                raise Transient(f"discord: {error}") from error
            case discord.HTTPException(code=code):
                raise RouteClosed(str(error), code) from error


def _can_post_to_channel(job: Job) -> bool:
    """Return whether a job's result is public and from a guild that the bot is in."""
    return not (job.order.private or job.origin.is_personal)
