"""The operator's commands about the installation: settings, database, backups, people's data."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.back_office import DEFAULT, AsJson, Config, in_office, settings_of, show
from bot.config_load import example
from bot.domain.ids import UserId
from bot.errors import StartError
from bot.services.history import History
from bot.services.office import Office
from bot.services.privacy import Privacy
from bot.storage import backups, schema
from bot.storage.archive import ArchiveStore
from bot.storage.backups import BackupUnusable
from bot.storage.database import Database
from bot.storage.files import FileStore
from bot.storage.owner import sole_owner
from bot.storage.people import PeopleStore


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    for command in (init, config, migrate, backup, restore, doctor, export, forget):
        app.command()(command)


def init(
    path: Annotated[Path, typer.Argument(help="Where the configuration goes.")] = DEFAULT,
) -> None:
    """Write a configuration with every setting explained; an existing one is left alone."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(example())
        path.chmod(0o600)
    except FileExistsError:
        raise StartError(f"{path} is there already; it was left alone.") from None
    except OSError as error:
        raise StartError(f"{path} cannot be written ({error.strerror}).") from error
    typer.echo(f"{path} written. Fill in discord.token and runware.api_key; then: expanse doctor")


def config(config: Config = None, as_json: AsJson = False) -> None:
    """Show the settings as they apply, from file and environment; secrets stay hidden."""
    told = settings_of(config).model_dump(mode="json")
    lines = [
        f"{section}.{key} = {json.dumps(value)}"
        for section, table in told.items()
        for key, value in table.items()
    ]
    show(told, lines, as_json=as_json)


def migrate(config: Config = None) -> None:
    """Make the database or bring it up to date; an old one is copied aside first."""
    settings = settings_of(config)

    async def run() -> None:
        async with Database.open(settings.storage.database):
            pass

    with sole_owner(settings.storage.data_dir):
        asyncio.run(run())
    typer.echo(f"{settings.storage.database} is at version {schema.newest_version()}.")


def backup(
    out: Annotated[
        Path | None, typer.Option(help="File to write; default: in the data folder.")
    ] = None,
    config: Config = None,
) -> None:
    """Copy the database, while the bot runs or not, and prove the copy."""
    storage = settings_of(config).storage
    target = out or storage.database.parent / backups.FOLDER / backups.name_of(datetime.now(UTC))
    if not storage.database.exists():
        raise StartError(f"There is no database {storage.database}.")
    try:
        backups.back_up(storage.database, target)
    except (BackupUnusable, OSError, backups.Error) as error:
        raise StartError(f"No backup was made: {error}") from error
    typer.echo(f"{target} is whole, and its books balance.")


def restore(
    file: Annotated[Path | None, typer.Argument(help="The backup.")] = None,
    newest: Annotated[bool, typer.Option("--newest", help="Take the newest good one.")] = False,
    config: Config = None,
) -> None:
    """Put a backup back while the bot is stopped; what was there is kept beside the backups."""
    storage = settings_of(config).storage
    folder = storage.database.parent / backups.FOLDER
    chosen = backups.newest_good(folder) if newest else file
    if chosen is None:
        raise StartError(f"There is no good backup in {folder}." if newest else "Name a backup.")
    aside = folder / f"replaced-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.db"
    with sole_owner(storage.data_dir):
        try:
            backups.restore(chosen, storage.database, aside)
        except (BackupUnusable, OSError, backups.Error) as error:
            raise StartError(f"Nothing was restored: {error}") from error
    typer.echo(f"{chosen} is back in place. Jobs that it holds open are asked for at the start.")


def doctor(config: Config = None, as_json: AsJson = False) -> None:
    """Check settings, disk, database, backups, Discord and the provider; exit 1 if one fails."""
    from bot.doctor import examine

    findings = asyncio.run(examine(settings_of(config)))
    lines = [f"{'ok  ' if each.good else 'FAIL'} {each.what}: {each.detail}" for each in findings]
    told = [{"what": each.what, "good": each.good, "detail": each.detail} for each in findings]
    show({"findings": told}, lines, as_json=as_json)
    if not all(each.good for each in findings):
        raise typer.Exit(1)


def export(
    user: Annotated[int, typer.Option(help="The member's id.")],
    out: Annotated[Path | None, typer.Option(help="File to write; default: print it.")] = None,
    config: Config = None,
) -> None:
    """Write all that is kept of one person as JSON."""
    data = in_office(config, lambda office: _privacy(config, office).export(UserId(user)))
    if out is None:
        typer.echo(data.decode())
    else:
        out.write_bytes(data)
        typer.echo(f"{out} written.")


def forget(
    user: Annotated[int, typer.Option(help="The member's id.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    config: Config = None,
) -> None:
    """Erase one person's pictures, prompts and name; sums stay in the books."""
    if not yes:
        typer.confirm(f"Erase what is kept of {user}?", abort=True)
    still_open = in_office(config, lambda office: _privacy(config, office).erase(UserId(user)))
    typer.echo(f"Erased; {still_open} orders are still under way." if still_open else "Erased.")


def _privacy(config: Path | None, office: Office) -> Privacy:
    archive = ArchiveStore(office.database)
    files = FileStore(settings_of(config).storage.files)
    history = History(archive, files, office.clock)
    return Privacy(office.jobs, archive, PeopleStore(office.database), history, office.clock)
