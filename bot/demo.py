"""`expanse demo`: the sandbox, the bot in it, and a page to use both."""

from __future__ import annotations

import asyncio
import tempfile
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from bot.app import open_app, plain_start_error
from bot.errors import StartError
from bot.local import Hands, open_sandbox

_READY_SECONDS = 30.0


async def demo(port: int, data: Path | None, *, open_browser: bool) -> None:
    """Serve the demo on `port` until cancelled.

    The bot's books and the local Discord are kept in `data`; without it in a folder that goes.
    """
    kept = None if data is None else data / "discord"
    with _folder(data) as folder, plain_start_error():
        async with (
            open_sandbox(discord_port=port, data=kept) as sandbox,
            open_app(sandbox.settings(folder)) as app,
            asyncio.TaskGroup() as group,
        ):
            group.create_task(app.run(), name="bot")
            if not await Hands(sandbox.discord.control).ready(_READY_SECONDS):
                raise StartError("The bot did not come up in time.")
            typer.echo(f"Expanse is at {sandbox.discord.page}  (Ctrl-C stops it)")
            if open_browser:
                await asyncio.to_thread(webbrowser.open, sandbox.discord.page)


@contextmanager
def _folder(data: Path | None) -> Iterator[Path]:
    if data is not None:
        yield data
        return
    with tempfile.TemporaryDirectory(prefix="expanse-demo-") as name:
        yield Path(name)
