"""What is said of one order after it has ended: its details, its line in a history, its link."""

from __future__ import annotations

from bot.domain.job import Job
from bot.domain.money import ZERO
from bot.domain.order import OutputFormat
from bot.services.pictures import Details
from bot.ui.speech import Speech
from bot.ui.wording import margins_line, order_line, plain, shortened, stamp
from bot.ui.wording_cards import PROMPT_SHOWN, STATES


def details(say: Speech, found: Details) -> str:
    job, result = found.shown.job, found.shown.picture.result
    plan = job.prepared_plan
    prompt = plain(shortened(job.order.prompt, PROMPT_SHOWN)) or say("none: a neutral one")
    rows = [
        (say("Prompt"), prompt),
        (say("Size"), f"{plan.seed} → {plan.canvas}"),
        (say("Asked"), margins_line(say, plan.asked)),
        (say("Rendered"), margins_line(say, plan.rendered)),
        (say("Noise seed"), "–" if result.noise_seed is None else str(result.noise_seed)),
        (say("Cost"), say.usd(job.cost or ZERO)),
        (say("File"), f"{result.format}, {say.number(-(-result.bytes // 1024))} KiB"),
        (say("Original changed"), _changed(say, found.changed, result.format)),
        (say("Expansions before it"), str(found.depth)),
        (say("Task"), f"`{job.task_uuid}`"),
        (say("Made"), stamp(job.created_at, "f")),
    ]
    if found.refused:
        missing = job.order.results - len(found.shown.pictures)
        refused = say(
            "{missing} of {all}, refused at safety tolerance {level}. Another prompt may help.",
            missing=missing,
            all=job.order.results,
            level=job.order.level,
        )
        rows.insert(0, (say("Not shown"), refused))
    title = "### " + say("Details")
    return "\n".join([title, *(f"**{name}:** {value}" for name, value in rows), f"-# {job.id}"])


def _changed(say: Speech, share: float | None, fmt: OutputFormat | None) -> str:
    if share is None:
        return say("not comparable: the file was scaled or the original is gone")
    percent = say.number(round(100 * share, 2))
    if share and fmt is not OutputFormat.PNG:
        return say(
            "{percent} % of its pixels, by the compression of {format}; none in the lossless file",
            percent=percent,
            format=fmt,
        )
    return say("{percent} % of its pixels", percent=percent)


def history_line(say: Speech, job: Job) -> str:
    """Say one job in a line: when, what, and how it stands."""
    what = order_line(say, job.order.request)
    size = f" · {job.plan.seed} → {job.plan.canvas}" if job.plan is not None else ""
    cost = f" · {say.usd(job.cost)}" if job.cost else ""
    grown = " · " + say("from an earlier result") if job.order.parent else ""
    child = "↳ " if job.order.parent else ""
    day, state = stamp(job.created_at, "d"), say(STATES[job.state])
    return f"{child}{day} **{what}**{size} · {state}{cost}{grown}"


def link_of(job: Job) -> str | None:
    """Return the address of a job's message in Discord, where it is known."""
    if job.reply.message_id is None or job.order.private or job.origin.is_personal:
        return None
    origin = job.origin
    return (
        f"https://discord.com/channels/{origin.guild_id}/{origin.channel_id}/{job.reply.message_id}"
    )
