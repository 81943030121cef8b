"""What the operator's commands stand on: the settings, the books, and how they are printed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

import typer

from bot.clock import SystemClock
from bot.config import Settings
from bot.config_load import load
from bot.errors import StartError
from bot.services.office import Office
from bot.storage.database import Database

_T = TypeVar("_T")
DEFAULT: Final = Path("config.toml")
Config = Annotated[
    Path | None, typer.Option(help="The configuration; default: config.toml, if there.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def settings_of(config: Path | None) -> Settings:
    """Read the settings as `expanse run` does."""
    return load(config or (DEFAULT if DEFAULT.exists() else None))


@asynccontextmanager
async def open_office(settings: Settings) -> AsyncIterator[Office]:
    """Open the books beside a bot that may be running; raise `StartError` if there are none."""
    path = settings.storage.database
    if not path.exists():
        msg = f"There is no database {path} yet. Make it with: expanse migrate"
        raise StartError(msg)
    async with Database.open(path) as database:
        yield Office.of(settings, database, SystemClock())


def in_office(config: Path | None, work: Callable[[Office], Awaitable[_T]]) -> _T:
    """Open the books, do one thing with them, and close them."""

    async def run() -> _T:
        async with open_office(settings_of(config)) as office:
            return await work(office)

    return asyncio.run(run())


def show(told: dict[str, Any], lines: list[str], *, as_json: bool) -> None:
    """Print for a program, or for people."""
    typer.echo(json.dumps(told) if as_json else "\n".join(lines))
