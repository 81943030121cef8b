"""History and privacy: turn pages, open an order, send it again, export, erase, opt out."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Final

import discord

from bot.domain.ids import JobId
from bot.domain.usage import Usage
from bot.errors import PressRefused
from bot.services.pictures import Shown
from bot.ui import cards_job, cards_pages
from bot.ui import wording_details as words
from bot.ui import wording_pages as pages
from bot.ui.actions import Action
from bot.ui.cards import note
from bot.ui.cards_job import MAX_FILES, file_name
from bot.ui.router import Handler, Press

EXPORT_FILE: Final = "expanse-my-data.json"


async def turn(press: Press) -> None:
    origin = press.origin
    page = await press.desk.history.page(origin.guild_id, origin.user_id, int(press.row[0]))
    view = cards_pages.history(press.controls, page)
    await press.interaction.response.edit_message(view=view)


async def open_order(press: Press) -> None:
    """Show one order of the member's own: its details where there are pictures."""
    job_id, origin = JobId(next(iter(press.values), "")), press.origin
    job = await press.desk.pictures.job(job_id, origin)
    if job.origin.user_id != origin.user_id:
        raise PressRefused("not_yours")
    await press.interaction.response.defer(ephemeral=True, thinking=True)
    try:
        shown = await press.desk.pictures.shown(job_id, origin)
    except PressRefused:
        said, has_pictures = words.history_line(press.say, job), False
    else:
        found = await press.desk.pictures.details(shown)
        said, has_pictures = words.details(press.say, found), True
    view = cards_pages.opened(press.controls, said, job_id, pictures=has_pictures)
    await press.interaction.edit_original_response(view=view)


async def send_again(press: Press) -> None:
    """Send an order's pictures once more, to the member alone."""
    origin = press.origin
    shown = await press.desk.pictures.shown(press.job_id, origin)
    if shown.job.origin.user_id != origin.user_id:
        raise PressRefused("not_yours")
    await press.interaction.response.defer(ephemeral=True, thinking=True)
    usage = await press.desk.accounting.usage(
        origin.guild_id, origin.user_id, press.desk.clock.now()
    )
    for at in range(0, len(shown.pictures), MAX_FILES):
        await _send_some(press, replace(shown, pictures=shown.pictures[at : at + MAX_FILES]), usage)


async def _send_some(press: Press, shown: Shown, usage: Usage) -> None:
    job = replace(shown.job, order=replace(shown.job.order, results=len(shown.pictures)))
    names = [file_name(job, picture) for picture in shown.pictures]
    view = cards_job.finished(press.controls, job, shown.pictures, names, usage)
    files = [
        discord.File(picture.path, name)
        for picture, name in zip(shown.pictures, names, strict=True)
    ]
    await press.interaction.followup.send(view=view, files=files, ephemeral=True)


async def export(press: Press) -> None:
    await press.interaction.response.defer(ephemeral=True, thinking=True)
    data = await press.desk.privacy.export(press.origin.user_id)
    view = cards_pages.file(pages.exported(press.say), EXPORT_FILE)
    file = discord.File(io.BytesIO(data), EXPORT_FILE)
    await press.interaction.edit_original_response(view=view, attachments=[file])


async def ask_erase(press: Press) -> None:
    view = cards_job.sure(press.controls, pages.sure_erase(press.say), Action.ERASE_SURE)
    await press.interaction.response.send_message(view=view, ephemeral=True)


async def erase(press: Press) -> None:
    await press.interaction.response.defer()
    open_jobs = await press.desk.privacy.erase(press.origin.user_id)
    await press.interaction.edit_original_response(view=note(pages.erased(press.say, open_jobs)))


async def opt(press: Press) -> None:
    """Keep the member's pictures from others' use, or open them to it."""
    shares = press.row[0] == "1"
    await press.desk.privacy.let_share(press.origin.user_id, shares=shares)
    view = cards_pages.privacy(press.controls, days=press.desk.keep_days, shares=shares)
    await press.interaction.response.edit_message(view=view)


HANDLERS: Final[dict[Action, Handler]] = {
    Action.PAGE: turn,
    Action.OPEN: open_order,
    Action.RESEND: send_again,
    Action.EXPORT: export,
    Action.ERASE: ask_erase,
    Action.ERASE_SURE: erase,
    Action.OPT: opt,
}
