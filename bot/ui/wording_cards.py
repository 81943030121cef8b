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
from bot.images.gate import NOTE_FIRST_FRAME, NOTE_TRANSPARENT
from bot.services.ports import Picture, Standing
from bot.services.previews import Preview
from bot.ui.speech import Speech, later
from bot.ui.wording import margins_line, money_line, order_line, plain, shortened, stamp
from bot.ui.wording_reasons import Explained

_MAX_ALT: Final = 1024
"""Characters of a picture's description (Discord's limit)."""
PROMPT_SHOWN: Final = 300
"""Characters of a prompt on a card; all of it is in what a member exports."""
STATES: Final = {
    JobState.RESERVED: later("Waiting for its turn"),
    JobState.PREPARED: later("Picture checked, waiting for a place at the image service"),
    JobState.SUBMITTING: later("Sending it to the image service"),
    JobState.SUBMITTED: later("Rendering"),
    JobState.RENDERED: later("Rendered, fetching the picture"),
    JobState.STORED: later("Sending it here"),
    JobState.PARKED: later(
        "No answer from the image service. The money stays reserved until the "
        "operator of this bot has cleared it up"
    ),
    JobState.DELIVERED: later("Done"),
    JobState.SETTLED: later("Done"),
    JobState.CANCELLED: later("Cancelled"),
    JobState.FAILED: later("Failed"),
}
NOTES: Final = {
    NOTE_FIRST_FRAME: later("The picture is animated; its first frame was used."),
    NOTE_TRANSPARENT: later("The new area is opaque; your picture's transparency is kept."),
    NOTE_RESCALED: later("The image service rendered a smaller size; the margins were scaled up."),
    NOTE_RECODED: later("Saved more compactly to fit this channel's upload limit."),
    NOTE_REDUCED: later("Scaled down to fit this channel's upload limit."),
}


@dataclass(frozen=True, slots=True)
class Late:
    """The reply could no longer be edited: the result comes as a message of its own."""

    user_id: int


def working(say: Speech, job: Job, standing: Standing) -> str:
    state = say(STATES[job.state])
    started = say("{state} · started {time}", state=state, time=stamp(job.created_at))
    asked = say("{results} × asked by {name}", results=job.order.results, name=_name(job))
    lines = [
        "### " + say("Expanding: {order}", order=order_line(say, job.order.request)),
        started,
        *_standing(say, standing),
        f"-# {asked} · " + say("holds {amount}", amount=say.usd(job.hold)) + f" · {job.id}",
    ]
    return "\n".join(lines)


def finished(
    say: Speech,
    job: Job,
    pictures: Sequence[Picture],
    usage: Usage,
    *,
    late: Late | None = None,
    elsewhere: int = 0,
) -> str:
    plan = job.prepared_plan
    lines = []
    if late is not None:
        lines.append(
            say("It took a while: here is your picture, {member}.", member=f"<@{late.user_id}>")
        )
    lines += [
        f"**{plan.seed} → {plan.canvas}** · {order_line(say, job.order.request)}",
        *honest(say, job, plan, pictures),
        *([_elsewhere(say, elsewhere)] if elsewhere else []),
        "-# " + say("asked by {name}", name=_name(job)) + f" · {say.usd(job.cost or ZERO)}"
        f" · {left(say, usage)} · {job.id}",
    ]
    return "\n".join(lines)


def _elsewhere(say: Speech, number: int) -> str:
    return "-# " + say.many(
        "{count} more picture: open this order in /history and send it again.",
        "{count} more pictures: open this order in /history and send it again.",
        number,
    )


def honest(say: Speech, job: Job, plan: Plan, pictures: Sequence[Picture]) -> list[str]:
    """Say where the result differs from what was asked or expected."""
    lines = []
    if plan.rendered != plan.delivered:
        lines.append(
            say(
                "Asked {asked}; rendered {rendered}; cropped to what was asked.",
                asked=margins_line(say, plan.asked),
                rendered=margins_line(say, plan.rendered),
            )
        )
    missing = job.order.results - len(pictures)
    if missing:
        lines.append(
            say("{missing} of {all} did not come out.", missing=missing, all=job.order.results)
        )
    codes = job.seed_note.split()
    codes += [code for picture in pictures for code in picture.result.note.split()]
    lines += [say(NOTES[code]) for code in dict.fromkeys(codes) if code in NOTES]
    return [f"-# {line}" for line in lines]


