"""The operator's commands for settings, database, backups and members' data."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.context import (
    ConfigOption,
    JsonOption,
    print_output,
    read_settings,
    run_with_services,
)
from bot.cli.setup import init
from bot.composition.core_services import CoreServices
from bot.domain.ids import UserId
from bot.errors import StartError
from bot.services.members.erasure import ErasureReport
from bot.storage.disk.private_files import open_private_file, tighten_storage
from bot.storage.sqlite import backups, migrations
from bot.storage.sqlite.backups import BackupUnusable
from bot.storage.sqlite.database import Database
from bot.storage.sqlite.process_lock import lock_data_dir


def register_commands(app: typer.Typer) -> None:
    for command in (init, config, migrate, backup, restore, doctor, export, forget):
        app.command()(command)


def config(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show the settings in effect, from file and environment; secrets stay hidden."""
    values = read_settings(config).model_dump(mode="json")
    lines = [
        f"{section}.{key} = {json.dumps(value)}"
        for section, table in values.items()
        for key, value in table.items()
    ]
    print_output(values, lines, as_json=as_json)


def migrate(config: ConfigOption = None) -> None:
    """Create or update the database; an existing one is backed up first."""
    settings = read_settings(config)

    async def run() -> None:
        async with Database.open(settings.storage.database_path):
            pass

    with lock_data_dir(settings.storage.data_dir):
        tighten_storage(settings.storage.data_dir, settings.storage.database_path)
        asyncio.run(run())
    typer.echo(f"{settings.storage.database_path} is at version {migrations.get_newest_version()}.")


def backup(
    out: Annotated[
        Path | None, typer.Option(help="File to write; default: a new one in the data folder.")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Back up the database, while the bot runs or not, and verify the copy."""
    storage = read_settings(config).storage
    folder = storage.database_path.parent / backups.BACKUP_FOLDER
    target = out or folder / backups.format_backup_name(datetime.now(UTC))
    if not storage.database_path.exists():
        raise StartError(f"There is no database {storage.database_path}.")
    try:
        backups.back_up_database(storage.database_path, target)
    except (BackupUnusable, OSError, backups.Error) as error:
        raise StartError(f"No backup was made: {error}") from error
    typer.echo(f"{target} is complete, and its ledger balances.")


def restore(
    file: Annotated[Path | None, typer.Argument(help="The backup file.")] = None,
    newest: Annotated[bool, typer.Option("--newest", help="Take the newest usable one.")] = False,
    config: ConfigOption = None,
) -> None:
    """Restore a backup while the bot is stopped; what it replaces is kept beside the backups."""
    storage = read_settings(config).storage
    folder = storage.database_path.parent / backups.BACKUP_FOLDER
    chosen = backups.find_newest_usable(folder) if newest else file
    if chosen is None:
        raise StartError(
            f"There is no usable backup in {folder}."
            if newest
            else "Name a backup, or use --newest."
        )
    aside = folder / f"replaced-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.db"
    with lock_data_dir(storage.data_dir):
        tighten_storage(storage.data_dir, storage.database_path)
        try:
            backups.restore_backup(chosen, storage.database_path, aside)
        except (BackupUnusable, OSError, backups.Error) as error:
            raise StartError(f"Nothing was restored: {error}") from error
    typer.echo(
        f"{chosen} is restored. The next start asks Runware about the jobs that are open in it."
    )


def doctor(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Check settings, disk, database, backups, Discord and Runware; exit 1 if one fails."""
    from bot.cli.checks import CheckLevel
    from bot.cli.doctor import run_checks

    found = asyncio.run(run_checks(read_settings(config)))
    marks = {CheckLevel.OK: "ok  ", CheckLevel.WARNING: "WARN", CheckLevel.FAILED: "FAIL"}
    lines = [f"{marks[each.level]} {each.name}: {each.detail}" for each in found]
    rows = [
        {
            "what": each.name,
            "good": each.level is not CheckLevel.FAILED,
            "level": each.level,
            "detail": each.detail,
        }
        for each in found
    ]
    print_output({"findings": rows}, lines, as_json=as_json)
    if not all(row["good"] for row in rows):
        raise typer.Exit(1)


def export(
    user: Annotated[int, typer.Option(help="The member's ID.")],
    out: Annotated[
        Path | None, typer.Option(help="File to write; default: standard output.")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Export all data about one person as JSON; with --out name.zip, pictures too."""
    if out is None or out.suffix != ".zip":
        data = run_with_services(config, lambda core: core.exports.format_json(UserId(user)))
    if out is None:
        typer.echo(data.decode())
        return
    with open_private_file(out) as file:
        if out.suffix == ".zip":
            run_with_services(config, lambda core: core.exports.write_archive(UserId(user), file))
        else:
            file.write(data)
    typer.echo(f"{out} written.")


def forget(
    user: Annotated[int, typer.Option(help="The member's ID.")],
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask for confirmation.")] = False,
    config: ConfigOption = None,
) -> None:
    """Erase one person's pictures, prompts and name; amounts stay in the ledger."""
    if not yes:
        typer.confirm(f"Erase what is stored about {user}?", abort=True)
    person = UserId(user)

    async def erase(core: CoreServices) -> tuple[ErasureReport, int]:
        report = await core.erasure.erase_member(person)
        return report, len(await core.erasure.list_remaining(person))

    report, messages = run_with_services(config, erase)
    typer.echo(f"Erased: {report.erased} orders.")
    for number, what in (
        (report.open, "orders are under way: run this again when they have ended."),
        (report.reported, "orders are reported: run this again when moderators have decided."),
        (messages, "messages show erased pictures until the bot, while it runs, deletes them."),
        (report.made_by_others, "results that others made from these pictures are kept."),
    ):
        if number:
            typer.echo(f"{number} {what}")
