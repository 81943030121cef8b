"""Texts for the operator, in English only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.domain.job import Job
from bot.domain.ledger import CapUse, LedgerUnit, Statement
from bot.domain.money import MicroUsd, format_usd
from bot.ui.i18n.formatting import format_timestamp

NOT_YOU = "This is for the operator of this bot alone."
NOT_PARKED = "That job is not parked."


def format_costs(
    days: Sequence[Statement], guilds: Sequence[Statement], states: Mapping[str, int]
) -> str:
    """Return the spending by day and by guild, and the number of jobs in each state."""
    lines = ["### Spent by day", *map(_format_statement, days)]
    lines += ["### Spent by guild and month", *map(_format_statement, guilds)]
    lines += ["### Jobs", ", ".join(f"{number} {state}" for state, number in states.items())]
    return "\n".join(lines)


def format_jobs(jobs: Sequence[Job]) -> str:
    return "\n".join(map(format_job, jobs)) or "There are none."


def format_job(job: Job) -> str:
    """Return a job's ID, state, member and money in one line."""
    cost = "" if job.cost is None else f", cost {format_usd(job.cost)}"
    why = f" ({job.failure})" if job.failure else ""
    return (
        f"`{job.id}` {job.state}{why} · <@{job.origin.user_id}>"
        f" · {format_timestamp(job.created_at)} · "
        f"holds {format_usd(job.hold)}{cost}"
    )


def describe_limit_uses(uses: Sequence[CapUse], refusal: Exception | None) -> str:
    """Return the usage of every limit, whether it refuses, and whether orders are accepted."""
    lines = [_describe_use(use) for use in uses]
    lines.append(f"The door is closed: `{refusal!r}`" if refusal else "The door is open.")
    return "\n".join(lines)


def _describe_use(use: CapUse) -> str:
    used, limit = (
        format_usd(MicroUsd(value)) if use.unit is LedgerUnit.MICRO_USD else str(value)
        for value in (use.used, use.limit)
    )
    verdict = "**refuses**" if use.refuses else "allows"
    return f"`{use.cap}` {verdict}: {used} of {limit}, renews {format_timestamp(use.ends_at)}"


def _format_statement(each: Statement) -> str:
    return f"`{each.scope}` {format_usd(each.spent)}, held {format_usd(each.held)}"
