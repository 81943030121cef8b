"""Texts of a job's cards: progress, result, failure, preview."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from bot.domain.job import Job, JobState
from bot.domain.ledger import Usage
from bot.domain.money import ZERO, MicroUsd
from bot.domain.order import Detail, Note
from bot.domain.plan import Plan
from bot.services.orders.drafts import DraftPreview
from bot.services.ports.jobs import QueueStatus, StoredPicture
from bot.ui.i18n.formatting import (
    describe_charge,
    describe_margins,
    describe_request,
    escape_text,
    format_timestamp,
    shorten_text,
)
from bot.ui.i18n.translations import N_, Translations
from bot.ui.texts.controls import DETAILS, PICTURE_LABEL
from bot.ui.texts.errors.refusal_reasons import Explanation

_MAX_ALT_LENGTH: Final = 1024
"""Discord's limit of characters for a picture's description."""
MAX_PROMPT_LENGTH: Final = 300
"""Characters of a prompt on a card; the data export has all of it."""
STATE_TEXTS: Final = {
    JobState.RESERVED: N_("Waiting for its turn"),
    JobState.PREPARED: N_("Picture checked, waiting for a place at the image service"),
    JobState.SUBMITTING: N_("Sending it to the image service"),
    JobState.SUBMITTED: N_("Rendering"),
    JobState.RENDERED: N_("Rendered, fetching the picture"),
    JobState.STORED: N_("Sending it here"),
    JobState.PARKED: N_(
        "No answer from the image service. The money stays reserved until the "
        "operator of this bot has cleared it up"
    ),
    JobState.DELIVERED: N_("Done"),
    JobState.SETTLED: N_("Done"),
    JobState.CANCELLED: N_("Cancelled"),
    JobState.FAILED: N_("Failed"),
}
NOTE_TEXTS: Final = {
    Note.FIRST_FRAME: N_("The picture is animated; its first frame was used."),
    Note.TRANSPARENT: N_("The new area is opaque; your picture's transparency is kept."),
    Note.RESCALED: N_("The image service rendered a smaller size; the margins were scaled up."),
    Note.EDGES_FILLED: N_(
        "The image service returned less than requested; the outermost pixels are mirrored."
    ),
    Note.NOT_LOCATED: N_(
        "Your picture has too little detail to align the margins with it; they are as planned."
    ),
    Note.RECODED: N_("Saved more compactly to fit this channel's upload limit."),
    Note.REDUCED: N_("Scaled down to fit this channel's upload limit."),
    Note.MADE_WITH_AI: N_("Extended with AI"),
}


NOT_EXPANDED: Final = N_("Not expanded")
NOT_DONE: Final = N_("Not done")
DRAFT_CONFIRMED: Final = N_("Confirmed. The result comes as a message of its own.")
DRAFT_DISCARDED: Final = N_("Dropped. Nothing was charged, and your quota is untouched.")


def describe_progress(_: Translations, job: Job, status: QueueStatus) -> str:
    state = _(STATE_TEXTS[job.state])
    started = _("{state} · started {time}", state=state, time=format_timestamp(job.created_at))
    if job.part:
        started = f"{_(PICTURE_LABEL, number=job.part)} · {started}"
    name = _format_member_name(job)
    asked = _("{results} × asked by {name}", results=job.order.results, name=name)
    lines = [
        "### " + _("Expanding: {order}", order=describe_request(_, job.order.request)),
        started,
        *_describe_queue_status(_, status),
        f"-# {asked} · " + _("holds {amount}", amount=_.format_usd(job.hold)) + f" · {job.id}",
    ]
    return "\n".join(lines)


def describe_result(
    _: Translations,
    job: Job,
    pictures: Sequence[StoredPicture],
    usage: Usage,
    *,
    is_late: bool = False,
    further: int = 0,
) -> str:
    plan = job.prepared_plan
    lines = []
    if is_late:
        member = f"<@{job.origin.user_id}>"
        lines.append(_("It took a while: here is your picture, {member}.", member=member))
    lines += [
        f"**{plan.seed} → {plan.canvas}** · {describe_request(_, job.order.request)}",
        *list_deviations(_, job, pictures),
        *([_describe_more_pictures(_, further)] if further else []),
        "-# "
        + _("asked by {name}", name=_format_member_name(job))
        + f" · {_.format_usd(job.cost or ZERO)}"
        f" · {format_remaining_quota(_, usage)} · {job.id}",
    ]
    return "\n".join(lines)


def _describe_more_pictures(_: Translations, number: int) -> str:
    return "-# " + _.ngettext(
        "{count} more picture: open this order in /history and send it again.",
        "{count} more pictures: open this order in /history and send it again.",
        number,
    )


def list_deviations(_: Translations, job: Job, pictures: Sequence[StoredPicture]) -> list[str]:
    """List how a result differs from the order."""
    plan, lines = job.prepared_plan, list[str]()
    if plan.is_reduced:
        lines.append(describe_reduction(_, plan))
    elif plan.rendered != plan.delivered:
        lines.append(
            _(
                "Asked {asked}; rendered {rendered}; cropped to what was asked.",
                asked=describe_margins(_, plan.asked),
                rendered=describe_margins(_, plan.rendered),
            )
        )
    missing = job.order.results - len(pictures)
    if missing:
        wanted = job.order.results
        lines.append(_("{missing} of {all} did not come out.", missing=missing, all=wanted))
    notes = [*job.seed_notes, *(note for each in pictures for note in each.result.notes)]
    lines += [_(NOTE_TEXTS[note]) for note in dict.fromkeys(notes)]
    return [f"-# {line}" for line in lines]


def describe_reduction(_: Translations, plan: Plan) -> str:
    """Say at which size a plan is rendered, where that is less than is delivered."""
    return _("Rendered at {size}, then scaled up.", size=plan.rendered_canvas)


def describe_undeliverable(_: Translations, job: Job) -> str:
    order = describe_request(_, job.order.request)
    lines = [
        "### " + _("Expanded {order}, but it cannot be shown here", order=order),
        _("Discord takes the picture neither in this reply nor in this channel."),
        describe_charge(_, job.cost or ZERO),
        _("The picture is kept: open it with /history."),
        f"-# {job.id}",
    ]
    return "\n".join(lines)


def describe_cancellation(_: Translations, job: Job) -> str:
    title = "### " + _("Cancelled: {order}", order=describe_request(_, job.order.request))
    return "\n".join([title, describe_charge(_, ZERO), f"-# {job.id}"])


def format_explanation(
    _: Translations, title: str, explanation: Explanation, billed: MicroUsd, reference: str
) -> str:
    money = explanation.money or describe_charge(_, billed)
    lines = [f"### {title}", explanation.happened, money, explanation.advice, f"-# {reference}"]
    return "\n".join(line for line in lines if line)


def add_tolerance_level(_: Translations, explanation: Explanation, job: Job) -> Explanation:
    """Add to a content refusal the tolerance level that applied and who can change it."""
    checked = _("It was checked at safety tolerance {level}.", level=job.order.tolerance_level)
    if job.origin.is_personal:
        rest = _("No laxer check is tried: outside of servers that have me the level is fixed.")
    else:
        rest = _(
            "No laxer check is tried by itself; the moderators of this server settle the level."
        )
    return Explanation(f"{explanation.happened} {checked}", f"{explanation.advice} {rest}")


def describe_withheld_result(_: Translations, job: Job) -> str:
    lines = ["### " + failure_title(_, job), _("Only its member reads why."), f"-# {job.id}"]
    return "\n".join(lines)


def failure_title(_: Translations, job: Job) -> str:
    return _("Could not expand: {order}", order=describe_request(_, job.order.request))


def format_remaining_quota(_: Translations, usage: Usage) -> str:
    return _("{left} of {limit} left today", left=usage.left, limit=usage.limit)


def result_alt_text(_: Translations, job: Job) -> str:
    """Return a result's alt text."""
    about = _(
        "Expanded picture, {canvas}, {margins}",
        canvas=job.prepared_plan.canvas,
        margins=describe_margins(_, job.prepared_plan.delivered),
    )
    if job.order.prompt:
        about += "; " + _("prompt: {prompt}", prompt=job.order.prompt)
    return shorten_text(about, _MAX_ALT_LENGTH)


