"""`expanse demo`: the sandbox, the bot in it, and a page to use both."""

from __future__ import annotations

import asyncio
import tempfile
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Final

import typer

from bot.app import open_app
from bot.config import PersonalSettings, StorageSettings
from bot.domain.ids import GuildId
from bot.errors import StartError
from bot.local import Hands, open_sandbox
from bot.start_checks import plain_start_error
from bot.storage.overview import Overview

_READY_SECONDS = 30.0
_PERSONAL: Final = PersonalSettings(month_usd=Decimal(5), results_per_day=10)
_PEOPLE: Final = ("ana", "ben", "mia", "olu")
"""Everybody on the page has added the bot, so that it can be tried in a direct message too."""
_LOOK_SECONDS: Final = 0.5
"""Between two looks whether books or guilds have changed: one PRAGMA, which reads no page."""


async def demo(port: int, data: Path | None, *, open_browser: bool) -> None:
    """Serve the demo on `port` until cancelled.

    The bot's books and the local Discord are kept in `data`; without it in a folder that goes.
    """
    kept = None if data is None else data / "discord"
    with _folder(data) as folder, plain_start_error():
        async with open_sandbox(discord_port=port, data=kept) as sandbox:
            settings = sandbox.settings(folder).model_copy(update={"personal": _PERSONAL})
            async with open_app(settings) as app, asyncio.TaskGroup() as group:
                group.create_task(app.run(), name="bot")
                hands = Hands(sandbox.discord.control)
                if not await hands.ready(_READY_SECONDS):
                    raise StartError("The bot did not come up in time.")
                for member in _PEOPLE:
                    await hands.install(member)
                group.create_task(show_books(settings.storage, hands), name="books")
                typer.echo(f"Expanse is at {sandbox.discord.page}  (Ctrl-C stops it)")
                if open_browser:
                    await asyncio.to_thread(webbrowser.open, sandbox.discord.page)


async def show_books(storage: StorageSettings, hands: Hands) -> None:
    """Show the page each guild's books whenever they have changed, until cancelled.

    The books go to the sandbox, which knows nothing of the database; no port is opened for them.
    """
    async with Overview.open(storage.database) as overview:
        seen: object = None
        while True:
            now = (await overview.version(), await hands.guilds())
            if now != seen:
                books = {str(each): await overview.books(GuildId(each)) for each in now[1]}
                await hands.show_books(books)
                seen = now
            await asyncio.sleep(_LOOK_SECONDS)


@contextmanager
def _folder(data: Path | None) -> Iterator[Path]:
    if data is not None:
        yield data
        return
    with tempfile.TemporaryDirectory(prefix="expanse-demo-") as name:
        yield Path(name)
