"""The operator's commands for money and jobs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, Any

import typer

from bot.cli.context import ConfigOption, JsonOption, print_output, run_with_services
from bot.cli.reconcile import compare_with_provider, comparison_to_json, format_comparison
from bot.composition.core_services import CoreServices
from bot.domain.ids import ChannelId, GuildId, InteractionId, JobId, RoleId, UserId
from bot.domain.job import Job, JobEvent, JobState
from bot.domain.ledger import CapUse, LedgerUnit, Statement
from bot.domain.money import MicroUsd, format_usd, parse_usd, to_usd
from bot.domain.order import Origin
from bot.errors import StartError
from bot.services.billing.auditor import AuditFindings
from bot.services.ports.provider import SpendReading
from bot.storage.repositories.billing.statements import LedgerEntry

jobs = typer.Typer(help="Look at jobs, and decide what is parked.", no_args_is_help=True)
_ACTOR = "the operator, by command"


def register_commands(app: typer.Typer) -> None:
    for command in (costs, pause, resume, why):
        app.command()(command)
    app.add_typer(jobs, name="jobs")


def costs(
    audit: Annotated[
        bool, typer.Option(help="Check that the ledger balances; exit with 1 if it does not.")
    ] = False,
    reconcile: Annotated[
        bool,
        typer.Option(help="Compare with Runware's bill, day by day; exit with 1 if they differ."),
    ] = False,
    days: Annotated[int, typer.Option(min=1, help="How many days to list.")] = 7,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what was spent, by day and by guild; --audit also checks the ledger."""

    async def collect(core: CoreServices) -> Costs:
        return Costs(
            days=[_statement_to_json(each) for each in await core.statements.list_days(days)],
            guilds=[_statement_to_json(each) for each in await core.statements.list_months(20)],
            jobs=await core.statements.count_states(),
            audit=await core.auditor.audit_ledger() if audit else None,
            bill=await compare_with_provider(core, days) if reconcile else None,
        )

    found = run_with_services(config, collect)
    print_output(found.to_json(), found.list_lines(), as_json=as_json)
    if not found.is_good:
        raise typer.Exit(1)


@dataclass(frozen=True, slots=True)
class Costs:
    """What was spent; `audit` and `bill` are None unless they were asked for."""

    days: list[dict[str, Any]]
    guilds: list[dict[str, Any]]
    jobs: dict[str, int]
    audit: AuditFindings | None
    bill: SpendReading | None

    @property
    def is_good(self) -> bool:
        balanced = self.audit is None or self.audit.is_balanced
        return balanced and not (self.bill and self.bill.needs_attention)

    def to_json(self) -> dict[str, Any]:
        report: dict[str, Any] = {"days": self.days, "guilds": self.guilds, "jobs": self.jobs}
        if self.audit is not None:
            report["audit"] = {"balanced": self.audit.is_balanced, **asdict(self.audit)}
        if self.bill is not None:
            report["reconciliation"] = comparison_to_json(self.bill)
        return report

    def list_lines(self) -> list[str]:
        lines = [_format_statement(each) for each in (*self.days, *self.guilds)]
        lines = lines or ["Nothing was spent."]
        lines += [f"{number} {state}" for state, number in self.jobs.items()]
        if self.audit is not None:
            balanced = self.audit.is_balanced
            lines.append("The ledger balances." if balanced else f"Adjusted: {self.audit}")
        return lines + (format_comparison(self.bill) if self.bill else [])


def pause(
    reason: Annotated[str, typer.Argument(help="Why; members read it.")] = "",
    config: ConfigOption = None,
) -> None:
    """Turn the kill switch on: nothing is accepted or submitted; what is under way ends."""
    run_with_services(config, lambda core: core.admission.pause_orders(reason))
    typer.echo("Paused. Go on with: expanse resume")


def resume(config: ConfigOption = None) -> None:
    """Turn the kill switch off, also the file PAUSED and a rest after a refusal by the provider."""
    was_on = run_with_services(config, lambda core: core.admission.resume_orders())
    typer.echo("Resumed." if was_on else "It was not paused.")


