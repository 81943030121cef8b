"""Cards of the gallery: posts, single pictures, lists, and usage charts."""

from __future__ import annotations

from typing import Any

import discord
from discord import ui

from bot.domain.gallery import GalleryEntry
from bot.domain.job import Job
from bot.domain.order import PictureRef
from bot.ui.actions import Action
from bot.ui.i18n.translations import Translations
from bot.ui.texts import gallery as gallery_texts
from bot.ui.texts import jobs as job_texts
from bot.ui.views.base import CardView, build_card, build_gallery
from bot.ui.views.components import Controls, Row

COLOUR_GALLERY = discord.Colour(0xE8B339)


def build_gallery_post(controls: Controls, entry: GalleryEntry, job: Job, name: str) -> CardView:
    """Build a gallery post: picture, author, and buttons to compare, inspect and remove."""
    shown = _build_media_gallery(controls.gettext, job, name)
    ref = PictureRef(job.id, entry.ordinal)
    actions = (Action.COMPARE, Action.DETAILS, Action.GALLERY_REMOVE)
    buttons = Row(*(controls.build_button(action, ref) for action in actions))
    text = gallery_texts.format_post(controls.gettext, entry, job)
    return build_card(COLOUR_GALLERY, shown, text, buttons)


def build_picture_card(_: Translations, job: Job, name: str, content: str) -> CardView:
    """Show a picture of the gallery in answer to a command."""
    return build_card(COLOUR_GALLERY, _build_media_gallery(_, job, name), content)


def _build_media_gallery(_: Translations, job: Job, name: str) -> ui.MediaGallery[Any]:
    alt = job_texts.result_alt_text(_, job)
    return build_gallery((name, alt), spoiler=job.order.attachment.spoiler)


def build_usage_card(content: str, picture: str, table: str, alt: str) -> CardView:
    """Show usage as text, chart and CSV file; `picture` and `table` are file names."""
    file: ui.File[Any] = ui.File(f"attachment://{table}")
    return build_card(COLOUR_GALLERY, content, build_gallery((picture, alt)), file)


def build_list_card(content: str) -> CardView:
    return build_card(COLOUR_GALLERY, content)
