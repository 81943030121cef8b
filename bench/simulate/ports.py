"""The other ports of a simulated process: files, image workers, and the way to the members."""

from __future__ import annotations

import asyncio
import errno
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar

from bench.simulate.weather import Weather
from bot.domain.ids import Digest, JobId
from bot.domain.job import Job
from bot.domain.usage import Usage
from bot.errors import Transient, code_of
from bot.images.workers import ImageWorkers
from bot.services.ports import Delivered, Picture, Route, Standing
from bot.storage.files import FileStore

_P = ParamSpec("_P")
_T = TypeVar("_T")
_DONE: Final[dict[tuple[Any, ...], Any]] = {}
"""What the workers have worked out in this process: the pictures of all schedules are few."""


class Disk(FileStore):
    """A disk that is full now and then."""

    def __init__(self, root: Path, weather: Weather) -> None:
        super().__init__(root)
        self._weather = weather

    async def put(self, data: bytes) -> Digest:
        await asyncio.sleep(self._weather.delay(0.5))
        if self._weather.strikes(self._weather.disk):
            raise OSError(errno.ENOSPC, "no space left on device")
        return await super().put(data)


class RememberingWorkers(ImageWorkers):
    """Do in this process what was not done before; files are known by their content's name."""

    def __init__(self, weather: Weather) -> None:
        """Start no process."""
        self._weather = weather

    async def run(self, function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        await asyncio.sleep(self._weather.delay(1.0))
        key = (function.__name__, *map(_name, args), *map(_name, kwargs.values()))
        if key not in _DONE:
            try:
                _DONE[key] = function(*args, **kwargs)
            except Exception as error:  # noqa: BLE001 - remembered as it is
                _DONE[key] = error
        done: _T = _DONE[key]
        if isinstance(done, Exception):
            raise done
        return done


def _name(value: object) -> object:
    """Name a value by its content."""
    if isinstance(value, Path):
        return value.name
    return hashlib.sha256(value).hexdigest() if isinstance(value, bytes) else repr(value)


@dataclass(slots=True)
class Wall:
    """Where members see results, whichever process shows them.

    `shown` is each picture's image UUID with how often it was shown, `failed` the code of each job.
    """

    weather: Weather
    shown: dict[str, int] = field(default_factory=dict)
    failed: dict[JobId, str] = field(default_factory=dict)

    async def progress(self, job: Job, standing: Standing) -> None:  # noqa: ARG002 - the port's shape
        await self._trouble()

    async def deliver(self, job: Job, pictures: Sequence[Picture], usage: Usage) -> Delivered:  # noqa: ARG002
        await self._trouble()
        for picture in pictures:
            uuid = picture.result.image_uuid
            self.shown[uuid] = self.shown.get(uuid, 0) + 1
            if not picture.path.exists():
                raise FileNotFoundError(picture.path)
        await self._trouble()
        return Delivered(Route.REPLY)

    async def fail(self, job: Job, error: Exception) -> None:
        await self._trouble()
        self.failed[job.id] = code_of(error)

    async def _trouble(self) -> None:
        await asyncio.sleep(self.weather.delay(3.0))
        if self.weather.strikes(self.weather.publisher / 2):
            raise Transient("the members do not answer")
        if self.weather.strikes(self.weather.publisher / 10):
            raise LookupError("a card that cannot be made")
