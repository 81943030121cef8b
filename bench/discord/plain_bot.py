"""A bare discord.py bot in its own process; it prints its CPU time per interaction."""

from __future__ import annotations

import asyncio
import io
import json
import sys
import time
from typing import Any

import discord
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bench.discord import FILE_BYTES, WARM_UP, build_png


class PlainBot(discord.Client):
    """Defer, then edit with a file; measure from the end of the warm-up to the last edit."""

    def __init__(self, count: int) -> None:
        super().__init__(intents=discord.Intents(guilds=True))
        self.tree = app_commands.CommandTree(self)
        self._count = count
        self._done = 0
        self._cpu = 0.0
        data = build_png()

        @self.tree.command(description="Extend a picture")
        async def expand(interaction: discord.Interaction[Any], image: discord.Attachment) -> None:
            assert image.size == FILE_BYTES  # noqa: S101 - a benchmark checks its own premises
            await interaction.response.defer()
            file = discord.File(io.BytesIO(data), "out.png")
            await interaction.edit_original_response(content="done", attachments=[file])
            self._count_interaction()

    async def setup_hook(self) -> None:
        await self.tree.sync()

    def _count_interaction(self) -> None:
        self._done += 1
        if self._done == WARM_UP:
            self._cpu = time.process_time()
        elif self._done == WARM_UP + self._count:
            spent = (time.process_time() - self._cpu) / self._count * 1000
            print(json.dumps({"cpu_ms": round(spent, 3)}), flush=True)


async def run_bot(addresses: dict[str, str], count: int) -> None:
    Route.BASE = addresses["api_base"]
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(addresses["gateway_url"])
    async with PlainBot(count) as bot:
        await bot.start(addresses["token"])


if __name__ == "__main__":
    asyncio.run(run_bot(json.loads(sys.argv[1]), int(sys.argv[2])))
