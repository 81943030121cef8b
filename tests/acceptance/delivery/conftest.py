from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from bot.images.worker_pool import ImageWorkerPool
from tests.support.app_fixture import AppFixture
from tests.support.images.world import draw_world
from tests.support.runware.true_renderer import TrueRenderer


@pytest_asyncio.fixture
async def renderer() -> TrueRenderer:
    return TrueRenderer(draw_world())


@pytest_asyncio.fixture
async def app_in_known_world(
    tmp_path: Path, image_workers: ImageWorkerPool, renderer: TrueRenderer
) -> AsyncIterator[AppFixture]:
    """Open a sandbox whose local Runware shows what really lies around members' pictures."""
    async with AppFixture.open(tmp_path / "data", image_workers, renderer) as opened:
        await opened.start()
        yield opened
