"""The bot's account at Discord: whom a token belongs to, its servers, and how it is invited."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import discord

from bot.config.settings import DiscordSettings
from bot.ui.client import configure_endpoints
from bot.ui.login_errors import explain_login_errors

LEAST_PERMISSIONS: Final = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    attach_files=True,
    read_message_history=True,
    add_reactions=True,
)
"""What the bot needs to post pictures, and to collect votes below them."""


@dataclass(frozen=True, slots=True)
class BotAccount:
    """The account of a token, and how many commands Discord knows of it."""

    name: str
    application_id: int
    commands: int

    @property
    def invite_link(self) -> str:
        """Return the link with which a server's managers add the bot."""
        scopes = ("bot", "applications.commands")
        return discord.utils.oauth_url(
            self.application_id, permissions=LEAST_PERMISSIONS, scopes=scopes
        )


async def fetch_account(settings: DiscordSettings) -> BotAccount:
    """Return whom the token belongs to, changing nothing; raise `StartError` as a start would."""
    async with _open_client(settings) as client:
        number = client.application_id or 0
        commands = await client.http.get_global_commands(number)
        return BotAccount(str(client.user), number, len(commands))


async def fetch_guild_names(settings: DiscordSettings) -> dict[int, str]:
    """Return the names of the bot's servers by their IDs; raise `StartError`."""
    async with _open_client(settings) as client:
        return {guild.id: guild.name async for guild in client.fetch_guilds(limit=None)}


@asynccontextmanager
async def _open_client(settings: DiscordSettings) -> AsyncIterator[discord.Client]:
    """Log in without a gateway."""
    configure_endpoints(settings)
    with explain_login_errors(settings):
        async with discord.Client(intents=discord.Intents.none()) as client:
            await client.login(settings.token.get_secret_value())
            yield client
