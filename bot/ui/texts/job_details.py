"""What is said of one order after it has ended: its details, its line in a history, its link."""

from __future__ import annotations

from bot.domain.job import Job
from bot.domain.money import ZERO
from bot.domain.order import OutputFormat
from bot.services.pictures.library import PictureDetails
from bot.ui.i18n.formatting import (
    describe_margins,
    describe_request,
    escape_text,
    format_timestamp,
    shorten_text,
)
from bot.ui.i18n.translations import Translations
from bot.ui.texts.jobs import MAX_PROMPT_LENGTH, STATE_TEXTS


def format_details(say: Translations, details: PictureDetails) -> str:
    job, result = details.selected.job, details.selected.picture.result
    plan = job.prepared_plan
    prompt = escape_text(shorten_text(job.order.prompt, MAX_PROMPT_LENGTH)) or say(
        "none: a neutral one"
    )
    rows = [
        (say("Prompt"), prompt),
        (say("Size"), f"{plan.seed} → {plan.canvas}"),
        (say("Asked"), describe_margins(say, plan.asked)),
        (say("Rendered"), describe_margins(say, plan.rendered)),
        (say("Noise seed"), "–" if result.noise_seed is None else str(result.noise_seed)),
        (say("Cost"), say.format_usd(job.cost or ZERO)),
        (say("File"), f"{result.format}, {say.format_number(-(-result.bytes // 1024))} KiB"),
        (say("Original changed"), _describe_change(say, details.changed_share, result.format)),
        (say("Expansions before it"), str(details.depth)),
        (say("Task"), f"`{job.task_uuid}`"),
        (say("Made"), format_timestamp(job.created_at, "f")),
    ]
    if details.has_refusals:
        missing = job.order.results - len(details.selected.pictures)
        refused = say(
            "{missing} of {all}, refused at safety tolerance {level}. Another prompt may help.",
            missing=missing,
            all=job.order.results,
            level=job.order.tolerance_level,
        )
        rows.insert(0, (say("Not shown"), refused))
    title = "### " + say("Details")
    return "\n".join([title, *(f"**{name}:** {value}" for name, value in rows), f"-# {job.id}"])


def _describe_change(say: Translations, share: float | None, fmt: OutputFormat | None) -> str:
    if share is None:
        return say("not comparable: the file was scaled or the original is gone")
    percent = say.format_number(round(100 * share, 2))
    if share and fmt is not OutputFormat.PNG:
        return say(
            "{percent} % of its pixels, by the compression of {format}; none in the lossless file",
            percent=percent,
            format=fmt,
        )
    return say("{percent} % of its pixels", percent=percent)


def format_history_line(say: Translations, job: Job) -> str:
    """Say one job in a line: when, what, and how it stands."""
    what = describe_request(say, job.order.request)
    size = f" · {job.plan.seed} → {job.plan.canvas}" if job.plan is not None else ""
    cost = f" · {say.format_usd(job.cost)}" if job.cost else ""
    grown = " · " + say("from an earlier result") if job.order.parent else ""
    child = "↳ " if job.order.parent else ""
    day, state = format_timestamp(job.created_at, "d"), say(STATE_TEXTS[job.state])
    return f"{child}{day} **{what}**{size} · {state}{cost}{grown}"


def get_message_link(job: Job) -> str | None:
    """Return the address of a job's message in Discord, where it is known."""
    if job.reply.message_id is None or job.order.private or job.origin.is_personal:
        return None
    origin = job.origin
    return (
        f"https://discord.com/channels/{origin.guild_id}/{origin.channel_id}/{job.reply.message_id}"
    )
