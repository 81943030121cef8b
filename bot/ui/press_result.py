"""Going on from a result: pan, zoom, try again, another prompt; compare and details."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Final

import discord

from bot.domain.order import Order
from bot.domain.request import Direction, Directional, ExpansionRequest, ZoomOut
from bot.errors import PressRefused
from bot.services.pictures import Shown, last_amount
from bot.ui import cards_job, modals
from bot.ui.actions import Action
from bot.ui.guards import get_own_job, get_reachable_picture, get_visible_picture
from bot.ui.order_flow import order_or_preview
from bot.ui.router import Handler, Press
from bot.ui.wording_controls import ZOOMS


async def pan(press: Press) -> None:
    shown = await get_reachable_picture(press)
    way = Direction(press.row[2])
    await _go_on(press, shown, Directional(way, last_amount(shown.job)))


async def zoom(press: Press) -> None:
    shown = await get_reachable_picture(press)
    await _go_on(press, shown, ZoomOut(ZOOMS[press.row[2]]))


async def ask_factor(press: Press) -> None:
    await press.interaction.response.send_modal(modals.factor(press.controls, *press.row))


async def zoom_by(press: Press) -> None:
    shown = await get_reachable_picture(press)
    await _go_on(press, shown, ZoomOut(factor_of(press.field(modals.FACTOR))))


async def again(press: Press) -> None:
    shown = await get_reachable_picture(press)
    order = await press.desk.pictures.again(shown, upload_limit=press.interaction.filesize_limit)
    await place(press, shown, order)


async def ask_prompt(press: Press) -> None:
    shown = await get_reachable_picture(press)
    form = modals.prompt(
        press.controls,
        Action.PROMPT_ASK,
        Action.PROMPT_FORM,
        *press.row,
        text=shown.job.order.prompt,
    )
    await press.interaction.response.send_modal(form)


async def again_with_prompt(press: Press) -> None:
    shown = await get_reachable_picture(press)
    order = await press.desk.pictures.again(shown, upload_limit=press.interaction.filesize_limit)
    await place(press, shown, replace(order, prompt=press.field(modals.PROMPT)))


async def pick(press: Press) -> None:
    """Show one of several pictures with all that can be done with it, to the member alone."""
    shown = await get_reachable_picture(press)
    ordinals = [picture.result.ordinal for picture in shown.pictures]
    number = ordinals.index(shown.ordinal) + 1
    seen = _seen(press.interaction.message, number)
    view = cards_job.bench(press.controls, shown, number, seen)
    await press.interaction.response.send_message(view=view, ephemeral=True)


def _seen(message: discord.Message | None, number: int) -> discord.MediaGalleryItem | None:
    """Return a result's picture as its message shows it, counted from 1."""
    for card in message.components if message else ():
        for part in card.children if isinstance(card, discord.Container) else ():
            if isinstance(part, discord.MediaGalleryComponent) and number <= len(part.items):
                item = part.items[number - 1]
                return discord.MediaGalleryItem(
                    item.media.url, description=item.description, spoiler=item.spoiler
                )
    return None


async def details(press: Press) -> None:
    shown = await get_visible_picture(press)
    await press.interaction.response.defer(ephemeral=True, thinking=True)
    found = await press.desk.pictures.details(shown)
    await press.interaction.edit_original_response(view=cards_job.details(press.controls, found))


async def cancel(press: Press) -> None:
    """Take an order back that nothing was sent for yet."""
    job = await get_own_job(press)
    cancelled = await press.desk.expansions.cancel(job, press.origin.user_id)
    if cancelled is None:
        raise PressRefused("too_late")
    await press.interaction.response.edit_message(view=cards_job.cancelled(cancelled))


async def place(press: Press, shown: Shown, order: Order) -> None:
    """Order as the member who pressed, in their language; whose picture it was goes with it."""
    source = shown.job.order.source_author or shown.job.origin.user_id
    own = replace(
        order,
        locale=str(press.interaction.locale),
        source_author=None if source == press.origin.user_id else source,
    )
    await order_or_preview(press.interaction, press.desk, own, preview=False)


async def _go_on(press: Press, shown: Shown, request: ExpansionRequest) -> None:
    limit = press.interaction.filesize_limit
    await place(press, shown, press.desk.pictures.onward(shown, request, upload_limit=limit))


def factor_of(text: str) -> Fraction:
    """Read a factor as people write it: `1.8`, `1,8`, `1.8x`."""
    plain = text.strip().rstrip("x×").replace(",", ".")
    if not plain.isascii() or not plain.replace(".", "", 1).isdigit():
        raise PressRefused("not_a_number")
    return Fraction(plain)


HANDLERS: Final[dict[Action, Handler]] = {
    Action.PAN: pan,
    Action.ZOOM: zoom,
    Action.ZOOM_ASK: ask_factor,
    Action.ZOOM_FORM: zoom_by,
    Action.AGAIN: again,
    Action.PROMPT_ASK: ask_prompt,
    Action.PROMPT_FORM: again_with_prompt,
    Action.PICK: pick,
    Action.DETAILS: details,
    Action.CANCEL: cancel,
}
