"""The More menu of a result: parent, lossless file, spoiler, delete, film, comparison."""

from __future__ import annotations

import io
from typing import Any, Final

import discord
import structlog

from bot.domain.ids import DraftId, JobId, MessageId
from bot.domain.job import Job
from bot.domain.moderation import ActionKind
from bot.domain.order import PictureRef
from bot.errors import ComponentReason, ComponentRefused, Transient
from bot.services.orders.drafts import MadeFile
from bot.services.pictures.library import SelectedPicture
from bot.services.ports.channels import RouteClosed
from bot.ui.actions import Action
from bot.ui.channels.archived_threads import edit_in_thread
from bot.ui.channels.publisher import DiscordCall
from bot.ui.channels.spoiler_channels import is_from_spoiler_channel
from bot.ui.i18n.formatting import escape_text
from bot.ui.interactions.free_work import SHARED_FILE, take_turn
from bot.ui.interactions.guards import (
    get_known_picture,
    get_own_job,
    get_reachable_picture,
    get_visible_picture,
)
from bot.ui.interactions.moderator_access import can_decide_case, can_uncover
from bot.ui.interactions.responses import Interaction
from bot.ui.interactions.router import ComponentEvent, Handler
from bot.ui.interactions.sharing import check_sharing, show_to_everybody
from bot.ui.texts import jobs as job_texts
from bot.ui.texts import member_pages as page_texts
from bot.ui.views import jobs as job_views
from bot.ui.views import member_pages as page_views
from bot.ui.views.components import Row
from bot.ui.views.jobs import MAX_FILES, build_file_name
from bot.ui.views.payloads import FilmPayload, SpoilerPayload

log = structlog.get_logger(__name__)


async def open_more_menu(event: ComponentEvent, ref: PictureRef) -> None:
    shown = await get_known_picture(event, ref)
    parent = await event.services.pictures.find_parent(shown.job)
    view = job_views.build_more_menu(
        event.controls,
        ref,
        shown.job,
        has_parent=parent is not None,
        can_manage=event.can_manage(shown.job),
        is_author=event.is_author(shown.job),
    )
    await event.interaction.response.send_message(view=view, ephemeral=True)


async def open_parent(event: ComponentEvent, ref: PictureRef) -> None:
    """Show the picture that this one was expanded from."""
    shown = await get_reachable_picture(event, ref)
    parent = await event.services.pictures.find_parent(shown.job)
    if parent is None:
        raise ComponentRefused(ComponentReason.GONE)
    before = await get_visible_picture(event, parent)
    view = job_views.build_parent_card(event.controls, parent, before.job)
    await event.interaction.response.send_message(view=view, ephemeral=True)


async def send_lossless_file(event: ComponentEvent, ref: PictureRef) -> None:
    shown = await get_visible_picture(event, ref)
    data, job = await event.services.masters.read_master(shown.ref)
    if len(data) > event.file_limit:
        await event.show_note(event.gettext(page_texts.FILE_TOO_LARGE))
        return
    name = f"expanded-{job.id}-{shown.ordinal + 1}-lossless.png"
    caption, hidden = event.gettext(page_texts.LOSSLESS_CAPTION), shown.job.order.attachment.spoiler
    view = page_views.build_file_card(caption, name, spoiler=hidden)
    await _edit_response(event.interaction, view, data, name)


async def set_spoiler(event: ComponentEvent, payload: SpoilerPayload) -> None:
    """Add or remove the spoiler of a result, in its message and in the gallery."""
    shown = await get_known_picture(event, payload.picture)
    if not event.can_manage(shown.job):
        raise ComponentRefused(ComponentReason.NOT_YOURS)
    if shown.job.origin.is_personal:
        # without membership the bot cannot edit the message, so no card has this button
        raise ComponentRefused(ComponentReason.FORGED)
    hidden = payload.hidden
    if not hidden and await is_from_spoiler_channel(event.interaction.client, shown.job):
        raise ComponentRefused(ComponentReason.SPOILER_CHANNEL)
    # the author can't take off a moderator's spoiler, or that of another member's picture
    was_covered = await event.services.moderation.cases.keeps_spoiler(shown.job)
    if was_covered and not await can_uncover(event.interaction, event.services, shown.job):
        raise ComponentRefused(ComponentReason.COVERED)
    await event.interaction.response.defer()
    job = await event.services.history.set_spoiler(shown.job, spoiler=hidden)
    if was_covered or not event.is_author(job):
        kind = ActionKind.SPOILER if hidden else ActionKind.UNCOVER
        await _record_action(event, job, kind)
    names = [build_file_name(job, picture) for picture in shown.pictures[:MAX_FILES]]
    origin, now = job.origin, event.services.clock.now()
    usage = await event.services.quotas.get_daily_usage(origin.guild_id, origin.user_id, now)
    controls = event.services.build_controls(job.order.locale)
    view = job_views.build_result_card(controls, job, shown.pictures, names, usage)
    if hidden:
        await event.services.copies.plan_cover(job)
    await _show_spoiler(event, job, view)
    await event.services.copies.cover_copies(job)
    if hidden:
        await event.services.moderation.spoilers.cover_descendants(origin.guild_id, job.id)
    again = job_views.build_more_menu(
        event.controls,
        shown.ref,
        job,
        has_parent=job.order.parent is not None,
        can_manage=True,
        is_author=event.is_author(job),
    )
    await event.interaction.edit_original_response(view=again)


