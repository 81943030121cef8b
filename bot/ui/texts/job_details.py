"""Texts about a single job: its details, its line in the history, its link."""

from __future__ import annotations

from bot.domain.ids import ChannelId, GuildId, MessageId
from bot.domain.job import Job
from bot.domain.money import ZERO
from bot.domain.order import OutputFormat
from bot.domain.plan import Plan
from bot.services.pictures.details import PictureDetails
from bot.ui.i18n.formatting import (
    describe_margins,
    describe_request,
    format_prompt,
    format_timestamp,
)
from bot.ui.i18n.translations import Translations
from bot.ui.texts.controls import DETAILS
from bot.ui.texts.jobs import MAX_PROMPT_LENGTH, STATE_TEXTS


def format_details(_: Translations, details: PictureDetails) -> str:
    job, result = details.selected.job, details.selected.picture.result
    plan = job.prepared_plan
    prompt = format_prompt(_, job.order.prompt, MAX_PROMPT_LENGTH)
    rows = [
        (_("Prompt"), prompt),
        (_("Size"), f"{plan.seed} → {plan.canvas}"),
        (_("Asked"), describe_margins(_, plan.asked)),
        (_("Rendered"), _describe_rendering(_, plan)),
        (_("Detail"), _(DETAILS[job.order.detail])),
        (_("Noise seed"), "–" if result.noise_seed is None else str(result.noise_seed)),
        (_("Cost"), _.format_usd(job.cost or ZERO)),
        (_("File"), f"{result.format}, {_.format_number(-(-result.bytes // 1024))} KiB"),
        (_("Original changed"), _describe_change(_, details.changed_share, result.format)),
        (_("Expansions before it"), str(details.depth)),
        (_("Task"), f"`{job.task_uuid}`"),
        (_("Made"), format_timestamp(job.created_at, "f")),
    ]
    if details.has_refusals:
        missing = job.order.results - len(details.selected.pictures)
        refused = _(
            "{missing} of {all}, refused at safety tolerance {level}. Another prompt may help.",
            missing=missing,
            all=job.order.results,
            level=job.order.tolerance_level,
        )
        rows.insert(0, (_("Not shown"), refused))
    title = "### " + _("Details")
    return "\n".join([title, *(f"**{name}:** {value}" for name, value in rows), f"-# {job.id}"])


def _describe_rendering(_: Translations, plan: Plan) -> str:
    if plan.is_reduced:
        return _("at {size}, then scaled up", size=plan.rendered_canvas)
    return describe_margins(_, plan.rendered)


def _describe_change(_: Translations, share: float | None, fmt: OutputFormat | None) -> str:
    if share is None:
        return _("not comparable: the file was scaled or the original is gone")
    percent = _.format_number(round(100 * share, 2))
    if share and fmt is not OutputFormat.PNG:
        return _(
            "{percent} % of its pixels, by the compression of {format}; none in the lossless file",
            percent=percent,
            format=fmt,
        )
    return _("{percent} % of its pixels", percent=percent)


def format_history_line(_: Translations, job: Job) -> str:
    """Return a job's line: time, request and state."""
    what = describe_request(_, job.order.request)
    size = f" · {job.plan.seed} → {job.plan.canvas}" if job.plan is not None else ""
    cost = f" · {_.format_usd(job.cost)}" if job.cost else ""
    grown = " · " + _("from an earlier result") if job.order.parent else ""
    child = "↳ " if job.order.parent else ""
    day, state = format_timestamp(job.created_at, "d"), _(STATE_TEXTS[job.state])
    return f"{child}{day} **{what}**{size} · {state}{cost}{grown}"


def get_message_link(job: Job) -> str | None:
    """Return the link of a job's message, or None if it is unknown."""
    if job.reply.message_id is None or job.order.private or job.origin.is_personal:
        return None
    return build_message_link(job.origin.guild_id, job.origin.channel_id, job.reply.message_id)


def build_message_link(guild: GuildId, channel: ChannelId, message: MessageId) -> str:
    return f"https://discord.com/channels/{guild}/{channel}/{message}"
