"""The cards of the gallery: a picture that is shown, and a list."""

from __future__ import annotations

from typing import Any

import discord
from discord import ui

from bot.domain.gallery import Entry
from bot.domain.job import Job
from bot.ui import wording_cards as words
from bot.ui import wording_gallery as gallery
from bot.ui.buttons import Controls, Row
from bot.ui.cards import Card, card, text
from bot.ui.seal import Action

GOLD = discord.Colour(0xE8B339)


def post(controls: Controls, entry: Entry, job: Job, name: str) -> Card:
    """Show a picture with who made it, and a button for before and after."""
    shown: ui.MediaGallery[Any] = ui.MediaGallery()
    shown.add_item(
        media=f"attachment://{name}",
        description=words.alt_text(controls.say, job, job.prepared_plan),
        spoiler=job.order.attachment.spoiler,
    )
    row = (job.id, entry.ordinal)
    actions = (Action.COMPARE, Action.DETAILS, Action.UNHANG)
    buttons = Row(*(controls.button(action, *row) for action in actions))
    return card(GOLD, shown, text(gallery.post(controls.say, entry, job)), buttons)


def usage(content: str, picture: str, table: str, alt: str) -> Card:
    """Show a guild's numbers as a picture, with the same as text and as a file."""
    shown: ui.MediaGallery[Any] = ui.MediaGallery()
    shown.add_item(media=f"attachment://{picture}", description=alt)
    return card(GOLD, text(content), shown, ui.File(f"attachment://{table}"))


def listed(content: str) -> Card:
    return card(GOLD, text(content))
