"""The discord.py client with minimal intents; commands are synced only when they changed."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, Protocol, TypeVar

import aiohttp
import discord
import structlog
from discord import app_commands
from discord.ext import commands
from discord.state import ConnectionState
from yarl import URL

from bot.clock import Clock
from bot.config.settings import DiscordSettings
from bot.domain.errors import Refusal
from bot.domain.ids import GuildId
from bot.errors import StartError
from bot.services.guilds.lifecycle import GuildLifecycle
from bot.ui.channels.spoiler_channels import SpoilerChannels
from bot.ui.connection_state import RecordingState
from bot.ui.i18n.command_translator import CommandTranslator
from bot.ui.interactions import user_install
from bot.ui.interactions.permissions import check_invoker
from bot.ui.interactions.responses import Interaction, on_command_error, respond_with_error
from bot.ui.interactions.router import ComponentRouter
from bot.ui.login_errors import (
    LIMITED_STATUS,
    TokenRefused,
    explain_login_errors,
    read_retry_after,
)
from bot.ui.request_guard import RequestGuard
from bot.ui.views.picture_upload import add_file_types

log = structlog.get_logger(__name__)

_T = TypeVar("_T")

_SYNCED_KEY: Final = "commands_synced"
_TOKEN_REFUSED_CODE: Final = 4004
"""The gateway's close code for a token that is no longer known (Discord's API reference)."""


class KeyValues(Protocol):
    """A persistent key-value store."""

    async def get(self, key: str, /) -> str | None: ...

    async def set(self, key: str, value: str, /) -> None: ...


class CheckedCommandTree(app_commands.CommandTree[discord.Client]):
    """Checks who invokes, before every command, menu and suggestion."""

    async def interaction_check(self, interaction: Interaction, /) -> bool:
        try:
            check_invoker(interaction)
        except Refusal as refusal:
            if interaction.type is not discord.InteractionType.autocomplete:
                await respond_with_error(interaction, refusal)
            return False
        return True


class DiscordClient(commands.Bot):
    """The connection to Discord, for gateway and HTTP; `ExpanseBot` adds the behaviour."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            tree_cls=CheckedCommandTree,
            # reactions are votes, and deleted messages leave the gallery; no intent is privileged
            intents=discord.Intents(guilds=True, guild_messages=True, guild_reactions=True),
            allowed_mentions=discord.AllowedMentions.none(),
            # overrides the developer portal: each command opts in to user installs by itself
            allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
            max_messages=None,
            # without the members intent there are no member lists to wait for before `on_ready`
            guild_ready_timeout=0.2,
            http_trace=RequestGuard(clock.monotonic).build_trace_config(),
        )
        self.tree.error(on_command_error)

    async def login(self, token: str) -> None:
        """Log in; while Discord limits this address, wait as it says and try again."""
        await self.wait_while_limited(lambda: self._log_in(token))

    async def wait_while_limited(self, call: Callable[[], Awaitable[_T]]) -> _T:
        """Return what the call returns; while Discord limits this address, wait and try again."""
        while True:
            try:
                return await call()
            except discord.HTTPException as error:
                if error.status != LIMITED_STATUS:
                    raise
                seconds = read_retry_after(error)
                log.warning("Discord limits this address; the bot waits", seconds=seconds)
                await self._clock.sleep(seconds)

    async def _log_in(self, token: str) -> None:
        try:
            await super().login(token)
        except discord.HTTPException as error:
            if error.status == LIMITED_STATUS:
                await self.http.close()
                # the closed session closed it too, and the next login opens both
                self.http.connector = discord.utils.MISSING
            raise

    def _get_state(self, **options: Any) -> ConnectionState[Any]:
        """Return the connection's state; discord.py calls this while the client is made."""
        self.spoiler_channels = SpoilerChannels()
        return RecordingState(
            self.spoiler_channels,
            dispatch=self.dispatch,
            handlers=self._handlers,
            hooks=self._hooks,
            http=self.http,
            **options,
        )

    async def close(self) -> None:
        # discord.py does not cancel this task, and it fails on a closed client
        waiting = self._connection._ready_task  # noqa: SLF001
        if waiting is not None:
            waiting.cancel()
        await super().close()

    async def on_disconnect(self) -> None:
        log.info("gateway disconnected")

    async def on_resumed(self) -> None:
        log.info("gateway resumed")

    async def on_error(self, event_method: str, /, *_: object, **__: object) -> None:
        error = sys.exception()
        log.error("event handler failed", handler=event_method, exc_info=error)


