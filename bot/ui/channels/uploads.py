"""Files for messages, opened in a thread: a slow disk must not stop the event loop."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterable
from pathlib import Path

import discord


async def open_file(name: str, content: object) -> discord.File:
    """Return a message's file from bytes or a path; raise `OSError` if it cannot be opened."""
    if isinstance(content, bytes):
        return discord.File(io.BytesIO(content), filename=name)
    path = Path(str(content))
    opening = asyncio.ensure_future(asyncio.to_thread(discord.File, path, filename=name))
    try:
        return await asyncio.shield(opening)
    except asyncio.CancelledError:
        opening.add_done_callback(_close_file)  # the thread goes on, and nobody else closes it
        raise


async def open_files(files: Iterable[tuple[str, object]]) -> list[discord.File]:
    """Return a message's files, given as names with bytes or paths."""
    return [await open_file(name, content) for name, content in files]


def _close_file(opening: asyncio.Future[discord.File]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()
