"""Names of guilds for people who read the operator's tables."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from bot.config.settings import DiscordSettings
from bot.domain.ids import PERSONAL_GUILD
from bot.errors import StartError

_SECONDS: Final = 5.0
"""How long a table waits for Discord before it shows IDs only."""
_PERSONAL_USE: Final = "personal use"


@dataclass(frozen=True, slots=True)
class GuildNames:
    """Names by ID; `missing` says why there are none."""

    names: Mapping[int, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()

    def list_cells(self, guild: int | None) -> tuple[str, str]:
        """Return a guild's name, if it is known, and its ID."""
        if guild == PERSONAL_GUILD:
            return _PERSONAL_USE, str(guild)
        return self.names.get(guild or 0, "?"), str(guild)


async def fetch_names(settings: DiscordSettings, guilds: Collection[int]) -> GuildNames:
    """Ask Discord for the names, unless none of these guilds has one; never fail."""
    if not set(guilds) - {PERSONAL_GUILD}:
        return GuildNames()
    if not settings.token.get_secret_value():
        return GuildNames(missing=("Servers have no names here: discord.token is not set.",))
    from bot.ui.bot_account import fetch_guild_names  # slow to import

    try:
        async with asyncio.timeout(_SECONDS):
            return GuildNames(await fetch_guild_names(settings))
    except StartError as error:
        return GuildNames(missing=(f"Servers have no names here. {error}",))
    except TimeoutError:
        return GuildNames(missing=("Servers have no names here: Discord doesn't answer in time.",))
