from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping

import pytest
import pytest_asyncio

from sandbox.runware.api.server import LocalRunware
from tests.support.runware.flat_renderer import FlatRenderer
from tests.support.simulation.virtual_loop import VirtualLoop


def pytest_asyncio_loop_factories(
    item: pytest.Item,
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Run tests marked `virtual_time` in virtual time."""
    if item.get_closest_marker("virtual_time") is None:
        return {"real": asyncio.new_event_loop}
    return {"virtual": lambda: VirtualLoop(sockets=True)}


@pytest_asyncio.fixture
async def runware() -> AsyncIterator[LocalRunware]:
    async with LocalRunware.open(workers=FlatRenderer()) as opened:
        yield opened
