"""Protocols for showing jobs to their members and for running them, and their values."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from bot.domain.ids import ChannelId, JobId, MessageId, UserId
from bot.domain.job import Job, Result
from bot.domain.ledger import Usage


@dataclass(frozen=True, slots=True)
class QueueStatus:
    """What a card shows besides the job's state; None if unknown or irrelevant.

    `position` counts from 1; `wait` is an estimate; `retry_at` is when an unavailable provider is
    asked again; `is_late` marks a task that takes unusually long.
    """

    position: int | None = None
    wait: timedelta | None = None
    retry_at: datetime | None = None
    is_late: bool = False


class DeliveryRoute(StrEnum):
    """How a result reached the member, or why it did not."""

    REPLY = "reply"
    CHANNEL = "channel"
    MESSAGE = "message"
    """A direct message to the member."""
    ON_DISK = "kept"
    """The member could not be reached: the pictures stay on disk."""
    GUILD_LEFT = "dropped"
    AWAITING_APPROVAL = "approval"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class DeliveryReceipt:
    """`channel_id` is that of a direct message; others are in the job's channel."""

    route: DeliveryRoute
    message_id: MessageId | None = None
    channel_id: ChannelId | None = None

    def __str__(self) -> str:
        """Write it as the job's log of states stores it, such as `reply:123`."""
        return f"{self.route}:{self.message_id or ''}"


@dataclass(frozen=True, slots=True)
class StoredPicture:
    """A stored result and the path of its file."""

    result: Result
    path: Path


class Publisher(Protocol):
    """Show a job to its member on Discord.

    Each call has its own timeout and is safe to repeat: the same card is edited.
    """

    async def show_progress(self, job: Job, status: QueueStatus) -> None:
        """Show the job's state and `status`; log failures."""

    async def show_summary(self, job: Job, jobs: Sequence[Job]) -> None:
        """Show the states of the jobs that were ordered with `job`; log failures."""

    async def deliver_result(
        self, job: Job, pictures: Sequence[StoredPicture], usage: Usage
    ) -> DeliveryReceipt:
        """Send the pictures by the first route that works; raise `Transient`."""

    async def show_failure(self, job: Job, error: Exception) -> None:
        """Show what went wrong and whether it was billed; raise `Transient`."""


@dataclass(frozen=True, slots=True)
class QueuePosition:
    """A queued job's place, 1 being next, and the estimated wait.

    `seconds` is computed from the latest jobs' durations; None before the first.
    """

    position: int
    seconds: float | None


class ReadingLimit(Protocol):
    """Limits pictures that are read and not used; `services.free_work` implements it."""

    def count_reading(self, user: UserId, /) -> AbstractContextManager[bool]:
        """Read a picture within the block; raise a `Refusal` after too many unused ones.

        Yields False if another picture of the member was read and not used in the last seconds.
        """


class JobDispatcher(Protocol):
    """Run open jobs to their end, with all their state in the database.

    Implemented by `services.jobs.dispatcher`; a distributed engine can replace it.
    """

    def wake(self, job_id: JobId, /) -> None:
        """Look for due jobs soon; safe to call twice."""

    def get_queue_position(self, job_id: JobId, /) -> QueuePosition | None:
        """Return a job's place in the queue, None if it is not queued."""

    async def run(self) -> None:
        """Run jobs until cancelled."""

    async def stop(self) -> None:
        """Start no more steps, and give those that can't be cancelled a few seconds to finish."""
