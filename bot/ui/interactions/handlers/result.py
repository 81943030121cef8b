"""Buttons of a result: pan, zoom, retry, edit prompt, select, details, cancel."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Final

import discord

from bot.domain.ids import JobId
from bot.domain.order import Order, PictureRef
from bot.domain.request import DirectionalMargins, ExpansionRequest, ZoomOut
from bot.domain.text.numbers import normalise_number
from bot.errors import ComponentReason, ComponentRefused
from bot.services.pictures.library import SelectedPicture, get_last_amount
from bot.ui.actions import Action
from bot.ui.interactions.guards import get_own_job, get_reachable_picture, get_visible_picture
from bot.ui.interactions.order_flow import submit_or_preview_order
from bot.ui.interactions.router import ComponentEvent, Handler
from bot.ui.texts.controls import ZOOM_FACTORS
from bot.ui.views import jobs as views
from bot.ui.views import modals
from bot.ui.views.payloads import PanPayload, ZoomPayload


async def pan_picture(event: ComponentEvent, payload: PanPayload) -> None:
    shown = await get_reachable_picture(event, payload.picture)
    pixels = get_last_amount(shown.job)
    await _expand_further(event, shown, DirectionalMargins(payload.direction, pixels))


async def zoom_picture(event: ComponentEvent, payload: ZoomPayload) -> None:
    shown = await get_reachable_picture(event, payload.picture)
    await _expand_further(event, shown, ZoomOut(ZOOM_FACTORS[payload.factor]))


async def open_zoom_form(event: ComponentEvent, ref: PictureRef) -> None:
    await event.interaction.response.send_modal(modals.build_zoom_modal(event.controls, ref))


async def submit_zoom_form(event: ComponentEvent, ref: PictureRef) -> None:
    shown = await get_reachable_picture(event, ref)
    await _expand_further(event, shown, ZoomOut(parse_factor(event.get_field(modals.FACTOR))))


async def retry_order(event: ComponentEvent, ref: PictureRef) -> None:
    """Repeat an order, with the prompt of the form if there is one."""
    shown = await get_reachable_picture(event, ref)
    limit = event.interaction.filesize_limit
    order = await event.services.pictures.build_retry_order(shown, upload_limit=limit)
    prompt = event.get_field(modals.PROMPT) if event.fields else order.prompt
    await place_follow_up(event, shown, replace(order, prompt=prompt))


async def open_prompt_form(event: ComponentEvent, ref: PictureRef) -> None:
    prompt = (await get_reachable_picture(event, ref)).job.order.prompt
    form = modals.build_prompt_modal(
        event.controls, Action.PROMPT_FORM, ref, prompt, event.services.model
    )
    await event.interaction.response.send_modal(form)


async def select_picture(event: ComponentEvent, ref: PictureRef) -> None:
    """Show one of several pictures in private, with its buttons."""
    shown = await get_reachable_picture(event, ref)
    ordinals = [picture.result.ordinal for picture in shown.pictures]
    number = ordinals.index(shown.ordinal) + 1
    hidden = shown.job.order.attachment.spoiler
    seen = _find_shown_item(event.interaction.message, number, is_hidden=hidden)
    view = views.build_single_picture_card(event.controls, shown, number, seen)
    await event.interaction.response.send_message(view=view, ephemeral=True)


def _find_shown_item(
    message: discord.Message | None, number: int, *, is_hidden: bool
) -> discord.MediaGalleryItem | None:
    """Return the gallery item of picture `number` (from 1) in a result's message.

    With `is_hidden` the item has a spoiler even if the message shows the picture without one.
    """
    for card in message.components if message else ():
        for part in card.children if isinstance(card, discord.Container) else ():
            if isinstance(part, discord.MediaGalleryComponent) and number <= len(part.items):
                item = part.items[number - 1]
                return discord.MediaGalleryItem(
                    item.media.url,
                    description=item.description,
                    spoiler=item.spoiler or is_hidden,
                )
    return None


async def show_details(event: ComponentEvent, ref: PictureRef) -> None:
    shown = await get_visible_picture(event, ref)
    found = await event.services.details.get_details(shown)
    view = views.build_details_card(event.controls, found)
    await event.interaction.edit_original_response(view=view)


async def cancel_order(event: ComponentEvent, job_id: JobId) -> None:
    """Cancel an order that was not submitted yet, or raise `ComponentRefused`."""
    job = await get_own_job(event, job_id)
    # the summary of several pictures is edited too, which may take longer than an answer may
    await event.interaction.response.defer()
    cancelled = await event.services.job_control.cancel_job(job, event.origin.user_id)
    if cancelled is None:
        raise ComponentRefused(ComponentReason.TOO_LATE)
    await event.interaction.edit_original_response(view=views.build_cancelled_card(cancelled))


async def place_follow_up(event: ComponentEvent, selected: SelectedPicture, order: Order) -> None:
    """Place an order for the member who pressed, recording the source's author if another."""
    source = selected.job.order.source_author or selected.job.origin.user_id
    own = replace(
        order,
        locale=str(event.interaction.locale),
        source_author=None if source == event.origin.user_id else source,
    )
    await submit_or_preview_order(event.interaction, event.services, own, preview=False)


async def _expand_further(
    event: ComponentEvent, selected: SelectedPicture, request: ExpansionRequest
) -> None:
    limit = event.interaction.filesize_limit
    order = event.services.pictures.build_follow_up_order(selected, request, upload_limit=limit)
    await place_follow_up(event, selected, order)


def parse_factor(text: str) -> Fraction:
    """Parse a factor as people write it: `1.8`, `1,8`, `1.8x`."""
    plain = normalise_number(text).strip("x ")
    if not plain.isascii() or not plain.replace(".", "", 1).isdigit():
        raise ComponentRefused(ComponentReason.NOT_A_NUMBER)
    return Fraction(plain)


HANDLERS: Final[dict[Action, Handler]] = {
    Action.PAN: pan_picture,
    Action.ZOOM: zoom_picture,
    Action.ZOOM_ASK: open_zoom_form,
    Action.ZOOM_FORM: submit_zoom_form,
    Action.RETRY: retry_order,
    Action.PROMPT_ASK: open_prompt_form,
    Action.PROMPT_FORM: retry_order,
    Action.SELECT_PICTURE: select_picture,
    Action.DETAILS: show_details,
    Action.CANCEL: cancel_order,
}
