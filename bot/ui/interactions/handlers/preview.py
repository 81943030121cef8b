"""Buttons of a preview: change, confirm, discard."""

from __future__ import annotations

from typing import Final

from discord import ui

from bot.domain.ids import DraftId, MessageId
from bot.domain.job import Job
from bot.domain.request import parse_ratio
from bot.ui.actions import Action
from bot.ui.interactions.order_flow import run_order, show_preview
from bot.ui.interactions.responses import Interaction, ResponseOutcome, send_response
from bot.ui.interactions.router import ComponentEvent, Handler
from bot.ui.texts import jobs as texts
from bot.ui.views import modals
from bot.ui.views.base import build_note
from bot.ui.views.payloads import NudgePayload


async def nudge_margin(event: ComponentEvent, payload: NudgePayload) -> None:
    draft, side, steps = payload.draft, payload.side, payload.steps
    preview = await event.services.drafts.move_side(event.origin, draft, side, steps)
    await show_preview(event.interaction, event.services, preview)


async def change_ratio(event: ComponentEvent, draft: DraftId) -> None:
    ratio = parse_ratio(next(iter(event.values), ""))
    preview = await event.services.drafts.set_ratio(event.origin, draft, ratio)
    await show_preview(event.interaction, event.services, preview)


async def switch_detail(event: ComponentEvent, draft: DraftId) -> None:
    preview = await event.services.drafts.switch_detail(event.origin, draft)
    await show_preview(event.interaction, event.services, preview)


async def open_prompt_form(event: ComponentEvent, draft: DraftId) -> None:
    text = await event.services.drafts.get_prompt(event.origin, draft)
    form = modals.build_prompt_modal(
        event.controls, Action.DRAFT_FORM, draft, text, event.services.model
    )
    await event.interaction.response.send_modal(form)


async def change_prompt(event: ComponentEvent, draft: DraftId) -> None:
    text = event.get_field(modals.PROMPT)
    preview = await event.services.drafts.set_prompt(event.origin, draft, text)
    await show_preview(event.interaction, event.services, preview)


async def confirm_draft(event: ComponentEvent, draft: DraftId) -> None:
    """Accept the draft's order, close the preview, and post the order's card."""

    async def post_card(job: Job, view: ui.LayoutView) -> tuple[ResponseOutcome, MessageId | None]:
        return await send_response(_send_card(event.interaction, view, private=job.order.private))

    await run_order(event.interaction, event.services, _accept_draft(event, draft), post_card)


async def _accept_draft(event: ComponentEvent, draft: DraftId) -> tuple[Job, ResponseOutcome]:
    response, token = event.interaction.response, event.interaction.token
    job = await event.services.drafts.confirm_draft(event.origin, draft, token)
    closed = build_note(event.gettext(texts.DRAFT_CONFIRMED))
    outcome, _ = await send_response(response.edit_message(view=closed, attachments=[]))
    return job, outcome


async def _send_card(interaction: Interaction, view: ui.LayoutView, *, private: bool) -> MessageId:
    message = await interaction.followup.send(view=view, ephemeral=private, wait=True)
    return MessageId(message.id)


async def discard_draft(event: ComponentEvent, draft: DraftId) -> None:
    await event.services.drafts.delete_draft(event.origin, draft)
    closed = build_note(event.gettext(texts.DRAFT_DISCARDED))
    await event.interaction.response.edit_message(view=closed, attachments=[])


HANDLERS: Final[dict[Action, Handler]] = {
    Action.NUDGE: nudge_margin,
    Action.RATIO: change_ratio,
    Action.DRAFT_ASK: open_prompt_form,
    Action.DRAFT_FORM: change_prompt,
    Action.DRAFT_DETAIL: switch_detail,
    Action.CONFIRM_DRAFT: confirm_draft,
    Action.DISCARD_DRAFT: discard_draft,
}
