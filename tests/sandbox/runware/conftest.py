from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest_asyncio

from bot.runware.transport import get_tls_context
from sandbox.runware.api.server import LocalRunware

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sandbox.runware.engine.workers import Workers


@pytest_asyncio.fixture
async def runware(engine_workers: Workers) -> AsyncIterator[LocalRunware]:
    async with LocalRunware.open(workers=engine_workers) as service:
        yield service


@pytest_asyncio.fixture
async def http(runware: LocalRunware) -> AsyncIterator[httpx.AsyncClient]:
    """Open a plain HTTP client with the service's API key."""
    headers = {"Authorization": f"Bearer {runware.api_key}"}
    async with httpx.AsyncClient(
        headers=headers, trust_env=False, verify=get_tls_context(), timeout=30.0
    ) as opened:
        yield opened
