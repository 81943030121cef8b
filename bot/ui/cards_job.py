"""A job's card in each of its states; pure functions from values to components."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import discord
from discord import ui

from bot.domain.job import Job, JobState
from bot.domain.money import ZERO
from bot.domain.order import OutputFormat, PictureRef
from bot.domain.usage import Usage
from bot.errors import ContentRefused, code_of
from bot.images.animate import MovieFormat
from bot.services.pictures import Details, Shown
from bot.services.ports import Picture, Standing
from bot.ui import wording_cards as words
from bot.ui import wording_details as said_of
from bot.ui import wording_pages as pages
from bot.ui import wording_ways as ways
from bot.ui.actions import Action
from bot.ui.buttons import Controls, Row, Style, rows_of
from bot.ui.cards import DONE, FAILED, WORKING, Card, card, note, text
from bot.ui.speech import speech
from bot.ui.wording_controls import spoiler_label
from bot.ui.wording_errors import explain

MAX_FILES: Final = 10
"""Files of one message (Discord's limit); further ones are in the member's history."""
_EXTENSIONS: Final = {OutputFormat.PNG: "png", OutputFormat.JPG: "jpg", OutputFormat.WEBP: "webp"}
_STOPPABLE = frozenset({JobState.RESERVED, JobState.PREPARED})
"""States in which nothing was submitted yet, so that nothing can have been billed."""


def working(controls: Controls, job: Job, standing: Standing) -> Card:
    """Show where a job is on its way, with a way out while nothing was submitted."""
    shown = text(words.working(controls.say, job, standing))
    if job.state not in _STOPPABLE:
        return card(WORKING, shown)
    return card(WORKING, shown, Row(controls.button(Action.CANCEL, job.id)))


def finished(
    controls: Controls,
    job: Job,
    pictures: Sequence[Picture],
    names: Sequence[str],
    usage: Usage,
    *,
    late: words.Late | None = None,
) -> Card:
    """Show the result: pictures, sizes, who asked, cost, what is left, and how to go on.

    `pictures` are all of them, `names` those files that this message carries: the first ones.
    """
    say = controls.say
    gallery: ui.MediaGallery[Any] = ui.MediaGallery()
    for name in names:
        gallery.add_item(
            media=f"attachment://{name}",
            description=words.alt_text(say, job, job.prepared_plan),
            spoiler=job.order.attachment.spoiler,
        )
    elsewhere = len(pictures) - len(names)
    said = text(words.finished(say, job, pictures, usage, late=late, elsewhere=elsewhere))
    ordinals = [picture.result.ordinal for picture in pictures[: len(names)]]
    return card(DONE, gallery, said, ui.Separator(), *controls.result(job, ordinals))


def failed(job: Job, error: Exception) -> Card:
    """Say that an accepted job came to nothing, in three parts and with its id."""
    say = speech(job.order.locale)
    reference = f"code {code_of(error)} · {job.id}"
    title = words.could_not(say, job)
    said = explain(say, error)
    if isinstance(error, ContentRefused):
        said = words.at_level(say, said, job.order.level, personal=job.origin.is_personal)
    shown = words.explained(say, title, said, job.cost or ZERO, reference)
    return note(shown, FAILED)


def withheld(job: Job) -> Card:
    """Say to everybody only that it came to nothing: the member reads why alone."""
    return note(words.withheld(speech(job.order.locale), job), FAILED)


def kept(job: Job) -> Card:
    """Say that the pictures are made and stored, but cannot be shown here."""
    return note(words.kept(speech(job.order.locale), job), FAILED)


def elsewhere(job: Job, reasons: Sequence[str], *, directly: bool) -> Card:
    """Say to the member alone why the picture is not in the channel, and where it is."""
    return note(ways.elsewhere(speech(job.order.locale), job, reasons, directly=directly))


def sent_directly(job: Job) -> Card:
    """Say to everybody that the picture went to its member alone."""
    return note(ways.sent_directly(speech(job.order.locale), job))


def cancelled(job: Job) -> Card:
    """Say that nothing was done and nothing was charged."""
    return note(words.cancelled(speech(job.order.locale), job))


def bench(
    controls: Controls, shown: Shown, number: int, seen: discord.MediaGalleryItem | None
) -> Card:
    """Offer all that can be done with one picture of several, below it where the result shows it.

    In a shared gallery Discord cuts pictures to its tiles; alone it is seen whole.
    """
    said = text(pages.bench(controls.say, number, len(shown.pictures)))
    whole = [ui.MediaGallery[Any](seen)] if seen else []
    return card(DONE, *whole, said, *controls.picture(shown.ref, shown.job))


def details(controls: Controls, found: Details) -> Card:
    """Show what is known of a picture."""
    return note(said_of.details(controls.say, found), DONE)


def more(
    controls: Controls,
    ref: PictureRef,
    job: Job,
    *,
    has_parent: bool,
    owns: bool,
    is_author: bool,
) -> Card:
    """Offer what is used now and then: `owns` is the author and who moderates."""
    row = (ref.job_id, ref.ordinal)
    buttons = [controls.button(Action.FILE, *row)]
    if has_parent:
        buttons.insert(0, controls.button(Action.PARENT, *row))
        buttons.insert(1, controls.button(Action.FILM, *row, MovieFormat.WEBP))
    shared = not job.order.private and not job.origin.is_personal
    if shared and is_author:
        buttons.append(controls.button(Action.HANG, *row))
    if owns and shared:
        hidden = job.order.attachment.spoiler
        label = spoiler_label(controls.say, hidden=hidden)
        buttons.append(controls.button(Action.SPOILER, *row, int(not hidden), text=label))
    if owns:
        buttons.append(controls.button(Action.DELETE, *row, style=Style.danger))
    if not is_author:
        buttons.append(controls.button(Action.REPORT, *row))
    return card(DONE, text(pages.more(controls.say)), *rows_of(buttons))


def parent(controls: Controls, ref: PictureRef, job: Job) -> Card:
    """Lead back to the picture before, and let it be gone on from in another way."""
    said = text(pages.back(controls.say, said_of.link_of(job)))
    return card(DONE, said, *controls.picture(ref, job))


def sure(controls: Controls, question: str, action: Action, *row: object) -> Card:
    """Ask before something is gone for good."""
    button = controls.button(action, *row, style=Style.danger)
    return card(FAILED, text(question), Row(button))


def file_name(job: Job, picture: Picture) -> str:
    """Name a result's file for people: the job and the number of the picture."""
    result = picture.result
    extension = _EXTENSIONS[result.format or OutputFormat.PNG]
    return f"expanded-{job.id}-{result.ordinal + 1}.{extension}"