class ExpanseBot:
    """Connect cogs, component router and guild lifecycle to the client."""

    def __init__(
        self,
        client: DiscordClient,
        cogs: Sequence[commands.Cog],
        router: ComponentRouter,
        guild_lifecycle: GuildLifecycle,
        key_values: KeyValues,
        *,
        offers_personal_use: bool,
    ) -> None:
        """Let members add the bot to their own account if `offers_personal_use`."""
        self.client = client
        self._cogs = cogs
        self._guild_lifecycle = guild_lifecycle
        self._key_values = key_values
        self._offers_personal_use = offers_personal_use
        client.add_listener(router.route, "on_interaction")
        for listener in (self.on_ready, self.on_guild_join, self.on_guild_remove):
            client.add_listener(listener)

    async def log_in(self, settings: DiscordSettings) -> None:
        """Log in and sync commands; raise `StartError` if Discord refuses or does not answer."""
        with explain_login_errors(settings):
            await self.client.login(settings.token.get_secret_value())
            await self._load_commands()

    async def run_gateway(self, settings: DiscordSettings) -> None:
        """Stay connected to the gateway until cancelled; raise `StartError` if it is refused."""
        url = settings.gateway_url
        try:
            await self.client.connect()
        except (discord.PrivilegedIntentsRequired, discord.ConnectionClosed) as error:
            if isinstance(error, discord.ConnectionClosed) and error.code == _TOKEN_REFUSED_CODE:
                log.error("Discord refuses the token", code=error.code)  # noqa: TRY400 - no traceback helps
                raise TokenRefused from error
            raise StartError(f"Discord's gateway closed the connection: {error}.") from error
        except AttributeError as error:
            # discord.py reads its missing `ws` when the very first connection fails
            if getattr(self.client, "ws", None) is not None:
                raise
            msg = f"Discord's gateway doesn't answer at {url}. Check discord.gateway_url."
            raise StartError(msg) from error

    async def _load_commands(self) -> None:
        for cog in self._cogs:
            await self.client.add_cog(cog)
        tree = self.client.tree
        for command in tree.get_commands() if self._offers_personal_use else ():
            offered = command.name in user_install.USER_INSTALL_COMMANDS
            if offered and not isinstance(command, app_commands.Group):
                user_install.allow_user_install(command)
        await tree.set_translator(CommandTranslator())
        await self._sync_commands(tree)

    async def _sync_commands(self, tree: app_commands.CommandTree[DiscordClient]) -> None:
        """Send the commands to Discord if they changed since the last sync or are missing there."""
        payload = await build_command_payload(tree)
        text = json.dumps(payload, sort_keys=True, default=str)
        digest = f"{self.client.application_id}:{hashlib.sha256(text.encode()).hexdigest()}"
        # global syncs are rate-limited: send none for an unchanged payload
        if await self._key_values.get(_SYNCED_KEY) == digest:
            known = await self.client.wait_while_limited(tree.fetch_commands)
            there = {command.name for command in known}
            if there >= {command["name"] for command in payload}:
                return
        try:
            # not `tree.sync`, which would build the payload again without the file types
            number = self.client.application_id or 0
            await self.client.http.bulk_upsert_global_commands(number, payload=payload)
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            # commands of the last sync keep working; the next start tries again
            log.error("commands not synced", error=str(error))  # noqa: TRY400 - no traceback helps
            return
        await self._key_values.set(_SYNCED_KEY, digest)
        log.info("commands synced", count=len(payload))

    async def on_ready(self) -> None:
        guilds = {GuildId(guild.id) for guild in self.client.guilds}
        log.info("ready", guilds=len(guilds))
        await self._guild_lifecycle.sync_guilds(guilds)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        await self._guild_lifecycle.record_join(GuildId(guild.id))

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        await self._guild_lifecycle.record_leave(GuildId(guild.id))


async def build_command_payload(tree: app_commands.CommandTree[Any]) -> list[Any]:
    """Return all commands as Discord gets them, translated and with the file types of pictures."""
    translator = CommandTranslator()
    payload = [
        await command.get_translated_payload(tree, translator) for command in tree.get_commands()
    ]
    add_file_types(option for command in payload for option in command.get("options", ()))
    return payload


def configure_endpoints(settings: DiscordSettings) -> None:
    """Point discord.py to the configured URLs, which are class attributes: process-wide."""
    discord.http.Route.BASE = settings.api_base
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = URL(settings.gateway_url)
    discord.Asset.BASE = settings.cdn_base
