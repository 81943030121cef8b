"""A small bot on the unmodified library, pictures, and plain HTTP to the local Discord."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Self, TypeVar

import aiohttp
import discord
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route
from PIL import Image as Pillow

from sandbox.control.clock import VirtualClock
from sandbox.discord.model.events import HEALTH
from sandbox.discord.server import LocalDiscord
from tests.support.discord.openapi import watch_responses

if TYPE_CHECKING:
    from sandbox.discord.model.records import Json

WAIT_S = 20.0
APPLICATION = "1323820000000000010"
STUDIO = "1323820000000000041"
MODERATORS = "1323820000000000043"
Interaction = discord.Interaction[Any]
Image = discord.Attachment | None
Client = TypeVar("Client", bound=discord.Client)
Step = Callable[[Interaction, Image], Awaitable[None]]
V2 = 1 << 15
EPHEMERAL = 1 << 6


def encode_picture(width: int = 64, height: int = 48, kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Pillow.new("RGB", (width, height), (40, 90, 160)).save(out, kind)
    return out.getvalue()


def build_file(data: bytes, name: str = "out.png", **kwargs: Any) -> discord.File:
    return discord.File(io.BytesIO(data), name, **kwargs)


async def reply_done(interaction: Interaction, image: Image) -> None:
    await interaction.response.send_message("done", ephemeral=True)


class ExpandBot(discord.Client):
    """Answer /expand with the test's step; `done` gets its outcome."""

    def __init__(self, step: Step = reply_done, *, intents: discord.Intents | None = None) -> None:
        super().__init__(intents=intents or discord.Intents(guilds=True))
        self.tree = app_commands.CommandTree(self)
        self.step = step
        self.resumed = asyncio.Event()
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.received: list[discord.Message] = []
        self.reactions: list[str] = []

        @self.tree.command(description="Extend a picture beyond its frame")
        @app_commands.describe(image="The picture", direction="Where", pixels="How far")
        @app_commands.choices(
            direction=[app_commands.Choice(name=name, value=name) for name in ("left", "right")]
        )
        async def expand(
            interaction: discord.Interaction[Self],
            image: discord.Attachment | None = None,
            direction: str = "right",
            pixels: app_commands.Range[int, 1, 2048] = 256,
        ) -> None:
            await self._run_step(interaction, image)

    async def _run_step(self, interaction: Interaction, image: Image) -> None:
        try:
            await self.step(interaction, image)
        except (discord.DiscordException, AssertionError) as error:
            self.done.set_exception(error)
        else:
            self.done.set_result(None)

    async def setup_hook(self) -> None:
        await self.tree.sync()

    async def on_resumed(self) -> None:
        self.resumed.set()

    async def on_raw_reaction_add(self, payload: discord.RawReactionActionEvent) -> None:
        self.reactions.append(str(payload.emoji))

    async def on_message(self, message: discord.Message) -> None:
        self.received.append(message)


@asynccontextmanager
async def point_library_at(local: LocalDiscord) -> AsyncIterator[None]:
    """Point discord.py at the local Discord until the block ends."""
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    Route.BASE = local.api_base
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(local.gateway_url)
    try:
        yield
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = before


@asynccontextmanager
async def run_bot(local: LocalDiscord, bot: Client) -> AsyncIterator[Client]:
    """Run a bot until the block ends; it is connected inside the block."""
    async with point_library_at(local):
        task = asyncio.create_task(bot.start(local.token))
        ready = asyncio.create_task(_wait_until_online(local))
        await asyncio.wait({task, ready}, timeout=WAIT_S, return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        try:
            if task.done():
                task.result()
            yield bot
        finally:
            await bot.close()
            await asyncio.gather(task, ready, return_exceptions=True)


async def _wait_until_online(local: LocalDiscord) -> None:
    """Wait for the session, which is two seconds earlier than the library's "ready"."""
    while not local.state.is_bot_online:
        since = local.state.changes.get_version(HEALTH)
        await local.state.changes.wait_for_change((HEALTH,), since=since, timeout=WAIT_S)


class RestClient:
    """Send plain requests with the bot's token."""

    def __init__(self, local: LocalDiscord, http: aiohttp.ClientSession) -> None:
        self.local = local
        self.http = http

    async def __call__(self, method: str, path: str, **kwargs: Any) -> tuple[int, Any]:
        headers = {"Authorization": f"Bot {self.local.token}"} | kwargs.pop("headers", {})
        url = self.local.api_base + path
        async with self.http.request(method, url, headers=headers, **kwargs) as response:
            text = await response.text()
            return response.status, (await response.json()) if text else None

    async def register_command(self, **fields: Any) -> None:
        """Register one command, by default /expand."""
        options = [
            {"type": 11, "name": "image", "description": "The picture", "required": True},
            {
                "type": 4,
                "name": "pixels",
                "description": "How far",
                "min_value": 1,
                "max_value": 2048,
            },
        ]
        body = {"name": "expand", "description": "Extend", "options": options} | fields
        status, answer = await self("PUT", f"/applications/{APPLICATION}/commands", json=[body])
        assert status == 200, answer

    async def send_callback(self, interaction: Any, body: Json) -> tuple[int, Any]:
        path = f"/interactions/{interaction.id}/{interaction.token}/callback?with_response=1"
        return await self("POST", path, json=body)

    async def call_webhook(self, method: str, interaction: Any, tail: str, **kwargs: Any) -> Any:
        path = f"/webhooks/{APPLICATION}/{interaction.token}{tail}"
        return await self(method, path, **kwargs)


@asynccontextmanager
async def open_local_discord(
    clock: VirtualClock | None = None,
) -> AsyncIterator[tuple[LocalDiscord, RestClient]]:
    """Open a local Discord and plain HTTP to it; check answers by Discord's specification."""
    with watch_responses() as watching:
        async with (
            LocalDiscord.open(clock=clock, middlewares=watching) as local,
            aiohttp.ClientSession() as http,
        ):
            yield local, RestClient(local, http)


def build_form(payload: str, *files: tuple[str, bytes]) -> aiohttp.FormData:
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("payload_json", payload, content_type="application/json")
    for index, (name, data) in enumerate(files):
        form.add_field(f"files[{index}]", data, filename=name)
    return form
