"""Parts for virtual time: they start no thread and no process, whose time would be real."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from random import Random
from typing import ParamSpec, TypeVar

from bench.provider.backroom import Backroom
from bench.simulate.sqlite import open_database
from bench.simulate.weather import Weather
from bot.images.workers import ImageWorkers
from bot.storage.database import Database

_P = ParamSpec("_P")
_T = TypeVar("_T")


class InlineBackroom(Backroom):
    """Run SQLite in this thread."""

    @staticmethod
    def open_database(path: Path) -> AbstractAsyncContextManager[Database]:
        return _migrated(path)


class CalmWeather(Weather):
    """Let nothing fail, and let nothing take time."""

    def strikes(self, rate: float) -> bool:  # noqa: ARG002 - the base class's shape
        return False

    def delay(self, most: float) -> float:  # noqa: ARG002 - the base class's shape
        return 0.0


@asynccontextmanager
async def _migrated(path: Path) -> AsyncIterator[Database]:
    async with Database.open(path):
        pass
    calm = CalmWeather.of(Random(0))  # noqa: S311 - nothing is drawn
    async with open_database(path, calm) as database:
        yield database


class InlineWorkers(ImageWorkers):
    """Work in this process, and take virtual time, so that jobs which come together meet."""

    def __init__(self) -> None:
        """Start no process."""

    async def run(self, function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        await asyncio.sleep(0.02)
        return function(*args, **kwargs)
