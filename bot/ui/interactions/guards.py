"""Access checks on pictures and jobs that handlers and commands share."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.guild import MenuPolicy
from bot.domain.ids import JobId, UserId
from bot.domain.job import Job
from bot.domain.order import PictureRef
from bot.errors import ComponentReason, ComponentRefused
from bot.services.pictures.library import SelectedPicture
from bot.ui.interactions.permissions import can_moderate_guild
from bot.ui.interactions.responses import Interaction, build_origin
from bot.ui.interactions.router import ComponentEvent
from bot.ui.interactions.services import InteractionServices


async def get_known_picture(event: ComponentEvent, ref: PictureRef) -> SelectedPicture:
    """Return a picture to act on without showing it; raise `ComponentRefused`."""
    found = await event.services.pictures.select_picture(ref.job_id, event.origin, ref.ordinal)
    if found.job.order.private and not event.is_author(found.job):
        raise ComponentRefused(ComponentReason.NOT_YOURS)
    return found


async def get_visible_picture(event: ComponentEvent, ref: PictureRef) -> SelectedPicture:
    """Return a picture as a private answer may show it; raise `ComponentRefused`.

    Its job has a spoiler if anything that it is made from has one.
    """
    shown = await event.services.pictures.select_picture(ref.job_id, event.origin, ref.ordinal)
    job = await event.services.exposure.check_view(shown.job, event.origin)
    return replace(shown, job=job)


async def get_reachable_picture(event: ComponentEvent, ref: PictureRef) -> SelectedPicture:
    """Return a picture to expand further; its author may have opted out of use by others."""
    shown = await get_visible_picture(event, ref)
    if event.origin.guild_id != shown.job.origin.guild_id:
        raise ComponentRefused(ComponentReason.DIRECT_MESSAGE)
    owner = shown.job.origin.user_id
    if owner != event.origin.user_id and not await event.services.privacy.is_sharing_allowed(owner):
        raise ComponentRefused(ComponentReason.OPTED_OUT)
    return shown


async def get_own_job(event: ComponentEvent, job_id: JobId) -> Job:
    """Return a job; raise `ComponentRefused` unless the member may manage it."""
    job = await event.services.pictures.get_job(job_id, event.origin)
    if not event.can_manage(job):
        raise ComponentRefused(ComponentReason.NOT_YOURS)
    return job


async def check_source(
    interaction: Interaction, services: InteractionServices, author: UserId
) -> None:
    """Raise `ComponentRefused` if the member may not use this author's pictures."""
    origin = build_origin(interaction)
    if author == origin.user_id:
        return
    if not await services.privacy.is_sharing_allowed(author):
        raise ComponentRefused(ComponentReason.OPTED_OUT)
    allowed = (await services.guild_settings.get(origin.guild_id)).menu_on_others
    barred = allowed is MenuPolicy.MODERATORS and not can_moderate_guild(interaction)
    if allowed is MenuPolicy.NOBODY or barred:
        raise ComponentRefused(ComponentReason.MENU_CLOSED)