async def _record_action(event: ComponentEvent, job: Job, kind: ActionKind) -> None:
    """Record a moderator's act; it closes a case only if the moderator may decide cases."""
    settles = await can_decide_case(event.interaction, event.services, job)
    spoilers, actor = event.services.moderation.spoilers, event.origin.user_id
    await spoilers.record_action(job, kind, actor, settles=settles)


async def _show_spoiler(event: ComponentEvent, job: Job, view: discord.ui.LayoutView) -> None:
    """Edit a result's message; delete it if it cannot be covered."""
    message, is_covered = _get_message(event.interaction, job), job.order.attachment.spoiler
    try:
        async with DiscordCall():
            await edit_in_thread(event.interaction.client, message, view)
    except RouteClosed as closed:
        if isinstance(closed.__cause__, discord.NotFound):
            return  # a result that came as a direct message is covered with its copies
        if is_covered:
            await _delete_message(event.interaction, job)
            return
        await event.services.history.set_spoiler(job, spoiler=True)
        raise ComponentRefused(ComponentReason.NOT_HERE) from closed
    except Transient as error:
        if not is_covered:
            await event.services.history.set_spoiler(job, spoiler=True)
            raise
        # it is covered with its copies, now or later
        log.info("result not covered yet", job_id=job.id, detail=error.detail)
        return
    await event.services.copies.drop_cover(MessageId(message.id))


async def ask_delete(event: ComponentEvent, ref: PictureRef) -> None:
    await _own_ended_job(event, ref.job_id)
    question, confirm = event.gettext(page_texts.DELETE_QUESTION), Action.DELETE_CONFIRM
    view = job_views.build_confirmation_card(event.controls, question, confirm, ref)
    await event.interaction.response.send_message(view=view, ephemeral=True)


async def delete_result(event: ComponentEvent, ref: PictureRef) -> None:
    """Delete a result's message and files; its ledger entries stay."""
    job = await _own_ended_job(event, ref.job_id)
    await event.interaction.response.defer()
    gone = await _delete_message(event.interaction, job)
    by_author = event.is_author(job)
    # who may not see a case does not take its pictures from those who decide it
    decides = not by_author and await can_decide_case(event.interaction, event.services, job)
    await event.services.history.remove_files(job.id, "moderator" if decides else "member")
    actor = event.origin.user_id
    gone = await event.services.copies.remove_copies(job.origin.guild_id, job.id, actor) and gone
    if not by_author:
        await _record_action(event, job, ActionKind.DELETE)
    text = page_texts.RESULT_DELETED if gone else page_texts.FILES_DELETED
    await event.show_note(event.gettext(text))


async def send_comparison(event: ComponentEvent, ref: PictureRef) -> None:
    """Show before and after as an animated wipe."""
    shown = await get_visible_picture(event, ref)
    movie = await event.services.pictures.render_wipe(shown, event.file_limit)
    name = f"compared-{shown.job.id}-{shown.ordinal + 1}.{movie.format}"
    beside = event.controls.build_button(Action.SIDE_BY_SIDE, shown.ref)
    await _send_before_after(event, shown, movie.data, name, beside)


async def send_side_by_side(event: ComponentEvent, ref: PictureRef) -> None:
    """Show before and after side by side."""
    shown = await get_visible_picture(event, ref)
    drawn = await event.services.pictures.render_pair(shown, event.file_limit)
    name = f"pair-{shown.job.id}-{shown.ordinal + 1}.jpg"
    await _send_before_after(event, shown, drawn.data, name)


async def _send_before_after(
    event: ComponentEvent,
    selected: SelectedPicture,
    data: bytes,
    name: str,
    *buttons: discord.ui.Button[Any],
) -> None:
    """Show a comparison, behind a spoiler if the result has one."""
    title, job = event.gettext(page_texts.COMPARISON_TITLE), selected.job
    alt = f"{title}: {job_texts.result_alt_text(event.gettext, job)}"
    made = MadeFile(name, alt, job.order.attachment.spoiler, selected.ref, (job.id,))
    await send_private_file(event, title, data, made, *buttons)


