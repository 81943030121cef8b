"""Texts about several pictures that were ordered at once."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.errors import Refusal
from bot.domain.job import Job
from bot.ui.i18n.formatting import describe_request, escape_text, shorten_text
from bot.ui.i18n.translations import Translations
from bot.ui.texts.controls import PICTURE_LABEL
from bot.ui.texts.errors.errors import explain_error
from bot.ui.texts.job_details import get_message_link
from bot.ui.texts.jobs import STATE_TEXTS

_MAX_NAME_LENGTH = 60


def describe_summary(_: Translations, jobs: Sequence[Job]) -> str:
    """List the pictures with their states and the links of their messages."""
    order = describe_request(_, jobs[0].order.request)
    title = _.ngettext(
        "{count} picture: {order}",
        "{count} pictures: {order}",
        len(jobs),
        order=order,
    )
    name = escape_text(shorten_text(jobs[0].origin.user_name, 40))
    lines = [f"### {title}", *(_describe_part(_, job) for job in jobs)]
    return "\n".join([*lines, "-# " + _("asked by {name}", name=name)])


def _describe_part(_: Translations, job: Job) -> str:
    picture, link = _(PICTURE_LABEL, number=job.part), get_message_link(job)
    state = _(STATE_TEXTS[job.state]) if job.has_ended else _("In progress")
    return f"{f'[{picture}]({link})' if link else picture} · {state}"


def describe_refused_pictures(
    _: Translations, count: int, refused: Sequence[tuple[str, Refusal]]
) -> str:
    """Say which of `count` pictures were not accepted, and why; equal reasons stand once."""
    accepted = _("{accepted} of {all} pictures accepted", accepted=count - len(refused), all=count)
    reasons = dict[str, list[str]]()
    for name, refusal in refused:
        words = explain_error(_, refusal)
        reason = " ".join(part for part in (words.happened, words.advice) if part)
        reasons.setdefault(reason, []).append(escape_text(shorten_text(name, _MAX_NAME_LENGTH)))
    lines = [f"**{', '.join(names)}**: {reason}" for reason, names in reasons.items()]
    return "\n".join([f"### {accepted}", *lines])