def why(
    guild: Annotated[int, typer.Option(help="The guild's id; 0 for personal use.")],
    user: Annotated[int, typer.Option(help="The member's id.")],
    role: Annotated[list[int] | None, typer.Option(help="A role's id; may be repeated.")] = None,
    results: Annotated[int, typer.Option(min=1, help="Pictures that are asked for.")] = 1,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what an order would meet at every limit; nothing is spent."""
    roles = tuple(RoleId(each) for each in role or ())
    origin = Origin(InteractionId(0), GuildId(guild), ChannelId(0), UserId(user), "", roles)

    async def check(core: CoreServices) -> tuple[list[CapUse], Exception | None]:
        now = core.clock.now()
        await core.admission.check_disk()
        uses = await core.quotas.list_limit_usage(origin, results, now)
        return list(uses), await core.admission.find_refusal(origin.user_id, now)

    uses, refusal = run_with_services(config, check)
    lines = [_format_limit_use(use) for use in uses]
    lines.append(f"The door is closed: {refusal!r}" if refusal else "The door is open.")
    caps = [{**_to_json_values(use), "refuses": use.refuses} for use in uses]
    print_output({"caps": caps, "door": repr(refusal) if refusal else None}, lines, as_json=as_json)


@jobs.command("list")
def list_jobs(
    state: Annotated[JobState | None, typer.Option(help="Only jobs in this state.")] = None,
    guild: Annotated[int | None, typer.Option(help="Only this guild's.")] = None,
    limit: Annotated[int, typer.Option(min=1)] = 20,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the latest jobs."""
    guild_id = None if guild is None else GuildId(guild)
    found = run_with_services(
        config, lambda core: core.statements.list_jobs(state=state, guild=guild_id, limit=limit)
    )
    rows = [_job_to_json(job) for job in found]
    lines = [" ".join(f"{value}" for value in each.values() if value) for each in rows]
    print_output({"jobs": rows}, lines or ["There are none."], as_json=as_json)


@jobs.command("show")
def show_job(job_id: str, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show one job: its state changes and its ledger entries."""

    async def collect(core: CoreServices) -> dict[str, Any]:
        job = await core.jobs.get(JobId(job_id))
        if job is None:
            raise StartError(f"There is no job {job_id}.")
        entries = await core.statements.list_entries(job.id)
        return {
            **_job_to_json(job),
            "task_uuid": str(job.task_uuid),
            "events": [_to_json_values(each) for each in await core.jobs.list_events(job.id)],
            "entries": [_to_json_values(each) for each in entries],
        }

    details = run_with_services(config, collect)
    lines = [f"{name}: {value}" for name, value in details.items() if not isinstance(value, list)]
    for name in ("events", "entries"):
        lines += ["  ".join(str(value) for value in row.values() if value) for row in details[name]]
    print_output(details, lines, as_json=as_json)


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
        raise StartError(f"The job {job_id} is not parked.")
    typer.echo(f"{job.id} is {job.state}.")


def _statement_to_json(statement: Statement) -> dict[str, Any]:
    held, spent = float(to_usd(statement.held)), float(to_usd(statement.spent))
    return {"scope": statement.scope, "held_usd": held, "spent_usd": spent}


def _format_statement(statement: dict[str, Any]) -> str:
    spent, held = statement["spent_usd"], statement["held_usd"]
    return f"{statement['scope']:<32} spent ${spent:.2f}  held ${held:.2f}"


def _format_limit_use(use: CapUse) -> str:
    def amount(value: int) -> str:
        return format_usd(MicroUsd(value)) if use.unit is LedgerUnit.MICRO_USD else str(value)

    verdict = "refuses" if use.refuses else "allows"
    numbers = f"{amount(use.used)} of {amount(use.limit)} used, {amount(use.asked)} asked"
    return f"{use.cap:<12} {verdict:<8} {numbers}, until {use.ends_at:%Y-%m-%d %H:%M} UTC"


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


def _to_json_values(record: CapUse | JobEvent | LedgerEntry) -> dict[str, Any]:
    pairs = asdict(record).items()
    return {name: each.isoformat() if isinstance(each, datetime) else each for name, each in pairs}
