"""What the cards say, block by block."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bot.domain.geometry import Plan
from bot.domain.job import Job, JobState
from bot.domain.money import ZERO, MicroUsd
from bot.domain.usage import Usage
from bot.images.compose import NOTE_RESCALED
from bot.images.encode import NOTE_RECODED, NOTE_REDUCED
from bot.images.validation import NOTE_FIRST_FRAME, NOTE_TRANSPARENT
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
from bot.ui.i18n.translations import Translations, mark_message
from bot.ui.texts.errors.refusal_reasons import Explanation

_MAX_ALT_LENGTH: Final = 1024
"""Characters of a picture's description (Discord's limit)."""
MAX_PROMPT_LENGTH: Final = 300
"""Characters of a prompt on a card; all of it is in what a member exports."""
STATE_TEXTS: Final = {
    JobState.RESERVED: mark_message("Waiting for its turn"),
    JobState.PREPARED: mark_message("Picture checked, waiting for a place at the image service"),
    JobState.SUBMITTING: mark_message("Sending it to the image service"),
    JobState.SUBMITTED: mark_message("Rendering"),
    JobState.RENDERED: mark_message("Rendered, fetching the picture"),
    JobState.STORED: mark_message("Sending it here"),
    JobState.PARKED: mark_message(
        "No answer from the image service. The money stays reserved until the "
        "operator of this bot has cleared it up"
    ),
    JobState.DELIVERED: mark_message("Done"),
    JobState.SETTLED: mark_message("Done"),
    JobState.CANCELLED: mark_message("Cancelled"),
    JobState.FAILED: mark_message("Failed"),
}
NOTE_TEXTS: Final = {
    NOTE_FIRST_FRAME: mark_message("The picture is animated; its first frame was used."),
    NOTE_TRANSPARENT: mark_message("The new area is opaque; your picture's transparency is kept."),
    NOTE_RESCALED: mark_message(
        "The image service rendered a smaller size; the margins were scaled up."
    ),
    NOTE_RECODED: mark_message("Saved more compactly to fit this channel's upload limit."),
    NOTE_REDUCED: mark_message("Scaled down to fit this channel's upload limit."),
}


@dataclass(frozen=True, slots=True)
class LateDelivery:
    """The reply could no longer be edited: the result comes as a message of its own."""

    user_id: int


def describe_progress(say: Translations, job: Job, status: QueueStatus) -> str:
    state = say(STATE_TEXTS[job.state])
    started = say("{state} · started {time}", state=state, time=format_timestamp(job.created_at))
    asked = say(
        "{results} × asked by {name}", results=job.order.results, name=_format_member_name(job)
    )
    lines = [
        "### " + say("Expanding: {order}", order=describe_request(say, job.order.request)),
        started,
        *_describe_queue_status(say, status),
        f"-# {asked} · " + say("holds {amount}", amount=say.format_usd(job.hold)) + f" · {job.id}",
    ]
    return "\n".join(lines)


def describe_result(
    say: Translations,
    job: Job,
    pictures: Sequence[StoredPicture],
    usage: Usage,
    *,
    late: LateDelivery | None = None,
    further_pictures: int = 0,
) -> str:
    plan = job.prepared_plan
    lines = []
    if late is not None:
        lines.append(
            say("It took a while: here is your picture, {member}.", member=f"<@{late.user_id}>")
        )
    lines += [
        f"**{plan.seed} → {plan.canvas}** · {describe_request(say, job.order.request)}",
        *list_deviations(say, job, plan, pictures),
        *([_describe_more_pictures(say, further_pictures)] if further_pictures else []),
        "-# "
        + say("asked by {name}", name=_format_member_name(job))
        + f" · {say.format_usd(job.cost or ZERO)}"
        f" · {format_remaining_quota(say, usage)} · {job.id}",
    ]
    return "\n".join(lines)


def _describe_more_pictures(say: Translations, number: int) -> str:
    return "-# " + say.translate_plural(
        "{count} more picture: open this order in /history and send it again.",
        "{count} more pictures: open this order in /history and send it again.",
        number,
    )


def list_deviations(
    say: Translations, job: Job, plan: Plan, pictures: Sequence[StoredPicture]
) -> list[str]:
    """Say where the result differs from what was asked or expected."""
    lines = []
    if plan.rendered != plan.delivered:
        lines.append(
            say(
                "Asked {asked}; rendered {rendered}; cropped to what was asked.",
                asked=describe_margins(say, plan.asked),
                rendered=describe_margins(say, plan.rendered),
            )
        )
    missing = job.order.results - len(pictures)
    if missing:
        lines.append(
            say("{missing} of {all} did not come out.", missing=missing, all=job.order.results)
        )
    codes = job.seed_note.split()
    codes += [code for picture in pictures for code in picture.result.note.split()]
    lines += [say(NOTE_TEXTS[code]) for code in dict.fromkeys(codes) if code in NOTE_TEXTS]
    return [f"-# {line}" for line in lines]


def describe_undeliverable(say: Translations, job: Job) -> str:
    lines = [
        "### "
        + say(
            "Expanded {order}, but it cannot be shown here", order=_describe_job_request(say, job)
        ),
        say("Discord takes the picture neither in this reply nor in this channel."),
        describe_charge(say, job.cost or ZERO),
        say("The picture is kept: open it with /history."),
        f"-# {job.id}",
    ]
    return "\n".join(lines)


def describe_cancellation(say: Translations, job: Job) -> str:
    lines = [
        "### " + say("Cancelled: {order}", order=_describe_job_request(say, job)),
        describe_charge(say, ZERO),
        f"-# {job.id}",
    ]
    return "\n".join(lines)


def format_explanation(
    say: Translations, title: str, explanation: Explanation, billed: MicroUsd, reference: str
) -> str:
    money = explanation.money or describe_charge(say, billed)
    lines = [f"### {title}", explanation.happened, money, explanation.advice]
    if reference:
        lines.append(f"-# {reference}")
    return "\n".join(line for line in lines if line)


def add_tolerance_level(
    say: Translations, explanation: Explanation, level: int, *, personal: bool
) -> Explanation:
    """Add to a refusal of the content checks which level applied, and who settles it."""
    checked = say("It was checked at safety tolerance {level}.", level=level)
    if personal:
        rest = say("No laxer check is tried: outside of servers that have me the level is fixed.")
    else:
        rest = say(
            "No laxer check is tried by itself; the moderators of this server settle the level."
        )
    return Explanation(f"{explanation.happened} {checked}", f"{explanation.advice} {rest}")


def describe_withheld_result(say: Translations, job: Job) -> str:
    lines = [
        "### " + failure_title(say, job),
        say("Only its member reads why."),
        f"-# {job.id}",
    ]
    return "\n".join(lines)


def not_expanded_title(say: Translations) -> str:
    return say("Not expanded")


def not_done_title(say: Translations) -> str:
    return say("Not done")


def failure_title(say: Translations, job: Job) -> str:
    return say("Could not expand: {order}", order=_describe_job_request(say, job))


def format_remaining_quota(say: Translations, usage: Usage) -> str:
    return say("{left} of {limit} left today", left=usage.left, limit=usage.limit)


def result_alt_text(say: Translations, job: Job, plan: Plan) -> str:
    """Describe a result for those who do not see it."""
    about = say(
        "Expanded picture, {canvas}, {margins}",
        canvas=plan.canvas,
        margins=describe_margins(say, plan.delivered),
    )
    if job.order.prompt:
        about += "; " + say("prompt: {prompt}", prompt=job.order.prompt)
    return shorten_text(about, _MAX_ALT_LENGTH)


def describe_preview(say: Translations, preview: DraftPreview) -> str:
    plan = preview.plan
    lines = [
        "### " + say("Preview: nothing is paid yet"),
        f"**{plan.seed} → {plan.canvas}** · {describe_margins(say, plan.asked)}",
    ]
    if plan.rendered != plan.delivered:
        rendered = describe_margins(say, plan.rendered)
        lines.append("-# " + say("Rendered as {rendered}, then cropped.", rendered=rendered))
    prompt = escape_text(shorten_text(preview.order.prompt, MAX_PROMPT_LENGTH))
    if prompt:
        lines.append(say("Prompt: {prompt}", prompt=prompt))
    price = say("Price: {amount}", amount=say.format_usd(preview.price))
    lines.append(f"{price} · {format_remaining_quota(say, preview.usage)}")
    return "\n".join(lines)


def preview_alt_text(say: Translations, preview: DraftPreview) -> str:
    plan = preview.plan
    return say(
        "Plan of the canvas: {seed} in {canvas}, new area hatched; {margins}",
        seed=plan.seed,
        canvas=plan.canvas,
        margins=describe_margins(say, plan.asked),
    )


def confirmation_text(say: Translations) -> str:
    return say("Confirmed. The result comes as a message of its own.")


def discard_text(say: Translations) -> str:
    return say("Dropped. Nothing was charged, and your quota is untouched.")


def _describe_queue_status(say: Translations, status: QueueStatus) -> list[str]:
    lines = []
    if status.retry_at is not None:
        time = format_timestamp(status.retry_at)
        lines.append(say("The image service is not answering, trying again {time}.", time=time))
    if status.is_late:
        lines.append(say("This takes longer than usual; it is still waited for."))
    if status.position is not None:
        lines.append(say("Place {place} in the queue.", place=status.position))
    if status.wait is not None:
        lines.append(say("Usually done in {time}.", time=_format_duration(say, status.wait)))
    return lines


def _format_duration(say: Translations, wait: timedelta) -> str:
    seconds = max(1, round(wait.total_seconds()))
    if seconds < 90:
        return say.translate_plural("{count} second", "{count} seconds", seconds)
    return say.translate_plural("{count} minute", "{count} minutes", round(seconds / 60))


def _describe_job_request(say: Translations, job: Job) -> str:
    return describe_request(say, job.order.request)


def _format_member_name(job: Job) -> str:
    return escape_text(shorten_text(job.origin.user_name, 40))
