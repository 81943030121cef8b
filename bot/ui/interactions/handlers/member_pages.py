"""Handlers of the history and privacy pages."""

from __future__ import annotations

import asyncio
import contextlib
import io
from dataclasses import replace
from typing import Final

import aiohttp
import discord

from bot.domain.ids import ChannelId, JobId, MessageId
from bot.errors import ComponentRefused
from bot.ui.actions import Action
from bot.ui.channels.uploads import open_files
from bot.ui.interactions.handlers.ownership import get_chosen_job, get_ordered_job
from bot.ui.interactions.router import ComponentEvent, Handler
from bot.ui.texts import job_details as job_detail_texts
from bot.ui.texts import member_pages as page_texts
from bot.ui.views import jobs as job_views
from bot.ui.views import member_pages as page_views
from bot.ui.views.jobs import MAX_FILES, build_file_name
from bot.ui.views.payloads import SharingPayload

EXPORT_FILE: Final = "expanse-my-data.zip"
_DELETION_SECONDS: Final = 20.0
"""How long a member waits while messages are deleted; Discord allows about one per second."""
_DIRECT_SECONDS: Final = 5.0


async def show_history_page(event: ComponentEvent, number: int) -> None:
    origin = event.origin
    page = await event.services.history.get_page(origin.guild_id, origin.user_id, number)
    view = page_views.build_history_card(event.controls, page)
    await event.interaction.response.edit_message(view=view)


async def open_order(event: ComponentEvent, _: None) -> None:
    """Show one of the member's orders; with details if its files are still stored."""
    job = await get_chosen_job(event)
    try:
        shown = await event.services.pictures.select_picture(job.id, event.origin)
    except ComponentRefused:
        text, has_pictures = job_detail_texts.format_history_line(event.gettext, job), False
    else:
        found = await event.services.details.get_details(shown)
        text, has_pictures = job_detail_texts.format_details(event.gettext, found), True
    view = page_views.build_order_card(event.controls, text, job.id, has_pictures=has_pictures)
    await event.interaction.edit_original_response(view=view)


async def resend_pictures(event: ComponentEvent, job_id: JobId) -> None:
    """Send an order's pictures again in private, ten per message."""
    origin = event.origin
    await get_ordered_job(event, job_id)
    shown = await event.services.pictures.select_picture(job_id, origin)
    covered = await event.services.exposure.check_view(shown.job, origin)
    now = event.services.clock.now()
    usage = await event.services.quotas.get_daily_usage(origin.guild_id, origin.user_id, now)
    for at in range(0, len(shown.pictures), MAX_FILES):
        pictures = shown.pictures[at : at + MAX_FILES]
        # otherwise the card would report the pictures of other messages as missing
        job = replace(covered, order=replace(covered.order, results=len(pictures)))
        names = [build_file_name(job, picture) for picture in pictures]
        view = job_views.build_result_card(event.controls, job, pictures, names, usage)
        files = await open_files(zip(names, (picture.path for picture in pictures), strict=True))
        sent = await event.interaction.followup.send(
            view=view, files=files, ephemeral=True, wait=True
        )
        await event.services.shared_messages.record_message(origin, MessageId(sent.id), [job_id])


async def export_data(event: ComponentEvent, _: None) -> None:
    data, most = io.BytesIO(), event.file_limit
    left_out = await event.services.exports.write_archive(event.origin.user_id, data, most)
    data.seek(0)
    view = page_views.build_file_card(
        page_texts.describe_export(event.gettext, left_out), EXPORT_FILE
    )
    file = discord.File(data, EXPORT_FILE)
    await event.interaction.edit_original_response(view=view, attachments=[file])


async def ask_erase(event: ComponentEvent, _: None) -> None:
    question = event.gettext(page_texts.ERASE_QUESTION)
    view = job_views.build_confirmation_card(event.controls, question, Action.ERASE_CONFIRM)
    await event.interaction.response.send_message(view=view, ephemeral=True)


async def erase_data(event: ComponentEvent, _: None) -> None:
    """Erase the member's data, and delete the messages that show it for at most 20 s."""
    services, user = event.services, event.origin.user_id
    direct = await _find_direct_channel(event)
    report = await services.erasure.erase_member(user, direct)
    with contextlib.suppress(TimeoutError):  # the rest is deleted in the background
        async with asyncio.timeout(_DELETION_SECONDS):
            await services.shared_messages.apply_changes(report.shown)
            await services.gallery.finish_moves()
            for job in report.withdrawn:
                await services.moderation.reports.refresh_cards(job)
    remaining = await services.erasure.list_remaining(user)
    await event.show_note(page_texts.describe_erasure(event.gettext, report, remaining))


async def _find_direct_channel(event: ComponentEvent) -> ChannelId | None:
    """Return the channel of the bot's direct messages with the member, None if there is none."""
    try:
        async with asyncio.timeout(_DIRECT_SECONDS):
            direct = await event.interaction.client.create_dm(discord.Object(event.origin.user_id))
    except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError):
        return None
    return ChannelId(direct.id)


async def set_sharing(event: ComponentEvent, payload: SharingPayload) -> None:
    """Set whether others may expand the member's pictures."""
    days, shares = event.services.retention_days, payload.is_allowed
    await event.services.privacy.set_sharing(event.origin.user_id, is_allowed=shares)
    view = page_views.build_privacy_card(event.controls, days=days, shares=shares)
    await event.interaction.response.edit_message(view=view)


HANDLERS: Final[dict[Action, Handler]] = {
    Action.PAGE: show_history_page,
    Action.OPEN: open_order,
    Action.RESEND: resend_pictures,
    Action.EXPORT: export_data,
    Action.ERASE: ask_erase,
    Action.ERASE_CONFIRM: erase_data,
    Action.SET_SHARING: set_sharing,
}
