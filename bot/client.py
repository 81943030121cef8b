"""The discord.py bot: least intents, extensions by name, command sync only on change."""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import dataclass
from typing import Final

import aiohttp
import discord
import structlog
from discord import app_commands
from discord.ext import commands
from yarl import URL

from bot.clock import Clock
from bot.config import DiscordSettings
from bot.domain.ids import GuildId
from bot.errors import StartError
from bot.guard import RequestGuard
from bot.services.accounting import Accounting
from bot.services.auditor import Auditor
from bot.services.departures import Departures
from bot.services.intake import Intake
from bot.services.parked import Decisions
from bot.services.ports import Publisher
from bot.storage.facts import FactStore
from bot.storage.jobs import JobStore
from bot.storage.statements import StatementStore
from bot.ui import (
    personal,
    press_gallery,
    press_moderation,
    press_more,
    press_pages,
    press_preview,
    press_result,
    press_settings,
)
from bot.ui.desk import Desk
from bot.ui.replies import Interaction, on_command_error
from bot.ui.router import Router
from bot.ui.translator import CommandTranslator

log = structlog.get_logger(__name__)

_SYNCED: Final = "commands_synced"
HANDLERS: Final = {
    **press_result.HANDLERS,
    **press_preview.HANDLERS,
    **press_more.HANDLERS,
    **press_pages.HANDLERS,
    **press_gallery.HANDLERS,
    **press_moderation.HANDLERS,
    **press_settings.HANDLERS,
}
"""What answers each action of a component or form."""
EXTENSIONS: Final = tuple(
    f"cogs.{name}"
    for name in ("expand", "menu", "own", "operator", "gallery", "settings", "moderation", "usage")
)
"""What the bot loads, by name: nothing is discovered."""


@dataclass(frozen=True, slots=True)
class OperatorServices:
    """What the operator's commands call; `operators` are the users who may."""

    operators: frozenset[int]
    intake: Intake
    accounting: Accounting
    statements: StatementStore
    auditor: Auditor
    decisions: Decisions
    jobs: JobStore
    publisher: Publisher


class ExpanseBot(commands.Bot):
    """Carries what cogs and presses call; `bot.app` sets it before the bot starts."""

    desk: Desk
    operator: OperatorServices
    departures: Departures
    offers_personal_use = False
    """Whether members may add the bot to their own account."""

    def __init__(self, facts: FactStore, clock: Clock) -> None:
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            # reactions are votes, and what is deleted has to leave the gallery; none is privileged
            intents=discord.Intents(guilds=True, guild_messages=True, guild_reactions=True),
            allowed_mentions=discord.AllowedMentions.none(),
            # what the application's own page offers beside guilds holds for nothing here
            allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
            max_messages=None,
            # no member list is awaited, so the first guild is soon enough
            guild_ready_timeout=0.2,
            http_trace=RequestGuard(clock.monotonic).trace(),
        )
        self.clock = clock
        self._facts = facts
        self.tree.error(on_command_error)

    async def close(self) -> None:
        # the library leaves this task behind, to trip over the closed client
        waiting = self._connection._ready_task  # noqa: SLF001
        if waiting is not None:
            waiting.cancel()
        await super().close()

    async def log_in(self, settings: DiscordSettings) -> None:
        """Make the token known; raise `StartError` if Discord says no, or nothing."""
        try:
            await self.login(settings.token.get_secret_value())
        except discord.LoginFailure as error:
            raise StartError("Discord refuses the token. Check discord.token.") from error
        except (aiohttp.ClientError, discord.HTTPException, OSError) as error:
            msg = f"Discord does not answer at {settings.api_base}. Check discord.api_base."
            raise StartError(msg) from error

    async def stay_connected(self, settings: DiscordSettings) -> None:
        """Keep the gateway's connection until cancelled; raise `StartError` if it is refused."""
        url = settings.gateway_url
        try:
            await self.connect()
        except (discord.PrivilegedIntentsRequired, discord.ConnectionClosed) as error:
            raise StartError(f"Discord's gateway closed the connection: {error}.") from error
        except AttributeError as error:
            # the library trips over its own missing socket when the first connection fails
            if getattr(self, "ws", None) is not None:
                raise
            msg = f"Discord's gateway does not answer at {url}. Check discord.gateway_url."
            raise StartError(msg) from error

    async def setup_hook(self) -> None:
        self._router = Router(self.desk, HANDLERS)
        for name in EXTENSIONS:
            await self.load_extension(name)
        for command in self.tree.get_commands() if self.offers_personal_use else ():
            if command.name in personal.OFFERED and not isinstance(command, app_commands.Group):
                personal.offer(command)
        await self.tree.set_translator(CommandTranslator())
        await self._sync()

    async def on_interaction(self, interaction: Interaction) -> None:
        await self._router.route(interaction)

    async def _sync(self) -> None:
        """Send the commands to Discord if they are not the ones sent last, or are gone there."""
        payload = [
            await command.get_translated_payload(self.tree, CommandTranslator())
            for command in self.tree.get_commands()
        ]
        text = json.dumps(payload, sort_keys=True, default=str)
        digest = f"{self.application_id}:{hashlib.sha256(text.encode()).hexdigest()}"
        if await self._facts.get(_SYNCED) == digest:
            there = {command.name for command in await self.tree.fetch_commands()}
            if there >= {command["name"] for command in payload}:
                return
        try:
            await self.tree.sync()
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            # the commands of the last time still work; the next start tries again
            log.error("commands not synced", error=str(error))  # noqa: TRY400 - no traceback helps
            return
        await self._facts.put(_SYNCED, digest)
        log.info("commands synced", count=len(payload))

    async def on_ready(self) -> None:
        log.info("ready", guilds=len(self.guilds))
        await self.departures.note_all({GuildId(guild.id) for guild in self.guilds})

    async def on_guild_join(self, guild: discord.Guild) -> None:
        await self.departures.joined(GuildId(guild.id))

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        await self.departures.left(GuildId(guild.id))

    async def on_disconnect(self) -> None:
        log.info("gateway disconnected")

    async def on_resumed(self) -> None:
        log.info("gateway resumed")

    async def on_error(self, event_method: str, /, *_: object, **__: object) -> None:
        error = sys.exception()
        log.error("event handler failed", handler=event_method, exc_info=error)


def point_library(settings: DiscordSettings) -> None:
    """Send discord.py to the configured addresses; they are attributes of its classes."""
    discord.http.Route.BASE = settings.api_base
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = URL(settings.gateway_url)
    discord.Asset.BASE = settings.cdn_base


async def greet(settings: DiscordSettings) -> str:
    """Log in once, change nothing, and say who the bot is; raise `StartError` as a start would."""
    point_library(settings)
    try:
        async with discord.Client(intents=discord.Intents.none()) as client:
            await client.login(settings.token.get_secret_value())
            commands_there = await client.http.get_global_commands(client.application_id or 0)
            return f"takes the token of {client.user}; {len(commands_there)} commands are known"
    except discord.LoginFailure as error:
        raise StartError("Discord refuses the token. Check discord.token.") from error
    except (aiohttp.ClientError, discord.HTTPException, OSError) as error:
        msg = f"Discord does not answer at {settings.api_base}. Check discord.api_base."
        raise StartError(msg) from error
