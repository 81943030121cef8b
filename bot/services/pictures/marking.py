"""Whether the files of an order are marked as made with AI."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.order import Origin
from bot.storage.repositories.guild_settings import GuildSettingsStore


@dataclass(frozen=True, slots=True)
class MarkingPolicy:
    """`allow_unmarked` is the operator's permission for servers to switch the mark off."""

    guilds: GuildSettingsStore
    allow_unmarked: bool

    async def is_required(self, origin: Origin) -> bool:
        """Return whether files that are made now for an order have to be marked."""
        if not self.allow_unmarked or origin.is_personal:
            return True
        return (await self.guilds.get(origin.guild_id)).mark_results
