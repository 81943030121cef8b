"""What the services need and may not import: the way back to the member, and who carries jobs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from bot.domain.ids import JobId, MessageId
from bot.domain.job import Job, Result
from bot.domain.ledger import Usage


@dataclass(frozen=True, slots=True)
class QueueStatus:
    """How a job stands beside its state; None is not known, or of no matter now.

    `place` counts from 1; `wait` is measured, not promised; `retry_at` is when a provider that does
    not answer is asked again. `is_late` tells of a task that takes unusually long.
    """

    position: int | None = None
    wait: timedelta | None = None
    retry_at: datetime | None = None
    is_late: bool = False


class DeliveryRoute(StrEnum):
    """By which way a result reached the member, or why it goes none now."""

    REPLY = "reply"
    CHANNEL = "channel"
    MESSAGE = "message"
    """A direct message to the member."""
    ON_DISK = "kept"
    """No way was open: the pictures stay on disk."""
    GUILD_LEFT = "dropped"
    AWAITING_APPROVAL = "approval"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class DeliveryReceipt:
    route: DeliveryRoute
    message_id: MessageId | None = None

    def __str__(self) -> str:
        """Write it as the log of a job's moves has it, such as `reply:123`."""
        return f"{self.route}:{self.message_id or ''}"


@dataclass(frozen=True, slots=True)
class StoredPicture:
    """A stored result and where its bytes are."""

    result: Result
    path: Path


class Publisher(Protocol):
    """Show a job to its member: what the services may not do themselves, as they know no Discord.

    Each call has a deadline of its own and may be made again: the same card is edited.
    """

    async def show_progress(self, job: Job, status: QueueStatus) -> None:
        """Show the job's state and how it stands; failures are logged and forgotten."""

    async def deliver_result(
        self, job: Job, pictures: Sequence[StoredPicture], usage: Usage
    ) -> DeliveryReceipt:
        """Bring the pictures to the member by the first way that is open; raise `Transient`."""

    async def show_failure(self, job: Job, error: Exception) -> None:
        """Say what happened and whether money was taken; raise `Transient`."""


@dataclass(frozen=True, slots=True)
class QueuePosition:
    """A waiting job's place in the queue, 1 being next, and how long that should take.

    `seconds` comes from how long the last jobs took; None where nothing was measured yet.
    """

    position: int
    seconds: float | None


class JobDispatcher(Protocol):
    """Carry open jobs to their end; the rows in the database are the truth, this only wakes them.

    One process does it by `services.engine`; an existing distributed engine can take its place.
    """

    def wake(self, job_id: JobId, /) -> None:
        """Look at a job soon; waking it twice does no harm."""

    def get_queue_position(self, job_id: JobId, /) -> QueuePosition | None:
        """Say when a job's turn will come; None if it is not waiting for one."""

    async def run(self) -> None:
        """Carry jobs until cancelled."""

    async def stop(self) -> None:
        """Start nothing more and let what cannot wait come to a safe place, within seconds."""
