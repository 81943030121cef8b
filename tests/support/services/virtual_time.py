"""Parts for virtual time, without threads or processes, which would run in real time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from random import Random
from typing import ParamSpec, TypeVar

from bot.images.worker_pool import ImageWorkerPool
from bot.storage.sqlite.database import Database
from tests.support.services.service_harness import ServiceHarness
from tests.support.simulation.fault_schedule import FaultSchedule
from tests.support.simulation.sqlite import open_database

_P = ParamSpec("_P")
_T = TypeVar("_T")


class InlineServiceHarness(ServiceHarness):
    """Run SQLite in this thread."""

    @staticmethod
    def open_database(path: Path) -> AbstractAsyncContextManager[Database]:
        return _migrated(path)


class NoFaults(FaultSchedule):
    """Draw no faults and no delays."""

    def draw_fault(self, rate: float) -> bool:  # noqa: ARG002 - the base class's shape
        return False

    def draw_delay(self, maximum: float) -> float:  # noqa: ARG002 - the base class's shape
        return 0.0


@asynccontextmanager
async def _migrated(path: Path) -> AsyncIterator[Database]:
    async with Database.open(path):
        pass
    no_faults = NoFaults.draw_schedule(Random(0))  # noqa: S311 - nothing is drawn
    async with open_database(path, no_faults) as database:
        yield database


class InlineWorkers(ImageWorkerPool):
    """Work in this process and take virtual time, so that simultaneous jobs overlap."""

    def __init__(self) -> None:
        """Start no process."""

    async def run(self, function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        await asyncio.sleep(0.02)
        return function(*args, **kwargs)
