"""The moderators' cards: a case with its pictures and what can be done about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import discord
from discord import ui

from bot.domain.moderation import ActKind, Stage
from bot.services.quarters import Case
from bot.services.rules import Record
from bot.ui import wording_moderation as words
from bot.ui.actions import Action
from bot.ui.buttons import Controls, Row, Style
from bot.ui.cards import FAILED, WORKING, Card, card, note, text
from bot.ui.cards_job import file_name

ORIGINAL: Final = "original.jpg"
MOST: Final = 9
"""Results on one card: the original is the tenth file."""
_COLOURS: Final = {
    Stage.REPORTED: FAILED,
    Stage.WAITS: WORKING,
    Stage.SETTLED: discord.Colour.dark_grey(),
}
_STYLES: Final = {
    ActKind.APPROVE: Style.success,
    ActKind.DECLINE: Style.danger,
    ActKind.REMOVE: Style.danger,
}


def case(controls: Controls, shown: Case) -> Card:
    """Show original and result, who made it of what, what was done, and what can be."""
    if not shown.left:
        return note(words.acts(controls.say, shown.done))
    say, hidden = controls.say, shown.job.order.attachment.spoiler
    gallery: ui.MediaGallery[Any] = ui.MediaGallery()
    if shown.original is not None:
        alt = words.original_alt(say)
        gallery.add_item(media=f"attachment://{ORIGINAL}", description=alt, spoiler=hidden)
    for number, picture in enumerate(shown.pictures[:MOST], start=1):
        gallery.add_item(
            media=f"attachment://{file_name(shown.job, picture)}",
            description=words.result_alt(say, number),
            spoiler=hidden,
        )
    buttons = Row(*(act_button(controls, kind, shown.job.id) for kind in shown.left))
    items: list[ui.Item[Any]] = [gallery] if gallery.items else []
    return card(_COLOURS[shown.stage], *items, text(words.case(say, shown)), buttons)


def act_button(controls: Controls, kind: ActKind, job: str) -> ui.Button[Any]:
    return controls.button(
        Action.ACT,
        job,
        kind,
        text=controls.say(words.LABELS[kind]),
        style=_STYLES.get(kind, Style.secondary),
    )


def files(shown: Case) -> Sequence[tuple[str, object]]:
    """Name the files of a case, each with its bytes or its path."""
    named: list[tuple[str, object]] = []
    if shown.original is not None:
        named.append((ORIGINAL, shown.original))
    named += [(file_name(shown.job, each), each.path) for each in shown.pictures[:MOST]]
    return named


def log(controls: Controls, guild: int, page: Record) -> Card:
    """Show a page of the record."""
    turns = Row(
        controls.button(Action.LOG, guild, page.number - 1, text="◀", disabled=not page.number),
        controls.button(Action.LOG, guild, page.number + 1, text="▶", disabled=not page.has_more),
    )
    return card(discord.Colour.dark_grey(), text(words.log(controls.say, page)), turns)
