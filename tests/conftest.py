"""Fixtures for all tests: worker pools that start once, and a sandbox with the real bot."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import settings

from bot.images.worker_pool import ImageWorkerPool
from sandbox.control.clock import VirtualClock
from sandbox.runware.engine.render import MIRROR
from sandbox.runware.engine.workers import Workers
from tests.support.app_fixture import AppFixture
from tests.support.logs import LOG_WATCH

settings.register_profile("expanse", deadline=None)  # durations are measured by benchmarks
settings.load_profile("expanse")


@pytest.fixture(autouse=True)
def watch_logs() -> Iterator[None]:
    """Fail a test in which a token, a signed link or words of a member got into the log."""
    with LOG_WATCH.installed():
        yield
    assert LOG_WATCH.find_leaks() == []


@pytest.fixture(scope="session")
def image_workers() -> Iterator[ImageWorkerPool]:
    workers = ImageWorkerPool(1, memory_mib=2048, seconds=20.0)
    yield workers
    workers.close()


@pytest.fixture(scope="session")
def engine_workers() -> Iterator[Workers]:
    """Start the simple engine, as most tests are not about the picture itself."""
    workers = Workers(1, wanted=MIRROR)
    workers.warm()
    yield workers
    workers.close()


@pytest_asyncio.fixture
async def app_fixture(
    tmp_path: Path, image_workers: ImageWorkerPool, engine_workers: Workers
) -> AsyncIterator[AppFixture]:
    """Open a sandbox with the real bot in it, both on free ports."""
    async with AppFixture.open(tmp_path / "data", image_workers, engine_workers) as opened:
        await opened.start()
        yield opened


@pytest_asyncio.fixture
async def app_fixture_in_virtual_time(
    tmp_path: Path, image_workers: ImageWorkerPool, engine_workers: Workers
) -> AsyncIterator[tuple[AppFixture, VirtualClock]]:
    """Open a sandbox with the real bot, whose Discord has a clock that the test advances."""
    clock = VirtualClock(time.time())
    async with AppFixture.open(tmp_path / "data", image_workers, engine_workers, clock) as opened:
        await opened.start()
        yield opened, clock
