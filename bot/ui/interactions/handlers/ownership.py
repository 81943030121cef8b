"""Whose a picture, an order or a draft is, checked before a press takes free work's turn.

The handlers check again, since it may be removed or used while its member waits.
"""

from __future__ import annotations

from typing import Final

from bot.domain.ids import DraftId, JobId
from bot.domain.job import Job
from bot.domain.order import PictureRef
from bot.errors import ComponentReason, ComponentRefused
from bot.ui.actions import Action
from bot.ui.interactions.guards import get_known_picture
from bot.ui.interactions.router import ComponentEvent, Handler
from bot.ui.views.payloads import FilmPayload, NudgePayload


async def get_ordered_job(event: ComponentEvent, job_id: JobId) -> Job:
    """Return a job that the member ordered; raise `ComponentRefused` for another's."""
    job = await event.services.pictures.get_job(job_id, event.origin)
    if not event.is_author(job):
        raise ComponentRefused(ComponentReason.NOT_YOURS)
    return job


async def get_chosen_job(event: ComponentEvent) -> Job:
    """Return the job that the member chose in their history."""
    return await get_ordered_job(event, JobId(next(iter(event.values), "")))


async def _check_picture(event: ComponentEvent, ref: PictureRef) -> None:
    await get_known_picture(event, ref)


async def _check_film(event: ComponentEvent, payload: FilmPayload) -> None:
    await get_known_picture(event, payload.picture)


async def _check_draft(event: ComponentEvent, draft: DraftId) -> None:
    await event.services.drafts.check_draft(event.origin, draft)


async def _check_nudge(event: ComponentEvent, payload: NudgePayload) -> None:
    await event.services.drafts.check_draft(event.origin, payload.draft)


async def _check_order(event: ComponentEvent, job_id: JobId) -> None:
    await get_ordered_job(event, job_id)


async def _check_choice(event: ComponentEvent, _: None) -> None:
    await get_chosen_job(event)


OWNERSHIP_CHECKS: Final[dict[Action, Handler]] = {
    **dict.fromkeys((Action.DETAILS, Action.COMPARE, Action.SIDE_BY_SIDE), _check_picture),
    **dict.fromkeys((Action.LOSSLESS_FILE, Action.MORE, Action.PARENT), _check_picture),
    **dict.fromkeys((Action.SELECT_PICTURE, Action.PROMPT_ASK), _check_picture),
    Action.FILM: _check_film,
    **dict.fromkeys((Action.RATIO, Action.DRAFT_ASK), _check_draft),
    **dict.fromkeys((Action.DRAFT_FORM, Action.DRAFT_DETAIL), _check_draft),
    Action.NUDGE: _check_nudge,
    Action.OPEN: _check_choice,
    Action.RESEND: _check_order,
}
"""Free work on what may be another member's; the rest is about oneself."""
