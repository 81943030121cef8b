"""From an order to a running job: accept the order, post its card, start the job."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final, TypeVar

import discord
import structlog
from discord import ui

from bot.domain.ids import MessageId
from bot.domain.job import Job
from bot.domain.order import Order
from bot.services.orders.drafts import DraftPreview
from bot.services.ports.jobs import QueueStatus
from bot.ui.interactions.free_work import PREVIEW, take_turn
from bot.ui.interactions.permissions import check_installation
from bot.ui.interactions.responses import (
    Interaction,
    ResponseOutcome,
    build_origin,
    retry_response,
    send_response,
)
from bot.ui.interactions.services import InteractionServices
from bot.ui.views import jobs as job_views
from bot.ui.views import member_pages as page_views

log = structlog.get_logger(__name__)

_T = TypeVar("_T")
_DEFER_AFTER: Final = 1.5
"""Seconds before a slow response is deferred; Discord waits for 3."""


async def submit_or_preview_order(
    interaction: Interaction, services: InteractionServices, order: Order, *, preview: bool
) -> None:
    """Place an order, or show its preview if the member or the guild's policy asks for one."""
    check_installation(interaction)
    price = services.acceptance.quote_price(order)
    order, due = await services.policy.apply_defaults(build_origin(interaction), order, price)
    if not (preview or due):
        await place_order(interaction, services, order)
        return
    async with take_turn(interaction, services, PREVIEW):
        draft = await services.drafts.open_draft(build_origin(interaction), order)
        await show_preview(interaction, services, draft)


async def show_preview(
    interaction: Interaction, services: InteractionServices, preview: DraftPreview
) -> None:
    """Show canvas and price in private; no money is held yet."""
    file = discord.File(io.BytesIO(preview.picture), page_views.PREVIEW_FILE)
    view = page_views.build_preview_card(services.build_controls(interaction.locale), preview)
    await interaction.edit_original_response(view=view, attachments=[file])


async def place_order(
    interaction: Interaction, services: InteractionServices, order: Order
) -> None:
    """Run an order whose card is the response to the interaction."""

    async def post_card(job: Job, view: ui.LayoutView) -> tuple[ResponseOutcome, MessageId | None]:
        answer = partial(answer_card, interaction, view, private=job.order.private)
        return await retry_response(answer, services.clock)

    origin, private = build_origin(interaction), order.private
    accepting = services.acceptance.accept_order(origin, order, interaction.token)
    accepted = await_acceptance(interaction, accepting, private=private)
    await run_order(interaction, services, accepted, post_card)


async def run_order(
    interaction: Interaction,
    services: InteractionServices,
    accepting: Awaitable[tuple[Job, ResponseOutcome]],
    post_card: Callable[[Job, ui.LayoutView], Awaitable[tuple[ResponseOutcome, MessageId | None]]],
) -> None:
    """Accept an order, post its card, then start its job; raise refusals."""
    job, outcome = await accepting
    message = None
    if outcome is not ResponseOutcome.EXPIRED:
        controls = services.build_controls(job.order.locale)
        view = job_views.build_progress_card(controls, job, QueueStatus())
        outcome, message = await post_card(job, view)
    if outcome is ResponseOutcome.EXPIRED:
        # Discord has shown the member a failure, so no paid work may follow
        log.warning("answered too late", job_id=job.id)
        await services.job_control.withdraw_job(job)
    elif not await services.job_control.start_job(job, message):
        # cancelled by a moderator while the card was being posted
        at, view = message or "@original", job_views.build_cancelled_card(job)
        await send_response(interaction.followup.edit_message(at, view=view))  # type: ignore[arg-type] # Discord takes both


async def await_acceptance(
    interaction: Interaction, acceptance: Awaitable[_T], *, private: bool
) -> tuple[_T, ResponseOutcome]:
    """Await an acceptance, deferring the response before the interaction expires."""
    # a task, so that it continues while the response is deferred
    accepting = asyncio.ensure_future(acceptance)
    outcome = ResponseOutcome.SENT
    try:
        done, _ = await asyncio.wait([accepting], timeout=_DEFER_AFTER)
        if not done:
            deferral = interaction.response.defer(ephemeral=private, thinking=True)
            outcome, _ = await send_response(deferral)
        return await accepting, outcome
    finally:
        # `asyncio.wait` does not cancel what it waits for
        accepting.cancel()


async def answer_card(
    interaction: Interaction, view: ui.LayoutView, *, private: bool
) -> MessageId | None:
    """Show a card as the response to an interaction, which may be deferred."""
    if interaction.response.is_done():
        message = await interaction.edit_original_response(view=view)
        return MessageId(message.id)
    sent = await interaction.response.send_message(view=view, ephemeral=private)
    return None if sent.message_id is None else MessageId(sent.message_id)
