"""Direct messages to the operators, when something needs their attention."""

from __future__ import annotations

from collections.abc import Sequence

import discord
import structlog

from bot.services.ports.channels import RouteClosed
from bot.services.ports.provider import ProviderReading
from bot.ui.channels.publisher import DiscordCall
from bot.ui.texts.provider import build_notice

log = structlog.get_logger(__name__)


class DiscordOperatorsChannel:
    """Implement `bot.services.ports.provider.OperatorsChannel` over Discord."""

    def __init__(self, client: discord.Client, operators: Sequence[int]) -> None:
        self._client = client
        self._operators = operators

    async def send_notice(self, reading: ProviderReading) -> None:
        text = build_notice(reading)
        for operator in self._operators:
            try:
                async with DiscordCall():
                    direct = await self._client.create_dm(discord.Object(operator))
                    await direct.send(text, suppress_embeds=True)
            except RouteClosed as error:
                log.warning("operator can't be reached", user_id=operator, reason=str(error))
