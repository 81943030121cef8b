"""The operator's commands for money: what was spent, and stopping it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated, Any

import typer

from bot.cli.context import ConfigOption, JsonOption, print_output, run_with_services
from bot.cli.jobs import jobs
from bot.cli.limits import why
from bot.cli.output.guild_names import GuildNames, fetch_names
from bot.cli.output.tables import format_table
from bot.cli.reconcile import compare_with_provider, comparison_to_json, format_comparison
from bot.composition.core_services import CoreServices
from bot.domain.ledger import Statement, parse_scope
from bot.domain.money import format_usd, to_usd
from bot.services.billing.auditor import AuditFindings
from bot.services.ports.provider import SpendReading


def register_commands(app: typer.Typer) -> None:
    for command in (costs, pause, resume, why):
        app.command()(command)
    app.add_typer(jobs, name="jobs")


def costs(
    audit: Annotated[
        bool, typer.Option(help="Check that the ledger balances; exit with 1 if it doesn't.")
    ] = False,
    reconcile: Annotated[
        bool,
        typer.Option(help="Compare with Runware's bill, day by day; exit with 1 if they differ."),
    ] = False,
    days: Annotated[int, typer.Option(min=1, help="How many days to show.")] = 7,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what was spent, by day and by server; --audit also checks the ledger."""

    async def collect(core: CoreServices) -> Costs:
        months = await core.statements.list_months(20)
        guilds = [guild for each in months if (guild := parse_scope(each.scope)[0]) is not None]
        named = await fetch_names(core.settings.discord, () if as_json else guilds)
        return Costs(
            days=await core.statements.list_days(days),
            months=months,
            jobs=await core.statements.count_states(),
            names=named,
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

    days: list[Statement]
    months: list[Statement]
    jobs: dict[str, int]
    names: GuildNames
    audit: AuditFindings | None
    bill: SpendReading | None

    @property
    def is_good(self) -> bool:
        balanced = self.audit is None or self.audit.is_balanced
        return balanced and not (self.bill and self.bill.needs_attention)

    def to_json(self) -> dict[str, Any]:
        days, months = (
            [_statement_to_json(each) for each in statements]
            for statements in (self.days, self.months)
        )
        report: dict[str, Any] = {"days": days, "guilds": months, "jobs": self.jobs}
        if self.audit is not None:
            report["audit"] = {"balanced": self.audit.is_balanced, **asdict(self.audit)}
        if self.bill is not None:
            report["reconciliation"] = comparison_to_json(self.bill)
        return report

    def list_lines(self) -> list[str]:
        lines = self._list_tables() if self.days or self.months else ["Nothing was spent.", ""]
        counts = ", ".join(f"{number} {state}" for state, number in self.jobs.items())
        lines.append(f"Jobs: {counts or 'none'}")
        if self.audit is not None:
            balanced = self.audit.is_balanced
            lines.append("The ledger balances." if balanced else f"Adjusted: {self.audit}")
        return lines + (format_comparison(self.bill) if self.bill else [])

    def _list_tables(self) -> list[str]:
        days = [(parse_scope(each.scope)[2], *_format_amounts(each)) for each in self.days]
        months = [
            (
                *self.names.list_cells(parse_scope(each.scope)[0]),
                parse_scope(each.scope)[2],
                *_format_amounts(each),
            )
            for each in self.months
        ]
        return [
            *format_table(("day (UTC)", "spent", "on hold"), days),
            "",
            *format_table(("server", "server ID", "month", "spent", "on hold"), months),
            *self.names.missing,
            "",
        ]


def pause(
    reason: Annotated[str, typer.Argument(help="The reason, which members read.")] = "",
    config: ConfigOption = None,
) -> None:
    """Accept and submit no orders; those at the provider are finished."""
    run_with_services(config, lambda core: core.admission.pause_orders(reason))
    typer.echo("Paused. To go on: expanse resume")


def resume(config: ConfigOption = None) -> None:
    """Accept and submit orders again, whatever paused them: command, file, or the provider."""
    was_on = run_with_services(config, lambda core: core.admission.resume_orders())
    typer.echo("Resumed." if was_on else "It wasn't paused.")


def _statement_to_json(statement: Statement) -> dict[str, Any]:
    held, spent = float(to_usd(statement.held)), float(to_usd(statement.spent))
    return {"scope": statement.scope, "held_usd": held, "spent_usd": spent}


def _format_amounts(statement: Statement) -> tuple[str, str]:
    return format_usd(statement.spent), format_usd(statement.held)
