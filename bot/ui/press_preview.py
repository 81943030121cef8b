"""Before paying: a preview that can be changed, confirmed once or dropped; the menu's form."""

from __future__ import annotations

import io
from typing import Final

import discord

from bot.domain.geometry import Side
from bot.domain.guild import MenuPolicy
from bot.domain.ids import MessageId, UserId
from bot.domain.job import Job
from bot.domain.order import Order
from bot.domain.request import Direction, Directional, parse_ratio
from bot.errors import PressRefused
from bot.services.previews import Preview
from bot.ui import cards_pages, modals
from bot.ui import wording_cards as words
from bot.ui.authority import check_installed, moderates
from bot.ui.cards import note
from bot.ui.desk import Desk
from bot.ui.replies import (
    Interaction,
    Said,
    answer,
    begin,
    card_of,
    origin_of,
    say,
)
from bot.ui.router import Handler, Press
from bot.ui.seal import Action


async def show_preview(interaction: Interaction, desk: Desk, order: Order) -> None:
    """Show the canvas and the price to the member alone; nothing is held."""
    await interaction.response.defer(ephemeral=True, thinking=True)
    preview = await desk.previews.open(origin_of(interaction), order)
    await _show(interaction, desk, preview)


async def order_or_preview(
    interaction: Interaction, desk: Desk, order: Order, *, preview: bool
) -> None:
    """Answer with the order's card, or with a preview where one is asked for or due."""
    check_installed(interaction)
    order, due = await desk.previews.wishes(origin_of(interaction), order)
    if preview or due:
        await show_preview(interaction, desk, order)
    else:
        await answer(interaction, desk, order)


async def nudge(press: Press) -> None:
    side, steps = Side(press.row[1]), int(press.row[2])
    await press.interaction.response.defer()
    preview = await press.desk.previews.nudge(press.origin, press.draft, side, steps)
    await _show(press.interaction, press.desk, preview)


async def shape(press: Press) -> None:
    ratio = parse_ratio(next(iter(press.values), ""))
    await press.interaction.response.defer()
    preview = await press.desk.previews.shape(press.origin, press.draft, ratio)
    await _show(press.interaction, press.desk, preview)


async def ask_prompt(press: Press) -> None:
    text = await press.desk.previews.prompt_of(press.origin, press.draft)
    form = modals.prompt(press.controls, Action.DRAFT_ASK, Action.DRAFT_FORM, *press.row, text=text)
    await press.interaction.response.send_modal(form)


async def change_prompt(press: Press) -> None:
    text = press.field(modals.PROMPT)
    await press.interaction.response.defer()
    preview = await press.desk.previews.prompt(press.origin, press.draft, text)
    await _show(press.interaction, press.desk, preview)


async def confirm(press: Press) -> None:
    """Hold the money, close the preview, and post the order's card."""
    interaction, desk = press.interaction, press.desk
    job = await desk.previews.confirm(press.origin, press.draft, interaction.token)
    closed = note(words.confirmed(press.say))
    said, _ = await say(interaction.response.edit_message(view=closed, attachments=[]))
    message = None
    if said is not Said.TOO_LATE:
        said, message = await say(_follow(interaction, desk, job))
    await begin(interaction, desk, job, said, message)


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


async def check_source(interaction: Interaction, desk: Desk, author: UserId) -> None:
    """Raise `PressRefused` where a picture of this author may not be taken by who asks, now."""
    origin = origin_of(interaction)
    if author == origin.user_id:
        return
    if not await desk.privacy.shares(author):
        raise PressRefused("opted_out")
    allowed = (await desk.rules.guilds.get(origin.guild_id)).menu_on_others
    barred = allowed is MenuPolicy.MODERATORS and not moderates(interaction)
    if allowed is MenuPolicy.NOBODY or barred:
        raise PressRefused("menu_closed")


async def _show(interaction: Interaction, desk: Desk, preview: Preview) -> None:
    controls = desk.controls(interaction.locale)
    file = discord.File(io.BytesIO(preview.picture), cards_pages.PREVIEW_FILE)
    view = cards_pages.preview(controls, preview)
    await interaction.edit_original_response(view=view, attachments=[file])


async def _follow(interaction: Interaction, desk: Desk, job: Job) -> MessageId:
    message = await interaction.followup.send(
        view=card_of(desk, job), ephemeral=job.order.private, wait=True
    )
    return MessageId(message.id)


HANDLERS: Final[dict[Action, Handler]] = {
    Action.NUDGE: nudge,
    Action.RATIO: shape,
    Action.DRAFT_ASK: ask_prompt,
    Action.DRAFT_FORM: change_prompt,
    Action.CONFIRM: confirm,
    Action.DROP: drop,
    Action.MENU_FORM: menu_filled,
}
