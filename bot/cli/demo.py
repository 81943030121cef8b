"""`expanse demo`: the sandbox with the bot in it, and a web page to use them."""

from __future__ import annotations

import asyncio
import errno
import socket
import tempfile
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Final

import typer

from bot.cli.sandbox_client import SandboxClient, open_sandbox
from bot.composition.app import open_app
from bot.composition.startup_checks import unwrap_start_error
from bot.config.settings import PersonalSettings, StorageSettings
from bot.domain.ids import GuildId
from bot.errors import StartError
from bot.storage.repositories.demo_overview import DemoOverview

_READY_SECONDS: Final = 30.0
_HOST: Final = "127.0.0.1"
_PERSONAL_SETTINGS: Final = PersonalSettings(month_usd=Decimal(5), results_per_day=10)
_MEMBERS: Final = ("ana", "ben", "mia", "olu")
"""Members who have all installed the bot, so that it can be tried in direct messages too."""
_POLL_SECONDS: Final = 0.5
"""Interval of checks for changes, each only one PRAGMA that reads no database page."""


async def serve_demo(port: int, data: Path | None, *, open_browser: bool) -> None:
    """Serve the demo on `port` until cancelled, with data in `data` or a temporary folder."""
    _check_port(port)
    discord_dir = None if data is None else data / "discord"
    with _open_folder(data) as folder, unwrap_start_error():
        async with open_sandbox(discord_port=port, data=discord_dir) as sandbox:
            settings = sandbox.build_settings(folder).model_copy(
                update={"personal": _PERSONAL_SETTINGS}
            )
            async with (
                SandboxClient.open(sandbox.discord.control) as client,
                open_app(settings) as app,
                asyncio.TaskGroup() as group,
            ):
                group.create_task(app.run(), name="bot")
                if not await client.wait_until_ready(_READY_SECONDS):
                    raise StartError("The bot didn't start in time.")
                for member in _MEMBERS:
                    await client.install_app(member)
                group.create_task(update_panel(settings.storage, client), name="books")
                typer.echo(f"Expanse is at {sandbox.discord.page} (Ctrl-C stops it)")
                if open_browser:
                    await asyncio.to_thread(webbrowser.open, sandbox.discord.page)


async def update_panel(storage: StorageSettings, client: SandboxClient) -> None:
    """Post each guild's ledger to the sandbox's page whenever it changes, until cancelled."""
    async with DemoOverview.open(storage.database_path) as overview:
        seen: object = None
        while True:
            now = (await overview.get_version(), await client.list_guilds())
            if now != seen:
                books = {str(each): await overview.read_ledger(GuildId(each)) for each in now[1]}
                await client.post_panel_data(books)
                seen = now
            await asyncio.sleep(_POLL_SECONDS)


def _check_port(port: int) -> None:
    """Raise `StartError` if the page can't listen there, before anything else is started."""
    with socket.socket() as probe:
        # as the page's own socket: connections that just ended don't count
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
            probe.listen()
        except OSError as error:
            is_taken = error.errno == errno.EADDRINUSE
            why = "is in use" if is_taken else f"can't be used ({error.strerror})"
            raise StartError(
                f"Port {port} {why}. Choose another with --port, or any free one with --port 0."
            ) from error


@contextmanager
def _open_folder(data: Path | None) -> Iterator[Path]:
    if data is not None:
        yield data
        return
    with tempfile.TemporaryDirectory(prefix="expanse-demo-") as name:
        yield Path(name)
