"""A local Discord with two commands, and its page."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from sandbox.discord.server import LocalDiscord
from tests.support.discord.page_client import EXPAND, OPERATOR, PageClient


@pytest.fixture
async def page() -> AsyncIterator[PageClient]:
    async with LocalDiscord.open() as discord, aiohttp.ClientSession() as http:
        discord.state.commands.replace_scope(None, [EXPAND, OPERATOR])
        yield PageClient(discord, http)
