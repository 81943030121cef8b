"""From an order to a running job: accept it, post its card, then start it."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable
from typing import Final

import discord
import structlog
from discord import ui

from bot.domain.ids import MessageId
from bot.domain.job import Job
from bot.domain.order import Order
from bot.services.ports import Standing
from bot.services.previews import Preview
from bot.ui import cards_job, cards_pages
from bot.ui.authority import check_installed
from bot.ui.desk import Desk
from bot.ui.replies import Interaction, Said, insist, origin_of, say

log = structlog.get_logger(__name__)

_PATIENCE: Final = 1.5
"""Seconds after which a slow answer is announced by deferring; Discord allows 3."""


async def order_or_preview(
    interaction: Interaction, desk: Desk, order: Order, *, preview: bool
) -> None:
    """Answer with the order's card, or with a preview where one is asked for or due."""
    check_installed(interaction)
    order, due = await desk.previews.wishes(origin_of(interaction), order)
    if not (preview or due):
        await place_order(interaction, desk, order)
        return
    await interaction.response.defer(ephemeral=True, thinking=True)
    await show_preview(interaction, desk, await desk.previews.open(origin_of(interaction), order))


async def show_preview(interaction: Interaction, desk: Desk, preview: Preview) -> None:
    """Show the canvas and the price to the member alone; nothing is held."""
    file = discord.File(io.BytesIO(preview.picture), cards_pages.PREVIEW_FILE)
    view = cards_pages.preview(desk.controls(interaction.locale), preview)
    await interaction.edit_original_response(view=view, attachments=[file])


async def place_order(interaction: Interaction, desk: Desk, order: Order) -> None:
    """Run an order whose card is the answer to the interaction itself."""

    async def post_card(job: Job, view: ui.LayoutView) -> tuple[Said, MessageId | None]:
        private = job.order.private
        return await insist(lambda: _answer_card(interaction, view, private=private), desk.clock)

    await run_order(interaction, desk, _accept_order(interaction, desk, order), post_card)


async def run_order(
    interaction: Interaction,
    desk: Desk,
    accepting: Awaitable[tuple[Job, Said]],
    post_card: Callable[[Job, ui.LayoutView], Awaitable[tuple[Said, MessageId | None]]],
) -> None:
    """Accept an order, post its card, then start its job; refusals are raised.

    An interaction that Discord no longer knows starts no paid work: the member was told that
    nothing happened, so the job is taken back.
    """
    job, said = await accepting
    message = None
    if said is not Said.TOO_LATE:
        view = cards_job.working(desk.controls(job.order.locale), job, Standing())
        said, message = await post_card(job, view)
    if said is Said.TOO_LATE:
        log.warning("answered too late", job_id=job.id)
        await desk.expansions.withdraw(job)
    elif not await desk.expansions.start(job, message):
        # a moderator who cancelled while the card was on its way had no card to say so on
        at, view = message or "@original", cards_job.cancelled(job)
        await say(interaction.followup.edit_message(at, view=view))  # type: ignore[arg-type] # Discord takes both


async def _accept_order(interaction: Interaction, desk: Desk, order: Order) -> tuple[Job, Said]:
    """Accept an order; what takes long is announced before Discord gives the interaction up."""
    accepting = asyncio.ensure_future(
        desk.expansions.accept(origin_of(interaction), order, interaction.token)
    )
    said = Said.YES
    try:
        done, _ = await asyncio.wait([accepting], timeout=_PATIENCE)
        if not done:
            said, _ = await say(interaction.response.defer(ephemeral=order.private, thinking=True))
        return await accepting, said
    finally:
        accepting.cancel()


async def _answer_card(
    interaction: Interaction, view: ui.LayoutView, *, private: bool
) -> MessageId | None:
    if interaction.response.is_done():
        message = await interaction.edit_original_response(view=view)
        return MessageId(message.id)
    sent = await interaction.response.send_message(view=view, ephemeral=private)
    return None if sent.message_id is None else MessageId(sent.message_id)
