"""Cards of a job in each state, and of a single picture; pure functions of their values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import discord
from discord import ui

from bot.domain.job import Job, JobState
from bot.domain.ledger import Usage
from bot.domain.money import ZERO
from bot.domain.order import OutputFormat, PictureRef
from bot.errors import ContentRefused, get_error_code
from bot.images.film.animation import MovieFormat
from bot.services.pictures.details import PictureDetails
from bot.services.pictures.library import SelectedPicture
from bot.services.ports.jobs import QueueStatus, StoredPicture
from bot.ui.actions import Action
from bot.ui.i18n.translations import Translations, get_translations
from bot.ui.texts import delivery as delivery_texts
from bot.ui.texts import job_details as job_detail_texts
from bot.ui.texts import jobs as job_texts
from bot.ui.texts import member_pages as page_texts
from bot.ui.texts.controls import spoiler_label
from bot.ui.texts.errors.errors import explain_error
from bot.ui.views.base import (
    COLOUR_DONE,
    COLOUR_FAILED,
    COLOUR_WORKING,
    CardView,
    build_card,
    build_gallery,
    build_note,
)
from bot.ui.views.components import Controls, Row, Style, arrange_rows
from bot.ui.views.payloads import FilmPayload, SpoilerPayload

MAX_FILES: Final = 10
"""Discord's limit of files per message; further pictures are in the member's history."""
_CANCELLABLE_STATES = frozenset({JobState.RESERVED, JobState.PREPARED})
"""States before submission: nothing can have been billed."""


def build_progress_card(controls: Controls, job: Job, status: QueueStatus) -> CardView:
    """Show a job's progress, with a cancel button until it is submitted."""
    shown = job_texts.describe_progress(controls.gettext, job, status)
    if job.state not in _CANCELLABLE_STATES:
        return build_card(COLOUR_WORKING, shown)
    return build_card(COLOUR_WORKING, shown, Row(controls.build_button(Action.CANCEL, job.id)))


def build_result_card(
    controls: Controls,
    job: Job,
    pictures: Sequence[StoredPicture],
    names: Sequence[str],
    usage: Usage,
    *,
    is_late: bool = False,
) -> CardView:
    """Show pictures, facts and follow-up buttons.

    `names` are the files in this message, the first of `pictures`. `is_late` says that the reply
    could no longer be edited, so that the result is a new message.
    """
    _ = controls.gettext
    alt = job_texts.result_alt_text(_, job)
    gallery = build_gallery(*((name, alt) for name in names), spoiler=job.order.attachment.spoiler)
    elsewhere = len(pictures) - len(names)
    text = job_texts.describe_result(_, job, pictures, usage, is_late=is_late, further=elsewhere)
    ordinals = [picture.result.ordinal for picture in pictures[: len(names)]]
    rows = controls.build_result_rows(job, ordinals)
    return build_card(COLOUR_DONE, gallery, text, ui.Separator(), *rows)


def build_failure_card(job: Job, error: Exception) -> CardView:
    """Explain a failed job: what happened, what was billed, advice, code and job ID."""
    _ = get_translations(job.order.locale)
    reference = f"code {get_error_code(error)} · {job.id}"
    title = job_texts.failure_title(_, job)
    text = explain_error(_, error)
    if isinstance(error, ContentRefused):
        text = job_texts.add_tolerance_level(_, text, job)
    shown = job_texts.format_explanation(_, title, text, job.cost or ZERO, reference)
    return build_note(shown, COLOUR_FAILED)


def build_withheld_card(job: Job) -> CardView:
    """Say in public only that the job failed; the reason is sent to its member in private."""
    return _build_job_note(job, job_texts.describe_withheld_result, COLOUR_FAILED)


def build_undeliverable_card(job: Job) -> CardView:
    """Say that the pictures are stored but cannot be posted here."""
    return _build_job_note(job, job_texts.describe_undeliverable, COLOUR_FAILED)


