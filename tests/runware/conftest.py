from __future__ import annotations

from typing import TYPE_CHECKING

import pytest_asyncio

from bot.runware.client import RunwareClient, open_client
from sandbox.runware.api.server import LocalRunware

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sandbox.runware.engine.workers import Workers


@pytest_asyncio.fixture
async def runware(engine_workers: Workers) -> AsyncIterator[LocalRunware]:
    async with LocalRunware.open(workers=engine_workers) as service:
        yield service


@pytest_asyncio.fixture
async def client(runware: LocalRunware) -> AsyncIterator[RunwareClient]:
    async with open_client(base_url=runware.base_url, api_key=runware.api_key) as opened:
        yield opened
