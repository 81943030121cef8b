"""Orders of several pictures at once: one summary, and a card for each."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import discord
import structlog
from discord import ui

from bot.domain.errors import Refusal
from bot.domain.ids import MessageId
from bot.domain.job import Job
from bot.domain.money import MicroUsd
from bot.domain.order import Order
from bot.errors import Permanent, Transient, get_log_fields
from bot.services.orders.acceptance import AcceptedOrders
from bot.services.ports.jobs import QueueStatus
from bot.ui.interactions.free_work import PREVIEW, take_turn
from bot.ui.interactions.order_flow import answer_card, await_acceptance, submit_or_preview_order
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
from bot.ui.views.base import build_refusal_card
from bot.ui.views.order_summary import build_refused_pictures_card, build_summary_card

log = structlog.get_logger(__name__)


async def submit_or_preview_orders(
    interaction: Interaction,
    services: InteractionServices,
    orders: Sequence[Order],
    *,
    preview: bool,
) -> None:
    """Place or preview the orders of one form; what is due is judged by the price of all."""
    if len(orders) == 1:
        await submit_or_preview_order(interaction, services, orders[0], preview=preview)
        return
    origin = build_origin(interaction)
    total = MicroUsd(sum(services.acceptance.quote_price(order) for order in orders))
    checked = [await services.policy.apply_defaults(origin, order, total) for order in orders]
    show = _preview_orders if preview or any(due for _, due in checked) else _place_orders
    await show(interaction, services, [order for order, _ in checked])


async def _preview_orders(
    interaction: Interaction, services: InteractionServices, orders: Sequence[Order]
) -> None:
    """Show a preview of each order, to be confirmed by itself."""
    async with take_turn(interaction, services, replace(PREVIEW, times=len(orders))):
        await _show_previews(interaction, services, orders)


async def _show_previews(
    interaction: Interaction, services: InteractionServices, orders: Sequence[Order]
) -> None:
    origin, controls = build_origin(interaction), services.build_controls(interaction.locale)
    for at, order in enumerate(orders):
        files = []
        try:
            draft = await services.drafts.open_draft(origin, order)
        except (Refusal, Permanent, Transient) as error:
            log.info("not previewed", user_id=origin.user_id, **get_log_fields(error))
            view = build_refusal_card(controls.gettext, error)
        else:
            view = page_views.build_preview_card(controls, draft)
            files = [discord.File(io.BytesIO(draft.picture), page_views.PREVIEW_FILE)]
        if at == 0:
            await interaction.edit_original_response(view=view, attachments=files)
        else:
            await interaction.followup.send(view=view, files=files, ephemeral=True)


async def _place_orders(
    interaction: Interaction, services: InteractionServices, orders: Sequence[Order]
) -> None:
    """Accept what may be accepted, post the summary and the cards, then start the jobs."""
    origin, private = build_origin(interaction), orders[0].private
    accepting = services.acceptance.accept_orders(origin, orders, interaction.token)
    accepted, outcome = await await_acceptance(interaction, accepting, private=private)
    if outcome is not ResponseOutcome.EXPIRED:
        controls = services.build_controls(orders[0].locale)
        view = build_summary_card(controls.gettext, accepted.jobs)
        answer = partial(answer_card, interaction, view, private=private)
        outcome, _ = await retry_response(answer, services.clock)
    if outcome is ResponseOutcome.EXPIRED:
        # Discord has shown the member a failure, so no paid work may follow
        log.warning("answered too late", interaction_id=interaction.id)
        for job in accepted.jobs:
            await services.job_control.withdraw_job(job)
        return
    await asyncio.gather(*(_start_job(interaction, services, job) for job in accepted.jobs))
    await services.order_summary.update(accepted.jobs[0])
    if accepted.refusals:
        await _explain_refusals(interaction, services, orders, accepted)


async def _start_job(interaction: Interaction, services: InteractionServices, job: Job) -> None:
    """Post a job's card and start it; without a card its result is a message of its own."""
    controls, private = services.build_controls(job.order.locale), job.order.private
    view: ui.LayoutView = job_views.build_progress_card(controls, job, QueueStatus())
    sending = interaction.followup.send(view=view, ephemeral=private, wait=True)
    _, sent = await send_response(sending)
    message = None if sent is None else MessageId(sent.id)
    if not await services.job_control.start_job(job, message) and sent is not None:
        # cancelled by a moderator while the card was being posted
        await send_response(sent.edit(view=job_views.build_cancelled_card(job)))


async def _explain_refusals(
    interaction: Interaction,
    services: InteractionServices,
    orders: Sequence[Order],
    accepted: AcceptedOrders,
) -> None:
    """Tell the member in private which pictures were not accepted."""
    refused = [
        (orders[at].attachment.filename, refusal)
        for at, refusal in sorted(accepted.refusals.items())
    ]
    gettext = services.build_controls(interaction.locale).gettext
    view = build_refused_pictures_card(gettext, len(orders), refused)
    await send_response(interaction.followup.send(view=view, ephemeral=True, wait=True))
