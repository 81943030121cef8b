"""What is used now and then on a result: parent, lossless file, spoiler, delete, film, compare."""

from __future__ import annotations

import io
from typing import Any, Final

import discord

from bot.domain.job import Job
from bot.domain.moderation import ActKind
from bot.errors import PressRefused
from bot.images.animate import MovieFormat
from bot.services.pictures import Shown
from bot.services.previews import Made
from bot.ui import cards_job, cards_pages
from bot.ui import wording_cards as words
from bot.ui import wording_pages as pages
from bot.ui.actions import Action
from bot.ui.authority import moderates
from bot.ui.buttons import Row
from bot.ui.cards import note
from bot.ui.cards_job import MAX_FILES, file_name
from bot.ui.guards import get_own_job, get_reachable_picture, get_visible_picture
from bot.ui.replies import Interaction
from bot.ui.router import Handler, Press
from bot.ui.wording import plain

_ROOM: Final = 64 * 1024
"""Bytes that a message needs beside its file."""


async def more(press: Press) -> None:
    shown = await get_visible_picture(press)
    ref = shown.ref
    parent = await press.desk.pictures.parent(shown.job)
    view = cards_job.more(
        press.controls,
        ref,
        shown.job,
        has_parent=parent is not None,
        owns=press.owns(shown.job.origin.user_id),
        is_author=press.is_author(shown.job),
    )
    await press.interaction.response.send_message(view=view, ephemeral=True)


async def parent(press: Press) -> None:
    """Lead back to the picture that this one grew out of."""
    shown = await get_reachable_picture(press)
    ref = await press.desk.pictures.parent(shown.job)
    if ref is None:
        raise PressRefused("gone")
    before = await press.desk.pictures.shown(ref.job_id, press.origin, ref.ordinal)
    view = cards_job.parent(press.controls, ref, before.job)
    await press.interaction.response.send_message(view=view, ephemeral=True)


async def lossless(press: Press) -> None:
    shown = await get_visible_picture(press)
    await press.interaction.response.defer(ephemeral=True, thinking=True)
    digest, job = await press.desk.pictures.master(shown.ref)
    data = await press.desk.pictures.files.get(digest)
    if len(data) > _room(press):
        await press.interaction.edit_original_response(view=note(pages.too_large(press.say)))
        return
    name = f"expanded-{job.id}-{shown.ordinal + 1}-lossless.png"
    view = cards_pages.file(pages.lossless(press.say), name)
    await _fill(press.interaction, view, data, name)


async def spoiler(press: Press) -> None:
    """Hide a result, or show it again, where its message can be edited."""
    shown = await _owned(press)
    if shown.job.origin.is_personal:
        # where the bot is no member it cannot edit the message; no card offers this
        raise PressRefused("forged")
    hidden = press.row[2] == "1"
    was_covered = await press.desk.moderation.cases.is_covered(shown.job)
    if was_covered and not moderates(press.interaction):
        raise PressRefused("covered")
    await press.interaction.response.defer()
    job = await press.desk.history.hide(shown.job, spoiler=hidden)
    if was_covered or not press.is_author(job):
        kind = ActKind.SPOILER if hidden else ActKind.UNCOVER
        await press.desk.moderation.did(job, kind, press.origin.user_id)
    names = [file_name(job, picture) for picture in shown.pictures[:MAX_FILES]]
    usage = await press.desk.accounting.usage(
        job.origin.guild_id, job.origin.user_id, press.desk.clock.now()
    )
    controls = press.desk.controls(job.order.locale)
    view = cards_job.finished(controls, job, shown.pictures, names, usage)
    await _message(press.interaction, job).edit(view=view)
    await press.desk.gallery.changed(job)
    ref, has_parent = shown.ref, job.order.parent is not None
    again = cards_job.more(
        press.controls, ref, job, has_parent=has_parent, owns=True, is_author=press.is_author(job)
    )
    await press.interaction.edit_original_response(view=again)


async def ask_delete(press: Press) -> None:
    job = await _own_ended_job(press)
    row = (job.id, press.row[1])
    view = cards_job.sure(press.controls, pages.sure_delete(press.say), Action.DELETE_SURE, *row)
    await press.interaction.response.send_message(view=view, ephemeral=True)


async def delete(press: Press) -> None:
    """Delete the message and the files; the books stay."""
    job = await _own_ended_job(press)
    await press.interaction.response.defer()
    gone = await _message_deleted(press.interaction, job)
    by_author = press.is_author(job)
    await press.desk.history.remove(job.id, "member" if by_author else "moderator")
    if not by_author:
        await press.desk.moderation.did(job, ActKind.DELETE, press.origin.user_id)
    said = pages.deleted(press.say) if gone else pages.deleted_files_only(press.say)
    await press.interaction.edit_original_response(view=note(said))