def build_delivery_notice(job: Job, reasons: Sequence[str], *, is_direct: bool) -> CardView:
    """Explain in private why the picture is not in the channel, and where it is."""
    _ = get_translations(job.order.locale)
    return build_note(delivery_texts.describe_delivery(_, job, reasons, is_direct=is_direct))


def build_direct_message_card(job: Job) -> CardView:
    """Say in public that the picture was sent to its member by direct message."""
    return _build_job_note(job, delivery_texts.direct_message_text)


def build_cancelled_card(job: Job) -> CardView:
    """Say that a job was cancelled and nothing was charged."""
    return _build_job_note(job, job_texts.describe_cancellation)


def _build_job_note(
    job: Job, describe: Callable[[Translations, Job], str], colour: discord.Colour = COLOUR_WORKING
) -> CardView:
    return build_note(describe(get_translations(job.order.locale), job), colour)


def build_single_picture_card(
    controls: Controls,
    selected: SelectedPicture,
    number: int,
    shown_item: discord.MediaGalleryItem | None,
) -> CardView:
    """Show the buttons of one of several pictures, below the picture if there is a `shown_item`."""
    total = len(selected.pictures)
    title = controls.gettext(page_texts.PICTURE_TITLE, number=number, total=total)
    # Discord crops pictures that share a gallery; a single one is shown uncropped
    whole = [ui.MediaGallery[Any](shown_item)] if shown_item else []
    rows = controls.build_picture_rows(selected.ref, selected.job)
    return build_card(COLOUR_DONE, *whole, f"### {title}", *rows)


def build_details_card(controls: Controls, details: PictureDetails) -> CardView:
    return build_note(job_detail_texts.format_details(controls.gettext, details), COLOUR_DONE)


def build_more_menu(
    controls: Controls,
    ref: PictureRef,
    job: Job,
    *,
    has_parent: bool,
    can_manage: bool,
    is_author: bool,
) -> CardView:
    """Show rarer actions on a result; `can_manage` is true for its author and moderators."""
    buttons = [controls.build_button(Action.LOSSLESS_FILE, ref)]
    if has_parent:
        buttons.insert(0, controls.build_button(Action.PARENT, ref))
        buttons.insert(1, controls.build_button(Action.FILM, FilmPayload(ref, MovieFormat.WEBP)))
    shared = not job.order.private and not job.origin.is_personal
    if shared and is_author:
        buttons.append(controls.build_button(Action.GALLERY_ADD, ref))
    if can_manage and shared:
        hidden = job.order.attachment.spoiler
        label = spoiler_label(controls.gettext, hidden=hidden)
        payload = SpoilerPayload(ref, not hidden)
        buttons.append(controls.build_button(Action.SPOILER, payload, text=label))
    if can_manage:
        buttons.append(controls.build_button(Action.DELETE, ref, style=Style.danger))
    if not is_author:
        buttons.append(controls.build_button(Action.REPORT, ref))
    title = controls.gettext(page_texts.MORE_TITLE)
    return build_card(COLOUR_DONE, f"### {title}", *arrange_rows(buttons))


def build_parent_card(controls: Controls, ref: PictureRef, job: Job) -> CardView:
    """Show the previous picture of a chain, with buttons to expand it differently."""
    text = page_texts.parent_title(controls.gettext, job_detail_texts.get_message_link(job))
    return build_card(COLOUR_DONE, text, *controls.build_picture_rows(ref, job))


def build_confirmation_card(
    controls: Controls, question: str, action: Action, payload: object = None
) -> CardView:
    """Ask before something is deleted permanently."""
    button = controls.build_button(action, payload, style=Style.danger)
    return build_card(COLOUR_FAILED, question, Row(button))


def build_file_name(job: Job, picture: StoredPicture) -> str:
    """Return a result's file name, with job ID and picture number (from 1)."""
    result = picture.result
    extension = (result.format or OutputFormat.PNG).lower()
    return f"expanded-{job.id}-{result.ordinal + 1}.{extension}"
