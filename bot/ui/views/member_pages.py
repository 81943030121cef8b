"""Private cards of a member: preview, history, privacy, generated files, help."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord
from discord import ui

from bot.domain.ids import JobId
from bot.domain.order import Detail, PictureRef
from bot.images.film.animation import MovieFormat
from bot.services.members.history import HistoryPage
from bot.services.orders.drafts import DraftPreview
from bot.ui.actions import Action
from bot.ui.i18n.formatting import describe_request, shorten_text
from bot.ui.texts import jobs as job_texts
from bot.ui.texts import member_pages as page_texts
from bot.ui.texts.controls import OPEN_HINT, ORDER_PANEL, detail_label, share_label
from bot.ui.views.base import COLOUR_DONE, COLOUR_WORKING, CardView, build_card, build_gallery
from bot.ui.views.components import Controls, Row, Style
from bot.ui.views.payloads import FilmPayload, SharingPayload

PREVIEW_FILE = "preview.jpg"
_FORMAT_NAMES = {MovieFormat.WEBP: "WebP", MovieFormat.GIF: "GIF", MovieFormat.MP4: "MP4"}
_MAX_LABEL_LENGTH = 100
"""Discord's limit of characters for the label of a menu option."""


def build_preview_card(controls: Controls, preview: DraftPreview) -> CardView:
    """Show the planned canvas, its price, and controls to change it."""
    _ = controls.gettext
    gallery = build_gallery(
        (PREVIEW_FILE, job_texts.preview_alt_text(_, preview)),
        spoiler=preview.order.attachment.spoiler,
    )
    text = job_texts.describe_preview(_, preview)
    price = _.format_usd(preview.price)
    draft, asked, detail = preview.draft, preview.plan.asked, preview.order.detail
    switches = []
    if preview.plan.is_reduced or detail is Detail.NATIVE:
        label = detail_label(_, detail)
        switches.append(controls.build_button(Action.DRAFT_DETAIL, draft, text=label))
    rows = controls.build_preview_rows(draft, price, asked, preview.step, *switches)
    return build_card(COLOUR_WORKING, gallery, text, *rows)


def build_history_card(controls: Controls, page: HistoryPage) -> CardView:
    """Show a page of a member's orders, with a menu to open one."""
    _ = controls.gettext
    text = page_texts.format_history(_, page)
    if not page.jobs:
        return build_card(COLOUR_WORKING, text)
    options = [
        discord.SelectOption(
            label=shorten_text(describe_request(_, job.order.request), _MAX_LABEL_LENGTH),
            value=job.id,
            description=shorten_text(
                f"{_(job_texts.STATE_TEXTS[job.state])} · {job.id}", _MAX_LABEL_LENGTH
            ),
        )
        for job in page.jobs
    ]
    select = controls.build_select(Action.OPEN, options=options, hint=_(OPEN_HINT))
    if page.pages == 1:
        return build_card(COLOUR_WORKING, text, Row(select))
    number, last = page.number, page.pages - 1
    turns = Row(
        controls.build_button(Action.PAGE, number - 1, text="◀", disabled=number == 0),
        controls.build_button(Action.PAGE, number + 1, text="▶", disabled=number >= last),
    )
    return build_card(COLOUR_WORKING, text, Row(select), turns)


def build_order_card(
    controls: Controls, content: str, job_id: JobId, *, has_pictures: bool
) -> CardView:
    """Show one order of the history, with buttons to resend and delete it."""
    buttons = [controls.build_button(Action.RESEND, job_id)] if has_pictures else []
    buttons.append(controls.build_button(Action.DELETE, PictureRef(job_id, 0), style=Style.danger))
    return build_card(COLOUR_WORKING, content, Row(*buttons))


def build_privacy_card(controls: Controls, *, days: int, shares: bool) -> CardView:
    """Show what is stored about a member, with buttons to export and delete it."""
    _ = controls.gettext
    payload, label = SharingPayload(not shares), share_label(_, shares=shares)
    buttons = Row(
        controls.build_button(Action.SET_SHARING, payload, text=label),
        controls.build_button(Action.EXPORT),
        controls.build_button(Action.ERASE, style=Style.danger),
    )
    text = page_texts.describe_privacy(_, days=days, shares=shares)
    return build_card(COLOUR_WORKING, text, buttons)


def build_media_card(
    title: str, alt: str, name: str, *, spoiler: bool, row: Row | None = None
) -> CardView:
    """Show a film or a comparison, above an optional row of buttons."""
    gallery = build_gallery((name, alt), spoiler=spoiler)
    return build_card(COLOUR_DONE, gallery, title, *([row] if row else []))


def build_film_buttons(
    controls: Controls, ref: PictureRef, formats: Sequence[MovieFormat]
) -> list[ui.Button[Any]]:
    """Return a button per format that the film can be rendered in."""
    return [
        controls.build_button(Action.FILM, FilmPayload(ref, fmt), text=_FORMAT_NAMES[fmt])
        for fmt in formats
    ]


def build_file_card(content: str, name: str, *, spoiler: bool = False) -> CardView:
    shown: ui.File[Any] = ui.File(f"attachment://{name}", spoiler=spoiler)
    return build_card(COLOUR_DONE, content, shown)


def build_help_card(controls: Controls, *, can_moderate: bool) -> CardView:
    """Show examples and the order form's button; moderators may post that for everybody."""
    buttons = [controls.build_button(Action.ORDER_ASK, style=Style.primary)]
    if can_moderate:
        buttons.append(controls.build_button(Action.ORDER_POST))
    return build_card(COLOUR_WORKING, page_texts.help_text(controls.gettext), Row(*buttons))


def build_order_panel(controls: Controls) -> CardView:
    """Show the order form's button to everybody in a channel."""
    title, text = map(controls.gettext, ORDER_PANEL)
    button = controls.build_button(Action.ORDER_ASK, style=Style.primary)
    return build_card(COLOUR_WORKING, f"### {title}\n{text}", Row(button))
