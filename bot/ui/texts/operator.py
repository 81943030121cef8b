"""Texts for the operator, in English only: for Discord, and partly for the program."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from bot.domain.errors import Refusal
from bot.domain.ids import PERSONAL_GUILD
from bot.domain.job import Job
from bot.domain.ledger import (
    CapUse,
    CountLimit,
    CountUse,
    LedgerUnit,
    LimitKind,
    Statement,
    parse_scope,
)
from bot.domain.money import MicroUsd, format_usd
from bot.errors import (
    IntakePaused,
    MemberBlocked,
    MemberPaused,
    PlaceNotAllowed,
    ReadingPaused,
    StorageLow,
)
from bot.services.orders.order_inspection import OrderOutlook
from bot.ui.i18n.formatting import escape_text, format_timestamp

NOT_YOU: Final = "Only this bot's operator can use this."
NOT_PARKED: Final = "That job isn't parked."
NO_JOBS: Final = "No jobs found."
ACCEPTED: Final = "This order would be accepted."
REFUSED: Final = "This order would be refused."
PERSONAL_USE: Final = "personal use"
LIMIT_NAMES: Final[Mapping[LimitKind | CountLimit, str]] = {
    LimitKind.USER_DAY: "member's pictures today",
    LimitKind.USER_CEILING: "the same, with refunded ones",
    LimitKind.USER_MONTH: "member's money this month",
    LimitKind.GUILD_MONTH: "server's money this month",
    LimitKind.PERSONAL_MONTH: "money of all personal use this month",
    LimitKind.GLOBAL_DAY: "everybody's money today (UTC)",
    LimitKind.RATE: "everybody's money in ten minutes",
    CountLimit.COMMAND: "pictures per command",
    CountLimit.USER_ORDERS: "member's open orders",
    CountLimit.ALL_ORDERS: "everybody's open orders",
}


def format_costs(
    days: Sequence[Statement],
    guilds: Sequence[Statement],
    states: Mapping[str, int],
    names: Mapping[int, str],
) -> str:
    """Return the spending by day and by guild, whose names are given, and the jobs by state."""
    lines = ["### Spent by day (UTC)", "-# Day · spent · on hold"]
    lines += [f"{parse_scope(day.scope)[2]} · {_format_amounts(day)}" for day in days]
    lines += ["### Spent by server and month", "-# Server · month · spent · on hold"]
    for each in guilds:
        guild, _, month = parse_scope(each.scope)
        server = format_guild(guild or PERSONAL_GUILD, names)
        lines.append(f"{escape_text(server)} · {month} · {_format_amounts(each)}")
    counted = ", ".join(f"{number} {state}" for state, number in states.items())
    return "\n".join([*lines, "### Jobs", counted or NO_JOBS])


def format_guild(guild: int, names: Mapping[int, str]) -> str:
    """Return a guild's name, if it is known, with its ID."""
    name = PERSONAL_USE if guild == PERSONAL_GUILD else names.get(guild)
    return f"{name} ({guild})" if name else str(guild)


def format_jobs(jobs: Sequence[Job]) -> str:
    """Return a line for each job below what its parts are."""
    if not jobs:
        return NO_JOBS
    heading = "-# Job · state · member · ordered · money"
    return "\n".join([heading, *map(format_job, jobs)])


def format_job(job: Job) -> str:
    """Return a job's ID, state, member and money in one line."""
    why = f" ({job.failure})" if job.failure else ""
    return (
        f"`{job.id}` · {job.state}{why} · <@{job.origin.user_id}>"
        f" · {format_timestamp(job.created_at)} · {format_job_money(job)}"
    )


def format_job_money(job: Job) -> str:
    """Return what a job cost, or what is on hold for it."""
    if job.cost is not None:
        return f"{format_usd(job.cost)} spent"
    return "$0.00" if job.has_ended else f"{format_usd(job.hold)} on hold"


def describe_outlook(outlook: OrderOutlook) -> str:
    """Say whether an order would be accepted, and how it stands to every limit."""
    lines = [REFUSED if not outlook.is_accepted else ACCEPTED]
    lines += [
        f"- {describe_refusal(each, format_timestamp, escape_text)}" for each in outlook.refusals
    ]
    lines.append("-# Limit · used · asked · resets")
    for use in outlook.uses:
        used, limit, asked = format_use(use)
        resets = f" · resets {format_timestamp(use.ends_at)}" if isinstance(use, CapUse) else ""
        verdict = "**refuses** · " if use.refuses else ""
        name = LIMIT_NAMES[use.cap]
        lines.append(f"{verdict}{name} · {used} of {limit} · {asked}{resets}")
    return "\n".join(lines)


def format_use(use: CapUse | CountUse) -> tuple[str, str, str]:
    """Return what is used of a limit, the limit, and what is asked, in dollars or as numbers."""
    is_money = isinstance(use, CapUse) and use.unit is LedgerUnit.MICRO_USD
    used, limit, asked = (
        format_usd(MicroUsd(value)) if is_money else str(value)
        for value in (use.used, use.limit, use.asked)
    )
    return used, limit, asked


def describe_refusal(
    refusal: Refusal,
    format_time: Callable[[datetime], str],
    escape: Callable[[str], str] = str,
) -> str:
    """Say to the operator why orders are refused; `escape` is for what people wrote."""
    reason = escape(getattr(refusal, "reason", "")) or "no reason was given"
    match refusal:
        case IntakePaused():
            text = f"New orders are paused: {reason}"
        case MemberPaused():
            text = f"The member is paused: the content filter refused {refusal.refusals} pictures"
        case ReadingPaused():
            text = f"The member is paused: {refusal.pictures} pictures took too long to read"
        case MemberBlocked():
            text = f"Moderators blocked the member: {reason}"
        case StorageLow():
            free, needed = refusal.free // 2**20, refusal.needed // 2**20
            text = f"{free} MiB are free on the disk, and {needed} MiB are needed"
        case PlaceNotAllowed(channels=channels) if channels:
            text = f"The server allows orders only in channels {', '.join(map(str, channels))}"
        case PlaceNotAllowed(roles=roles):
            text = f"The server allows orders only with roles {', '.join(map(str, roles))}"
        case _:
            text = repr(refusal)
    until = getattr(refusal, "until", None)
    return f"{text}." if until is None else f"{text}. It ends {format_time(until)}."


def _format_amounts(each: Statement) -> str:
    return f"{format_usd(each.spent)} · {format_usd(each.held)} on hold"
