"""Buttons that add a picture to the gallery or remove it."""

from __future__ import annotations

from typing import Final

from bot.domain.gallery import GalleryRefusal
from bot.domain.order import PictureRef
from bot.errors import ComponentReason, ComponentRefused
from bot.ui.actions import Action
from bot.ui.channels import access as channel_access
from bot.ui.interactions.guards import get_visible_picture
from bot.ui.interactions.permissions import can_moderate
from bot.ui.interactions.router import ComponentEvent, Handler
from bot.ui.texts import gallery as texts
from bot.ui.texts.delivery import describe_missing_permissions


async def add_to_gallery(event: ComponentEvent, ref: PictureRef) -> None:
    """Add a picture to the gallery at its author's request."""
    shown = await get_visible_picture(event, ref)
    if shown.job.order.private:
        raise ComponentRefused(ComponentReason.PRIVATE)
    await event.interaction.response.defer(ephemeral=True, thinking=True)
    gallery, guild = event.services.gallery, event.origin.guild_id
    refusal = await gallery.invite_picture(
        guild,
        shown.job,
        shown.ordinal,
        event.origin.user_id,
        is_moderator=can_moderate(event.interaction),
    )
    settings = await event.services.guild_settings.get(guild)
    channel = settings.gallery_channel
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
    taken = await event.services.gallery.withdraw_picture(
        event.origin.guild_id,
        ref.job_id,
        event.origin.user_id,
        is_moderator=can_moderate(event.interaction),
    )
    if not taken:
        raise ComponentRefused(ComponentReason.NOT_ON_SHOW)
    await event.show_note(event.gettext(texts.PICTURE_REMOVED))


HANDLERS: Final[dict[Action, Handler]] = {
    Action.GALLERY_ADD: add_to_gallery,
    Action.GALLERY_REMOVE: remove_from_gallery,
}