def kept(say: Speech, job: Job) -> str:
    lines = [
        "### " + say("Expanded {order}, but it cannot be shown here", order=_order(say, job)),
        say("Discord takes the picture neither in this reply nor in this channel."),
        money_line(say, job.cost or ZERO),
        say("The picture is kept: open it with /history."),
        f"-# {job.id}",
    ]
    return "\n".join(lines)


def cancelled(say: Speech, job: Job) -> str:
    lines = [
        "### " + say("Cancelled: {order}", order=_order(say, job)),
        money_line(say, ZERO),
        f"-# {job.id}",
    ]
    return "\n".join(lines)


def explained(say: Speech, title: str, words: Explained, billed: MicroUsd, reference: str) -> str:
    money = words.money or money_line(say, billed)
    lines = [f"### {title}", words.happened, money, words.advice]
    if reference:
        lines.append(f"-# {reference}")
    return "\n".join(line for line in lines if line)


def at_level(say: Speech, words: Explained, level: int, *, personal: bool) -> Explained:
    """Add to a refusal of the content checks which level applied, and who settles it."""
    checked = say("It was checked at safety tolerance {level}.", level=level)
    if personal:
        rest = say("No laxer check is tried: outside of servers that have me the level is fixed.")
    else:
        rest = say(
            "No laxer check is tried by itself; the moderators of this server settle the level."
        )
    return Explained(f"{words.happened} {checked}", f"{words.advice} {rest}")


def withheld(say: Speech, job: Job) -> str:
    lines = [
        "### " + could_not(say, job),
        say("Only its member reads why."),
        f"-# {job.id}",
    ]
    return "\n".join(lines)


def not_expanded(say: Speech) -> str:
    return say("Not expanded")


def not_done(say: Speech) -> str:
    return say("Not done")


def could_not(say: Speech, job: Job) -> str:
    return say("Could not expand: {order}", order=_order(say, job))


def left(say: Speech, usage: Usage) -> str:
    return say("{left} of {limit} left today", left=usage.left, limit=usage.limit)


def alt_text(say: Speech, job: Job, plan: Plan) -> str:
    """Describe a result for those who do not see it."""
    about = say(
        "Expanded picture, {canvas}, {margins}",
        canvas=plan.canvas,
        margins=margins_line(say, plan.delivered),
    )
    if job.order.prompt:
        about += "; " + say("prompt: {prompt}", prompt=job.order.prompt)
    return shortened(about, _MAX_ALT)


def preview(say: Speech, shown: Preview) -> str:
    plan = shown.plan
    lines = [
        "### " + say("Preview: nothing is paid yet"),
        f"**{plan.seed} → {plan.canvas}** · {margins_line(say, plan.asked)}",
    ]
    if plan.rendered != plan.delivered:
        rendered = margins_line(say, plan.rendered)
        lines.append("-# " + say("Rendered as {rendered}, then cropped.", rendered=rendered))
    prompt = plain(shortened(shown.order.prompt, PROMPT_SHOWN))
    if prompt:
        lines.append(say("Prompt: {prompt}", prompt=prompt))
    price = say("Price: {amount}", amount=say.usd(shown.price))
    lines.append(f"{price} · {left(say, shown.usage)}")
    return "\n".join(lines)


def preview_alt(say: Speech, shown: Preview) -> str:
    plan = shown.plan
    return say(
        "Plan of the canvas: {seed} in {canvas}, new area hatched; {margins}",
        seed=plan.seed,
        canvas=plan.canvas,
        margins=margins_line(say, plan.asked),
    )


def confirmed(say: Speech) -> str:
    return say("Confirmed. The result comes as a message of its own.")


def dropped(say: Speech) -> str:
    return say("Dropped. Nothing was charged, and your quota is untouched.")


def _standing(say: Speech, standing: Standing) -> list[str]:
    lines = []
    if standing.retry_at is not None:
        time = stamp(standing.retry_at)
        lines.append(say("The image service is not answering, trying again {time}.", time=time))
    if standing.is_late:
        lines.append(say("This takes longer than usual; it is still waited for."))
    if standing.place is not None:
        lines.append(say("Place {place} in the queue.", place=standing.place))
    if standing.wait is not None:
        lines.append(say("Usually done in {time}.", time=_span(say, standing.wait)))
    return lines


def _span(say: Speech, wait: timedelta) -> str:
    seconds = max(1, round(wait.total_seconds()))
    if seconds < 90:
        return say.many("{count} second", "{count} seconds", seconds)
    return say.many("{count} minute", "{count} minutes", round(seconds / 60))


def _order(say: Speech, job: Job) -> str:
    return order_line(say, job.order.request)


def _name(job: Job) -> str:
    return plain(shortened(job.origin.user_name, 40))