async def compare(press: Press) -> None:
    """Show before and after as a short wipe."""
    shown = await get_visible_picture(press)
    with press.desk.one_at_a_time(press.origin.user_id):
        await press.interaction.response.defer(ephemeral=True, thinking=True)
        movie = await press.desk.pictures.compare(shown, _room(press))
    name = f"compared-{shown.job.id}-{shown.ordinal + 1}.{movie.format}"
    beside = press.controls.button(Action.PAIR, shown.job.id, shown.ordinal)
    await _show_both(press, shown, movie.data, name, beside)


async def side_by_side(press: Press) -> None:
    """Show before and after beside one another."""
    shown = await get_visible_picture(press)
    with press.desk.one_at_a_time(press.origin.user_id):
        await press.interaction.response.defer(ephemeral=True, thinking=True)
        drawn = await press.desk.pictures.pair(shown, _room(press))
    name = f"pair-{shown.job.id}-{shown.ordinal + 1}.jpg"
    await _show_both(press, shown, drawn.data, name)


async def _show_both(
    press: Press, shown: Shown, data: bytes, name: str, *more: discord.ui.Button[Any]
) -> None:
    """Show what compares before and after, hidden where the result is."""
    title = pages.compared(press.say)
    alt = f"{title}: {words.alt_text(press.say, shown.job, shown.job.prepared_plan)}"
    made = Made(name, alt, shown.job.order.attachment.spoiler)
    await hand_over(press, title, data, made, *more)


async def film(press: Press) -> None:
    """Pull back over a picture's whole line of descent."""
    shown = await get_visible_picture(press)
    fmt = MovieFormat(press.row[2])
    with press.desk.one_at_a_time(press.origin.user_id):
        await press.interaction.response.defer(ephemeral=True, thinking=True)
        movie, pictures = await press.desk.pictures.film(shown, fmt, _room(press))
    name = f"film-{shown.job.id}-{shown.ordinal + 1}.{movie.format}"
    alt, spoiler = pages.film_alt(press.say, pictures), shown.job.order.attachment.spoiler
    others = [other for other in press.desk.pictures.film_formats if other is not fmt]
    buttons = cards_pages.film_buttons(press.controls, shown.ref, others)
    await hand_over(press, pages.film(press.say), movie.data, Made(name, alt, spoiler), *buttons)


def _room(press: Press) -> int:
    """Return how many bytes a file may have that is sent in answer."""
    return press.interaction.filesize_limit - _ROOM


async def share(press: Press) -> None:
    """Post a made file for everybody, once."""
    made, data = await press.desk.previews.kept(press.origin, press.draft)
    name = plain(press.interaction.user.display_name)
    title = pages.shared_by(press.say, name)
    view = cards_pages.made(title, made.alt, made.name, spoiler=made.spoiler)
    file = discord.File(io.BytesIO(data), made.name)
    await press.interaction.response.send_message(view=view, file=file)


async def hand_over(
    press: Press, title: str, data: bytes, made: Made, *more: discord.ui.Button[Any]
) -> None:
    """Show a made file to the member alone, with a button that shows it to everybody."""
    draft = await press.desk.previews.keep(press.origin, data, made)
    row = Row(press.controls.button(Action.SHARE, draft), *more)
    view = cards_pages.made(title, made.alt, made.name, spoiler=made.spoiler, row=row)
    await _fill(press.interaction, view, data, made.name)


async def _fill(
    interaction: Interaction, view: discord.ui.LayoutView, data: bytes, name: str
) -> None:
    file = discord.File(io.BytesIO(data), name)
    await interaction.edit_original_response(view=view, attachments=[file])


async def _owned(press: Press) -> Shown:
    shown = await get_visible_picture(press)
    if not press.owns(shown.job.origin.user_id):
        raise PressRefused("not_yours")
    return shown


async def _own_ended_job(press: Press) -> Job:
    job = await get_own_job(press)
    if not job.ended:
        raise PressRefused("under_way")
    return job


def _message(interaction: Interaction, job: Job) -> discord.PartialMessage:
    if job.reply.message_id is None or job.order.private:
        raise PressRefused("gone")
    client: discord.Client = interaction.client
    channel = client.get_partial_messageable(job.origin.channel_id, guild_id=job.origin.guild_id)
    return channel.get_partial_message(job.reply.message_id)


async def _message_deleted(interaction: Interaction, job: Job) -> bool:
    """Delete a job's message; False where it stays, because the bot may not delete it."""
    if job.reply.message_id is None or job.order.private:
        return True
    try:
        await _message(interaction, job).delete()
    except discord.NotFound:
        return True
    except (discord.HTTPException, PressRefused):
        return False
    return True


HANDLERS: Final[dict[Action, Handler]] = {
    Action.MORE: more,
    Action.PARENT: parent,
    Action.FILE: lossless,
    Action.SPOILER: spoiler,
    Action.DELETE: ask_delete,
    Action.DELETE_SURE: delete,
    Action.SHARE: share,
    Action.COMPARE: compare,
    Action.PAIR: side_by_side,
    Action.FILM: film,
}
