"""What the operator's commands share: settings, services, and output."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

import typer

from bot.clock import SystemClock
from bot.composition.core_services import CoreServices, build_core_services
from bot.config.loader import load_settings
from bot.config.settings import Settings
from bot.errors import StartError
from bot.storage.sqlite.database import Database

_T = TypeVar("_T")
DEFAULT_CONFIG: Final = Path("config.toml")
ConfigOption = Annotated[
    Path | None, typer.Option(help="Configuration file; default: config.toml, if it exists.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def read_settings(config: Path | None) -> Settings:
    """Read the settings from `config`, else from config.toml if there is one."""
    return load_settings(config or (DEFAULT_CONFIG if DEFAULT_CONFIG.exists() else None))


@asynccontextmanager
async def open_services(settings: Settings) -> AsyncIterator[CoreServices]:
    """Open the services on the database, which a running bot may use too; raise `StartError`."""
    path = settings.storage.database_path
    if not path.exists():
        raise StartError(f"There is no database {path} yet. To create it: expanse migrate")
    async with Database.open(path) as database:
        yield build_core_services(settings, database, SystemClock())


def run_with_services(config: Path | None, work: Callable[[CoreServices], Awaitable[_T]]) -> _T:
    """Run `work` with open services and return what it returns."""

    async def run() -> _T:
        async with open_services(read_settings(config)) as core:
            return await work(core)

    return asyncio.run(run())


def print_output(data: dict[str, Any], lines: list[str], *, as_json: bool) -> None:
    """Print `data` as JSON or `lines` as text."""
    typer.echo(json.dumps(data) if as_json else "\n".join(lines))