def describe_preview(_: Translations, preview: DraftPreview) -> str:
    plan = preview.plan
    lines = [
        "### " + _("Preview: nothing is paid yet"),
        f"**{plan.seed} → {plan.canvas}** · {describe_margins(_, plan.asked)}",
    ]
    if plan.is_reduced:
        lines.append("-# " + describe_reduction(_, plan))
    elif plan.rendered != plan.delivered:
        rendered = describe_margins(_, plan.rendered)
        lines.append("-# " + _("Rendered as {rendered}, then cropped.", rendered=rendered))
    if preview.order.detail is Detail.NATIVE:
        lines.append("-# " + _("Detail: {detail}", detail=_(DETAILS[preview.order.detail])))
    prompt = escape_text(shorten_text(preview.order.prompt, MAX_PROMPT_LENGTH))
    if prompt:
        lines.append(_("Prompt: {prompt}", prompt=prompt))
    price = _("Price: {amount}", amount=_.format_usd(preview.price))
    lines.append(f"{price} · {format_remaining_quota(_, preview.usage)}")
    return "\n".join(lines)


def preview_alt_text(_: Translations, preview: DraftPreview) -> str:
    plan = preview.plan
    return _(
        "Plan of the canvas: {seed} in {canvas}, new area hatched; {margins}",
        seed=plan.seed,
        canvas=plan.canvas,
        margins=describe_margins(_, plan.asked),
    )


def _describe_queue_status(_: Translations, status: QueueStatus) -> list[str]:
    lines = []
    if status.retry_at is not None:
        time = format_timestamp(status.retry_at)
        lines.append(_("The image service is not answering, trying again {time}.", time=time))
    if status.is_late:
        lines.append(_("This takes longer than usual; it is still waited for."))
    if status.position is not None:
        lines.append(_("Place {place} in the queue.", place=status.position))
    if status.wait is not None:
        lines.append(_("Usually done in {time}.", time=_format_duration(_, status.wait)))
    return lines


def _format_duration(_: Translations, wait: timedelta) -> str:
    seconds = max(1, round(wait.total_seconds()))
    if seconds < 90:
        return _.ngettext("{count} second", "{count} seconds", seconds)
    return _.ngettext("{count} minute", "{count} minutes", round(seconds / 60))


def _format_member_name(job: Job) -> str:
    return escape_text(shorten_text(job.origin.user_name, 40))
