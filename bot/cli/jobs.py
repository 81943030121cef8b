"""`expanse jobs`: look at jobs, and decide what is parked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, Any, Final

import typer

from bot.cli.context import ConfigOption, JsonOption, print_output, run_with_services
from bot.cli.output.guild_names import GuildNames, fetch_names
from bot.cli.output.tables import format_table, format_time
from bot.composition.core_services import CoreServices
from bot.domain.ids import GuildId, JobId
from bot.domain.job import Job, JobEvent, JobState
from bot.domain.ledger import LedgerUnit, get_scope_unit
from bot.domain.money import MicroUsd, format_usd, parse_usd, to_usd
from bot.errors import StartError
from bot.storage.repositories.billing.statements import LedgerEntry
from bot.ui.texts.operator import NO_JOBS, format_job_money

jobs = typer.Typer(help="Look at jobs, and decide what is parked.", no_args_is_help=True)
_ACTOR: Final = "the operator, by command"
_HEADER: Final = (
    *("job", "state", "ordered", "server", "server ID", "member", "member ID", "pictures"),
    *("money", "failure"),
)


@jobs.command("list")
def list_jobs(
    state: Annotated[JobState | None, typer.Option(help="Only jobs in this state.")] = None,
    guild: Annotated[int | None, typer.Option(help="Only jobs of this server's ID.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many jobs at most.")] = 20,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the latest jobs."""
    guild_id = None if guild is None else GuildId(guild)

    async def collect(core: CoreServices) -> tuple[list[Job], GuildNames]:
        found = await core.statements.list_jobs(state=state, guild=guild_id, limit=limit)
        guilds = () if as_json else {job.origin.guild_id for job in found}
        return found, await fetch_names(core.settings.discord, guilds)

    found, names = run_with_services(config, collect)
    rows = [_list_cells(job, names) for job in found]
    lines = [*format_table(_HEADER, rows), *names.missing] if rows else [NO_JOBS]
    print_output({"jobs": [_job_to_json(job) for job in found]}, lines, as_json=as_json)


@jobs.command("show")
def show_job(
    job_id: Annotated[str, typer.Argument(help="The job's ID.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one job: its state changes and its ledger entries."""

    async def collect(core: CoreServices) -> JobRecord:
        job = await core.jobs.get(JobId(job_id))
        if job is None:
            raise StartError(f"There is no job {job_id}.")
        guilds = () if as_json else {job.origin.guild_id}
        return JobRecord(
            job,
            await core.jobs.list_events(job.id),
            await core.statements.list_entries(job.id),
            await fetch_names(core.settings.discord, guilds),
        )

    record = run_with_services(config, collect)
    print_output(record.to_json(), record.list_lines(), as_json=as_json)


@dataclass(frozen=True, slots=True)
class JobRecord:
    """All that is stored about one job."""

    job: Job
    events: Sequence[JobEvent]
    entries: Sequence[LedgerEntry]
    names: GuildNames

    def to_json(self) -> dict[str, Any]:
        return {
            **_job_to_json(self.job),
            "task_uuid": str(self.job.task_uuid),
            "events": [_to_json_values(each) for each in self.events],
            "entries": [_to_json_values(each) for each in self.entries],
        }

    def list_lines(self) -> list[str]:
        cells = (*_list_cells(self.job, self.names), str(self.job.task_uuid))
        moves = [
            (format_time(each.at), each.source or "", each.target, each.detail)
            for each in self.events
        ]
        entries = [
            (format_time(each.at), each.kind, _format_amount(each), each.scope)
            for each in self.entries
        ]
        return [
            *format_table(("", ""), zip((*_HEADER, "task UUID"), cells, strict=True))[1:],
            *("", *format_table(("time", "from", "to", "detail"), moves)),
            *("", *format_table(("time", "entry", "amount", "account"), entries)),
            *self.names.missing,
        ]


@jobs.command("settle")
def settle_job(
    job_id: str,
    usd: Annotated[str, typer.Option(help="What the provider billed, in dollars.")],
    config: ConfigOption = None,
) -> None:
    """End a parked job at what it really cost."""
    try:
        cost = parse_usd(usd)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    _decide_parked_job(
        job_id, config, lambda core: core.parked.close_job(JobId(job_id), cost, _ACTOR)
    )


@jobs.command("release")
def release_job(job_id: str, config: ConfigOption = None) -> None:
    """End a parked job that cost nothing: what was held goes back."""
    settle_job(job_id, "0", config)


@jobs.command("resume")
def resume_job(job_id: str, config: ConfigOption = None) -> None:
    """Let a parked job ask the provider again."""
    _decide_parked_job(job_id, config, lambda core: core.parked.resume_job(JobId(job_id), _ACTOR))


def _decide_parked_job(job_id: str, config: Any, decision: Callable[[CoreServices], Any]) -> None:
    job: Job | None = run_with_services(config, decision)
    if job is None:
        raise StartError(f"The job {job_id} isn't parked.")
    typer.echo(f"{job.id} is {job.state}.")


def _job_to_json(job: Job) -> dict[str, Any]:
    return {
        "id": job.id,
        "state": str(job.state),
        "created_at": job.created_at.isoformat(timespec="seconds"),
        "guild_id": str(job.origin.guild_id),
        "user_id": str(job.origin.user_id),
        "results": job.order.results,
        "hold_usd": float(to_usd(job.hold)),
        "cost_usd": None if job.cost is None else float(to_usd(job.cost)),
        "failure": job.failure,
    }


def _list_cells(job: Job, names: GuildNames) -> tuple[str, ...]:
    """Return a job's row below `_HEADER`."""
    return (
        job.id,
        f"{job.state}",
        format_time(job.created_at),
        *names.list_cells(job.origin.guild_id),
        job.origin.user_name or "?",
        str(job.origin.user_id),
        str(job.order.results),
        format_job_money(job),
        job.failure,
    )


def _format_amount(entry: LedgerEntry) -> str:
    if get_scope_unit(entry.scope) is LedgerUnit.MICRO_USD:
        sign = "-" if entry.amount < 0 else ""
        return f"{sign}{format_usd(MicroUsd(abs(entry.amount)))}"
    return f"{entry.amount} pictures"


def _to_json_values(record: JobEvent | LedgerEntry) -> dict[str, Any]:
    pairs = asdict(record).items()
    return {name: each.isoformat() if isinstance(each, datetime) else each for name, each in pairs}
