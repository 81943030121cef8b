"""The cards of the gallery: a picture that is shown, and a list."""

from __future__ import annotations

from typing import Any

import discord
from discord import ui

from bot.domain.gallery import Entry
from bot.domain.job import Job
from bot.ui import wording_cards as words
from bot.ui import wording_gallery as gallery
from bot.ui.actions import Action
from bot.ui.buttons import Controls, Row
from bot.ui.cards import Card, card, text
from bot.ui.speech import Speech

GOLD = discord.Colour(0xE8B339)


def post(controls: Controls, entry: Entry, job: Job, name: str) -> Card:
    """Show a picture with who made it, and a button for before and after."""
    shown = _picture(controls.say, job, name)
    row = (job.id, entry.ordinal)
    actions = (Action.COMPARE, Action.DETAILS, Action.UNHANG)
    buttons = Row(*(controls.button(action, *row) for action in actions))
    return card(GOLD, shown, text(gallery.post(controls.say, entry, job)), buttons)


def one(say: Speech, job: Job, name: str, content: str) -> Card:
    """Show a picture of the gallery wherever somebody asks for one."""
    return card(GOLD, _picture(say, job, name), text(content))


def _picture(say: Speech, job: Job, name: str) -> ui.MediaGallery[Any]:
    shown: ui.MediaGallery[Any] = ui.MediaGallery()
    alt, hidden = words.alt_text(say, job, job.prepared_plan), job.order.attachment.spoiler
    shown.add_item(media=f"attachment://{name}", description=alt, spoiler=hidden)
    return shown


def usage(content: str, picture: str, table: str, alt: str) -> Card:
    """Show a guild's numbers as a picture, with the same as text and as a file."""
    shown: ui.MediaGallery[Any] = ui.MediaGallery()
    shown.add_item(media=f"attachment://{picture}", description=alt)
    return card(GOLD, text(content), shown, ui.File(f"attachment://{table}"))


def listed(content: str) -> Card:
    return card(GOLD, text(content))