async def send_film(event: ComponentEvent, payload: FilmPayload) -> None:
    """Show a zoom-out film over a picture's whole chain."""
    shown = await get_visible_picture(event, payload.picture)
    fmt, pictures, limit = payload.format, event.services.pictures, event.file_limit
    chain = await pictures.list_chain(shown, event.origin)
    seen = [await event.services.exposure.check_view(each.job, event.origin) for each in chain]
    hidden = any(job.order.attachment.spoiler for job in seen)
    movie, number = await pictures.render_film(shown, fmt, limit)
    name = f"film-{shown.job.id}-{shown.ordinal + 1}.{movie.format}"
    alt = event.gettext(page_texts.FILM_ALT, pictures=number)
    made = MadeFile(name, alt, hidden, shown.ref, tuple(job.id for job in seen))
    others = [other for other in pictures.film_formats if other is not fmt]
    buttons = page_views.build_film_buttons(event.controls, shown.ref, others)
    title = event.gettext(page_texts.FILM_TITLE)
    await send_private_file(event, title, movie.data, made, *buttons)


async def share_file(event: ComponentEvent, draft: DraftId) -> None:
    """Post a generated file in public, once."""
    made = await event.services.drafts.load_file(event.origin, draft)
    if not made.jobs:
        # earlier versions did not record which jobs the file shows
        raise ComponentRefused(ComponentReason.EXPIRED)
    name = escape_text(event.interaction.user.display_name)
    title = page_texts.shared_by_line(event.gettext, name)

    async def build_message(*, spoiler: bool) -> tuple[discord.ui.LayoutView, discord.File]:
        _, data = await event.services.drafts.use_file(event.origin, draft)
        hidden = made.spoiler or spoiler
        view = page_views.build_media_card(title, made.alt, made.name, spoiler=hidden)
        return view, discord.File(io.BytesIO(data), made.name)

    # before the answer is deferred in public, so that a refusal stays private
    await check_sharing(event.interaction, event.services, made.jobs)
    async with take_turn(event.interaction, event.services, SHARED_FILE):
        await show_to_everybody(event.interaction, event.services, made.jobs, build_message)


async def send_private_file(
    event: ComponentEvent, title: str, data: bytes, made: MadeFile, *buttons: discord.ui.Button[Any]
) -> None:
    """Show a generated file in private, with a button to share it."""
    draft = await event.services.drafts.save_file(event.origin, data, made)
    row = Row(event.controls.build_button(Action.SHARE, draft), *buttons)
    view = page_views.build_media_card(title, made.alt, made.name, spoiler=made.spoiler, row=row)
    await _edit_response(event.interaction, view, data, made.name)


async def _edit_response(
    interaction: Interaction, view: discord.ui.LayoutView, data: bytes, name: str
) -> None:
    file = discord.File(io.BytesIO(data), name)
    await interaction.edit_original_response(view=view, attachments=[file])


async def _own_ended_job(event: ComponentEvent, job_id: JobId) -> Job:
    job = await get_own_job(event, job_id)
    if not job.has_ended:
        raise ComponentRefused(ComponentReason.UNDER_WAY)
    return job


def _get_message(interaction: Interaction, job: Job) -> discord.PartialMessage:
    if job.reply.message_id is None or job.order.private:
        raise ComponentRefused(ComponentReason.GONE)
    client: discord.Client = interaction.client
    channel = client.get_partial_messageable(job.origin.channel_id, guild_id=job.origin.guild_id)
    return channel.get_partial_message(job.reply.message_id)


async def _delete_message(interaction: Interaction, job: Job) -> bool:
    """Delete a job's message; return False if the bot could not delete it."""
    # a private reply is visible only to its member, who can dismiss it
    if job.reply.message_id is None or job.order.private:
        return True
    try:
        await _get_message(interaction, job).delete()
    except discord.NotFound:
        return True
    except (discord.HTTPException, ComponentRefused):
        return False
    return True


HANDLERS: Final[dict[Action, Handler]] = {
    Action.MORE: open_more_menu,
    Action.PARENT: open_parent,
    Action.LOSSLESS_FILE: send_lossless_file,
    Action.SPOILER: set_spoiler,
    Action.DELETE: ask_delete,
    Action.DELETE_CONFIRM: delete_result,
    Action.SHARE: share_file,
    Action.COMPARE: send_comparison,
    Action.SIDE_BY_SIDE: send_side_by_side,
    Action.FILM: send_film,
}
