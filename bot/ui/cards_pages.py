"""Cards of one's own: preview, history, privacy, a made file, help."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord
from discord import ui

from bot.domain.order import PictureRef
from bot.images.animate import MovieFormat
from bot.services.history import Page
from bot.services.previews import Preview
from bot.ui import wording_cards as words
from bot.ui import wording_pages as pages
from bot.ui.actions import Action
from bot.ui.buttons import Controls, Row, Style
from bot.ui.cards import DONE, WORKING, Card, card, text
from bot.ui.speech import Speech
from bot.ui.wording import order_line, shortened
from bot.ui.wording_controls import open_hint, share_label

PREVIEW_FILE = "preview.jpg"
_FORMATS = {MovieFormat.WEBP: "WebP", MovieFormat.GIF: "GIF", MovieFormat.MP4: "MP4"}
_LABEL = 100
"""Characters of a menu's option (Discord's limit)."""


def preview(controls: Controls, shown: Preview) -> Card:
    """Show the canvas that is planned, its price, and how to change it."""
    say = controls.say
    gallery: ui.MediaGallery[Any] = ui.MediaGallery()
    gallery.add_item(
        media=f"attachment://{PREVIEW_FILE}",
        description=words.preview_alt(say, shown),
        spoiler=shown.order.attachment.spoiler,
    )
    said = text(words.preview(say, shown))
    rows = controls.preview(shown.draft, say.usd(shown.price), shown.plan.asked)
    return card(WORKING, gallery, said, *rows)


def history(controls: Controls, page: Page) -> Card:
    """Show a page of a member's orders, each to be opened."""
    say = controls.say
    said = text(pages.history(say, page))
    if not page.jobs:
        return card(WORKING, said)
    options = [
        discord.SelectOption(
            label=shortened(order_line(say, job.order.request), _LABEL),
            value=job.id,
            description=shortened(f"{say(words.STATES[job.state])} · {job.id}", _LABEL),
        )
        for job in page.jobs
    ]
    select = controls.select(Action.OPEN, options=options, hint=open_hint(say))
    if page.pages == 1:
        return card(WORKING, said, Row(select))
    turns = Row(
        controls.button(Action.PAGE, page.number - 1, text="◀", disabled=page.number == 0),
        controls.button(
            Action.PAGE, page.number + 1, text="▶", disabled=page.number + 1 >= page.pages
        ),
    )
    return card(WORKING, said, Row(select), turns)


def opened(controls: Controls, said: str, job_id: str, *, pictures: bool) -> Card:
    """Show one order of a history, and what its member may do with it."""
    buttons = [controls.button(Action.RESEND, job_id)] if pictures else []
    buttons.append(controls.button(Action.DELETE, job_id, 0, style=Style.danger))
    return card(WORKING, text(said), Row(*buttons))


def privacy(controls: Controls, *, days: int, shares: bool) -> Card:
    """Say what is kept, and let it be taken away."""
    say = controls.say
    return card(
        WORKING,
        text(pages.privacy(say, days=days, shares=shares)),
        Row(
            controls.button(Action.OPT, int(not shares), text=share_label(say, shares=shares)),
            controls.button(Action.EXPORT),
            controls.button(Action.ERASE, style=Style.danger),
        ),
    )


def made(title: str, alt: str, name: str, *, spoiler: bool, row: Row | None = None) -> Card:
    """Show a film or a comparison, with a button or without."""
    gallery: ui.MediaGallery[Any] = ui.MediaGallery()
    gallery.add_item(media=f"attachment://{name}", description=alt, spoiler=spoiler)
    items: list[ui.Item[Any]] = [gallery, text(title)]
    return card(DONE, *items, *([row] if row else []))


def film_buttons(
    controls: Controls, ref: PictureRef, formats: Sequence[MovieFormat]
) -> list[ui.Button[Any]]:
    """Offer the film in other formats."""
    return [
        controls.button(Action.FILM, ref.job_id, ref.ordinal, fmt, text=_FORMATS[fmt])
        for fmt in formats
    ]


def file(said: str, name: str) -> Card:
    """Hand over a file under a line of text."""
    shown: ui.File[Any] = ui.File(f"attachment://{name}")
    return card(DONE, text(said), shown)


def help_page(say: Speech) -> Card:
    """Show by example what there is."""
    return card(WORKING, text(pages.help_page(say)))
