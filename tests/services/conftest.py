from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from bench.provider.flat import FlatRenderer
from sandbox.runware.server import LocalRunware


@pytest_asyncio.fixture
async def runware() -> AsyncIterator[LocalRunware]:
    async with LocalRunware.open(workers=FlatRenderer()) as opened:
        yield opened
