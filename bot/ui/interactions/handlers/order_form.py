"""The form to order pictures: opened by a button, or by the message menu."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bot.domain.ids import DraftId
from bot.domain.order import MAX_PICTURES_PER_FORM, Order
from bot.domain.request import Direction, DirectionalMargins
from bot.domain.text.numbers import parse_digits
from bot.errors import ComponentReason, ComponentRefused
from bot.services.orders.drafts import PictureChoice
from bot.ui.actions import Action
from bot.ui.interactions.guards import check_source
from bot.ui.interactions.message_pictures import to_attachment
from bot.ui.interactions.order_group import submit_or_preview_orders
from bot.ui.interactions.permissions import require_moderator
from bot.ui.interactions.router import ComponentEvent, Handler
from bot.ui.views import member_pages as page_views
from bot.ui.views import modals


async def open_order_form(event: ComponentEvent, _: None) -> None:
    form = modals.build_order_modal(event.controls, event.services.model)
    await event.interaction.response.send_modal(form)


async def post_order_button(event: ComponentEvent, _: None) -> None:
    """Post a message with the button that opens the form, for everybody in the channel."""
    guild, _actor = require_moderator(event.interaction)
    language = (await event.services.guild_settings.get(guild)).language
    controls = event.services.build_controls(language or event.interaction.locale)
    view = page_views.build_order_panel(controls)
    await event.interaction.response.send_message(view=view)


async def submit_order_form(event: ComponentEvent, _: None) -> None:
    """Place an order for each uploaded picture, as filled in."""
    files = event.list_files(modals.UPLOAD)
    choice = PictureChoice(tuple(to_attachment(each) for each in files))
    await _submit_form(event, choice)


async def submit_menu_form(event: ComponentEvent, draft: DraftId) -> None:
    """Place an order for each chosen picture of a message, as filled in."""
    offered = await event.services.drafts.load_choice(event.origin, draft)
    pictures, source = offered.pictures, offered.author
    # the author may have opted out since the form was opened
    if source is not None:
        await check_source(event.interaction, event.services, source)
    chosen = event.fields.get(modals.PICTURE) or ("0",)
    if not all(each.isdecimal() and int(each) < len(pictures) for each in chosen):
        raise ComponentRefused(ComponentReason.FORGED)
    wanted = tuple(pictures[int(each)] for each in dict.fromkeys(chosen))
    await _submit_form(event, replace(offered, pictures=wanted))


async def _submit_form(event: ComponentEvent, choice: PictureChoice) -> None:
    if not 1 <= len(choice.pictures) <= MAX_PICTURES_PER_FORM:
        raise ComponentRefused(ComponentReason.FORGED)
    options, request = event.fields.get(modals.OPTIONS, ()), _read_request(event)
    orders = [
        Order(
            attachment=replace(picture, spoiler=picture.spoiler or "spoiler" in options),
            request=request,
            prompt=event.get_field(modals.PROMPT),
            private="private" in options,
            upload_limit=event.interaction.filesize_limit,
            locale=str(event.interaction.locale),
            source_author=choice.author,
            age_restricted=choice.age_restricted,
            keeps_spoiler=picture.spoiler and choice.author is not None,
            sources=choice.jobs,
        )
        for picture in choice.pictures
    ]
    preview = "preview" in options
    await submit_or_preview_orders(event.interaction, event.services, orders, preview=preview)


def _read_request(event: ComponentEvent) -> DirectionalMargins:
    pixels = parse_digits(event.get_field(modals.PIXELS))
    if pixels is None:
        raise ComponentRefused(ComponentReason.NOT_A_NUMBER)
    try:
        way = Direction(event.get_field(modals.DIRECTION))
    except ValueError:
        raise ComponentRefused(ComponentReason.FORGED) from None
    return DirectionalMargins(way, pixels)


HANDLERS: Final[dict[Action, Handler]] = {
    Action.ORDER_ASK: open_order_form,
    Action.ORDER_POST: post_order_button,
    Action.ORDER_FORM: submit_order_form,
    Action.MENU_FORM: submit_menu_form,
}
