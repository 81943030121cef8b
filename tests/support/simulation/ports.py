"""The other ports of a simulated process: files, image workers and publisher."""

from __future__ import annotations

import asyncio
import errno
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar

from bot.domain.ids import Digest, JobId
from bot.domain.job import Job
from bot.domain.ledger import Usage
from bot.errors import Transient, get_error_code
from bot.images.worker_pool import ImageWorkerPool
from bot.services.ports.jobs import DeliveryReceipt, DeliveryRoute, QueueStatus, StoredPicture
from bot.storage.disk.file_store import FileStore
from tests.support.simulation.fault_schedule import FaultSchedule

_P = ParamSpec("_P")
_T = TypeVar("_T")
_RESULTS: Final[dict[tuple[Any, ...], Any]] = {}
"""Results of image work in this process, cached as all schedules use few pictures."""


class FaultyFileStore(FileStore):
    """Store files on a disk that is sometimes full."""

    def __init__(self, root: Path, schedule: FaultSchedule) -> None:
        super().__init__(root)
        self._faults = schedule

    async def save_bytes(self, data: bytes) -> Digest:
        await asyncio.sleep(self._faults.draw_delay(0.5))
        if self._faults.draw_fault(self._faults.disk):
            raise OSError(errno.ENOSPC, "no space left on device")
        return await super().save_bytes(data)


class CachingWorkers(ImageWorkerPool):
    """Do image work in this process, once per input; files are identified by content."""

    def __init__(self, schedule: FaultSchedule) -> None:
        """Start no process."""
        self._faults = schedule

    async def run(self, function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        await asyncio.sleep(self._faults.draw_delay(1.0))
        key = (
            function.__name__,
            *map(_get_content_name, args),
            *map(_get_content_name, kwargs.values()),
        )
        if key not in _RESULTS:
            try:
                _RESULTS[key] = function(*args, **kwargs)
            except Exception as error:  # noqa: BLE001 - remembered as it is
                _RESULTS[key] = error
        done: _T = _RESULTS[key]
        if isinstance(done, Exception):
            raise done
        return done


def _get_content_name(value: object) -> object:
    """Return a name for a value by its content."""
    if isinstance(value, Path):
        return value.name
    return hashlib.sha256(value).hexdigest() if isinstance(value, bytes) else repr(value)


@dataclass(slots=True)
class RecordingPublisher:
    """Record the results that members are shown, by any process.

    `shown_counts` says how often each image UUID was shown, `failure_codes` the code of each job.
    """

    faults: FaultSchedule
    shown_counts: dict[str, int] = field(default_factory=dict)
    failure_codes: dict[JobId, str] = field(default_factory=dict)

    async def show_progress(self, job: Job, status: QueueStatus) -> None:  # noqa: ARG002 - the port's shape
        await self._inject_fault()

    async def show_summary(self, job: Job, jobs: Sequence[Job]) -> None:  # noqa: ARG002 - the port's shape
        await self._inject_fault()

    async def deliver_result(
        self,
        job: Job,  # noqa: ARG002 - the port's shape
        pictures: Sequence[StoredPicture],
        usage: Usage,  # noqa: ARG002 - the port's shape
    ) -> DeliveryReceipt:
        await self._inject_fault()
        for picture in pictures:
            uuid = picture.result.image_uuid
            self.shown_counts[uuid] = self.shown_counts.get(uuid, 0) + 1
            if not picture.path.exists():
                raise FileNotFoundError(picture.path)
        await self._inject_fault()
        return DeliveryReceipt(DeliveryRoute.REPLY)

    async def show_failure(self, job: Job, error: Exception) -> None:
        await self._inject_fault()
        self.failure_codes[job.id] = get_error_code(error)

    async def _inject_fault(self) -> None:
        await asyncio.sleep(self.faults.draw_delay(3.0))
        if self.faults.draw_fault(self.faults.publisher / 2):
            raise Transient("the members do not answer")
        if self.faults.draw_fault(self.faults.publisher / 10):
            raise LookupError("a card that cannot be made")
