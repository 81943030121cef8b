"""Before paying: a preview that can be changed, confirmed once or dropped; the menu's form."""

from __future__ import annotations

from typing import Final

from discord import ui

from bot.domain.geometry import Side
from bot.domain.ids import MessageId
from bot.domain.job import Job
from bot.domain.order import Order
from bot.domain.request import Direction, Directional, parse_ratio
from bot.errors import PressRefused
from bot.ui import modals
from bot.ui import wording_cards as words
from bot.ui.actions import Action
from bot.ui.cards import note
from bot.ui.guards import check_source
from bot.ui.order_flow import order_or_preview, run_order, show_preview
from bot.ui.replies import Interaction, Said, say
from bot.ui.router import Handler, Press


async def nudge(press: Press) -> None:
    side, steps = Side(press.row[1]), int(press.row[2])
    await press.interaction.response.defer()
    preview = await press.desk.previews.nudge(press.origin, press.draft, side, steps)
    await show_preview(press.interaction, press.desk, preview)


async def shape(press: Press) -> None:
    ratio = parse_ratio(next(iter(press.values), ""))
    await press.interaction.response.defer()
    preview = await press.desk.previews.shape(press.origin, press.draft, ratio)
    await show_preview(press.interaction, press.desk, preview)


async def ask_prompt(press: Press) -> None:
    text = await press.desk.previews.prompt_of(press.origin, press.draft)
    form = modals.prompt(press.controls, Action.DRAFT_ASK, Action.DRAFT_FORM, *press.row, text=text)
    await press.interaction.response.send_modal(form)


async def change_prompt(press: Press) -> None:
    text = press.field(modals.PROMPT)
    await press.interaction.response.defer()
    preview = await press.desk.previews.prompt(press.origin, press.draft, text)
    await show_preview(press.interaction, press.desk, preview)


async def confirm(press: Press) -> None:
    """Hold the money, close the preview, and post the order's card."""

    async def post_card(job: Job, view: ui.LayoutView) -> tuple[Said, MessageId | None]:
        return await say(_send_card(press.interaction, view, private=job.order.private))

    await run_order(press.interaction, press.desk, _accept_draft(press), post_card)


async def _accept_draft(press: Press) -> tuple[Job, Said]:
    response, token = press.interaction.response, press.interaction.token
    job = await press.desk.previews.confirm(press.origin, press.draft, token)
    closed = note(words.confirmed(press.say))
    said, _ = await say(response.edit_message(view=closed, attachments=[]))
    return job, said


async def _send_card(interaction: Interaction, view: ui.LayoutView, *, private: bool) -> MessageId:
    message = await interaction.followup.send(view=view, ephemeral=private, wait=True)
    return MessageId(message.id)


async def drop(press: Press) -> None:
    await press.desk.previews.drop(press.origin, press.draft)
    closed = note(words.dropped(press.say))
    await press.interaction.response.edit_message(view=closed, attachments=[])


async def menu_filled(press: Press) -> None:
    """Order what was filled in about a picture of a message."""
    offered = await press.desk.previews.offered(press.origin, press.draft)
    pictures, source = offered.pictures, offered.author
    if source is not None:
        await check_source(press.interaction, press.desk, source)
    chosen, pixels = press.field(modals.PICTURE) or "0", press.field(modals.PIXELS).strip()
    if not (chosen.isdigit() and int(chosen) < len(pictures)):
        raise PressRefused("forged")
    if not (pixels.isascii() and pixels.isdigit()):
        raise PressRefused("not_a_number")
    try:
        way = Direction(press.field(modals.DIRECTION))
    except ValueError:
        raise PressRefused("forged") from None
    order = Order(
        attachment=pictures[int(chosen)],
        request=Directional(way, int(pixels)),
        prompt=press.field(modals.PROMPT),
        upload_limit=press.interaction.filesize_limit,
        locale=str(press.interaction.locale),
        source_author=source,
    )
    await order_or_preview(press.interaction, press.desk, order, preview=False)


HANDLERS: Final[dict[Action, Handler]] = {
    Action.NUDGE: nudge,
    Action.RATIO: shape,
    Action.DRAFT_ASK: ask_prompt,
    Action.DRAFT_FORM: change_prompt,
    Action.CONFIRM: confirm,
    Action.DROP: drop,
    Action.MENU_FORM: menu_filled,
}
