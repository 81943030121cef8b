"""Buttons that add a picture to the gallery or remove it."""

from __future__ import annotations

from typing import Final

from bot.domain.gallery import GalleryRefusal
from bot.domain.ids import ChannelId
from bot.domain.order import PictureRef
from bot.errors import ComponentReason, ComponentRefused
from bot.ui.actions import Action
from bot.ui.channels import access as channel_access
from bot.ui.interactions.guards import get_known_picture
from bot.ui.interactions.moderator_access import can_withdraw
from bot.ui.interactions.permissions import find_channel_permissions
from bot.ui.interactions.router import ComponentEvent, Handler
from bot.ui.texts import gallery as texts
from bot.ui.texts.delivery import describe_missing_permissions


async def add_to_gallery(event: ComponentEvent, ref: PictureRef) -> None:
    """Add a picture to the gallery for its author or a moderator of the gallery's channel."""
    shown = await get_known_picture(event, ref)
    if shown.job.order.private:
        raise ComponentRefused(ComponentReason.PRIVATE)
    await event.interaction.response.defer(ephemeral=True, thinking=True)
    gallery, guild = event.services.gallery, event.origin.guild_id
    settings = await event.services.guild_settings.get(guild)
    channel = settings.gallery_channel
    granted = find_channel_permissions(event.interaction, channel or ChannelId(0))
    refusal = await gallery.invite_picture(
        guild,
        shown.job,
        shown.ordinal,
        event.origin.user_id,
        is_moderator=granted.manage_messages,
    )
    if refusal is GalleryRefusal.CLOSED and settings.gallery_frozen:
        text = event.gettext(texts.GALLERY_FROZEN)
    elif refusal is not None or channel is None:
        text = event.gettext(texts.REFUSAL_TEXTS[refusal or GalleryRefusal.CLOSED])
        if refusal is GalleryRefusal.NO_CHANNEL and channel is not None:
            lacking = channel_access.list_missing_permissions(event.interaction.client, channel)
            text = f"{text} {describe_missing_permissions(event.gettext, channel, lacking)}"
    else:
        text = event.gettext(texts.PICTURE_ADDED, channel=f"<#{channel}>")
    await event.show_note(text)


async def remove_from_gallery(event: ComponentEvent, ref: PictureRef) -> None:
    """Remove a picture permanently; allowed for its author, its source's, and moderators."""
    await event.interaction.response.defer(ephemeral=True, thinking=True)
    gallery, origin = event.services.gallery, event.origin
    job = await event.services.pictures.get_job(ref.job_id, origin)
    taken = await gallery.withdraw_picture(
        origin.guild_id,
        job.id,
        origin.user_id,
        is_moderator=await can_withdraw(event.interaction, event.services, job),
    )
    if not taken:
        raise ComponentRefused(ComponentReason.NOT_ON_SHOW)
    await event.show_note(event.gettext(texts.PICTURE_REMOVED))


HANDLERS: Final[dict[Action, Handler]] = {
    Action.GALLERY_ADD: add_to_gallery,
    Action.GALLERY_REMOVE: remove_from_gallery,
}
