"""A local Discord with two commands, and its page."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from sandbox.discord.server import LocalDiscord
from tests.sandbox.page.bed import EXPAND, OPERATOR, Page


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    async with LocalDiscord.open() as discord, aiohttp.ClientSession() as http:
        discord.state.commands.replace(None, [EXPAND, OPERATOR])
        yield Page(discord, http)
